//! The service, its task sets and tasks. Task definitions go through as they are: what is not known here is not lost.

use serde_json::{Value, json};

use super::Client;
use super::blue_green::text;
use super::service::ECS;
use crate::flow::engine::Serving;
use crate::flow::seen::Stopped;
use crate::{Error, Result};

/// As many tasks as `DescribeTasks` takes at once.
const AT_ONCE: usize = 100;

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// What releases the service: `CODE_DEPLOY`, `ECS` or `EXTERNAL`; for ECS with its strategy, such as `BLUE_GREEN`.
pub(super) async fn controller(client: &Client, cluster: &str, service: &str) -> Result<(String, Option<String>)> {
    let answer = client.json(ECS, "DescribeServices", &json!({"cluster": cluster, "services": [service]})).await?;
    let found = list(&answer["services"]).find(|s| s["status"] != "INACTIVE");
    let found = found.ok_or_else(|| {
        Error::Release(format!("no service `{service}` in the cluster `{cluster}`: see `service` in release.toml"))
    })?;
    // A service that names none has ECS's own.
    let controller = found["deploymentController"]["type"].as_str().unwrap_or("ECS").to_owned();
    Ok((controller, found["deploymentConfiguration"]["strategy"].as_str().map(str::to_owned)))
}

/// Registers a task definition. Its ARN.
pub(super) async fn register(client: &Client, definition: &Value) -> Result<String> {
    let answer = client.once(ECS, "RegisterTaskDefinition", definition).await?;
    let arn = answer["taskDefinition"]["taskDefinitionArn"].as_str().map(str::to_owned);
    arn.ok_or_else(|| Error::Release("ECS registered a task definition and told no ARN".into()))
}

/// A task definition, whole.
pub(super) async fn definition(client: &Client, arn: &str) -> Result<Value> {
    let mut answer = client.json(ECS, "DescribeTaskDefinition", &json!({"taskDefinition": arn})).await?;
    Ok(answer["taskDefinition"].take())
}

/// Tasks of a service, described.
async fn tasks(client: &Client, cluster: &str, service: &str, status: &str) -> Result<Vec<Value>> {
    let mut arns = Vec::new();
    let input = json!({"cluster": cluster, "serviceName": service, "desiredStatus": status});
    client.pages(ECS, "ListTasks", &input, |page| arns.extend(list(&page["taskArns"]).cloned())).await?;
    let mut out = Vec::new();
    for some in arns.chunks(AT_ONCE) {
        let mut answer = client.json(ECS, "DescribeTasks", &json!({"cluster": cluster, "tasks": some})).await?;
        if let Value::Array(all) = answer["tasks"].take() {
            out.extend(all);
        }
    }
    Ok(out)
}

/// Tasks of a task set that were stopped, the first that was first.
pub(super) async fn stopped(client: &Client, cluster: &str, service: &str, set: &str) -> Result<Vec<Stopped>> {
    let mut all = tasks(client, cluster, service, "STOPPED").await?;
    all.retain(|t| t["startedBy"] == set);
    all.sort_by(|a, b| {
        let at = |t: &Value| t["stoppedAt"].as_f64().unwrap_or(f64::MAX);
        at(a).total_cmp(&at(b))
    });
    let told = all.iter().map(|task| {
        let container = list(&task["containers"]).find(|c| c["reason"].is_string() || c["exitCode"].is_i64());
        let container = container.unwrap_or(&Value::Null);
        let bad = |c: &&Value| c["reason"].is_string() || c["exitCode"].as_i64().is_some_and(|e| e != 0);
        let names = |of: Vec<&Value>| of.into_iter().map(|c| text(&c["name"])).collect::<Vec<_>>();
        let failed = names(list(&task["containers"]).filter(bad).collect());
        Stopped {
            task: text(&task["taskArn"]).rsplit('/').next().unwrap_or("").to_owned(),
            code: text(&task["stopCode"]),
            reason: text(&task["stoppedReason"]),
            container: container["reason"].as_str().map(str::to_owned),
            exit: container["exitCode"].as_i64(),
            definition: text(&task["taskDefinitionArn"]),
            containers: if failed.is_empty() { names(list(&task["containers"]).collect()) } else { failed },
        }
    });
    Ok(told.collect())
}

/// The task sets of a service, each with its target group; their share is not known here.
pub(super) async fn sets(client: &Client, cluster: &str, service: &str) -> Result<Vec<(Serving, String)>> {
    let input = json!({"cluster": cluster, "service": service});
    let answer = client.json(ECS, "DescribeTaskSets", &input).await?;
    let running = tasks(client, cluster, service, "RUNNING").await?;
    let mut out = Vec::new();
    for set in list(&answer["taskSets"]) {
        let task_definition = text(&set["taskDefinition"]);
        let whole = definition(client, &task_definition).await?;
        let of_set = running.iter().filter(|t| t["startedBy"] == set["id"] && t["lastStatus"] == "RUNNING");
        let mut digests: Vec<String> = of_set
            .flat_map(|t| list(&t["containers"]))
            .filter_map(|c| c["imageDigest"].as_str().map(str::to_owned))
            .collect();
        digests.sort();
        digests.dedup();
        let serving = Serving {
            set: text(&set["id"]),
            status: text(&set["status"]),
            images: list(&whole["containerDefinitions"]).map(|c| text(&c["image"])).collect(),
            task_definition,
            digests,
            running: set["runningCount"].as_u64().unwrap_or(0),
            share: None,
        };
        out.push((serving, text(&set["loadBalancers"][0]["targetGroupArn"])));
    }
    Ok(out)
}
