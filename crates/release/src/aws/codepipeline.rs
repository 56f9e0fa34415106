//! Runs of a pipeline.

use serde_json::{Value, json};

use super::service::CODE_PIPELINE;
use super::{Client, blue_green::text};
use crate::flow::seen::{Action, Pipeline};
use crate::{Error, Result};

/// What of a pipeline's structure a release needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Shape {
    /// The action that takes the archive, with bucket and key.
    pub(super) archive: Option<(String, String, String)>,
    /// Whether that action takes another key of the bucket when it is asked to.
    pub(super) any_key: bool,
    /// The action that takes the image, with the repository.
    pub(super) image: Option<(String, String)>,
    /// Application and deployment group of the action that deploys.
    pub(super) group: Option<(String, String)>,
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// `GetPipeline`.
pub(super) async fn shape(client: &Client, name: &str) -> Result<Shape> {
    let answer = client.json(CODE_PIPELINE, "GetPipeline", &json!({"name": name})).await?;
    let mut shape = Shape::default();
    for action in list(&answer["pipeline"]["stages"]).flat_map(|s| list(&s["actions"])) {
        let name = text(&action["name"]);
        let set = |key: &str| text(&action["configuration"][key]);
        match action["actionTypeId"]["provider"].as_str() {
            Some("S3") if action["actionTypeId"]["category"] == "Source" => {
                shape.any_key = set("AllowOverrideForS3ObjectKey") == "true";
                shape.archive = Some((name, set("S3Bucket"), set("S3ObjectKey")));
            }
            Some("ECR") => shape.image = Some((name, set("RepositoryName"))),
            Some("CodeDeployToECS") => shape.group = Some((set("ApplicationName"), set("DeploymentGroupName"))),
            _ => {}
        }
    }
    Ok(shape)
}

/// Starts a run with every source pinned. `token` names this start: the same one again is no second run.
pub(super) async fn start(client: &Client, name: &str, revisions: &Value, token: &str) -> Result<String> {
    let input = json!({"name": name, "sourceRevisions": revisions, "clientRequestToken": token});
    let answer = client.json(CODE_PIPELINE, "StartPipelineExecution", &input).await?;
    let id = answer["pipelineExecutionId"].as_str().map(str::to_owned);
    id.ok_or_else(|| Error::Release(format!("the pipeline `{name}` was started and told no execution")))
}

/// How a run stands.
pub(super) async fn look(client: &Client, name: &str, execution: &str) -> Result<Pipeline> {
    let by_id = json!({"pipelineName": name, "pipelineExecutionId": execution});
    let answer = client.json(CODE_PIPELINE, "GetPipelineExecution", &by_id).await?;
    let told = &answer["pipelineExecution"];
    let mut out = Pipeline {
        execution: execution.to_owned(),
        status: text(&told["status"]),
        summary: told["statusSummary"].as_str().map(str::to_owned),
        ..Pipeline::default()
    };
    if out.status == "Stopped" && out.summary.is_none() {
        out.summary = stopped_because(client, name, execution).await?;
    }
    let mut newest_first = Vec::new();
    let of_it = json!({"pipelineName": name, "filter": {"pipelineExecutionId": execution}});
    let mut keep = |page: &mut Value| newest_first.extend(list(&page["actionExecutionDetails"]).map(action));
    client.pages(CODE_PIPELINE, "ListActionExecutions", &of_it, &mut keep).await?;
    // An action that was tried again counts once, as it was tried last.
    for action in newest_first.into_iter().rev() {
        if action.asks && action.status == "InProgress" {
            let at = format!("{}/{}", action.stage, action.name);
            out.held = Some(format!("somebody has to say yes at `{at}`: `release approve`"));
            out.asks = true;
        }
        out.actions.retain(|a| a.stage != action.stage || a.name != action.name);
        out.actions.push(action);
    }
    if !out.over() && !out.actions.iter().any(|a| a.status == "InProgress") {
        out.held = held(client, name, execution).await?;
    }
    Ok(out)
}

/// Why somebody stopped a run, which only the list of runs tells; none where the list may not be read or is longer.
async fn stopped_because(client: &Client, name: &str, execution: &str) -> Result<Option<String>> {
    let told = match client.json(CODE_PIPELINE, "ListPipelineExecutions", &json!({"pipelineName": name})).await {
        Err(Error::Aws(r)) if r.code == "AccessDeniedException" => return Ok(None),
        other => other?,
    };
    let found = list(&told["pipelineExecutionSummaries"]).find(|e| e["pipelineExecutionId"] == execution);
    Ok(found.and_then(|e| e["stopTrigger"]["reason"].as_str()).filter(|r| !r.is_empty()).map(str::to_owned))
}

fn action(told: &Value) -> Action {
    let kind = &told["input"]["actionTypeId"];
    let result = &told["output"]["executionResult"];
    let failed = result["errorDetails"]["message"].as_str().or(told["errorDetails"]["message"].as_str());
    Action {
        stage: text(&told["stageName"]),
        name: text(&told["actionName"]),
        status: text(&told["status"]),
        deploys: kind["provider"] == "CodeDeployToECS",
        asks: kind["category"] == "Approval",
        external: result["externalExecutionId"].as_str().map(str::to_owned),
        message: failed.or(result["externalExecutionSummary"].as_str()).map(str::to_owned),
    }
}

/// Why a run stands still.
async fn held(client: &Client, name: &str, execution: &str) -> Result<Option<String>> {
    let state = client.json(CODE_PIPELINE, "GetPipelineState", &json!({"name": name})).await?;
    for stage in list(&state["stageStates"]) {
        let waits = list(&stage["inboundExecutions"]).chain([&stage["inboundExecution"]]);
        if !waits.into_iter().any(|e| e["pipelineExecutionId"] == execution) {
            continue;
        }
        let into = text(&stage["stageName"]);
        let transition = &stage["inboundTransitionState"];
        if transition["enabled"] == false {
            let reason = text(&transition["disabledReason"]);
            return Ok(Some(format!("the transition into the stage `{into}` is disabled: {reason}")));
        }
        let other = text(&stage["latestExecution"]["pipelineExecutionId"]);
        return Ok(Some(format!("the stage `{into}` is busy with the execution {other}")));
    }
    Ok(None)
}

/// Answers the action of a run that waits for a person. Stage and action.
pub(super) async fn approve(client: &Client, name: &str, execution: &str, yes: bool, words: &str) -> Result<String> {
    let told = client.json(CODE_PIPELINE, "GetPipelineState", &json!({"name": name})).await?;
    // Only the run that is meant: a later one may wait in the same place with a token of its own.
    let ours = list(&told["stageStates"]).filter(|s| s["latestExecution"]["pipelineExecutionId"] == execution);
    let mut all = ours.flat_map(|s| list(&s["actionStates"]).map(move |a| (&s["stageName"], a)));
    let found =
        all.find(|(_, a)| a["latestExecution"]["status"] == "InProgress" && a["latestExecution"]["token"].is_string());
    let Some((stage, action)) = found else {
        return Err(Error::Release(format!("nothing of the execution {execution} waits for a person")));
    };
    let input = json!({
        "pipelineName": name, "stageName": stage, "actionName": action["actionName"],
        "token": action["latestExecution"]["token"],
        "result": {"status": if yes { "Approved" } else { "Rejected" }, "summary": words},
    });
    client.once(CODE_PIPELINE, "PutApprovalResult", &input).await?;
    Ok(format!("{}/{}", text(stage), text(&action["actionName"])))
}

/// Stops a run where it is; a deployment of it is not stopped by that.
pub(super) async fn stop(client: &Client, name: &str, execution: &str, reason: &str) -> Result<()> {
    let input = json!({"pipelineName": name, "pipelineExecutionId": execution, "abandon": true, "reason": reason});
    client.once(CODE_PIPELINE, "StopPipelineExecution", &input).await?;
    Ok(())
}
