//! Operations of IAM that read.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::Statement;
use super::state::Role;
use crate::refusal::{Answer, Refusal, refuse};
use crate::world::World;

pub(crate) fn answer(world: &mut World, action: &str, input: &Value) -> Answer {
    match action {
        "GetRole" => {
            let name = input["RoleName"].as_str().unwrap_or("");
            Ok(json!({"Role": shown(world, found(world, name)?)}))
        }
        "SimulatePrincipalPolicy" => simulate(world, input),
        _ => Err(Refusal::unknown(action)),
    }
}

fn found<'a>(world: &'a World, name: &str) -> Answer<&'a Role> {
    let missing = || refuse("NoSuchEntity", format!("The role with name {name} cannot be found.")).status(404);
    world.iam.named(name).ok_or_else(missing)
}

fn shown(world: &World, role: &Role) -> Value {
    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": role.trusts},
        "Condition": {"StringEquals": {"aws:SourceAccount": world.account}},
    }]});
    json!({
        "Path": "/",
        "RoleName": role.name,
        "RoleId": "AROAREHEARSALROLE",
        "Arn": role.arn,
        "CreateDate": world.now.iso(),
        "AssumeRolePolicyDocument": utf8_percent_encode(&policy.to_string(), NON_ALPHANUMERIC).to_string(),
        "MaxSessionDuration": 3600,
    })
}

/// A result for each action on each resource.
fn simulate(world: &World, input: &Value) -> Answer {
    let arn = input["PolicySourceArn"].as_str().unwrap_or("");
    let role = found(world, arn.rsplit('/').next().unwrap_or(""))?;
    let texts = |value: &Value| -> Vec<String> {
        value.as_array().into_iter().flatten().filter_map(|v| v.as_str().map(str::to_owned)).collect()
    };
    let actions = texts(&input["ActionNames"]);
    if actions.is_empty() {
        return Err(refuse("InvalidInput", "ActionNames has to name an action"));
    }
    let mut resources = texts(&input["ResourceArns"]);
    if resources.is_empty() {
        resources.push("*".to_owned());
    }
    let context = input["ContextEntries"].as_array().into_iter().flatten();
    let passed: Vec<String> = context
        .filter(|c| c["ContextKeyName"] == "iam:PassedToService")
        .flat_map(|c| texts(&c["ContextKeyValues"]))
        .collect();
    let holds = |s: &Statement| s.passed_to.is_none_or(|to| passed.iter().any(|p| p == to));
    let mut results = Vec::new();
    for action in &actions {
        for resource in &resources {
            let mine: Vec<&Statement> = role.policy.iter().filter(|s| s.allows(action, resource)).collect();
            let allowed = mine.iter().any(|s| holds(s));
            let unknown = !allowed && passed.is_empty() && !mine.is_empty();
            results.push(json!({
                "EvalActionName": action,
                "EvalResourceName": resource,
                "EvalDecision": if allowed { "allowed" } else { "implicitDeny" },
                "MatchedStatements": [],
                "MissingContextValues": if unknown { json!(["iam:PassedToService"]) } else { json!([]) },
            }));
        }
    }
    Ok(json!({"EvaluationResults": results, "IsTruncated": false}))
}
