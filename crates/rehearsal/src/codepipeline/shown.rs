//! How `CodePipeline` tells of what it has.

use serde_json::{Value, json};

use super::state::{ActionRun, Execution, Pipeline, Place, Progress, Status};
use crate::world::World;

pub(super) fn pipeline(world: &World, p: &Pipeline) -> Value {
    json!({"pipeline": p.definition, "metadata": {
        "pipelineArn": format!("arn:aws:codepipeline:{}:{}:{}", world.region, world.account, p.name),
        "created": p.created.json(), "updated": p.created.json(),
    }})
}

fn trigger(e: &Execution) -> Value {
    json!({"triggerType": e.trigger.0, "triggerDetail": e.trigger.1})
}

pub(super) fn execution(p: &Pipeline, e: &Execution) -> Value {
    let revisions = e.revisions.iter().map(
        |r| json!({"name": r.artifact, "revisionId": r.id, "revisionSummary": r.summary, "created": r.created.json()}),
    );
    let variables = e.variables.iter().map(|(name, value)| json!({"name": name, "resolvedValue": value}));
    json!({"pipelineExecution": {
        "pipelineName": p.name,
        "pipelineVersion": p.definition["version"],
        "pipelineExecutionId": e.id,
        "status": e.status.name(),
        "artifactRevisions": revisions.collect::<Vec<_>>(),
        "variables": variables.collect::<Vec<_>>(),
        "trigger": trigger(e),
        "executionMode": p.mode.name(),
        "executionType": "STANDARD",
    }})
}

pub(super) fn summary(p: &Pipeline, e: &Execution) -> Value {
    let revisions =
        e.revisions.iter().map(|r| json!({"actionName": r.action, "revisionId": r.id, "revisionSummary": r.summary}));
    let mut out = json!({
        "pipelineExecutionId": e.id,
        "status": e.status.name(),
        "startTime": e.started.json(),
        "lastUpdateTime": e.updated.json(),
        "sourceRevisions": revisions.collect::<Vec<_>>(),
        "trigger": trigger(e),
        "executionMode": p.mode.name(),
        "executionType": "STANDARD",
    });
    if let Some(reason) = &e.stop_reason {
        out["stopTrigger"] = json!({"reason": reason});
    }
    out
}

fn link(world: &World, id: &str) -> String {
    let region = &world.region;
    format!("https://console.aws.amazon.com/codedeploy/home?region={region}#/deployments/{id}")
}

pub(super) fn action(world: &World, p: &Pipeline, e: &Execution, run: &ActionRun) -> Value {
    let found = p.action(run);
    let artifacts = |names: &[String]| -> Value {
        let here = names.iter().filter_map(|name| Some((name, e.artifacts.get(name)?)));
        here.map(|(name, key)| json!({"name": name, "s3location": {"bucket": p.bucket, "key": key}})).collect()
    };
    let mut result = json!({});
    if let Some(id) = &run.external {
        result["externalExecutionId"] = json!(id);
        result["externalExecutionUrl"] = json!(link(world, id));
    }
    if let Some(summary) = &run.summary {
        result["externalExecutionSummary"] = json!(summary);
    }
    if let Progress::Failed(code, message) = &run.progress {
        result["externalExecutionSummary"] = json!(message);
        result["errorDetails"] = json!({"code": code, "message": message});
    }
    json!({
        "pipelineExecutionId": e.id,
        "actionExecutionId": run.id,
        "pipelineVersion": p.definition["version"],
        "stageName": p.stages.get(run.stage).map(|s| s.name.as_str()),
        "actionName": run.action,
        "startTime": run.started.json(),
        "lastUpdateTime": run.updated.json(),
        "status": run.status(),
        "input": {
            "actionTypeId": found.map(|a| &a.kind),
            "configuration": found.map(|a| &a.configuration),
            "resolvedConfiguration": found.map(|a| &a.configuration),
            "region": world.region,
            "inputArtifacts": found.map(|a| artifacts(&a.inputs)),
        },
        "output": {
            "outputArtifacts": found.map(|a| artifacts(&a.outputs)),
            "executionResult": result,
            "outputVariables": run.variables,
        },
    })
}

/// What a run is in a stage.
fn in_stage(e: &Execution, stage: usize) -> &'static str {
    match (e.place, e.status) {
        (Place::In(s), status) if s == stage => match status {
            Status::Superseded => "Cancelled",
            other => other.name(),
        },
        (Place::Before(s), _) if s == stage => "InProgress",
        _ => "Succeeded",
    }
}

pub(super) fn state(world: &World, p: &Pipeline) -> Value {
    let stages = p.stages.iter().enumerate().map(|(index, stage)| {
        let latest = stage.latest.as_deref().and_then(|id| p.execution(id));
        let actions = stage.actions.iter().map(|a| {
            let mut out = json!({"actionName": a.name});
            let Some((e, run)) = latest.and_then(|e| Some((e, e.run_of(index, &a.name)?))) else { return out };
            if let Some(revision) = e.revisions.iter().find(|r| r.action == a.name) {
                out["currentRevision"] = json!({
                    "revisionId": revision.id, "revisionChangeId": revision.id, "created": revision.created.json(),
                });
            }
            out["latestExecution"] = latest_action(world, run);
            out
        });
        let mut transition = json!({"enabled": stage.disabled.is_none()});
        if let Some(reason) = &stage.disabled {
            transition["disabledReason"] = json!(reason);
        }
        if let Some(changed) = stage.changed {
            transition["lastChangedAt"] = changed.json();
            transition["lastChangedBy"] = json!(format!("arn:aws:iam::{}:user/rehearsal", world.account));
        }
        let waits = |e: &&Execution| e.status == Status::InProgress && e.place == Place::Before(index);
        let inbound = p
            .executions
            .iter()
            .filter(waits)
            .map(|e| json!({"pipelineExecutionId": e.id, "status": "InProgress", "type": "STANDARD"}));
        let inbound: Vec<Value> = inbound.collect();
        let mut out = json!({
            "stageName": stage.name, "inboundTransitionState": transition, "actionStates": actions.collect::<Vec<_>>(),
        });
        if let Some(first) = inbound.first() {
            out["inboundExecution"] = first.clone();
            out["inboundExecutions"] = json!(inbound);
        }
        if let Some(e) = latest {
            out["latestExecution"] = json!({
                "pipelineExecutionId": e.id, "status": in_stage(e, index), "type": "STANDARD",
            });
        }
        out
    });
    json!({
        "pipelineName": p.name, "pipelineVersion": p.definition["version"], "stageStates": stages.collect::<Vec<_>>(),
        "created": p.created.json(), "updated": p.created.json(),
    })
}

fn latest_action(world: &World, run: &ActionRun) -> Value {
    let mut out = json!({
        "actionExecutionId": run.id, "status": run.status(), "lastStatusChange": run.updated.json(),
    });
    if let Some(summary) = &run.summary {
        out["summary"] = json!(summary);
    }
    if let Progress::Person(token, _) = &run.progress {
        out["token"] = json!(token);
    }
    if let Some(id) = &run.external {
        out["externalExecutionId"] = json!(id);
        out["externalExecutionUrl"] = json!(link(world, id));
    }
    if let Progress::Failed(code, message) = &run.progress {
        out["errorDetails"] = json!({"code": code, "message": message});
    }
    out
}
