//! Amazon `EventBridge`, as thin as a look before a release needs it: the rules that start pipelines, as the templates make
//! them. They are enabled where the set-up's `triggers` are, and what they then do is `codepipeline`'s.

use serde_json::{Value, json};

use crate::refusal::{Answer, Refusal, refuse};
use crate::world::World;

pub(crate) fn answer(world: &mut World, operation: &str, input: &Value) -> Answer {
    let rules = rules(world);
    match operation {
        "ListRuleNamesByTarget" => {
            let names: Vec<&Value> = rules
                .iter()
                .filter(|(target, _)| input["TargetArn"] == **target)
                .map(|(_, rule)| &rule["Name"])
                .collect();
            Ok(json!({"RuleNames": names}))
        }
        "DescribeRule" => {
            let found = rules.iter().find(|(_, rule)| rule["Name"] == input["Name"]).map(|(_, rule)| rule.clone());
            let name = input["Name"].as_str().unwrap_or("");
            found.ok_or_else(|| {
                refuse("ResourceNotFoundException", format!("Rule {name} does not exist on EventBus default."))
            })
        }
        _ => Err(Refusal::unknown(operation)),
    }
}

/// Each rule with the ARN of the pipeline that it starts.
fn rules(world: &World) -> Vec<(String, Value)> {
    let at = |service: &str, rest: &str| format!("arn:aws:{service}:{}:{}:{rest}", world.region, world.account);
    let mut out = Vec::new();
    for (pipeline, action, settings) in world.sources() {
        let set = |key: &str| settings[key].clone();
        let pattern = if set("S3Bucket").is_null() {
            json!({"source": ["aws.ecr"], "detail-type": ["ECR Image Action"], "detail": {
                "action-type": ["PUSH"], "result": ["SUCCESS"],
                "repository-name": [set("RepositoryName")], "image-tag": [set("ImageTag")]}})
        } else {
            json!({"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": {
                "bucket": {"name": [set("S3Bucket")]}, "object": {"key": [set("S3ObjectKey")]}}})
        };
        let name = format!("{pipeline}-{action}");
        let rule = json!({
            "Name": name, "Arn": at("events", &format!("rule/{name}")), "EventPattern": pattern.to_string(),
            "State": if world.codepipeline.triggers { "ENABLED" } else { "DISABLED" }, "EventBusName": "default",
        });
        out.push((at("codepipeline", &pipeline), rule));
    }
    out
}
