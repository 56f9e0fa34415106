//! How a deployment goes on by itself.
//! <https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html>

use std::time::Duration;

use super::ending::Cause;
use super::state::{AFTER_TEST_TRAFFIC, Deployment, EVENTS, INSTALL, Phase, Status, TEST_TRAFFIC, TRAFFIC};
use crate::clock::Time;
use crate::ecs::{TaskSetStatus, Wanted};
use crate::world::World;

/// How long the new task set has to get well.
const STEADY: Duration = Duration::from_hours(1);

fn minutes(minutes: u32) -> Duration {
    Duration::from_mins(u64::from(minutes))
}

impl World {
    /// When the next deployment goes on.
    pub(crate) fn next_deployment(&self) -> Option<Time> {
        self.codedeploy.deployments.iter().filter_map(|d| self.due(d)).min()
    }

    fn due(&self, d: &Deployment) -> Option<Time> {
        if d.status.over() {
            return None;
        }
        if self.alarm(d).is_some() {
            return Some(self.now);
        }
        match d.phase {
            Phase::Run(INSTALL) => [d.due, self.steady(d)].into_iter().flatten().min(),
            _ => d.due,
        }
    }

    /// The first of a deployment's alarms that is up, as long as that stops it.
    fn alarm<'a>(&self, d: &'a Deployment) -> Option<&'a str> {
        let watched = matches!(d.status, Status::InProgress | Status::Ready) && d.phase != Phase::Drain;
        let rolls_back = d.rollback.as_ref().is_some_and(|r| r.of.is_some());
        let mut alarms = d.group.alarms.iter().filter(|_| watched && !rolls_back);
        alarms.find(|name| self.faults.alarm(name)).map(String::as_str)
    }

    fn steady(&self, d: &Deployment) -> Option<Time> {
        let service = self.ecs.service(&d.group.cluster, &d.group.service)?;
        self.ecs.steady(service.set(d.green.as_deref()?)?, self.now)
    }

    /// Lets each deployment that is due go on by one step.
    pub(crate) fn step_deployments(&mut self) {
        for index in 0..self.codedeploy.deployments.len() {
            let d = &self.codedeploy.deployments[index];
            if self.due(d).is_none_or(|due| due > self.now) {
                continue;
            }
            let mut d = d.clone();
            d.due = None;
            d.updated = self.now;
            if let Some(alarm) = self.alarm(&d).map(str::to_owned) {
                self.end(&mut d, &Cause::Alarm(alarm));
            } else {
                self.advance(&mut d);
            }
            self.codedeploy.deployments[index] = d;
        }
    }

    fn advance(&mut self, d: &mut Deployment) {
        match d.phase {
            Phase::Queue => self.queue(d),
            Phase::Begin(event) => self.begin(d, event),
            Phase::Run(event) => self.ran(d, event),
            Phase::Shift(step) => self.shift(d, step),
            // Nobody has said that it goes on.
            Phase::Ready => self.end(d, &Cause::NotContinued),
            Phase::Wait => self.drain(d),
            Phase::Drain => {
                d.status = Status::Succeeded;
                d.phase = Phase::Over;
                d.target = "Succeeded";
                d.completed = Some(self.now);
            }
            Phase::Over => {}
        }
    }

    fn queue(&mut self, d: &mut Deployment) {
        if d.status == Status::Created {
            d.status = Status::Queued;
            d.due = Some(self.now.after(self.timing.queue));
            return;
        }
        d.status = Status::InProgress;
        d.started = Some(self.now);
        d.target = "InProgress";
        if d.rollback.as_ref().is_some_and(|r| r.of.is_some()) {
            for event in &mut d.events {
                event.status = "Skipped";
            }
            self.run(d, TRAFFIC, self.timing.listener);
            return;
        }
        let service = self.ecs.service(&d.group.cluster, &d.group.service);
        let primary = service.and_then(|s| s.primary());
        let Some((id, group)) = primary.map(|set| (set.id.clone(), set.target_group.clone())) else {
            return self.end(d, &Cause::Ecs("Service not found.".to_owned(), "ServiceNotFoundException"));
        };
        let pair = d.group.pair.iter().filter_map(|name| self.elb.group_named(name));
        d.green_group = pair.map(|g| g.arn.clone()).find(|arn| *arn != group).unwrap_or_default();
        d.blue = Some(id);
        d.blue_group = group;
        self.next_event(d, 0);
    }

    fn next_event(&mut self, d: &mut Deployment, event: usize) {
        d.phase = Phase::Begin(event);
        d.due = Some(self.now);
    }

    fn run(&mut self, d: &mut Deployment, index: usize, time: Duration) {
        let now = self.now;
        if let Some(event) = d.event(index) {
            event.status = "InProgress";
            event.begun = Some(now);
        }
        d.phase = Phase::Run(index);
        d.due = Some(now.after(time));
    }

    fn begin(&mut self, d: &mut Deployment, index: usize) {
        match index {
            INSTALL => {
                self.run(d, index, STEADY);
                self.install(d);
            }
            TEST_TRAFFIC if d.group.test.is_some() => self.run(d, index, self.timing.listener),
            TEST_TRAFFIC | AFTER_TEST_TRAFFIC if d.group.test.is_none() => {
                if let Some(event) = d.event(index) {
                    event.status = "Skipped";
                }
                self.after(d, index);
            }
            TRAFFIC => {
                self.run(d, index, Duration::ZERO);
                d.phase = Phase::Shift(0);
                d.traffic_began = Some(self.now);
            }
            _ => {
                let hook = d.spec.hooks.contains_key(EVENTS[index]);
                self.run(d, index, if hook { self.timing.hook } else { Duration::ZERO });
            }
        }
    }

    /// Makes the new task set. What is left of a deployment that was stopped goes first.
    fn install(&mut self, d: &mut Deployment) {
        let (cluster, service) = (d.group.cluster.clone(), d.group.service.clone());
        let left: Vec<String> = match self.ecs.service(&cluster, &service) {
            Some(s) => s.sets.iter().filter(|s| s.status == TaskSetStatus::Active).map(|s| s.id.clone()).collect(),
            None => Vec::new(),
        };
        for id in left {
            self.delete_task_set(&cluster, &service, &id);
        }
        let mut settings = d.spec.settings.clone();
        // The network is the service's unless the appspec has one; the strategy is gone if it has none.
        if settings["networkConfiguration"].is_null()
            && let Some(s) = self.ecs.service(&cluster, &service)
        {
            settings["networkConfiguration"] = s.settings["networkConfiguration"].clone();
        }
        let wanted = Wanted {
            task_definition: d.spec.task_definition.clone(),
            container: d.spec.container.clone(),
            port: d.spec.port,
            target_group: d.green_group.clone(),
            external: Some(d.id.clone()),
            settings,
        };
        match self.create_task_set(&cluster, &service, wanted) {
            Ok(id) => d.green = Some(id),
            Err(refusal) => self.end(d, &Cause::Ecs(refusal.message, "InvalidParameterException")),
        }
    }

    /// A lifecycle event's time is over.
    fn ran(&mut self, d: &mut Deployment, index: usize) {
        if d.rollback.as_ref().is_some_and(|r| r.of.is_some()) {
            return self.restore(d);
        }
        if index == INSTALL && self.steady(d).is_none_or(|at| at > self.now) {
            return self.end(d, &Cause::NeverHealthy);
        }
        if d.spec.hooks.contains_key(EVENTS[index]) && self.faults.hook_fails(EVENTS[index]) {
            return self.end(d, &Cause::Hook);
        }
        if let Some(test) = d.group.test.as_deref().filter(|_| index == TEST_TRAFFIC) {
            self.elb.shift(test, &d.blue_group, &d.green_group, 100);
        }
        self.succeeded(d, index);
        self.after(d, index);
    }

    pub(super) fn succeeded(&mut self, d: &mut Deployment, index: usize) {
        let now = self.now;
        if let Some(event) = d.event(index) {
            event.status = "Succeeded";
            event.ended = Some(now);
        }
    }

    fn after(&mut self, d: &mut Deployment, index: usize) {
        match (index, d.group.ready_wait) {
            (AFTER_TEST_TRAFFIC, Some(wait)) => {
                d.status = Status::Ready;
                d.target = "Ready";
                d.phase = Phase::Ready;
                d.due = Some(self.now.after(minutes(wait)));
            }
            _ if index + 1 < EVENTS.len() => self.next_event(d, index + 1),
            _ => {
                d.waits = true;
                d.phase = Phase::Wait;
                d.due = Some(self.now.after(minutes(d.group.termination_wait)));
            }
        }
    }

    /// One step of the shift.
    fn shift(&mut self, d: &mut Deployment, step: usize) {
        let steps = d.shift.steps();
        let Some((_, percent)) = steps.get(step) else { return };
        self.elb.shift(&d.group.production, &d.blue_group, &d.green_group, *percent);
        if let Some((at, _)) = steps.get(step + 1) {
            d.phase = Phase::Shift(step + 1);
            d.due = Some(d.traffic_began.unwrap_or(self.now).after(*at));
            return;
        }
        if let Some(green) = &d.green {
            self.make_primary(&d.group.cluster, &d.group.service, green);
        }
        self.succeeded(d, TRAFFIC);
        self.after(d, TRAFFIC);
    }

    fn drain(&mut self, d: &mut Deployment) {
        let gone = d.blue.as_ref().map(|blue| self.delete_task_set(&d.group.cluster, &d.group.service, blue));
        d.phase = Phase::Drain;
        d.due = Some(gone.unwrap_or(self.now));
    }

    /// `ContinueDeployment(READY_WAIT)`.
    pub(super) fn go_on(&mut self, d: &mut Deployment) {
        d.status = Status::InProgress;
        d.target = "InProgress";
        self.next_event(d, AFTER_TEST_TRAFFIC + 1);
    }
}
