//! Deployments of `CodeDeploy` to ECS.

use serde_json::{Value, json};

use super::Client;
use super::blue_green::text;
use super::service::CODE_DEPLOY;
use crate::flow::seen::{Deployment, Lifecycle, Set};
use crate::{Error, Result};

/// What of a deployment group a release needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Group {
    /// The listener of production.
    pub(super) listener: Option<String>,
    /// Cluster and service.
    pub(super) service: (String, String),
    /// Its deployment configuration.
    pub(super) config: String,
    /// Minutes that old tasks are kept; none when they are not ended.
    pub(super) wait: Option<u64>,
    /// Names of the alarms that stop a deployment.
    pub(super) alarms: Vec<String>,
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// `GetDeploymentGroup`.
pub(super) async fn group(client: &Client, application: &str, name: &str) -> Result<Group> {
    let input = json!({"applicationName": application, "deploymentGroupName": name});
    let answer = client.json(CODE_DEPLOY, "GetDeploymentGroup", &input).await?;
    let told = &answer["deploymentGroupInfo"];
    let pair = &told["loadBalancerInfo"]["targetGroupPairInfoList"][0];
    let service = &told["ecsServices"][0];
    let end = &told["blueGreenDeploymentConfiguration"]["terminateBlueInstancesOnDeploymentSuccess"];
    Ok(Group {
        listener: pair["prodTrafficRoute"]["listenerArns"][0].as_str().map(str::to_owned),
        service: (text(&service["clusterName"]), text(&service["serviceName"])),
        config: text(&told["deploymentConfigName"]),
        alarms: list(&told["alarmConfiguration"]["alarms"]).map(|a| text(&a["name"])).collect(),
        wait: (end["action"] == "TERMINATE").then(|| end["terminationWaitTimeInMinutes"].as_u64().unwrap_or(0)),
    })
}

/// Minutes and hundredths of a deployment configuration.
pub(super) async fn steps(client: &Client, config: &str) -> Result<Vec<(u64, f64)>> {
    let answer = client.json(CODE_DEPLOY, "GetDeploymentConfig", &json!({"deploymentConfigName": config})).await?;
    let routing = &answer["deploymentConfigInfo"]["trafficRoutingConfig"];
    Ok(match routing["type"].as_str() {
        Some("AllAtOnce") => vec![(0, 100.0)],
        Some("TimeBasedCanary") => {
            let canary = &routing["timeBasedCanary"];
            let first = canary["canaryPercentage"].as_f64().unwrap_or(0.0);
            vec![(0, first), (canary["canaryInterval"].as_u64().unwrap_or(0), 100.0)]
        }
        Some("TimeBasedLinear") => {
            let linear = &routing["timeBasedLinear"];
            let each = linear["linearPercentage"].as_f64().filter(|e| *e >= 1.0).unwrap_or(100.0);
            let every = linear["linearInterval"].as_u64().unwrap_or(0);
            let shares = std::iter::successors(Some(each), |s| (*s < 100.0).then(|| (s + each).min(100.0)));
            shares.zip(0..).map(|(share, n)| (n * every, share)).collect()
        }
        _ => Vec::new(),
    })
}

/// The deployment of a group that is under way.
pub(super) async fn busy(client: &Client, application: &str, group: &str) -> Result<Option<String>> {
    let input = json!({
        "applicationName": application, "deploymentGroupName": group,
        "includeOnlyStatuses": ["Created", "Queued", "InProgress", "Baking", "Ready"],
    });
    let answer = client.json(CODE_DEPLOY, "ListDeployments", &input).await?;
    Ok(answer["deployments"][0].as_str().map(str::to_owned))
}

/// Starts a deployment with an appspec.
pub(super) async fn create(
    client: &Client,
    (application, group, config): (&str, &str, &str),
    appspec: &str,
) -> Result<String> {
    use sha2::{Digest, Sha256};
    let sum = Sha256::digest(appspec.as_bytes()).iter().fold(String::new(), |out, b| format!("{out}{b:02x}"));
    let input = json!({
        "applicationName": application, "deploymentGroupName": group, "deploymentConfigName": config,
        "revision": {"revisionType": "AppSpecContent", "appSpecContent": {"content": appspec, "sha256": sum}},
    });
    // Not to be repeated blindly: the first may have been taken although no answer came.
    let answer = client.once(CODE_DEPLOY, "CreateDeployment", &input).await?;
    let id = answer["deploymentId"].as_str().map(str::to_owned);
    id.ok_or_else(|| Error::Release("CodeDeploy made a deployment and told no id".into()))
}

/// How a deployment stands. `target` is `cluster:service`.
pub(super) async fn look(client: &Client, id: &str, target: &str) -> Result<Deployment> {
    let answer = client.json(CODE_DEPLOY, "GetDeployment", &json!({"deploymentId": id})).await?;
    let told = &answer["deploymentInfo"];
    let error = &told["errorInformation"];
    let mut out = Deployment {
        id: id.to_owned(),
        status: text(&told["status"]),
        error: error["code"].as_str().map(|code| (code.to_owned(), text(&error["message"]))),
        rolls_back: told["autoRollbackConfiguration"]["enabled"] == true,
        rollback: told["rollbackInfo"]["rollbackDeploymentId"].as_str().map(str::to_owned),
        waits: told["instanceTerminationWaitTimeStarted"] == true,
        ..Deployment::default()
    };
    if matches!(out.status.as_str(), "Created" | "Queued") {
        return Ok(out);
    }
    let input = json!({"deploymentId": id, "targetId": target});
    let target = match client.json(CODE_DEPLOY, "GetDeploymentTarget", &input).await {
        Ok(mut answer) => answer["deploymentTarget"]["ecsTarget"].take(),
        // One that ended before it began has none.
        Err(Error::Aws(r))
            if matches!(r.code.as_str(), "DeploymentNotStartedException" | "DeploymentTargetDoesNotExistException") =>
        {
            Value::Null
        }
        Err(e) => return Err(e),
    };
    out.events = list(&target["lifecycleEvents"])
        .map(|e| Lifecycle {
            name: text(&e["lifecycleEventName"]),
            status: text(&e["status"]),
            message: e["diagnostics"]["message"].as_str().filter(|m| !m.is_empty()).map(str::to_owned),
        })
        .collect();
    let number = |v: &Value| v.as_u64().unwrap_or(0);
    out.sets = list(&target["taskSetsInfo"])
        .map(|s| Set {
            // So it is written in the API; right in case that is mended.
            id: text(if s["identifer"].is_string() { &s["identifer"] } else { &s["identifier"] }),
            label: text(&s["taskSetLabel"]),
            desired: number(&s["desiredCount"]),
            running: number(&s["runningCount"]),
            pending: number(&s["pendingCount"]),
            weight: s["trafficWeight"].as_f64().unwrap_or(0.0),
            status: text(&s["status"]),
            group: text(&s["targetGroup"]["name"]),
        })
        .collect();
    Ok(out)
}

/// Stops a deployment and has it rolled back.
pub(super) async fn stop(client: &Client, id: &str) -> Result<()> {
    let input = json!({"deploymentId": id, "autoRollbackEnabled": true});
    client.once(CODE_DEPLOY, "StopDeployment", &input).await?;
    Ok(())
}

/// Ends the wait before the old tasks are ended.
pub(super) async fn finish(client: &Client, id: &str) -> Result<()> {
    let input = json!({"deploymentId": id, "deploymentWaitType": "TERMINATION_WAIT"});
    client.once(CODE_DEPLOY, "ContinueDeployment", &input).await?;
    Ok(())
}
