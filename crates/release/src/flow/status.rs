//! How things stand: who serves, what is under way, what was released.

use std::fmt::Write as _;

use serde::Serialize;

use super::engine::{Engine, Serving};
use super::event;
use super::history;
use super::plain::plain;
use super::record::{self, Record};
use super::seen::{Deployment, Pipeline};
use crate::{Error, Result};

/// What is shown.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// The environment.
    pub environment: String,
    /// Who serves.
    pub serving: Vec<Serving>,
    /// The deployment that is under way.
    pub running: Option<String>,
    /// The latest releases, the oldest of them first.
    pub releases: Vec<Record>,
}

/// Looks.
///
/// # Errors
/// When AWS refuses.
pub async fn status(engine: &impl Engine, name: &str, most: usize) -> Result<Status> {
    let serving = engine.serving().await?;
    let running = engine.busy().await?;
    let mut releases = record::latest(engine, name, most).await?;
    settle(engine, &mut releases).await?;
    Ok(Status { environment: name.to_owned(), serving, running, releases })
}

/// Finds out how releases ended whose end nobody has seen, as far as they have. The records in the bucket stay as they are.
pub(super) async fn settle(engine: &impl Engine, records: &mut [Record]) -> Result<()> {
    for record in records
        .iter_mut()
        .filter(|r| !matches!(r.outcome.as_deref(), Some("finished" | "failed" | "stopped" | "superseded")))
    {
        let seen = match engine.look(&record.run(), false).await {
            // AWS forgets runs within a year, and names of pipelines change.
            Err(Error::Aws(r)) if r.code.contains("NotFound") || r.code.contains("DoesNotExist") => {
                record.outcome = Some("unknown".to_owned());
                continue;
            }
            other => other?,
        };
        let over = match (&seen.deployment, &seen.pipeline) {
            (Some(d), _) => of_deployment(d),
            (None, Some(p)) => of_pipeline(p),
            (None, None) => None,
        };
        if let Some(d) = seen.deployment {
            record.deployment = Some(d.id);
        }
        record.outcome = over.map(str::to_owned).or(record.outcome.take());
    }
    Ok(())
}

fn of_deployment(d: &Deployment) -> Option<&'static str> {
    match d.status.as_str() {
        "Succeeded" => Some("finished"),
        "Failed" => Some("failed"),
        "Stopped" => Some("stopped"),
        _ if d.baked() => Some("baked"),
        _ if d.waits => Some("released"),
        _ => None,
    }
}

fn of_pipeline(p: &Pipeline) -> Option<&'static str> {
    match p.status.as_str() {
        "Failed" => Some("failed"),
        "Superseded" => Some("superseded"),
        "Stopped" | "Cancelled" => Some("stopped"),
        _ => None,
    }
}

/// The release that somebody means: by an id, or the one that is under way. One that is not on record was begun elsewhere.
///
/// # Errors
/// When nothing is under way.
pub async fn meant(engine: &impl Engine, name: &str, id: Option<&str>) -> Result<Record> {
    let mut records = record::latest(engine, name, record::LATEST).await?;
    if let Some(id) = id {
        let found = records.into_iter().rfind(|r| r.id() == id || r.deployment.as_deref() == Some(id));
        return Ok(found.unwrap_or_else(|| Record::foreign(name, id)));
    }
    settle(engine, &mut records).await?;
    if let Some(record) = records.iter().rfind(|r| matches!(r.outcome.as_deref(), None | Some("released" | "baked"))) {
        return Ok(record.clone());
    }
    if let Some(deployment) = engine.busy().await? {
        return Ok(Record::foreign(name, &deployment));
    }
    let last = records.last().map_or(String::new(), |r| {
        format!("; the last one, {}, ended as {}", r.id(), r.outcome.as_deref().unwrap_or("unknown"))
    });
    Err(Error::Release(format!("nothing is under way in `{name}`{last}")))
}

impl Status {
    /// For people.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = format!("{}\n", self.environment);
        for set in &self.serving {
            let _ = writeln!(out, "  serves    {}", plain(&event::serving(set)));
        }
        if self.serving.is_empty() {
            out += "  serves    nothing\n";
        }
        let _ = writeln!(out, "  under way {}", self.running.as_deref().unwrap_or("nothing"));
        for r in self.releases.iter().rev() {
            let _ = writeln!(out, "  release {}", history::line(r, &self.releases));
        }
        out
    }
}
