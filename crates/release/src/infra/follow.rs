//! A stack while it changes, to its end: to that of its rollback where it fails.

use std::time::Duration;

use super::cause;
use super::event::{Event, Tell};
use super::seen;
use super::state;
use crate::aws::CloudFormation;
use crate::flow::pace::Pace;
use crate::{Error, Result};

/// Looks without any event of the stack itself before its status alone counts.
const QUIET: u32 = 24;

/// What following needs.
pub struct Follow<'a> {
    /// The account.
    pub aws: &'a CloudFormation,
    /// Time.
    pub pace: &'a dyn Pace,
    /// Between two looks.
    pub every: Duration,
    /// Who is told.
    pub tell: &'a Tell,
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// The stack's status.
    pub status: String,
    /// Why it failed.
    pub cause: Option<String>,
}

impl Follow<'_> {
    /// Follows a stack, by name and ARN, from the event after `known` on.
    ///
    /// # Errors
    /// When AWS refuses.
    pub async fn to_the_end(&self, name: &str, id: &str, mut known: Option<String>) -> Result<End> {
        let mut all: Vec<seen::Event> = Vec::new();
        let mut status = String::new();
        let mut quiet = 0;
        loop {
            let new = match self.aws.events(id, known.as_deref()).await {
                // An emulator forgets what was deleted; AWS keeps it by its ARN.
                Err(Error::Aws(r)) if r.message.contains("does not exist") => {
                    return Ok(End { status: "DELETE_COMPLETE".into(), cause: None });
                }
                other => other?,
            };
            for event in &new {
                let own = event.physical == id;
                (self.tell)(&Event::of(name, event, own));
                if own {
                    status.clone_from(&event.status);
                }
            }
            known = new.last().map(|e| e.id.clone()).or(known);
            all.extend(new);
            if status.is_empty() {
                quiet += 1;
                if quiet >= QUIET {
                    let now = self.aws.stack(id).await?;
                    status = now.map_or_else(|| "DELETE_COMPLETE".into(), |s| s.status);
                    quiet = 0;
                }
            }
            if !status.is_empty() && state::ended(&status) {
                break;
            }
            self.pace.sleep(self.every).await;
        }
        let cause = if state::good(&status) { None } else { cause::first(&all, id) };
        if let Some(text) = &cause {
            (self.tell)(&Event::Cause { stack: name.to_owned(), text: text.clone() });
        }
        Ok(End { status, cause })
    }

    /// The newest event before what goes on now began.
    ///
    /// # Errors
    /// When AWS refuses.
    pub async fn before(&self, id: &str) -> Result<Option<String>> {
        let all = self.aws.events(id, None).await?;
        let begins = |e: &seen::Event| {
            e.physical == id
                && matches!(e.status.as_str(), "CREATE_IN_PROGRESS" | "UPDATE_IN_PROGRESS" | "DELETE_IN_PROGRESS")
        };
        let at = all.iter().rposition(begins).unwrap_or(0);
        Ok(at.checked_sub(1).map(|n| all[n].id.clone()))
    }
}
