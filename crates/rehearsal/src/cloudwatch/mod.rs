//! Amazon `CloudWatch`: the alarms that deployment groups watch. They change when somebody says so; nothing is measured.

use serde_json::{Value, json};

use crate::fault::Fault;
use crate::refusal::{Answer, Refusal, refuse};
use crate::world::World;

pub(crate) fn answer(world: &mut World, operation: &str, input: &Value) -> Answer {
    match operation {
        "DescribeAlarms" => Ok(describe(world, input)),
        "SetAlarmState" => set(world, input),
        _ => Err(Refusal::unknown(operation)),
    }
}

fn names(world: &World) -> Vec<&str> {
    let mut names: Vec<&str> = world.codedeploy.groups.iter().flat_map(|g| &g.alarms).map(String::as_str).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn describe(world: &World, input: &Value) -> Value {
    let wanted = input["AlarmNames"].as_array();
    let prefix = input["AlarmNamePrefix"].as_str().unwrap_or("");
    let state = |name: &str| if world.faults.alarm(name) { "ALARM" } else { "OK" };
    let told = names(world).into_iter().filter(|name| {
        wanted.is_none_or(|w| w.iter().any(|w| w == name))
            && name.starts_with(prefix)
            && input["StateValue"].as_str().is_none_or(|s| s == state(name))
    });
    let told = told.map(|name| {
        json!({
            "AlarmName": name,
            "AlarmArn": format!("arn:aws:cloudwatch:{}:{}:alarm:{name}", world.region, world.account),
            "ActionsEnabled": true,
            "StateValue": state(name),
            "StateReason": "set by SetAlarmState or a fault",
        })
    });
    json!({"MetricAlarms": told.collect::<Vec<_>>(), "CompositeAlarms": []})
}

fn set(world: &mut World, input: &Value) -> Answer {
    let name = input["AlarmName"].as_str().unwrap_or("");
    if !names(world).contains(&name) {
        return Err(refuse("ResourceNotFound", format!("there is no alarm `{name}`")).status(404));
    }
    let alarm = Fault::Alarm { name: name.to_owned() };
    match input["StateValue"].as_str() {
        Some("ALARM") => world.faults.add(alarm),
        Some("OK" | "INSUFFICIENT_DATA") => world.faults.remove(&alarm),
        _ => return Err(refuse("ValidationError", "`StateValue` is OK, ALARM or INSUFFICIENT_DATA")),
    }
    let now = world.now;
    world.step(now);
    Ok(Value::Null)
}
