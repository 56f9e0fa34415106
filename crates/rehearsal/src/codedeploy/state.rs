//! Deployment groups, deployments and how far they are.

use serde_json::Value;

use super::appspec::AppSpec;
use super::config::Shift;
use super::rules;
use crate::clock::Time;
use crate::refusal::Answer;
use crate::setup::Setup;
use crate::world::World;

/// The lifecycle events of a deployment on ECS, in their order.
pub(super) const EVENTS: [&str; 8] = [
    "BeforeInstall",
    "Install",
    "AfterInstall",
    "AllowTestTraffic",
    "AfterAllowTestTraffic",
    "BeforeAllowTraffic",
    "AllowTraffic",
    "AfterAllowTraffic",
];
pub(super) const INSTALL: usize = 1;
pub(super) const TEST_TRAFFIC: usize = 3;
pub(super) const AFTER_TEST_TRAFFIC: usize = 4;
pub(super) const TRAFFIC: usize = 6;

/// An application with its one deployment group.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) application: String,
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) created: Time,
    pub(crate) config: String,
    pub(crate) role: String,
    pub(crate) cluster: String,
    pub(crate) service: String,
    /// Names of the pair of target groups.
    pub(crate) pair: [String; 2],
    pub(crate) production: String,
    pub(crate) test: Option<String>,
    /// Minutes.
    pub(crate) termination_wait: u32,
    /// Minutes; nothing where a deployment does not wait.
    pub(crate) ready_wait: Option<u32>,
    pub(crate) alarms: Vec<String>,
    pub(crate) rollback: Vec<String>,
}

impl Group {
    /// The one of a set-up.
    pub(crate) fn of(setup: &Setup, world: &World) -> Answer<Self> {
        rules::config(&setup.deployment_config)?;
        let pair = |n: usize| world.elb.groups.get(n).map(|g| g.name.clone()).unwrap_or_default();
        let listener = |n: usize| world.elb.listeners.get(n).map(|l| l.arn.clone());
        Ok(Self {
            application: setup.service.clone(),
            name: setup.service.clone(),
            id: "6a2b7c90-3f1d-4e5a-a8b7-0c1d2e3f4a5b".to_owned(),
            created: world.now,
            config: setup.deployment_config.clone(),
            role: world.role(&format!("{}-CodeDeployRole", setup.service)),
            cluster: setup.service.clone(),
            service: setup.service.clone(),
            pair: [pair(0), pair(1)],
            production: listener(0).unwrap_or_default(),
            test: listener(1),
            termination_wait: setup.termination_wait,
            ready_wait: setup.ready_wait,
            alarms: setup.alarms.clone(),
            rollback: setup.rollback.clone(),
        })
    }
}

/// What becomes of a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Created,
    Queued,
    InProgress,
    Ready,
    Succeeded,
    Failed,
    Stopped,
}

impl Status {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Created => "Created",
            Self::Queued => "Queued",
            Self::InProgress => "InProgress",
            Self::Ready => "Ready",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
            Self::Stopped => "Stopped",
        }
    }

    pub(crate) fn over(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Stopped)
    }
}

/// One lifecycle event.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) status: &'static str,
    pub(super) begun: Option<Time>,
    pub(super) ended: Option<Time>,
    pub(super) message: Option<String>,
}

/// What a deployment does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Its turn comes.
    Queue,
    /// The lifecycle event of this number begins.
    Begin(usize),
    /// It is under way.
    Run(usize),
    /// So many steps of the shift are done.
    Shift(usize),
    /// It waits for `ContinueDeployment`.
    Ready,
    /// All traffic is on the new tasks, the old ones are kept.
    Wait,
    /// The old ones are removed.
    Drain,
    Over,
}

/// How a deployment and its rollback know each other.
#[derive(Clone, Debug)]
pub(super) struct RollbackInfo {
    /// The deployment that rolls this one back.
    pub(super) by: Option<String>,
    /// The deployment that this one rolls back.
    pub(super) of: Option<String>,
    pub(super) message: String,
}

/// One deployment.
#[derive(Clone, Debug)]
pub(crate) struct Deployment {
    pub(crate) id: String,
    pub(super) group: Group,
    pub(super) shift: Shift,
    /// As it is told: an appspec by its digest alone.
    pub(super) revision: Value,
    pub(super) content: String,
    pub(super) spec: AppSpec,
    pub(super) previous: Option<Value>,
    pub(crate) status: Status,
    pub(super) phase: Phase,
    /// When it goes on by itself.
    pub(super) due: Option<Time>,
    pub(super) created: Time,
    pub(super) started: Option<Time>,
    pub(crate) completed: Option<Time>,
    pub(super) updated: Time,
    pub(crate) error: Option<(&'static str, String)>,
    pub(super) description: Option<String>,
    pub(super) creator: &'static str,
    pub(super) events: Vec<Event>,
    pub(super) target: &'static str,
    /// Task sets: the one that served when it began, and its own.
    pub(super) blue: Option<String>,
    pub(super) green: Option<String>,
    /// ARNs of target groups.
    pub(super) blue_group: String,
    pub(super) green_group: String,
    pub(super) traffic_began: Option<Time>,
    pub(super) rollback: Option<RollbackInfo>,
    /// Whether the task sets are gone that it told of at its end.
    pub(super) waits: bool,
}

impl Deployment {
    pub(super) fn event(&mut self, index: usize) -> Option<&mut Event> {
        self.events.get_mut(index)
    }
}

/// Everything of `CodeDeploy`.
#[derive(Clone, Debug, Default)]
pub(crate) struct CodeDeploy {
    pub(crate) groups: Vec<Group>,
    /// The oldest first.
    pub(crate) deployments: Vec<Deployment>,
}

impl CodeDeploy {
    pub(crate) fn deployment(&self, id: &str) -> Option<&Deployment> {
        self.deployments.iter().find(|d| d.id == id)
    }
}
