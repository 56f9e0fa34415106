//! Operations of `CodeDeploy`.

use serde_json::{Value, json};

use super::config::Shift;
use super::ending::Cause;
use super::state::{Deployment, Phase, Status};
use super::{rules, shown};
use crate::refusal::{Answer, Refusal, refuse};
use crate::world::World;

pub(crate) fn answer(world: &mut World, operation: &str, input: &Value) -> Answer {
    match operation {
        "ListApplications" => Ok(json!({"applications": applications(world)})),
        "GetApplication" => {
            let name = rules::application(world, input["applicationName"].as_str())?;
            let group = world.codedeploy.groups.iter().find(|g| g.application == name);
            Ok(json!({"application": {
                "applicationId": group.map(|g| g.id.as_str()), "applicationName": name,
                "createTime": group.map(|g| g.created.json()), "linkedToGitHub": false, "computePlatform": "ECS",
            }}))
        }
        "ListDeploymentGroups" => {
            let name = rules::application(world, input["applicationName"].as_str())?;
            let groups = world.codedeploy.groups.iter().filter(|g| g.application == name).map(|g| g.name.as_str());
            Ok(json!({"applicationName": name, "deploymentGroups": groups.collect::<Vec<_>>()}))
        }
        "GetDeploymentGroup" => {
            let group = rules::group(world, input, "deploymentGroupName")?;
            Ok(json!({"deploymentGroupInfo": shown::group(world, group)}))
        }
        "ListDeploymentConfigs" => Ok(json!({"deploymentConfigsList": Shift::names()})),
        "GetDeploymentConfig" => config(input),
        "CreateDeployment" => Ok(json!({"deploymentId": world.create_deployment(input)?})),
        "GetDeployment" => Ok(json!({"deploymentInfo": shown::deployment(deployment(world, input)?)})),
        "BatchGetDeployments" => {
            let ids = input["deploymentIds"].as_array().map_or(&[][..], Vec::as_slice);
            let found = ids.iter().filter_map(|id| world.codedeploy.deployment(id.as_str()?));
            Ok(json!({"deploymentsInfo": found.map(shown::deployment).collect::<Vec<_>>()}))
        }
        "ListDeployments" => list(world, input),
        "ListDeploymentTargets" => Ok(json!({"targetIds": [shown::id(&started(world, input)?.group)]})),
        "GetDeploymentTarget" => {
            let d = started(world, input)?;
            target(d, &input["targetId"])?;
            Ok(json!({"deploymentTarget": shown::target(world, d)}))
        }
        "BatchGetDeploymentTargets" => {
            let d = started(world, input)?;
            let ids = input["targetIds"].as_array().filter(|ids| !ids.is_empty());
            for id in ids.ok_or_else(no_target)? {
                target(d, id)?;
            }
            Ok(json!({"deploymentTargets": [shown::target(world, d)]}))
        }
        "StopDeployment" => stop(world, input),
        "ContinueDeployment" => go_on(world, input),
        _ => Err(Refusal::unknown(operation)),
    }
}

fn applications(world: &World) -> Vec<&str> {
    let mut names: Vec<&str> = world.codedeploy.groups.iter().map(|g| g.application.as_str()).collect();
    names.dedup();
    names
}

fn config(input: &Value) -> Answer {
    let missing =
        || refuse("DeploymentConfigNameRequiredException", "The deployment configuration name was not specified.");
    let name = input["deploymentConfigName"].as_str().ok_or_else(missing)?;
    let shift = rules::config(name)?;
    Ok(json!({"deploymentConfigInfo": {
        "deploymentConfigId": "00000000-0000-0000-0000-000000000000",
        "deploymentConfigName": name,
        "computePlatform": "ECS",
        "trafficRoutingConfig": shift.shown(),
    }}))
}

fn deployment<'a>(world: &'a World, input: &Value) -> Answer<&'a Deployment> {
    let missing = || refuse("DeploymentIdRequiredException", "At least one deployment ID must be specified.");
    let id = input["deploymentId"].as_str().ok_or_else(missing)?;
    let found = world.codedeploy.deployment(id);
    let unknown = || refuse("DeploymentDoesNotExistException", format!("The deployment {id} could not be found"));
    found.ok_or_else(unknown)
}

fn started<'a>(world: &'a World, input: &Value) -> Answer<&'a Deployment> {
    let d = deployment(world, input)?;
    let early = || refuse("DeploymentNotStartedException", "The specified deployment has not started.");
    d.started.map(|_| d).ok_or_else(early)
}

fn no_target() -> Refusal {
    refuse("DeploymentTargetIdRequiredException", "A deployment target ID was not provided.")
}

fn target(d: &Deployment, id: &Value) -> Answer<()> {
    match id.as_str() {
        None => Err(no_target()),
        Some(id) if id == shown::id(&d.group) => Ok(()),
        Some(_) => {
            let text = "The provided target ID does not belong to the attempted deployment.";
            Err(refuse("DeploymentTargetDoesNotExistException", text))
        }
    }
}

/// The newest first, on one page.
fn list(world: &World, input: &Value) -> Answer {
    let application = match input["applicationName"].as_str() {
        Some(name) => Some(rules::application(world, Some(name))?),
        None => None,
    };
    let group = match &input["deploymentGroupName"] {
        Value::Null => None,
        _ => Some(&rules::group(world, input, "deploymentGroupName")?.name),
    };
    let statuses = input["includeOnlyStatuses"].as_array();
    let range = &input["createTimeRange"];
    #[allow(clippy::cast_precision_loss)] // milliseconds of our time are far below 2^53
    let seconds = |d: &Deployment| d.created.millis() as f64 / 1000.0;
    let fits = |d: &&Deployment| {
        application.is_none_or(|a| a == d.group.application)
            && group.is_none_or(|g| *g == d.group.name)
            && statuses.is_none_or(|s| s.is_empty() || s.iter().any(|s| s == d.status.name()))
            && range["start"].as_f64().is_none_or(|start| seconds(d) >= start)
            && range["end"].as_f64().is_none_or(|end| seconds(d) <= end)
    };
    let found = world.codedeploy.deployments.iter().rev().filter(fits);
    Ok(json!({"deployments": found.map(|d| d.id.as_str()).collect::<Vec<_>>()}))
}

/// The deployment if it is still under way, to be put back after a change.
fn running(world: &World, input: &Value) -> Answer<(usize, Deployment)> {
    let d = deployment(world, input)?;
    if d.status.over() {
        return Err(refuse("DeploymentAlreadyCompletedException", "The deployment is already complete."));
    }
    let index = world.codedeploy.deployments.iter().position(|o| o.id == d.id).unwrap_or(0);
    Ok((index, d.clone()))
}

fn stop(world: &mut World, input: &Value) -> Answer {
    let (index, mut d) = running(world, input)?;
    world.end(&mut d, &Cause::Stopped(input["autoRollbackEnabled"].as_bool()));
    world.codedeploy.deployments[index] = d;
    let text = "No more commands will be scheduled for execution in the deployment instances";
    Ok(json!({"status": "Succeeded", "statusMessage": text}))
}

fn go_on(world: &mut World, input: &Value) -> Answer {
    let (index, mut d) = running(world, input)?;
    let not_ready = || {
        let text = "The deployment does not have a status of Ready and can't continue yet.";
        refuse("DeploymentIsNotInReadyStateException", text)
    };
    match input["deploymentWaitType"].as_str().unwrap_or("READY_WAIT") {
        "READY_WAIT" if d.status == Status::Ready => world.go_on(&mut d),
        "TERMINATION_WAIT" if d.phase == Phase::Wait => d.due = Some(world.now),
        "READY_WAIT" | "TERMINATION_WAIT" => return Err(not_ready()),
        _ => return Err(refuse("InvalidDeploymentWaitTypeException", "The wait type is invalid.")),
    }
    world.codedeploy.deployments[index] = d;
    // It goes on at once, for whoever asks next.
    let now = world.now;
    world.step(now);
    Ok(Value::Null)
}
