//! The structure of a pipeline, as `GetPipeline` tells it, and what the engine takes from it.

use serde_json::{Value, json};

use super::state::{Action, Stage};
use crate::setup::Setup;

/// The pipeline of a set-up, as the templates make it.
pub(super) fn of(setup: &Setup, role: &str) -> Value {
    let kind = |category: &str, provider: &str| json!({"category": category, "owner": "AWS", "provider": provider, "version": "1"});
    let mut out = json!({
        "name": setup.pipeline,
        "roleArn": role,
        "artifactStore": {"type": "S3", "location": setup.artifacts},
        "pipelineType": "V2",
        "executionMode": setup.mode.name(),
        "version": 1,
        "stages": [
            {"name": "GetSource", "actions": [
                {
                    "name": "S3Source", "actionTypeId": kind("Source", "S3"), "runOrder": 1,
                    "configuration": {
                        "S3Bucket": setup.bucket, "S3ObjectKey": setup.key, "PollForSourceChanges": "false",
                        "AllowOverrideForS3ObjectKey": "true",
                    },
                    "inputArtifacts": [], "outputArtifacts": [{"name": "SourceArtifact"}],
                },
                {
                    "name": "ImageSource", "actionTypeId": kind("Source", "ECR"), "runOrder": 1,
                    "configuration": {"RepositoryName": setup.repository, "ImageTag": setup.image_tag},
                    "inputArtifacts": [], "outputArtifacts": [{"name": "ImageArtifact"}],
                },
            ]},
            {"name": "DeployToEcs", "actions": [{
                "name": "Deploy", "actionTypeId": kind("Deploy", "CodeDeployToECS"), "runOrder": 1,
                "configuration": {
                    "ApplicationName": setup.service, "DeploymentGroupName": setup.service,
                    "TaskDefinitionTemplateArtifact": "SourceArtifact", "TaskDefinitionTemplatePath": "taskdef.json",
                    "AppSpecTemplateArtifact": "SourceArtifact", "AppSpecTemplatePath": "appspec.yaml",
                    "Image1ArtifactName": "ImageArtifact", "Image1ContainerName": setup.placeholder,
                },
                "inputArtifacts": [{"name": "SourceArtifact"}, {"name": "ImageArtifact"}], "outputArtifacts": [],
            }]},
        ],
    });
    if let Some(stages) = out["stages"].as_array_mut().filter(|_| setup.approval) {
        let asks = json!({"name": "Approve", "actions": [{
            "name": "Person", "actionTypeId": kind("Approval", "Manual"), "runOrder": 1, "configuration": {},
            "inputArtifacts": [], "outputArtifacts": [],
        }]});
        stages.insert(1, asks);
    }
    out
}

/// What the engine needs of a structure.
pub(super) fn stages(definition: &Value) -> Vec<Stage> {
    let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
    let names = |value: &Value| value.as_array().into_iter().flatten().map(|a| text(&a["name"])).collect();
    let action = |value: &Value| Action {
        name: text(&value["name"]),
        kind: value["actionTypeId"].clone(),
        order: value["runOrder"].as_u64().unwrap_or(1),
        configuration: value["configuration"].clone(),
        inputs: names(&value["inputArtifacts"]),
        outputs: names(&value["outputArtifacts"]),
    };
    let stages = definition["stages"].as_array().into_iter().flatten();
    stages
        .map(|stage| Stage {
            name: text(&stage["name"]),
            actions: stage["actions"].as_array().into_iter().flatten().map(action).collect(),
            disabled: None,
            changed: None,
            latest: None,
        })
        .collect()
}
