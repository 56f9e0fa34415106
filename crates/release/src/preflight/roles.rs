//! The roles of a release: that they are there, and whom they trust.

use serde_json::Value;

use super::picture::{list, text};
use super::{Item, Picture, Question, Seen, against, fault};
use crate::setting::Setting;

const RULE: &str = "a service takes a role on only when the role trusts that service";

pub(super) const ITEMS: &[Item] = &[
    Item {
        id: "deploy_role",
        rule: RULE,
        remedy: "give the deployment group a role that trusts codedeploy.amazonaws.com",
        source: "https://docs.aws.amazon.com/codedeploy/latest/userguide/getting-started-create-service-role.html",
        look: |p| {
            let arn = text(&p.group()?["serviceRoleArn"]);
            trusts(p, Question::DeployRole, arn, "codedeploy", None)
        },
    },
    Item {
        id: "execution_role",
        rule: RULE,
        remedy: "name a role in `execution-role` that trusts ecs-tasks.amazonaws.com",
        source: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html",
        look: |p| of_task(p, Question::ExecutionRole, &p.environment.task.execution_role, "task.execution-role"),
    },
    Item {
        id: "pipeline_role",
        rule: RULE,
        remedy: "give the pipeline a role that trusts codepipeline.amazonaws.com",
        source: "https://docs.aws.amazon.com/codepipeline/latest/userguide/how-to-custom-role.html",
        look: |p| {
            let arn = text(&p.told(Question::Pipeline)?["pipeline"]["roleArn"]);
            trusts(p, Question::PipelineRole, arn, "codepipeline", None)
        },
    },
    Item {
        id: "task_role",
        rule: RULE,
        remedy: "name a role in `task-role` that trusts ecs-tasks.amazonaws.com",
        source: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html",
        look: |p| of_task(p, Question::TaskRole, &p.environment.task.task_role, "task.task-role"),
    },
];

fn of_task(p: &Picture, question: Question, role: &Setting, key: &'static str) -> Seen {
    trusts(p, question, &role.to_string(), "ecs-tasks", Some(key))
}

fn trusts(p: &Picture, question: Question, arn: &str, service: &str, key: Option<&'static str>) -> Seen {
    let bad = |what: String| match key {
        Some(key) => against(key, arn, what),
        None => fault(arn, what),
    };
    if let Some(words) = p.gone(question) {
        return Err(bad(words.to_owned()));
    }
    let role = &p.told(question)?["Role"];
    if text(&role["Arn"]) != arn {
        return Err(bad(format!("there is a role of that name, but its ARN is {}", text(&role["Arn"]))));
    }
    let document = text(&role["AssumeRolePolicyDocument"]);
    // IAM tells policies in the form of a URL.
    let document = percent_encoding::percent_decode_str(document).decode_utf8_lossy().into_owned();
    let policy: Value = serde_json::from_str(&document).unwrap_or_default();
    let host = format!("{service}.amazonaws.com");
    let theirs = |s: &&Value| {
        s["Effect"] == "Allow"
            && texts(&s["Action"]).iter().any(|a| matches!(*a, "sts:AssumeRole" | "sts:*" | "*"))
            && texts(&s["Principal"]["Service"]).iter().any(|x| is_service(x, service))
    };
    let one = [policy["Statement"].clone()];
    let statements = if policy["Statement"].is_array() { list(&policy["Statement"]) } else { &one };
    let Some(statement) = statements.iter().find(theirs) else {
        return Err(bad(format!("it does not trust {host}")));
    };
    let meant = p.environment.account.as_str();
    let account = &statement["Condition"]["StringEquals"]["aws:SourceAccount"];
    if !account.is_null() && !texts(account).contains(&meant) {
        return Err(bad(format!("it trusts {host} for the account {} only", texts(account).join(", "))));
    }
    Ok(format!("{} trusts {host}", text(&role["RoleName"])))
}

/// `codedeploy.amazonaws.com`, or the same of a region.
fn is_service(host: &str, service: &str) -> bool {
    let rest = host.strip_prefix(service).and_then(|r| r.strip_prefix('.'));
    rest.is_some_and(|r| {
        ["amazonaws.com", "amazonaws.com.cn"].iter().any(|end| r == *end || r.ends_with(&format!(".{end}")))
    })
}

/// One text or several.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        value => value.as_str().into_iter().collect(),
    }
}
