//! Why a stack failed: the first failure in time, since the others follow from it.

use super::seen::Event;

/// Words of AWS with what to do about them.
const HINTS: [(&str, &str); 10] = [
    ("Unable to update task definition on services with a CODE_DEPLOY", "release it instead: `release deploy`"),
    ("must be behind listener", "have the listener forward to the target group of the tasks that serve"),
    (
        "already exists",
        "something else has that name, perhaps what a destroyed stack left behind: delete it, or take another name",
    ),
    ("is not authorized to perform", "give these credentials that permission, or use others"),
    ("AccessDenied", "give these credentials that permission, or use others"),
    ("did not stabilize", "its tasks do not get well: their stop reasons and log lines say why"),
    ("unable to consistently start tasks", "its tasks do not start: their stop reasons and log lines say why"),
    ("LimitExceeded", "a quota is used up: have it raised, or delete what is not needed"),
    ("is not empty", "empty it, or keep it with a DeletionPolicy"),
    ("deletion protection is enabled", "turn the protection off first"),
];

/// The first cause among events, the first that was first.
#[must_use]
pub fn first(events: &[Event], stack: &str) -> Option<String> {
    let failed = |e: &&Event| e.status.ends_with("_FAILED");
    let cancelled = |e: &&Event| e.reason.as_ref().is_some_and(|r| r.contains("cancelled"));
    let own = |e: &&Event| e.physical == stack;
    let of_resources = events.iter().filter(failed).filter(|e| !cancelled(e) && !own(e));
    let cause = of_resources.clone().next().or_else(|| events.iter().filter(failed).find(|e| !cancelled(e)))?;
    let reason = cause.reason.as_deref().unwrap_or("AWS says no reason").trim_end_matches('.');
    let hint = HINTS.iter().find(|(words, _)| reason.contains(words)).map_or(String::new(), |(_, h)| format!("; {h}"));
    Some(format!("`{}` ({}) {}: {reason}{hint}", cause.name, cause.kind, cause.status))
}
