//! What a person is shown of a deployment besides its course: health, alarms, logs. Whoever may release need not be allowed
//! to see all of it; what cannot be seen is told once, and not asked for again.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::{Mutex, PoisonError};

use super::{Client, alarms, balancing, ecs, logs};
use crate::flow::Event;
use crate::flow::seen::{Deployment, Health, Stopped};
use crate::{Error, Result};

/// What has been found out and does not change.
#[derive(Default)]
pub(super) struct Known {
    groups: Mutex<BTreeMap<String, String>>,
    alarms: Mutex<Option<Vec<String>>>,
    blind: Mutex<BTreeSet<&'static str>>,
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Known {
    /// An answer that a release can be without.
    async fn perhaps<T>(
        &self,
        client: &Client,
        what: &'static str,
        answer: impl Future<Output = Result<T>>,
    ) -> Result<Option<T>> {
        if locked(&self.blind).contains(what) {
            return Ok(None);
        }
        match answer.await {
            Err(Error::Aws(r)) if !r.expired() => {
                locked(&self.blind).insert(what);
                client.say(&Event::Blind { what: what.to_owned(), why: r.to_string() });
                Ok(None)
            }
            other => other.map(Some),
        }
    }

    /// Health of the new tasks.
    pub(super) async fn health(&self, client: &Client, d: &Deployment) -> Result<Option<Health>> {
        let Some(name) = d.set("Green").map(|s| s.group.clone()).filter(|g| !g.is_empty()) else { return Ok(None) };
        let asked = async {
            let known = locked(&self.groups).get(&name).cloned();
            let arn = match known {
                Some(arn) => arn,
                None => balancing::group(client, &name).await?.unwrap_or_default(),
            };
            locked(&self.groups).insert(name, arn.clone());
            balancing::health(client, &arn).await
        };
        self.perhaps(client, "target health", asked).await
    }

    /// Alarms of the group that are up; `names` is asked once for the group's.
    pub(super) async fn alarms(
        &self,
        client: &Client,
        names: impl Future<Output = Result<Vec<String>>>,
    ) -> Result<Vec<(String, String)>> {
        let asked = async {
            let known = locked(&self.alarms).clone();
            let names = match known {
                Some(names) => names,
                None => names.await?,
            };
            *locked(&self.alarms) = Some(names.clone());
            // No names at all would mean every alarm of the account.
            if names.is_empty() { Ok(Vec::new()) } else { alarms::active(client, &names).await }
        };
        Ok(self.perhaps(client, "alarms", asked).await?.unwrap_or_default())
    }

    /// The last lines of a task, each with its container.
    pub(super) async fn last_words(&self, client: &Client, task: &Stopped) -> Result<Vec<(String, String)>> {
        let asked = async {
            let mut out = Vec::new();
            if task.definition.is_empty() {
                return Ok(out);
            }
            let definition = ecs::definition(client, &task.definition).await?;
            for container in &task.containers {
                let Some(place) = logs::place(&definition, container, &task.task) else { continue };
                if !place.region.is_empty() && place.region != client.region() {
                    let line = format!("(its log is in {}, in the group {})", place.region, place.group);
                    out.push((container.clone(), line));
                    continue;
                }
                let lines = logs::last(client, &place).await?;
                out.extend(lines.into_iter().map(|line| (container.clone(), line)));
            }
            Ok(out)
        };
        Ok(self.perhaps(client, "logs of tasks", asked).await?.unwrap_or_default())
    }
}
