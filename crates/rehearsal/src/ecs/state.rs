//! What ECS remembers.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::clock::Time;

/// A revision of a family.
#[derive(Clone, Debug)]
pub(crate) struct TaskDefinition {
    pub(crate) arn: String,
    pub(crate) family: String,
    pub(crate) revision: u32,
    pub(crate) registered: Time,
    /// As it was registered, with what this program does not know.
    pub(crate) body: Value,
}

impl TaskDefinition {
    fn containers(&self) -> impl Iterator<Item = &Value> {
        self.body["containerDefinitions"].as_array().into_iter().flatten()
    }

    pub(crate) fn has_container(&self, name: &str) -> bool {
        self.containers().any(|c| c["name"] == *name)
    }

    pub(crate) fn has_port(&self, container: &str, port: u64) -> bool {
        let ports = self.containers().filter(|c| c["name"] == *container).filter_map(|c| c["portMappings"].as_array());
        ports.flatten().any(|p| p["containerPort"] == port)
    }

    /// Names and images of its containers.
    pub(crate) fn images(&self) -> Vec<(&str, &str)> {
        self.containers().map(|c| (c["name"].as_str().unwrap_or(""), c["image"].as_str().unwrap_or(""))).collect()
    }
}

/// What a task set is to its service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskSetStatus {
    /// It serves production.
    Primary,
    /// It runs beside.
    Active,
    /// It is being removed.
    Draining,
}

impl TaskSetStatus {
    /// As ECS writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Primary => "PRIMARY",
            Self::Active => "ACTIVE",
            Self::Draining => "DRAINING",
        }
    }
}

/// Tasks of one task definition behind one target group.
#[derive(Clone, Debug)]
pub(crate) struct TaskSet {
    pub(crate) id: String,
    pub(crate) arn: String,
    pub(crate) status: TaskSetStatus,
    pub(crate) task_definition: String,
    pub(crate) desired: u32,
    pub(crate) target_group: String,
    pub(crate) container: String,
    pub(crate) port: u64,
    /// The deployment that made it.
    pub(crate) external: Option<String>,
    /// What an appspec says of it: `capacityProviderStrategy`, `networkConfiguration`, `platformVersion`.
    pub(crate) settings: Value,
    pub(crate) created: Time,
    pub(crate) updated: Time,
    /// When nothing is left of it.
    pub(crate) gone: Option<Time>,
}

/// Why and when a task stops.
#[derive(Clone, Debug)]
pub(crate) struct Stop {
    pub(crate) at: Time,
    pub(crate) code: &'static str,
    pub(crate) reason: String,
    /// Exit status of its containers, where they have run.
    pub(crate) exit: Option<i32>,
}

/// One task. What is to come of it is written down when it begins.
#[derive(Clone, Debug)]
#[allow(clippy::struct_field_names)] // so ECS calls them
pub(crate) struct Task {
    pub(crate) id: String,
    pub(crate) arn: String,
    pub(crate) set: String,
    pub(crate) target_group: String,
    pub(crate) port: u64,
    pub(crate) service: String,
    pub(crate) task_definition: String,
    pub(crate) address: String,
    pub(crate) created: Time,
    /// When its containers run.
    pub(crate) starts: Option<Time>,
    /// When its target group finds it well.
    pub(crate) healthy: Option<Time>,
    pub(crate) stop: Option<Stop>,
    /// Another one has begun in its place, or none needs to.
    pub(crate) replaced: bool,
}

/// How long ECS prepares the network of a task, in milliseconds.
const PROVISIONING: i64 = 5000;

impl Task {
    pub(crate) fn stopped(&self, now: Time) -> bool {
        self.stop.as_ref().is_some_and(|s| s.at <= now)
    }

    pub(crate) fn running(&self, now: Time) -> bool {
        !self.stopped(now) && self.starts.is_some_and(|s| s <= now)
    }

    pub(crate) fn status(&self, now: Time) -> &'static str {
        if self.stopped(now) {
            "STOPPED"
        } else if self.running(now) {
            "RUNNING"
        } else if now.millis() - self.created.millis() < PROVISIONING {
            "PROVISIONING"
        } else {
            "PENDING"
        }
    }
}

/// A service whose releases are `CodeDeploy`'s.
#[derive(Clone, Debug)]
pub(crate) struct Service {
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) cluster: String,
    pub(crate) desired: u32,
    /// `CODE_DEPLOY`, `ECS` or `EXTERNAL`.
    pub(crate) controller: String,
    /// What else `DescribeServices` tells: load balancers, network, strategy.
    pub(crate) settings: Value,
    pub(crate) sets: Vec<TaskSet>,
    /// The newest last.
    pub(crate) events: Vec<(Time, String)>,
    pub(crate) created: Time,
}

impl Service {
    pub(crate) fn primary(&self) -> Option<&TaskSet> {
        self.sets.iter().find(|s| s.status == TaskSetStatus::Primary)
    }

    pub(crate) fn set(&self, id: &str) -> Option<&TaskSet> {
        self.sets.iter().find(|s| s.id == id)
    }
}

/// Everything of ECS.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ecs {
    pub(crate) clusters: Vec<String>,
    pub(crate) services: Vec<Service>,
    /// Revisions by family, the oldest first.
    pub(crate) families: BTreeMap<String, Vec<TaskDefinition>>,
    pub(crate) tasks: Vec<Task>,
}

impl Ecs {
    /// By name or ARN.
    pub(crate) fn service(&self, cluster: &str, name: &str) -> Option<&Service> {
        self.services.iter().find(|s| s.cluster == last(cluster) && s.name == last(name))
    }

    pub(crate) fn service_mut(&mut self, cluster: &str, name: &str) -> Option<&mut Service> {
        self.services.iter_mut().find(|s| s.cluster == last(cluster) && s.name == last(name))
    }

    /// By ARN, `family:revision`, or family.
    pub(crate) fn definition(&self, name: &str) -> Option<&TaskDefinition> {
        let name = if name.starts_with("arn:") { name.split_once("task-definition/")?.1 } else { name };
        let (family, revision) = name.split_once(':').map_or((name, None), |(f, r)| (f, Some(r)));
        let revisions = self.families.get(family)?;
        match revision {
            None => revisions.last(),
            Some(r) => revisions.iter().find(|d| d.revision.to_string() == r),
        }
    }

    /// Tasks of a task set that are there or are to come.
    pub(crate) fn live<'a>(&'a self, set: &'a str, now: Time) -> impl Iterator<Item = &'a Task> {
        self.tasks.iter().filter(move |t| t.set == set && !t.stopped(now))
    }

    /// When all tasks of a set are well; nothing while one is not going to be.
    pub(crate) fn steady(&self, set: &TaskSet, now: Time) -> Option<Time> {
        let healthy: Vec<Time> =
            self.live(&set.id, now).filter_map(|t| t.healthy.filter(|_| t.stop.is_none())).collect();
        let enough = healthy.len() >= usize::try_from(set.desired).unwrap_or(usize::MAX);
        enough.then(|| healthy.into_iter().max().unwrap_or(set.created))
    }
}

/// The last part of an ARN, or a name as it is.
pub(crate) fn last(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}
