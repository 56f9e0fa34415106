//! What `CodePipeline` refuses.

use serde_json::Value;

use super::state::{Override, Pipeline};
use crate::refusal::{Answer, Refusal, refuse};
use crate::world::World;

/// Runs that may wait in a pipeline of the mode QUEUED.
/// <https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html>
pub(super) const QUEUE: usize = 50;

pub(super) fn invalid(text: impl Into<String>) -> Refusal {
    refuse("ValidationException", text)
}

/// The place of a pipeline in the list.
pub(super) fn pipeline(world: &World, name: &Value) -> Answer<usize> {
    let name = name.as_str().ok_or_else(|| invalid("the name of the pipeline is missing"))?;
    let found = world.codepipeline.pipelines.iter().position(|p| p.name == name);
    found.ok_or_else(|| {
        let text = format!("Account '{}' does not have a pipeline with name '{name}'", world.account);
        refuse("PipelineNotFoundException", text)
    })
}

/// The place of a run in its pipeline's list.
pub(super) fn execution(p: &Pipeline, id: &Value) -> Answer<usize> {
    let id = id.as_str().unwrap_or("");
    let found = p.executions.iter().position(|e| e.id == id);
    found.ok_or_else(|| {
        let text = "The pipeline execution was specified in an invalid format or cannot be found, or an execution ID does \
                    not belong to the specified pipeline.";
        refuse("PipelineExecutionNotFoundException", text)
    })
}

pub(super) fn stage(p: &Pipeline, name: &Value) -> Answer<usize> {
    let found = p.stages.iter().position(|s| *name == *s.name);
    found.ok_or_else(|| {
        let text = "The stage was specified in an invalid format or cannot be found.";
        refuse("StageNotFoundException", text)
    })
}

/// Revisions that fit their source actions.
pub(super) fn overrides(p: &Pipeline, given: &Value) -> Answer<Vec<Override>> {
    let mut out = Vec::new();
    for revision in given.as_array().into_iter().flatten() {
        let word = |name: &str| revision[name].as_str().unwrap_or("").to_owned();
        let wanted = Override { action: word("actionName"), kind: word("revisionType"), value: word("revisionValue") };
        let sources = p.stages.iter().flat_map(|s| &s.actions).filter(|a| a.kind["category"] == "Source");
        let Some(action) = sources.clone().find(|a| a.name == wanted.action) else {
            return Err(invalid(format!("`{}` is no source action of the pipeline", wanted.action)));
        };
        let fits = match action.kind["provider"].as_str() {
            Some("S3") => ["S3_OBJECT_VERSION_ID", "S3_OBJECT_KEY"].contains(&wanted.kind.as_str()),
            Some("ECR") => wanted.kind == "IMAGE_DIGEST",
            _ => false,
        };
        if !fits {
            return Err(invalid(format!("revision type `{}` is not for action `{}`", wanted.kind, wanted.action)));
        }
        if wanted.kind == "S3_OBJECT_KEY" && action.setting("AllowOverrideForS3ObjectKey") != Some("true") {
            return Err(invalid(format!("action `{}` does not allow another object key", wanted.action)));
        }
        out.push(wanted);
    }
    Ok(out)
}
