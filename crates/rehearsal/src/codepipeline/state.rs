//! Pipelines, their runs, and the runs of their actions.

use std::collections::BTreeMap;

use serde_json::Value;

use super::definition;
use crate::clock::Time;
use crate::setup::{ExecutionMode, Setup};
use crate::world::World;

/// An action as the structure has it.
#[derive(Clone, Debug)]
pub(super) struct Action {
    pub(super) name: String,
    /// `actionTypeId`.
    pub(super) kind: Value,
    pub(super) order: u64,
    pub(super) configuration: Value,
    pub(super) inputs: Vec<String>,
    pub(super) outputs: Vec<String>,
}

impl Action {
    pub(super) fn setting(&self, name: &str) -> Option<&str> {
        self.configuration[name].as_str()
    }
}

/// A stage and the transition into it.
#[derive(Clone, Debug)]
pub(super) struct Stage {
    pub(super) name: String,
    pub(super) actions: Vec<Action>,
    /// Why nobody may come in.
    pub(super) disabled: Option<String>,
    /// When the transition was last enabled or disabled.
    pub(super) changed: Option<Time>,
    /// The run that came in last.
    pub(super) latest: Option<String>,
}

/// What becomes of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    InProgress,
    Stopping,
    Stopped,
    Succeeded,
    Failed,
    Superseded,
}

impl Status {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::InProgress => "InProgress",
            Self::Stopping => "Stopping",
            Self::Stopped => "Stopped",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
            Self::Superseded => "Superseded",
        }
    }

    pub(super) fn running(self) -> bool {
        matches!(self, Self::InProgress | Self::Stopping)
    }
}

/// Where a run is; a run that ended is where it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Before(usize),
    In(usize),
    Through,
}

/// A revision that was asked for.
#[derive(Clone, Debug)]
pub(super) struct Override {
    pub(super) action: String,
    pub(super) kind: String,
    pub(super) value: String,
}

/// A revision that was found.
#[derive(Clone, Debug)]
pub(super) struct Revision {
    pub(super) action: String,
    pub(super) artifact: String,
    pub(super) id: String,
    pub(super) summary: String,
    pub(super) created: Time,
}

/// How far the run of an action is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// It does its work at that time.
    Due(Time),
    /// It waits for the deployment of this id.
    Deployment(String),
    /// It waits for a person who has this token, and no longer than that.
    Person(String, Time),
    Succeeded,
    /// Code and text.
    Failed(&'static str, String),
    Abandoned,
}

/// One run of an action.
#[derive(Clone, Debug)]
pub(super) struct ActionRun {
    pub(super) id: String,
    pub(super) stage: usize,
    pub(super) action: String,
    pub(super) progress: Progress,
    pub(super) started: Time,
    pub(super) updated: Time,
    pub(super) external: Option<String>,
    pub(super) summary: Option<String>,
    pub(super) variables: BTreeMap<String, String>,
}

impl ActionRun {
    pub(super) fn status(&self) -> &'static str {
        match self.progress {
            Progress::Due(_) | Progress::Deployment(_) | Progress::Person(..) => "InProgress",
            Progress::Succeeded => "Succeeded",
            Progress::Failed(..) => "Failed",
            Progress::Abandoned => "Abandoned",
        }
    }

    pub(super) fn running(&self) -> bool {
        self.status() == "InProgress"
    }
}

/// One run.
#[derive(Clone, Debug)]
pub(super) struct Execution {
    pub(super) id: String,
    pub(super) status: Status,
    pub(super) place: Place,
    /// The `runOrder` that the actions have which run now.
    pub(super) order: u64,
    pub(super) started: Time,
    pub(super) updated: Time,
    /// Kind and detail of what started it.
    pub(super) trigger: (&'static str, String),
    pub(super) token: Option<String>,
    pub(super) variables: Vec<(String, String)>,
    pub(super) overrides: Vec<Override>,
    pub(super) revisions: Vec<Revision>,
    /// Keys in the artifact bucket.
    pub(super) artifacts: BTreeMap<String, String>,
    /// The oldest first.
    pub(super) runs: Vec<ActionRun>,
    pub(super) stop_reason: Option<String>,
}

impl Execution {
    /// The last run of an action.
    pub(super) fn run_of(&self, stage: usize, action: &str) -> Option<&ActionRun> {
        self.runs.iter().rev().find(|r| r.stage == stage && r.action == action)
    }

    pub(super) fn override_of(&self, action: &str, kind: &str) -> Option<&str> {
        self.overrides.iter().find(|o| o.action == action && o.kind == kind).map(|o| o.value.as_str())
    }
}

/// A pipeline.
#[derive(Clone, Debug)]
pub(crate) struct Pipeline {
    pub(super) name: String,
    pub(super) definition: Value,
    pub(super) mode: ExecutionMode,
    /// The bucket of artifacts.
    pub(super) bucket: String,
    pub(super) stages: Vec<Stage>,
    pub(super) created: Time,
    /// The oldest first.
    pub(super) executions: Vec<Execution>,
}

impl Pipeline {
    /// The one of a set-up.
    pub(crate) fn of(setup: &Setup, world: &World) -> Self {
        let definition = definition::of(setup, &world.role(&format!("{}-PipelineRole", setup.service)));
        Self {
            name: setup.pipeline.clone(),
            stages: definition::stages(&definition),
            definition,
            mode: setup.mode,
            bucket: setup.artifacts.clone(),
            created: world.now,
            executions: Vec::new(),
        }
    }

    pub(super) fn execution(&self, id: &str) -> Option<&Execution> {
        self.executions.iter().find(|e| e.id == id)
    }

    pub(super) fn action(&self, run: &ActionRun) -> Option<&Action> {
        self.stages.get(run.stage)?.actions.iter().find(|a| a.name == run.action)
    }
}

/// Everything of `CodePipeline`.
#[derive(Clone, Debug, Default)]
pub(crate) struct CodePipeline {
    /// Whether new archives and images start runs.
    pub(crate) triggers: bool,
    pub(crate) pipelines: Vec<Pipeline>,
}
