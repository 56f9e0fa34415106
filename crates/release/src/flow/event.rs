//! What is told while a release goes on: one line each for people, one JSON object each for machines.

use std::sync::Arc;

use serde::Serialize;

use super::engine::Serving;
use super::plain;

/// Characters of a log line that are shown.
const LINE: usize = 400;

/// Who is told.
pub type Tell = Arc<dyn Fn(&Event) + Send + Sync>;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case", rename_all_fields = "camelCase")]
#[allow(missing_docs)] // the names are the text
pub enum Event {
    /// A release was handed over.
    Started {
        environment: String,
        image: String,
        archive: String,
        execution: Option<String>,
        deployment: Option<String>,
    },
    /// The pipeline execution has another status.
    Pipeline { execution: String, status: String, detail: Option<String> },
    /// An action has another status.
    Action { stage: String, action: String, status: String, detail: Option<String> },
    /// Nothing of the pipeline execution runs, for a reason.
    Held { reason: String },
    /// The deployment has another status.
    Deployment { deployment: String, status: String, detail: Option<String> },
    /// A lifecycle event has another status.
    Lifecycle { deployment: String, name: String, status: String, detail: Option<String> },
    /// Traffic has moved; hundredths.
    Traffic { deployment: String, green: f64, blue: f64 },
    /// Tasks came or went.
    Tasks { deployment: String, label: String, desired: u64, running: u64, pending: u64 },
    /// A task of the new task set was stopped.
    StoppedTask { task: String, reason: String, container: Option<String>, exit: Option<i64> },
    /// A line of the log of a task that was stopped.
    Log { task: String, container: String, line: String },
    /// Another number of the new tasks passes the health checks of their target group.
    Health { deployment: String, healthy: u64, of: u64, others: Vec<String> },
    /// An alarm of the deployment group is in the state ALARM.
    Alarm { deployment: String, name: String, reason: String },
    /// Something cannot be looked at, which a release does not need; told once.
    Blind { what: String, why: String },
    /// All traffic is on the new tasks; the old ones wait for their end.
    Released { deployment: String },
    /// The old tasks have waited long enough, and end.
    Baked { deployment: String },
    /// A deployment is rolled back by another one.
    Rollback { deployment: String, of: String },
    /// Why it failed.
    Cause { text: String },
    /// Who serves in the end.
    Serving { sets: Vec<Serving> },
    /// How it ended.
    Outcome { outcome: String, text: String },
    /// There were too many calls, or no answer: it is asked again later.
    Throttled { service: &'static str, operation: String, code: String, seconds: f64 },
    /// An operation was called; told at the highest verbosity only.
    Call { service: &'static str, operation: String, status: u16, millis: u64 },
}

/// Text with what is said besides.
fn with(text: String, detail: Option<&str>) -> String {
    match detail {
        Some(detail) if !detail.is_empty() => format!("{text}, {detail}"),
        _ => text,
    }
}

impl Event {
    /// One line, harmless on a terminal whatever others have put into it.
    #[must_use]
    pub fn text(&self) -> String {
        let words = self.words();
        match plain::plain(&words) {
            std::borrow::Cow::Borrowed(_) => words,
            std::borrow::Cow::Owned(plain) => plain,
        }
    }

    fn words(&self) -> String {
        match self {
            Self::Started { environment, image, archive, execution, deployment } => {
                let by = match (execution, deployment) {
                    (Some(id), _) => format!("pipeline execution {id}"),
                    (None, Some(id)) => format!("deployment {id}"),
                    _ => "nothing".to_owned(),
                };
                format!("started: {environment}, {image}, archive {archive}, by {by}")
            }
            Self::Pipeline { execution, status, detail } => {
                with(format!("pipeline execution {execution}: {status}"), detail.as_deref())
            }
            Self::Action { stage, action, status, detail } => {
                with(format!("{stage}/{action}: {status}"), detail.as_deref())
            }
            Self::Held { reason } => format!("waits: {reason}"),
            Self::Deployment { deployment, status, detail } => {
                with(format!("deployment {deployment}: {status}"), detail.as_deref())
            }
            Self::Lifecycle { name, status, detail, .. } => with(format!("{name}: {status}"), detail.as_deref()),
            Self::Traffic { green, blue, .. } => {
                format!("traffic: {green} % on the new tasks, {blue} % on the old ones")
            }
            Self::Tasks { label, desired, running, pending, .. } => {
                let which = match label.as_str() {
                    "Green" => "new tasks",
                    "Blue" => "old tasks",
                    _ => "tasks",
                };
                format!("{which}: {desired} wanted, {running} run, {pending} on their way")
            }
            Self::StoppedTask { task, reason, container, exit } => {
                let exit = exit.map(|e| format!("exit status {e}"));
                let more: Vec<&str> = [container.as_deref(), exit.as_deref()].into_iter().flatten().collect();
                with(format!("task {task} stopped: {reason}"), Some(&more.join(", ")))
            }
            Self::Log { task, container, line } => {
                let task = task.get(..8).unwrap_or(task);
                format!("log of {container} in {task}: {}", plain::cut(line, LINE))
            }
            Self::Health { healthy, of, others, .. } => {
                with(format!("target health: {healthy} of {of} new tasks healthy"), Some(&others.join(", ")))
            }
            Self::Alarm { name, reason, .. } => with(format!("alarm {name}: ALARM"), Some(reason)),
            Self::Blind { what, why } => format!("{what} cannot be told: {why}"),
            Self::Released { .. } => {
                "released: all traffic is on the new tasks, the old ones are kept for now".to_owned()
            }
            Self::Baked { .. } => "baked: the old tasks have been kept long enough and end".to_owned(),
            Self::Rollback { deployment, of } => format!("rollback: deployment {deployment} undoes {of}"),
            Self::Cause { text } => format!("cause: {text}"),
            Self::Serving { sets } => {
                let each: Vec<String> = sets.iter().map(serving).collect();
                format!("serves: {}", if each.is_empty() { "nothing".to_owned() } else { each.join("; ") })
            }
            Self::Outcome { outcome, text } => format!("{outcome}: {text}"),
            Self::Throttled { service, operation, code, seconds } => {
                format!("{service} {operation}: {code}, asked again in {seconds:.1} s")
            }
            Self::Call { service, operation, status, millis } => {
                format!("{service} {operation}: status {status}, {millis} ms")
            }
        }
    }

    /// One line of JSON.
    #[must_use]
    pub fn json(&self) -> String {
        plain::json(&serde_json::to_string(self).unwrap_or_default()).into_owned()
    }
}

/// A task set in a few words.
#[must_use]
pub fn serving(s: &Serving) -> String {
    let share = s.share.map_or("share unknown".to_owned(), |share| format!("{share} %"));
    let what = if s.digests.is_empty() { s.images.join(", ") } else { s.digests.join(", ") };
    let definition = s.task_definition.rsplit('/').next().unwrap_or("");
    format!("{share} {} {definition}, {} tasks, {what}", s.status, s.running)
}
