//! How tasks begin, fail, are replaced and end.

use std::time::Duration;

use serde_json::Value;

use super::{Stop, Task, TaskDefinition, TaskSet, TaskSetStatus};
use crate::clock::Time;
use crate::logs::streams;
use crate::refusal::{Answer, refuse};
use crate::world::World;

/// Tasks of a service, by ECS's own quota.
const MOST: usize = 5000;

/// How long ECS tells of a task that has stopped.
const KEPT: Duration = Duration::from_hours(1);

/// A task set that is asked for.
pub(crate) struct Wanted {
    pub(crate) task_definition: String,
    pub(crate) container: String,
    pub(crate) port: u64,
    pub(crate) target_group: String,
    pub(crate) external: Option<String>,
    pub(crate) settings: Value,
}

/// What becomes of a task that is started.
enum Fate {
    Well,
    NeverHealthy,
    /// Its image cannot be had.
    NoImage(String),
    /// Its program ends by itself with this status, after it has written these lines.
    Ends(i32, Vec<String>),
}

impl World {
    /// Makes a task set as large as the service and starts its tasks. Its id.
    pub(crate) fn create_task_set(&mut self, cluster: &str, service: &str, wanted: Wanted) -> Answer<String> {
        let missing = || refuse("InvalidParameterException", "Unable to find a task definition");
        let definition = self.ecs.definition(&wanted.task_definition).ok_or_else(missing)?;
        if !definition.has_container(&wanted.container) {
            let text = format!("The container {} does not exist in the task definition.", wanted.container);
            return Err(refuse("InvalidParameterException", text));
        }
        if !definition.has_port(&wanted.container, wanted.port) {
            let text =
                format!("The container {} did not have a container port {} defined.", wanted.container, wanted.port);
            return Err(refuse("InvalidParameterException", text));
        }
        let arn = definition.arn.clone();
        let id = self.ids.task_set();
        let (region, account, now) = (self.region.clone(), self.account.clone(), self.now);
        let Some(service) = self.ecs.service_mut(cluster, service) else {
            return Err(refuse("ServiceNotFoundException", "Service not found."));
        };
        let set = TaskSet {
            arn: format!("arn:aws:ecs:{region}:{account}:task-set/{}/{}/{id}", service.cluster, service.name),
            id: id.clone(),
            status: TaskSetStatus::Active,
            task_definition: arn,
            desired: service.desired,
            target_group: wanted.target_group,
            container: wanted.container,
            port: wanted.port,
            external: wanted.external,
            settings: wanted.settings,
            created: now,
            updated: now,
            gone: None,
        };
        let (name, cluster, desired) = (service.name.clone(), service.cluster.clone(), set.desired);
        service.events.push((now, format!("(service {name}, taskSet {id}) has started {desired} tasks.")));
        service.sets.push(set.clone());
        for _ in 0..desired {
            self.start_task(&cluster, &name, &set);
        }
        Ok(id)
    }

    fn start_task(&mut self, cluster: &str, service: &str, set: &TaskSet) {
        let (now, timing) = (self.now, self.timing.clone());
        let fate = self.ecs.definition(&set.task_definition).map_or(Fate::Well, |d| self.fate(d));
        let starts = now.after(timing.start);
        let stop = |at: Time, code, reason: String, exit| Some(Stop { at, code, reason, exit });
        let (starts, healthy, stop) = match &fate {
            Fate::Well => (Some(starts), Some(starts.after(timing.healthy)), None),
            Fate::NeverHealthy => {
                let text = format!("Task failed ELB health checks in (target-group {})", set.target_group);
                let at = starts.after(timing.unhealthy);
                (Some(starts), None, stop(at, "ServiceSchedulerInitiated", text, Some(143)))
            }
            Fate::NoImage(text) => (None, None, stop(starts, "TaskFailedToStart", text.clone(), None)),
            Fate::Ends(status, _) => {
                let text = "Essential container in task exited".to_owned();
                (Some(starts), None, stop(starts.after(timing.exit), "EssentialContainerExited", text, Some(*status)))
            }
        };
        let id = self.ids.hex();
        if let (Fate::Ends(_, lines), Some(at)) = (&fate, starts) {
            let places = self.ecs.definition(&set.task_definition).map(|d| streams(&d.body, &id)).unwrap_or_default();
            for place in places {
                for line in lines {
                    self.logs.write(place.clone(), at, line);
                }
            }
        }
        self.ecs.tasks.push(Task {
            arn: format!("arn:aws:ecs:{}:{}:task/{cluster}/{id}", self.region, self.account),
            id,
            set: set.id.clone(),
            target_group: set.target_group.clone(),
            port: set.port,
            service: service.to_owned(),
            task_definition: set.task_definition.clone(),
            address: self.ids.address(),
            created: now,
            starts,
            healthy,
            stop,
            replaced: false,
        });
    }

    /// Images of other registries are taken to be there and to fit.
    fn fate(&self, definition: &TaskDefinition) -> Fate {
        let wanted = match definition.body["runtimePlatform"]["cpuArchitecture"].as_str() {
            Some("ARM64") => "arm64",
            _ => "amd64",
        };
        for (_, image) in definition.images() {
            if image.contains(['<', '>', ' ']) {
                return Fate::NoImage(format!("CannotPullContainerError: invalid reference format: {image}"));
            }
            let Some(name) = image.strip_prefix(&format!("{}/", self.registry())) else { continue };
            let (repository, digest, tag) = match name.split_once('@') {
                Some((repository, digest)) => (repository, Some(digest), None),
                None => name.split_once(':').map_or((name, None, Some("latest")), |(r, t)| (r, None, Some(t))),
            };
            let Some(found) = self.ecr.image(repository, digest, tag) else {
                return Fate::NoImage(format!(
                    "CannotPullContainerError: failed to resolve ref {image}: {image}: not found"
                ));
            };
            if found.architecture.as_deref().is_some_and(|a| a != wanted) {
                // So the runtime puts it, and gives it the status.
                return Fate::Ends(255, vec!["exec format error".to_owned()]);
            }
        }
        if let Some((exit, lines)) = self.faults.crashes() {
            return Fate::Ends(exit, lines.to_vec());
        }
        if self.faults.never_healthy() { Fate::NeverHealthy } else { Fate::Well }
    }

    /// When the next task that failed is replaced.
    pub(crate) fn next_replacement(&self) -> Option<Time> {
        self.ecs.tasks.iter().filter(|t| !t.replaced).filter_map(|t| t.stop.as_ref().map(|s| s.at)).min()
    }

    /// Starts another task for each that failed, as long as its set wants any. Those that stopped long ago are forgotten.
    pub(crate) fn replace_tasks(&mut self) {
        let now = self.now;
        let recent = |t: &Task| t.stop.as_ref().is_none_or(|s| s.at.after(KEPT) > now);
        self.ecs.tasks.retain(|t| !t.replaced || recent(t));
        let failed = self.ecs.tasks.iter_mut().filter(|t| !t.replaced && t.stopped(now));
        let sets: Vec<String> = failed
            .map(|t| {
                t.replaced = true;
                t.set.clone()
            })
            .collect();
        for id in sets {
            let found =
                self.ecs.services.iter().find_map(|s| Some((s.cluster.clone(), s.name.clone(), s.set(&id)?.clone())));
            if let Some((cluster, service, set)) = found.filter(|(_, _, set)| set.status != TaskSetStatus::Draining) {
                self.start_task(&cluster, &service, &set);
            }
        }
    }

    /// Makes a task set the one that serves; the one before stays beside it.
    pub(crate) fn make_primary(&mut self, cluster: &str, service: &str, id: &str) {
        let now = self.now;
        let Some(service) = self.ecs.service_mut(cluster, service) else { return };
        for set in service.sets.iter_mut().filter(|s| s.status != TaskSetStatus::Draining) {
            set.status = if set.id == id { TaskSetStatus::Primary } else { TaskSetStatus::Active };
            set.updated = now;
        }
    }

    /// Ends a task set and its tasks. When nothing is left of it.
    pub(crate) fn delete_task_set(&mut self, cluster: &str, service: &str, id: &str) -> Time {
        let (now, gone) = (self.now, self.now.after(self.timing.drain));
        for task in self.ecs.tasks.iter_mut().filter(|t| t.set == id && !t.stopped(now)) {
            let reason = format!("Scaling activity initiated by (deployment {id})");
            task.stop = Some(Stop { at: gone, code: "ServiceSchedulerInitiated", reason, exit: Some(143) });
            task.replaced = true;
        }
        if let Some(service) = self.ecs.service_mut(cluster, service) {
            let name = service.name.clone();
            for set in service.sets.iter_mut().filter(|s| s.id == id) {
                set.status = TaskSetStatus::Draining;
                set.desired = 0;
                set.updated = now;
                set.gone = Some(gone);
                service.events.push((now, format!("(service {name}, taskSet {id}) has begun draining connections.")));
            }
        }
        gone
    }

    /// Changes how many tasks a service has. A task set that is not primary keeps its number until the next release.
    pub(crate) fn scale(&mut self, cluster: &str, service: &str, count: u32) {
        let now = self.now;
        let Some(found) = self.ecs.service_mut(cluster, service) else { return };
        found.desired = count;
        let (cluster, name) = (found.cluster.clone(), found.name.clone());
        let Some(set) = found.sets.iter_mut().find(|s| s.status == TaskSetStatus::Primary) else { return };
        set.desired = count;
        set.updated = now;
        let set = set.clone();
        let live: Vec<String> = self.ecs.live(&set.id, now).map(|t| t.id.clone()).collect();
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        for id in live.iter().skip(count) {
            if let Some(task) = self.ecs.tasks.iter_mut().find(|t| t.id == *id) {
                let reason = format!("Scaling activity initiated by (deployment {})", set.id);
                task.stop = Some(Stop { at: now, code: "ServiceSchedulerInitiated", reason, exit: Some(143) });
                task.replaced = true;
            }
        }
        for _ in live.len()..count.min(MOST) {
            self.start_task(&cluster, &name, &set);
        }
    }

    /// Forgets task sets that have drained.
    pub(crate) fn forget_task_sets(&mut self) {
        let now = self.now;
        for service in &mut self.ecs.services {
            service.sets.retain(|s| s.gone.is_none_or(|g| g > now));
        }
    }
}
