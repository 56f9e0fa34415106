//! How the stacks are.

use std::fmt::Write as _;

use serde::Serialize;

use super::seen;
use super::stack::Stack;
use super::state;
use crate::Result;
use crate::aws::CloudFormation;
use crate::verify::plain;

/// How a stack is.
#[derive(Clone, Debug, Serialize)]
pub struct Status {
    /// Its name.
    pub name: String,
    /// `repository`, `service` or `pipeline`.
    pub part: &'static str,
    /// What AWS tells of it; none when it is not there.
    pub stack: Option<seen::Stack>,
    /// What its status means, where there is something to do.
    pub next: Option<String>,
    /// What happened last.
    pub last: Option<seen::Event>,
}

/// Looks at the stacks.
///
/// # Errors
/// When AWS refuses.
pub async fn status(aws: &CloudFormation, stacks: &[Stack]) -> Result<Vec<Status>> {
    let mut out = Vec::new();
    for wanted in stacks {
        let stack = aws.stack(&wanted.name).await?;
        let last = match &stack {
            Some(s) => aws.last_event(&s.id).await?,
            None => None,
        };
        let next = stack.as_ref().and_then(|s| state::next(&s.name, &s.status));
        out.push(Status { name: wanted.name.clone(), part: wanted.part.name(), stack, next, last });
    }
    Ok(out)
}

/// For people.
#[must_use]
pub fn text(all: &[Status]) -> String {
    let mut out = String::new();
    for one in all {
        let Some(stack) = &one.stack else {
            let _ = writeln!(out, "\x1b[1m{}\x1b[0m ({}.yaml): is not there", one.name, one.part);
            continue;
        };
        let colour = if state::good(&stack.status) { 32 } else { 31 };
        let status = plain(&stack.status);
        let _ = writeln!(out, "\x1b[1m{}\x1b[0m ({}.yaml): \x1b[{colour}m{status}\x1b[0m", one.name, one.part);
        if let Some(reason) = &stack.reason {
            let _ = writeln!(out, "  {}", plain(reason));
        }
        if let Some(next) = &one.next {
            let _ = writeln!(out, "  next: {next}");
        }
        let width = stack.outputs.keys().map(String::len).max().unwrap_or(0);
        for (name, value) in &stack.outputs {
            let _ = writeln!(out, "  {:width$}  {}", plain(name), plain(value));
        }
        if let Some(last) = &one.last {
            let reason = last.reason.as_ref().map_or(String::new(), |r| format!(": {r}"));
            let text = format!("last event {} {} {}{reason}", last.time, last.name, last.status);
            let _ = writeln!(out, "  {}", plain(&text));
        }
    }
    out
}

/// For machines.
#[must_use]
pub fn json(all: &[Status]) -> String {
    format!("{:#}\n", serde_json::json!({"version": 1, "stacks": all}))
}
