//! How runs go through stages.
//! <https://docs.aws.amazon.com/codepipeline/latest/userguide/concepts-how-it-works.html>

use super::state::{ActionRun, Execution, Pipeline, Place, Progress, Status};
use super::{approval, deploy, source};
use crate::clock::Time;
use crate::setup::ExecutionMode;
use crate::world::World;

/// How the work of an action ended: what is known of it now, or code and text.
pub(super) type Worked = Result<Progress, (&'static str, String)>;

impl World {
    /// When the next action goes on.
    pub(crate) fn next_pipeline(&self) -> Option<Time> {
        let runs = self.codepipeline.pipelines.iter().flat_map(|p| &p.executions).flat_map(|e| &e.runs);
        runs.filter_map(|r| self.run_due(r)).min()
    }

    fn run_due(&self, run: &ActionRun) -> Option<Time> {
        match &run.progress {
            Progress::Due(at) | Progress::Person(_, at) => Some(*at),
            Progress::Deployment(id) => self.codedeploy.deployment(id)?.completed,
            _ => None,
        }
    }

    /// Lets actions work that are due, and runs move on.
    pub(crate) fn step_pipelines(&mut self) {
        for index in 0..self.codepipeline.pipelines.len() {
            let mut pipeline = self.codepipeline.pipelines[index].clone();
            while self.step_pipeline(&mut pipeline) {}
            self.codepipeline.pipelines[index] = pipeline;
        }
    }

    /// Whether anything has changed.
    fn step_pipeline(&mut self, p: &mut Pipeline) -> bool {
        let mut changed = false;
        for e in 0..p.executions.len() {
            for r in 0..p.executions[e].runs.len() {
                if self.run_due(&p.executions[e].runs[r]).is_some_and(|at| at <= self.now) {
                    self.work(p, e, r);
                    changed = true;
                }
            }
            if p.executions[e].status.running()
                && let Place::In(stage) = p.executions[e].place
            {
                changed |= self.move_on(p, e, stage);
            }
        }
        for stage in (0..p.stages.len()).rev() {
            changed |= self.enter(p, stage);
        }
        changed
    }

    fn work(&mut self, p: &mut Pipeline, e: usize, r: usize) {
        let run = p.executions[e].runs[r].clone();
        let done = match (&run.progress, p.action(&run).cloned()) {
            (Progress::Deployment(id), _) => deploy::ended(self, id),
            (Progress::Person(..), _) => approval::nobody(),
            (_, Some(action)) => match action.kind["provider"].as_str() {
                Some("S3") => source::archive(self, p, e, r, &action),
                Some("ECR") => source::image(self, p, e, r, &action),
                Some("Manual") => Ok(approval::begin(self)),
                Some("CodeDeployToECS") => deploy::begin(self, p, e, r, &action),
                other => Err(("ConfigurationError", format!("the rehearsal has no action provider {other:?}"))),
            },
            (_, None) => Err(("ConfigurationError", "the action is gone".to_owned())),
        };
        let run = &mut p.executions[e].runs[r];
        run.updated = self.now;
        if matches!(run.progress, Progress::Deployment(_)) && done.is_ok() {
            run.summary = Some("Deployment Succeeded".to_owned());
        }
        run.progress = done.unwrap_or_else(|(code, text)| Progress::Failed(code, text));
        if let Progress::Deployment(id) = &run.progress {
            run.external = Some(id.clone());
        }
        p.executions[e].updated = self.now;
    }

    /// What follows when the actions of a run have ended that run now.
    fn move_on(&mut self, p: &mut Pipeline, e: usize, stage: usize) -> bool {
        let (execution, actions) = (&p.executions[e], &p.stages[stage].actions);
        let current = actions.iter().filter(|a| a.order == execution.order);
        let runs: Vec<&ActionRun> = current.filter_map(|a| execution.run_of(stage, &a.name)).collect();
        if runs.iter().any(|r| r.running()) {
            return false;
        }
        let failed = runs.iter().any(|r| r.status() == "Failed");
        let next = actions.iter().map(|a| a.order).filter(|o| *o > execution.order).min();
        let last = stage + 1 == p.stages.len();
        let execution = &mut p.executions[e];
        execution.updated = self.now;
        match (failed, execution.status, next) {
            (true, ..) => execution.status = Status::Failed,
            (_, Status::Stopping, _) if next.is_some() || !last => execution.status = Status::Stopped,
            (_, _, Some(order)) => self.start_actions(p, e, stage, order),
            _ if last => {
                execution.status = Status::Succeeded;
                execution.place = Place::Through;
            }
            _ => self.wait(p, e, stage + 1),
        }
        true
    }

    /// A run comes to a stage. Where runs supersede each other, those that wait there are overtaken.
    pub(super) fn wait(&mut self, p: &mut Pipeline, e: usize, stage: usize) {
        p.executions[e].place = Place::Before(stage);
        if p.mode == ExecutionMode::Superseded {
            for (i, other) in p.executions.iter_mut().enumerate() {
                if i < e && other.status == Status::InProgress && other.place == Place::Before(stage) {
                    other.status = Status::Superseded;
                    other.updated = self.now;
                }
            }
        }
    }

    /// The run that has waited longest comes in, when nobody is there and it may.
    fn enter(&mut self, p: &mut Pipeline, stage: usize) -> bool {
        let there = |e: &Execution| e.status.running() && e.place == Place::In(stage);
        if p.stages[stage].disabled.is_some() || p.executions.iter().any(there) {
            return false;
        }
        let waits = |e: &Execution| e.status == Status::InProgress && e.place == Place::Before(stage);
        let Some(e) = p.executions.iter().position(waits) else { return false };
        p.stages[stage].latest = Some(p.executions[e].id.clone());
        p.executions[e].place = Place::In(stage);
        let first = p.stages[stage].actions.iter().map(|a| a.order).min().unwrap_or(1);
        self.start_actions(p, e, stage, first);
        true
    }

    /// Starts all actions of an order.
    pub(super) fn start_actions(&mut self, p: &mut Pipeline, e: usize, stage: usize, order: u64) {
        p.executions[e].order = order;
        let names: Vec<String> =
            p.stages[stage].actions.iter().filter(|a| a.order == order).map(|a| a.name.clone()).collect();
        for name in names {
            self.start_action(&mut p.executions[e], stage, name);
        }
    }

    pub(super) fn start_action(&mut self, execution: &mut Execution, stage: usize, action: String) {
        execution.updated = self.now;
        execution.runs.push(ActionRun {
            id: self.ids.uuid(),
            stage,
            action,
            progress: Progress::Due(self.now.after(self.timing.action)),
            started: self.now,
            updated: self.now,
            external: None,
            summary: None,
            variables: std::collections::BTreeMap::new(),
        });
    }
}
