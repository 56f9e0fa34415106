//! What starts the pipeline by itself: the rules of `EventBridge` that have it as their target.

use serde_json::{Value, json};

use super::picture::{list, text};
use super::pipeline::{actions, name};
use super::{Bad, Item, Picture, Question, Seen, fault, skip};

const SOURCE: &str = "https://docs.aws.amazon.com/codepipeline/latest/userguide/triggering.html";

pub(super) const ITEMS: &[Item] = &[
    Item {
        id: "trigger_archive",
        rule: "an S3 source that does not poll starts nothing, unless a rule of EventBridge has the pipeline as its target",
        remedy: "make the rule, as `StartOnArchive` in crates/release/templates/pipeline.yaml; `release deploy` starts it without one",
        source: SOURCE,
        look: archive,
    },
    Item {
        id: "trigger_bucket",
        rule: "a bucket tells EventBridge of new objects only when that is turned on",
        remedy: "turn on the EventBridge notifications of the bucket",
        source: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-event-notifications-eventbridge.html",
        look: bucket,
    },
    Item {
        id: "trigger_image",
        rule: "an ECR source never polls: nothing starts unless a rule of EventBridge has the pipeline as its target",
        remedy: "make the rule, as `StartOnImage` in crates/release/templates/pipeline.yaml; `release deploy` starts it without one",
        source: "https://docs.aws.amazon.com/codepipeline/latest/userguide/create-cwe-ecr-source.html",
        look: image,
    },
];

/// Whether an event is one that a pattern is for. What is not known here of patterns is not told to be wrong.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html>
fn fits(pattern: &Value, event: &Value) -> bool {
    match pattern {
        Value::Object(all) => all.iter().all(|(name, inner)| name.starts_with('$') || fits(inner, &event[name])),
        Value::Array(any) => any.iter().any(|one| is(one, event)),
        _ => false,
    }
}

fn is(wanted: &Value, value: &Value) -> bool {
    let Value::Object(operator) = wanted else { return wanted == value };
    let text = text(value);
    operator.iter().all(|(name, with)| match (name.as_str(), with) {
        ("prefix", Value::String(with)) => text.starts_with(with),
        ("suffix", Value::String(with)) => text.ends_with(with),
        ("equals-ignore-case", Value::String(with)) => text.eq_ignore_ascii_case(with),
        ("anything-but", Value::String(with)) => text != with,
        ("exists", with) => with.as_bool() == Some(!value.is_null()),
        _ => true,
    })
}

/// Names of the rules for any of these events, those that are enabled first.
fn rules<'a>(p: &'a Picture, events: &[Value]) -> Result<(Vec<&'a str>, Vec<&'a str>), Bad> {
    let all = list(&p.told(Question::Triggers)?["rules"]);
    let for_it = |rule: &&Value| {
        let pattern = serde_json::from_str::<Value>(text(&rule["EventPattern"])).unwrap_or_default();
        events.iter().any(|event| fits(&pattern, event))
    };
    let (on, off): (Vec<&Value>, Vec<&Value>) = all.iter().filter(for_it).partition(|rule| rule["State"] != "DISABLED");
    let names = |rules: Vec<&'a Value>| rules.into_iter().map(|rule| text(&rule["Name"])).collect();
    Ok((names(on), names(off)))
}

/// What S3 tells of a new archive: by itself, and by way of a trail.
fn put(bucket: &str, key: &str) -> [Value; 2] {
    [
        json!({"source": "aws.s3", "detail-type": "Object Created", "detail": {
            "bucket": {"name": bucket}, "object": {"key": key}, "reason": "PutObject"}}),
        json!({"source": "aws.s3", "detail-type": "AWS API Call via CloudTrail", "detail": {
            "eventSource": "s3.amazonaws.com", "eventName": "PutObject",
            "requestParameters": {"bucketName": bucket, "key": key}}}),
    ]
}

fn started(p: &Picture, events: &[Value], what: &str) -> Seen {
    let (on, off) = rules(p, events)?;
    match (on.first(), off.first()) {
        (Some(rule), _) => Ok(format!("the rule {rule} starts it for {what}")),
        (None, Some(rule)) => {
            skip(format!("the rule {rule} is disabled: {what} starts nothing, `release deploy` does"))
        }
        (None, None) => Err(fault(name(p), format!("no rule starts it for {what}"))),
    }
}

fn archive(p: &Picture) -> Seen {
    let all = actions(p, "S3")?;
    let Some(source) = all.first() else { return skip("it has no source action of S3") };
    if text(&source["PollForSourceChanges"]) != "false" {
        return Ok("it polls".to_owned());
    }
    let (bucket, key) = (text(&source["S3Bucket"]), text(&source["S3ObjectKey"]));
    started(p, &put(bucket, key), &format!("a new archive {bucket}/{key}"))
}

fn image(p: &Picture) -> Seen {
    let all = actions(p, "ECR")?;
    let Some(source) = all.first() else { return skip("it has no source action of ECR") };
    let repository = text(&source["RepositoryName"]);
    let tag = source["ImageTag"].as_str().unwrap_or("latest");
    let event = json!({"source": "aws.ecr", "detail-type": "ECR Image Action", "detail": {
        "action-type": "PUSH", "result": "SUCCESS", "repository-name": repository, "image-tag": tag}});
    started(p, &[event], &format!("a new image {repository}:{tag}"))
}

fn bucket(p: &Picture) -> Seen {
    let all = actions(p, "S3")?;
    let Some(source) = all.first() else { return skip("the pipeline has no source action of S3") };
    let (bucket, key) = (text(&source["S3Bucket"]), text(&source["S3ObjectKey"]));
    if bucket != p.environment.bucket.to_string() {
        return skip("the pipeline takes its archive from another bucket");
    }
    let [direct, _] = put(bucket, key);
    let (on, _) = rules(p, &[direct])?;
    let Some(rule) = on.first() else { return skip("no enabled rule waits for what the bucket tells") };
    if p.told(Question::Notification)?["EventBridgeConfiguration"].is_null() {
        let what = format!("its EventBridge notifications are off: the rule {rule} never sees an archive");
        return Err(fault(format!("bucket {bucket}"), what));
    }
    Ok(format!("{bucket} tells EventBridge"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_and_what_they_are_for() {
        let [direct, trail] = put("b", "releases/a.zip");
        let fits = |pattern: &str, event: &Value| {
            super::fits(&serde_json::from_str(pattern).unwrap_or_else(|e| panic!("{e}")), event)
        };
        for yes in [
            r#"{"source": ["aws.s3"]}"#,
            r#"{"source": ["aws.ec2", "aws.s3"], "detail": {"object": {"key": [{"prefix": "releases/"}]}}}"#,
            r#"{"detail": {"object": {"key": [{"suffix": ".zip"}], "etag": [{"exists": false}]}}}"#,
            r#"{"detail": {"bucket": {"name": [{"anything-but": "c"}, {"equals-ignore-case": "C"}]}}}"#,
            r#"{"detail": {"object": {"key": [{"wildcard": "not/known/here/*"}]}}, "$or": [{"a": ["b"]}]}"#,
        ] {
            assert!(fits(yes, &direct), "{yes}");
        }
        for no in [
            r#"{"source": ["aws.ecr"]}"#,
            r#"{"source": "aws.s3"}"#,
            r#"{"source": []}"#,
            r#"{"detail": {"object": {"key": [{"prefix": "b"}]}}}"#,
            r#"{"detail": {"bucket": {"name": ["b"], "owner": [{"exists": true}]}}}"#,
            r#"{"detail": {"eventName": ["PutObject"]}}"#,
            "[]",
            "7",
        ] {
            assert!(!fits(no, &direct), "{no}");
        }
        let by_trail = r#"{"detail": {"eventName": ["PutObject"], "requestParameters": {"bucketName": ["b"]}}}"#;
        assert!(fits(by_trail, &trail) && !fits(by_trail, &direct));
    }
}
