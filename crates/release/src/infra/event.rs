//! What is told while stacks change: one line each for people, one JSON object each for machines.

use std::sync::Arc;

use serde::Serialize;

use super::seen;
use crate::verify::plain;

/// Who is told.
pub type Tell = Arc<dyn Fn(&Event) + Send + Sync>;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Event {
    /// Something was asked for.
    Begun {
        /// The stack.
        stack: String,
        /// `create`, `update` or `delete`.
        what: &'static str,
        /// Its ARN.
        id: String,
    },
    /// A stack, or a resource of it, has another status.
    Status {
        /// The stack.
        stack: String,
        /// When, as AWS writes it.
        time: String,
        /// Logical name; none for the stack itself.
        name: Option<String>,
        /// Type.
        kind: String,
        /// The status.
        status: String,
        /// Why.
        reason: Option<String>,
    },
    /// Why it failed.
    Cause {
        /// The stack.
        stack: String,
        /// In words.
        text: String,
    },
    /// How it ended.
    Outcome {
        /// `done`, `same`, `failed`, `waits` or `refused`.
        outcome: &'static str,
        /// In words.
        text: String,
    },
}

impl Event {
    /// What AWS tells of a stack.
    #[must_use]
    pub fn of(stack: &str, event: &seen::Event, own: bool) -> Self {
        Self::Status {
            stack: stack.to_owned(),
            time: event.time.clone(),
            name: (!own).then(|| event.name.clone()),
            kind: event.kind.clone(),
            status: event.status.clone(),
            reason: event.reason.clone(),
        }
    }

    /// One line. Nothing of it reaches a terminal as a command.
    #[must_use]
    pub fn text(&self) -> String {
        let text = match self {
            Self::Begun { stack, what, .. } => format!("{what} {stack}"),
            Self::Status { stack, name, kind, status, reason, .. } => {
                let reason = reason.as_ref().map_or(String::new(), |r| format!(": {r}"));
                match name {
                    Some(name) => format!("{stack}  {status}  {name} ({kind}){reason}"),
                    None => format!("{stack}  {status}{reason}"),
                }
            }
            Self::Cause { stack, text } => format!("cause, in {stack}: {text}"),
            Self::Outcome { outcome, text } => format!("{outcome}: {text}"),
        };
        plain(&text)
    }
}
