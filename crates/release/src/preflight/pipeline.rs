//! The pipeline, as it is and as it stands.

use serde_json::Value;

use super::picture::{list, text};
use super::{Bad, Fault, Item, Picture, Question, Seen, against, fault, none_of, skip};

const ACTION: &str = "https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECSbluegreen.html";

pub(super) const ITEMS: &[Item] = &[
    Item {
        id: "pipeline_action",
        rule: "`CodeDeployToECS` deploys to the group that it names, with the files and the placeholder that it names",
        remedy: "let the action of the pipeline and release.toml name the same",
        source: ACTION,
        look: action,
    },
    Item {
        id: "pipeline_polling",
        rule: "a source that polls starts a run of its own for every archive that is put under its key",
        remedy: "set `PollForSourceChanges` to false, or `AllowOverrideForS3ObjectKey` to true, which gives releases their own key",
        source: "https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-S3.html",
        look: polling,
    },
    Item {
        id: "pipeline_sources",
        rule: "a run takes what its source actions name, and can be pinned to a version of these alone",
        remedy: "let the sources of the pipeline and release.toml name the same bucket, key and repository",
        source: "https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-trigger-source-overrides.html",
        look: sources,
    },
    Item {
        id: "pipeline_transitions",
        rule: "a run waits for ever before a stage whose transition is disabled",
        remedy: "enable it: aws codepipeline enable-stage-transition",
        source: "https://docs.aws.amazon.com/codepipeline/latest/userguide/transitions.html",
        look: transitions,
    },
];

pub(super) fn name(p: &Picture) -> String {
    format!("pipeline {}", p.environment.pipeline.as_ref().map(ToString::to_string).unwrap_or_default())
}

/// The settings of the actions of a provider.
pub(super) fn actions<'a>(p: &'a Picture, provider: &str) -> Result<Vec<&'a Value>, Bad> {
    let stages = list(&p.told(Question::Pipeline)?["pipeline"]["stages"]);
    let all = stages.iter().flat_map(|s| list(&s["actions"]));
    Ok(all.filter(|a| a["actionTypeId"]["provider"] == *provider).map(|a| &a["configuration"]).collect())
}

/// Where an action and `release.toml` say different things.
fn differences(p: &Picture, action: &Value, pairs: &[(&str, String, Option<&'static str>)]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (setting, meant, key) in pairs {
        let told = text(&action[*setting]);
        if told != meant {
            let says = if key.is_some() { "release.toml has" } else { "a release needs" };
            let what = format!("its `{setting}` is `{told}`, {says} `{meant}`");
            faults.push(Fault { resource: name(p), what, key: *key });
        }
    }
    faults
}

fn sources(p: &Picture) -> Seen {
    if let Some(words) = p.gone(Question::Pipeline) {
        return Err(against("pipeline", name(p), words));
    }
    let (archives, images) = (actions(p, "S3")?, actions(p, "ECR")?);
    let (Some(archive), Some(image)) = (archives.first(), images.first()) else {
        let which = if archives.is_empty() { "S3, for the archive" } else { "ECR, for the image" };
        return Err(fault(name(p), format!("it has no source action of {which}")));
    };
    let e = &p.environment;
    let mut faults = differences(
        p,
        archive,
        &[("S3Bucket", e.bucket.to_string(), Some("bucket")), ("S3ObjectKey", e.key.clone(), Some("key"))],
    );
    faults.extend(differences(p, image, &[("RepositoryName", e.repository.to_string(), Some("repository"))]));
    none_of(faults, format!("{}/{} and {}", e.bucket, e.key, e.repository))
}

fn action(p: &Picture) -> Seen {
    let all = actions(p, "CodeDeployToECS")?;
    let Some(action) = all.first() else {
        return Err(fault(name(p), "it has no action `CodeDeployToECS`"));
    };
    let e = &p.environment;
    let pairs = [
        ("ApplicationName", e.application.to_string(), Some("application")),
        ("DeploymentGroupName", e.deployment_group.to_string(), Some("deployment-group")),
        ("Image1ContainerName", e.task.placeholder.clone(), Some("task.placeholder")),
    ];
    let mut faults = differences(p, action, &pairs);
    // Absent, they are these.
    for (setting, file) in [("TaskDefinitionTemplatePath", "taskdef.json"), ("AppSpecTemplatePath", "appspec.yaml")] {
        if !action[setting].is_null() {
            faults.extend(differences(p, action, &[(setting, file.to_owned(), None)]));
        }
    }
    none_of(faults, format!("to {}/{}, the image for <{}>", e.application, e.deployment_group, e.task.placeholder))
}

fn polling(p: &Picture) -> Seen {
    let all = actions(p, "S3")?;
    let Some(archive) = all.first() else { return skip("it has no source action of S3") };
    // Absent, it is true.
    let polls = text(&archive["PollForSourceChanges"]) != "false";
    if polls && text(&archive["AllowOverrideForS3ObjectKey"]) != "true" {
        return Err(fault(name(p), "its S3 source polls: a release would start a second run, not pinned to anything"));
    }
    Ok(if polls { "it polls its own key; releases have another" } else { "it does not poll" }.to_owned())
}

fn transitions(p: &Picture) -> Seen {
    let stages = list(&p.told(Question::PipelineState)?["stageStates"]);
    let closed = stages.iter().filter(|s| s["inboundTransitionState"]["enabled"] == false);
    let fault = |s: &Value| {
        let reason = text(&s["inboundTransitionState"]["disabledReason"]);
        let what = format!("the transition into the stage `{}` is disabled: {reason}", text(&s["stageName"]));
        Fault { resource: name(p), what, key: None }
    };
    none_of(closed.map(fault).collect(), format!("all {} stages let runs in", stages.len()))
}
