//! The action that waits for a person.
//! <https://docs.aws.amazon.com/codepipeline/latest/userguide/approvals.html>

use std::time::Duration;

use serde_json::{Value, json};

use super::engine::Worked;
use super::rules;
use super::state::{Pipeline, Progress};
use crate::refusal::{Answer, refuse};
use crate::world::World;

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_hours(7 * 24);
/// Characters of what somebody says to it.
const WORDS: usize = 512;

/// Begins to wait.
pub(super) fn begin(world: &mut World) -> Progress {
    Progress::Person(world.ids.uuid(), world.now.after(PATIENCE))
}

/// Nobody has answered in time.
pub(super) fn nobody() -> Worked {
    Err(("TimeoutError", "The approval action was not answered within seven days.".to_owned()))
}

/// `PutApprovalResult`.
pub(super) fn answer(world: &World, p: &mut Pipeline, input: &Value) -> Answer {
    let stage = rules::stage(p, &input["stageName"])?;
    let name = input["actionName"].as_str().unwrap_or("");
    let no_action = || refuse("ActionNotFoundException", "The specified action cannot be found.");
    let action = p.stages[stage].actions.iter().find(|a| a.name == name).ok_or_else(no_action)?;
    if action.kind["category"] != "Approval" {
        return Err(no_action());
    }
    let (status, words) = (input["result"]["status"].as_str(), input["result"]["summary"].as_str());
    let words = words.filter(|w| w.chars().count() <= WORDS);
    let words = words.ok_or_else(|| rules::invalid(format!("`summary` is a text of {WORDS} characters at most")))?;
    let latest = p.stages[stage].latest.clone();
    let here = p.executions.iter_mut().find(|e| Some(&e.id) == latest.as_ref());
    let mut runs = here.into_iter().flat_map(|e| e.runs.iter_mut().rev());
    let run = runs.find(|r| r.stage == stage && r.action == name).ok_or_else(no_action)?;
    let Progress::Person(token, _) = &run.progress else {
        let text = "The approval action has already been approved or rejected.";
        return Err(refuse("ApprovalAlreadyCompletedException", text));
    };
    if input["token"] != **token {
        let text = "The approval request already received a response or has expired.";
        return Err(refuse("InvalidApprovalTokenException", text));
    }
    let by = format!("arn:aws:iam::{}:user/rehearsal", world.account);
    run.progress = match status {
        Some("Approved") => Progress::Succeeded,
        Some("Rejected") => {
            let why = if words.is_empty() { String::new() } else { format!(": {words}") };
            Progress::Failed("JobFailed", format!("Rejected by {by}{why}"))
        }
        _ => return Err(rules::invalid("`status` is Approved or Rejected")),
    };
    run.summary = Some(words.to_owned()).filter(|w| !w.is_empty());
    run.updated = world.now;
    Ok(json!({"approvedAt": world.now.json()}))
}
