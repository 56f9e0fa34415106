//! The action `CodeDeployToECS`: reads task definition and appspec out of artifacts, puts images in, registers, deploys.
//! <https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECSbluegreen.html>

use serde_json::{Value, json};

use super::archive;
use super::engine::Worked;
use super::state::{Action, Pipeline, Progress};
use crate::codedeploy::Status;
use crate::world::World;

/// All input artifacts together, in bytes.
const LIMIT: usize = 3 * 1024 * 1024;
/// Images that an action takes.
const IMAGES: usize = 4;

type Failure = (&'static str, String);

fn misconfigured(text: String) -> Failure {
    ("ConfigurationError", text)
}

fn setting<'a>(action: &'a Action, name: &str) -> Result<&'a str, Failure> {
    action
        .setting(name)
        .ok_or_else(|| misconfigured(format!("Action configuration is missing '{name}' configuration.")))
}

/// The bytes of an artifact of the run.
fn artifact(world: &World, p: &Pipeline, e: usize, name: &str) -> Option<Vec<u8>> {
    let key = p.executions[e].artifacts.get(name)?;
    Some(world.s3.object(&p.bucket, key, None).ok()?.bytes.to_vec())
}

/// A file of an artifact, or what the action says when it cannot be read; that is also what it says when all artifacts
/// together are too large.
fn file(
    world: &World,
    p: &Pipeline,
    e: usize,
    action: &Action,
    what: &str,
    of: (&str, &str),
) -> Result<String, Failure> {
    let (name, path) = of;
    let size: usize = action.inputs.iter().filter_map(|i| artifact(world, p, e, i)).map(|bytes| bytes.len()).sum();
    let text = artifact(world, p, e, name).filter(|_| size <= LIMIT).and_then(|bytes| archive::read(&bytes, path));
    text.ok_or_else(|| unreadable(what, name))
}

fn unreadable(what: &str, artifact: &str) -> Failure {
    let from = if what == "image" { "from the artifact" } else { "from" };
    misconfigured(format!("Exception while trying to read the {what} artifact file {from}: {artifact}."))
}

/// The task definition with its images, as it is registered.
fn task_definition(world: &World, p: &Pipeline, e: usize, action: &Action) -> Result<Value, Failure> {
    let of = (
        setting(action, "TaskDefinitionTemplateArtifact")?,
        action.setting("TaskDefinitionTemplatePath").unwrap_or("taskdef.json"),
    );
    let mut text = file(world, p, e, action, "task definition", of)?;
    for n in 1..=IMAGES {
        let (artifact, container) = (format!("Image{n}ArtifactName"), format!("Image{n}ContainerName"));
        let (artifact, container) = match (action.setting(&artifact), action.setting(&container)) {
            (None, None) => continue,
            _ => (setting(action, &artifact)?, setting(action, &container)?),
        };
        let detail = file(world, p, e, action, "image", (artifact, "imageDetail.json"))?;
        let detail: Value = serde_json::from_str(&detail).unwrap_or_default();
        let uri = detail["ImageURI"].as_str().ok_or_else(|| unreadable("image", artifact))?;
        text = text.replace(&format!("<{container}>"), uri);
    }
    serde_json::from_str(&text).map_err(|e| misconfigured(format!("{}: {e}", of.1)))
}

/// Registers the task definition and creates the deployment.
pub(super) fn begin(world: &mut World, p: &mut Pipeline, e: usize, _: usize, action: &Action) -> Worked {
    let definition = task_definition(world, p, e, action)?;
    let of =
        (setting(action, "AppSpecTemplateArtifact")?, action.setting("AppSpecTemplatePath").unwrap_or("appspec.yaml"));
    let spec = file(world, p, e, action, "app spec", of)?;
    let registered = world.register_task_definition(&definition).map_err(|r| misconfigured(r.message))?;
    let spec = spec.replace("<TASK_DEFINITION>", &registered.arn);
    let id = world.create_deployment(&json!({
        "applicationName": setting(action, "ApplicationName")?,
        "deploymentGroupName": setting(action, "DeploymentGroupName")?,
        "revision": {"revisionType": "AppSpecContent", "appSpecContent": {"content": spec}},
    }));
    id.map(Progress::Deployment).map_err(|r| ("JobFailed", r.message))
}

/// What a deployment that is over means for its action.
pub(super) fn ended(world: &World, id: &str) -> Worked {
    let Some(deployment) = world.codedeploy.deployment(id) else {
        return Err(("JobFailed", format!("The deployment {id} could not be found")));
    };
    let how = match deployment.status {
        Status::Succeeded => return Ok(Progress::Succeeded),
        Status::Stopped => "stopped",
        _ => "failed",
    };
    let text = match &deployment.error {
        Some((code, message)) => format!("Deployment {id} {how}. Error code: {code}; Error message: {message}"),
        None => format!("Deployment {id} {how}."),
    };
    Err(("JobFailed", text))
}
