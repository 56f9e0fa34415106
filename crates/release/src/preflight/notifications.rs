//! Who is told of releases: the topic, and who may publish to it.

use serde_json::Value;

use super::picture::{list, text};
use super::{Fault, Item, Picture, Question, Seen, against, none_of};
use crate::aws::attribute;

pub(super) const ITEMS: &[Item] = &[Item {
    id: "topic_policy",
    rule: "a topic takes messages of a service only where its policy lets that service publish; others are dropped, and nobody is told",
    remedy: "allow `sns:Publish` for these services in the policy of the topic, as `TopicPolicy` in crates/release/templates/service.yaml",
    source: "https://docs.aws.amazon.com/dtconsole/latest/userguide/set-up-sns.html",
    look: policy,
}];

/// Notification rules of pipelines tell by the one, deployments by rules of `EventBridge`, which is the other.
const SERVICES: [&str; 2] = ["codestar-notifications.amazonaws.com", "events.amazonaws.com"];

/// One text or several.
fn several(value: &Value) -> Vec<&str> {
    value.as_str().map_or_else(|| list(value).iter().map(text).collect(), |one| vec![one])
}

/// Whether a statement lets a service publish that calls for an account.
fn lets(statement: &Value, service: &str, account: &str) -> bool {
    let publishes = |a: &&str| matches!(a.to_ascii_lowercase().as_str(), "sns:publish" | "sns:*" | "*");
    if statement["Effect"] != "Allow" || !several(&statement["Action"]).iter().any(publishes) {
        return false;
    }
    let principal = &statement["Principal"];
    let named = several(&principal["Service"]).contains(&service);
    let everybody = principal == "*" || several(&principal["AWS"]).contains(&"*");
    let mut conditions =
        statement["Condition"].as_object().into_iter().flatten().filter_map(|(_, c)| c.as_object()).flatten();
    conditions.all(|(key, value)| match key.to_ascii_lowercase().as_str() {
        "aws:sourceaccount" => several(value).contains(&account),
        "aws:sourcearn" => true,
        // The policy that a topic is born with lets in its owner's users, by a key that services do not have.
        _ => named,
    }) && (named || everybody)
}

fn policy(p: &Picture) -> Seen {
    let topic = p.environment.topic.as_ref().map(ToString::to_string).unwrap_or_default();
    if p.code(Question::Topic) == Some("NotFound") {
        return Err(against("topic", format!("topic {topic}"), "there is no such topic"));
    }
    let told = p.told(Question::Topic)?;
    let policy = attribute(told, "Policy").unwrap_or_default();
    let policy: Value = serde_json::from_str(policy).unwrap_or_default();
    let whole = &policy["Statement"];
    let statements = if whole.is_object() { std::slice::from_ref(whole) } else { list(whole) };
    let tell = &SERVICES[usize::from(p.environment.pipeline.is_none())..];
    let may = |service: &&&str| statements.iter().any(|s| lets(s, service, &p.environment.account));
    let faults = tell.iter().filter(|s| !may(s)).map(|service| Fault {
        resource: format!("topic {topic}"),
        what: format!("its policy does not let {service} publish"),
        key: Some("topic"),
    });
    none_of(faults.collect(), format!("{} may publish to it", tell.join(" and ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn statements() {
        let allow = |principal: Value, action: Value, condition: Value| {
            let statement =
                json!({"Effect": "Allow", "Principal": principal, "Action": action, "Condition": condition});
            lets(&statement, "events.amazonaws.com", "123456789012")
        };
        let events = json!({"Service": "events.amazonaws.com"});
        let publish = json!("sns:Publish");
        assert!(allow(events.clone(), publish.clone(), Value::Null));
        assert!(allow(
            json!({"Service": ["a", "events.amazonaws.com"]}),
            json!(["SNS:Subscribe", "SNS:Publish"]),
            json!({})
        ));
        assert!(allow(
            json!("*"),
            json!("sns:*"),
            json!({"StringEquals": {"aws:SourceAccount": ["1", "123456789012"]}})
        ));
        assert!(!allow(
            events.clone(),
            publish.clone(),
            json!({"StringEquals": {"aws:SourceAccount": "210987654321"}})
        ));
        assert!(!allow(events, json!("sns:Subscribe"), Value::Null));
        assert!(!allow(json!({"Service": "cloudwatch.amazonaws.com"}), publish.clone(), Value::Null));
        // As a topic is made by SNS itself.
        assert!(!allow(json!({"AWS": "*"}), publish, json!({"StringEquals": {"AWS:SourceOwner": "123456789012"}})));
    }
}
