//! How a deployment ends before its time, and how it is rolled back: by a deployment of its own.
//! <https://docs.aws.amazon.com/codedeploy/latest/userguide/deployments-rollback-and-redeploy.html>

use super::rules::Origin;
use super::state::{Deployment, Phase, RollbackInfo, Status, TRAFFIC};
use crate::world::World;

/// Why a deployment ends.
pub(super) enum Cause {
    /// The new task set did not get well in time.
    NeverHealthy,
    Hook,
    /// An alarm is up.
    Alarm(String),
    /// ECS refused, in its words and with its code.
    Ecs(String, &'static str),
    /// Nobody continued it in time.
    NotContinued,
    /// Somebody stopped it, and said whether to roll back.
    Stopped(Option<bool>),
}

impl Cause {
    /// Status, code and text, as the user guide has them or users show them.
    fn told(&self, request: &str) -> (Status, Option<(&'static str, String)>) {
        match self {
            Self::NeverHealthy => {
                let text = "The deployment timed out while waiting for the replacement task set to become healthy. This \
                            time out period is 60 minutes.";
                (Status::Failed, Some(("TIMEOUT", text.to_owned())))
            }
            Self::Hook => {
                let text =
                    "The deployment failed because one or more of the lifecycle event validation functions failed.";
                (Status::Failed, Some(("HOOK_EXECUTION_FAILURE", text.to_owned())))
            }
            Self::Alarm(name) => {
                let text = format!(
                    "One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and \
                     the affected deployments have been stopped. Activated alarms: <{name}>"
                );
                (Status::Stopped, Some(("ALARM_ACTIVE", text)))
            }
            Self::Ecs(message, code) => {
                let text = format!(
                    "The ECS service cannot be updated due to an unexpected error: {message} (Service: AmazonECS; Status \
                     Code: 400; Error Code: {code}; Request ID: {request}; Proxy: null). Check your ECS service status."
                );
                (Status::Failed, Some(("ECS_UPDATE_ERROR", text)))
            }
            Self::NotContinued | Self::Stopped(_) => (Status::Stopped, None),
        }
    }

    /// The event of the group's configuration that rolls back for this.
    fn event(&self) -> &'static str {
        match self {
            Self::Alarm(_) => "DEPLOYMENT_STOP_ON_ALARM",
            Self::NotContinued | Self::Stopped(_) => "DEPLOYMENT_STOP_ON_REQUEST",
            _ => "DEPLOYMENT_FAILURE",
        }
    }
}

impl World {
    /// Ends a deployment and begins its rollback where one is wanted.
    pub(super) fn end(&mut self, d: &mut Deployment, cause: &Cause) {
        let (status, error) = cause.told(&self.ids.uuid());
        let now = self.now;
        d.status = status;
        d.phase = Phase::Over;
        d.due = None;
        d.completed = Some(now);
        d.updated = now;
        d.target = if status == Status::Failed { "Failed" } else { "Skipped" };
        for event in d.events.iter_mut().filter(|e| matches!(e.status, "InProgress" | "Pending")) {
            if event.status == "InProgress" {
                event.ended = Some(now);
                event.message = error.as_ref().map(|(_, text)| text.clone());
                event.status = if status == Status::Failed { "Failed" } else { "Skipped" };
            } else {
                event.status = "Skipped";
            }
        }
        d.error = error;
        let wanted = match cause {
            Cause::Stopped(Some(wanted)) => *wanted,
            _ => d.group.rollback.iter().any(|e| e == cause.event()),
        };
        let rolls_back = d.rollback.as_ref().is_some_and(|r| r.of.is_some());
        if wanted && !rolls_back {
            self.roll_back(d);
        }
    }

    fn roll_back(&mut self, d: &mut Deployment) {
        let good = self.codedeploy.deployments.iter().rev();
        let good = good.clone().find(|o| o.group.name == d.group.name && o.status == Status::Succeeded).unwrap_or(d);
        let what = (good.content.clone(), good.revision.clone(), good.spec.clone());
        let origin = Origin { creator: "codeDeployRollback", description: None };
        let id = self.add_deployment(d.group.clone(), d.shift, what, origin);
        let text = format!("Deployment {} terminated. Automatic rollback is triggered with a DeploymentId {id}.", d.id);
        d.rollback = Some(RollbackInfo { by: Some(id.clone()), of: None, message: text });
        if let Some(new) = self.codedeploy.deployments.last_mut() {
            let message = format!("Deployment {id} is triggered to roll back deployment {}.", d.id);
            new.rollback = Some(RollbackInfo { by: None, of: Some(d.id.clone()), message });
            new.blue.clone_from(&d.blue);
            new.green.clone_from(&d.green);
            new.blue_group.clone_from(&d.blue_group);
            new.green_group.clone_from(&d.green_group);
        }
    }

    /// A rollback gives all traffic to the task set that was there before and removes the other.
    pub(super) fn restore(&mut self, d: &mut Deployment) {
        let (cluster, service) = (d.group.cluster.clone(), d.group.service.clone());
        if let Some(blue) = &d.blue {
            for listener in [Some(&d.group.production), d.group.test.as_ref()].into_iter().flatten() {
                self.elb.shift(listener, &d.blue_group, &d.green_group, 0);
            }
            self.make_primary(&cluster, &service, blue);
        }
        self.succeeded(d, TRAFFIC);
        let gone = d.green.as_ref().map(|green| self.delete_task_set(&cluster, &service, green));
        d.phase = Phase::Drain;
        d.due = Some(gone.unwrap_or(self.now));
    }
}
