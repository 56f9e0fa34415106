//! Operations of `CloudWatch Logs`.

use serde_json::{Value, json};

use crate::refusal::{Answer, Refusal, refuse};
use crate::world::World;

/// Events that an answer has at most.
const MOST: u64 = 10_000;

pub(crate) fn answer(world: &mut World, operation: &str, input: &Value) -> Answer {
    match operation {
        "GetLogEvents" => events(world, input),
        _ => Err(Refusal::unknown(operation)),
    }
}

/// A page from the beginning or from the end; the tokens of the next ones lead to empty pages.
fn events(world: &World, input: &Value) -> Answer {
    let named = |name: &str| input[name].as_str().unwrap_or("");
    let limit = match &input["limit"] {
        Value::Null => MOST,
        value => value
            .as_u64()
            .filter(|l| (1..=MOST).contains(l))
            .ok_or_else(|| refuse("InvalidParameterException", format!("`limit` is a number from 1 to {MOST}")))?,
    };
    let found = world.logs.read(named("logGroupName"), named("logStreamName"), world.now);
    let not_there = || refuse("ResourceNotFoundException", "The specified log stream does not exist.");
    let lines = found.ok_or_else(not_there)?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let from = if input["startFromHead"] == true { 0 } else { lines.len().saturating_sub(limit) };
    let page = lines.into_iter().skip(from).take(if input["nextToken"].is_null() { limit } else { 0 });
    let told = page.map(|(at, line)| json!({"timestamp": at.millis(), "message": line, "ingestionTime": at.millis()}));
    Ok(json!({"events": told.collect::<Vec<_>>(), "nextForwardToken": "f/0", "nextBackwardToken": "b/0"}))
}
