//! A plan, done: one stack after the other, each followed to its end.

use super::event::{Event, Tell};
use super::follow::Follow;
use super::plan::StackPlan;
use super::prepare::{Ask, Prepared, Ready};
use super::stack::Stack;
use super::state;
use crate::Result;

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// `done`, `same`, `failed`, `waits` or `refused`.
    pub outcome: &'static str,
    /// In words.
    pub text: String,
}

fn ended(outcome: &'static str, text: impl Into<String>) -> Outcome {
    Outcome { outcome, text: text.into() }
}

impl Outcome {
    /// Whether everything is as it should be.
    #[must_use]
    pub fn good(&self) -> bool {
        matches!(self.outcome, "done" | "same")
    }
}

/// Does what was prepared, and tells how it ended. What is left of `prepared.ready` was not executed.
///
/// # Errors
/// When AWS refuses.
pub async fn apply(ask: &Ask<'_>, stacks: &[Stack], prepared: &mut Prepared, tell: &Tell) -> Result<Outcome> {
    let outcome = all(ask, stacks, prepared, tell).await?;
    tell(&Event::Outcome { outcome: outcome.outcome, text: outcome.text.clone() });
    Ok(outcome)
}

async fn all(ask: &Ask<'_>, stacks: &[Stack], prepared: &mut Prepared, tell: &Tell) -> Result<Outcome> {
    if prepared.plan.refused() {
        return Ok(ended("refused", "see above: nothing was done"));
    }
    if prepared.plan.same() {
        return Ok(ended("same", "the stacks are as they should be"));
    }
    let mut done = Vec::new();
    for (n, stack) in stacks.iter().enumerate() {
        let mut plan = prepared.plan.stacks[n].clone();
        if plan.same() {
            continue;
        }
        if plan.waits.is_some() {
            // By now what it takes may be there.
            let (now, ready) = ask.one(stack).await?;
            prepared.ready[n] = ready;
            if let Some(stop) = later(&plan, &now) {
                return Ok(stop);
            }
            plan = now;
        }
        let Some(ready) = prepared.ready[n].clone() else { continue };
        if let Some(stop) = changed(ask, stack, &plan, &ready).await? {
            return Ok(stop);
        }
        let before = ask.aws.last_event(&ready.stack).await?.map(|e| e.id);
        // Whoever is cut off here does not know whether it runs: it is not to be taken back.
        prepared.ready[n] = None;
        if let Err(e) = ask.aws.execute(&ready.id).await {
            prepared.ready[n] = Some(ready);
            return Err(e);
        }
        let what = if plan.there { "update" } else { "create" };
        tell(&Event::Begun { stack: stack.name.clone(), what, id: ready.stack.clone() });
        let follow = Follow { aws: ask.aws, pace: ask.pace, every: ask.every, tell };
        let end = follow.to_the_end(&stack.name, &ready.stack, before).await?;
        if end.status == "DELETE_COMPLETE" {
            let name = &stack.name;
            return Ok(ended(
                "failed",
                format!("`{name}` was deleted meanwhile: `infra plan` shows what is there now"),
            ));
        }
        if !state::good(&end.status) {
            return Ok(failed(&stack.name, &end.status));
        }
        done.push(format!("`{}`", stack.name));
    }
    Ok(ended("done", format!("{} {} as it should be", done.join(", "), if done.len() == 1 { "is" } else { "are" })))
}

/// A stack that ended otherwise, with the next step.
pub(super) fn failed(stack: &str, status: &str) -> Outcome {
    let next = state::next(stack, status).map_or(String::new(), |n| format!(": {n}"));
    ended("failed", format!("`{stack}` is {status}{next}"))
}

/// Why a stack that was planned from its template cannot be made after all.
fn later(shown: &StackPlan, now: &StackPlan) -> Option<Outcome> {
    if let Some(waits) = &now.waits {
        return Some(ended("waits", format!("`{}`: {waits}; then `infra apply` again", now.stack)));
    }
    if !now.refused.is_empty() {
        return Some(ended("refused", format!("`{}`: {}", now.stack, now.refused.join("; "))));
    }
    // Nothing was shown but additions.
    (now.there != shown.there || now.hurts())
        .then(|| ended("refused", format!("`{}` is there by now: `infra plan` again", now.stack)))
}

/// Whether the world is still the one that the plan was made in.
async fn changed(ask: &Ask<'_>, stack: &Stack, plan: &StackPlan, ready: &Ready) -> Result<Option<Outcome>> {
    for ((from, name), value) in &ready.with {
        let now = ask.aws.stack(from).await?.and_then(|s| s.outputs.get(name).cloned());
        if now.as_ref() != Some(value) {
            let text =
                format!("`{from}` tells another `{name}` by now, which `{}` takes: `infra apply` again", stack.name);
            return Ok(Some(ended("refused", text)));
        }
    }
    if !plan.there {
        return Ok(None);
    }
    let Some(live) = ask.aws.stack(&ready.stack).await? else { return Ok(None) };
    let standing = ask.aws.standing(&live, &[]).await;
    Ok(standing.deployment.map(|id| {
        ended("refused", format!("the deployment {id} has begun meanwhile: `{}` is left as it is", stack.name))
    }))
}
