//! What `CodeDeploy` refuses, and a deployment that it takes.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::appspec::AppSpec;
use super::config::Shift;
use super::state::{Deployment, EVENTS, Event, Group, Phase, Status};
use crate::refusal::{Answer, Refusal, refuse};
use crate::world::World;

pub(super) fn application<'a>(world: &'a World, name: Option<&str>) -> Answer<&'a str> {
    let name = name.ok_or_else(|| {
        refuse(
            "ApplicationNameRequiredException",
            "The minimum number of required application names was not specified.",
        )
    })?;
    let found = world.codedeploy.groups.iter().map(|g| g.application.as_str()).find(|a| *a == name);
    found.ok_or_else(|| refuse("ApplicationDoesNotExistException", format!("No application found for name: {name}")))
}

pub(super) fn group<'a>(world: &'a World, input: &Value, field: &str) -> Answer<&'a Group> {
    let application = application(world, input["applicationName"].as_str())?;
    let missing = || refuse("DeploymentGroupNameRequiredException", "The deployment group name was not specified.");
    let name = input[field].as_str().ok_or_else(missing)?;
    let found = world.codedeploy.groups.iter().find(|g| g.application == application && g.name == name);
    found.ok_or_else(|| {
        refuse("DeploymentGroupDoesNotExistException", format!("No Deployment Group found for name: {name}"))
    })
}

pub(super) fn config(name: &str) -> Answer<Shift> {
    Shift::of(name).ok_or_else(|| {
        let text = format!("No deployment configuration found for name: {name}");
        refuse("DeploymentConfigDoesNotExistException", text)
    })
}

fn invalid(why: &str) -> Refusal {
    refuse("InvalidRevisionException", format!("The revision was specified in an invalid format: {why}"))
}

/// The appspec of a revision, and how the revision is told.
pub(super) fn revision(world: &World, input: &Value) -> Answer<(String, Value)> {
    let revision = &input["revision"];
    if revision.is_null() {
        return Err(refuse("RevisionRequiredException", "The revision ID was not specified."));
    }
    let (field, kind) = match revision["revisionType"].as_str().unwrap_or("") {
        "S3" => return from_s3(world, &revision["s3Location"]),
        "String" => ("string", "String"),
        "AppSpecContent" => ("appSpecContent", "AppSpecContent"),
        other => return Err(invalid(&format!("revision type `{other}` is not for Amazon ECS"))),
    };
    let content = revision[field]["content"].as_str().ok_or_else(|| invalid("it has no content"))?;
    let sum = hex(&Sha256::digest(content.as_bytes()));
    if revision[field]["sha256"].as_str().is_some_and(|given| given != sum) {
        return Err(invalid("the content has another SHA-256 sum"));
    }
    // The content is always null when it is asked for later.
    Ok((content.to_owned(), json!({"revisionType": kind, field: {"sha256": sum}})))
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

fn from_s3(world: &World, location: &Value) -> Answer<(String, Value)> {
    let text = |name: &str| location[name].as_str();
    let (bucket, key) = (text("bucket").unwrap_or(""), text("key").unwrap_or(""));
    if !matches!(text("bundleType"), Some("YAML" | "JSON")) {
        return Err(invalid("the bundle type for Amazon ECS is YAML or JSON"));
    }
    let object = world.s3.object(bucket, key, text("version")).map_err(|r| invalid(&r.message))?;
    let content = std::str::from_utf8(&object.bytes).map_err(|_| invalid("it is no text"))?;
    Ok((content.to_owned(), json!({"revisionType": "S3", "s3Location": location})))
}

/// Who runs in the group already.
pub(super) fn free(world: &World, group: &Group) -> Answer<()> {
    let running = world.codedeploy.deployments.iter().find(|d| d.group.name == group.name && !d.status.over());
    match running {
        None => Ok(()),
        Some(d) => {
            let text = format!("The Deployment Group '{}' already has an active Deployment '{}'", group.name, d.id);
            Err(refuse("DeploymentLimitExceededException", text))
        }
    }
}

/// Who made a deployment and what else is said of it.
#[derive(Default)]
pub(crate) struct Origin {
    pub(super) creator: &'static str,
    pub(super) description: Option<String>,
}

impl World {
    /// `CreateDeployment`, for clients and for pipelines. The id.
    pub(crate) fn create_deployment(&mut self, input: &Value) -> Answer<String> {
        let mut group = group(self, input, "deploymentGroupName")?.clone();
        let name = input["deploymentConfigName"].as_str().unwrap_or(&group.config).to_owned();
        let shift = config(&name)?;
        group.config = name;
        let (content, told) = revision(self, input)?;
        let spec = AppSpec::parse(&content).map_err(|why| invalid(&why))?;
        free(self, &group)?;
        let own = &input["autoRollbackConfiguration"];
        if let Some(enabled) = own["enabled"].as_bool() {
            let events = own["events"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
            group.rollback = if enabled { events.collect() } else { Vec::new() };
        }
        let alarms = &input["overrideAlarmConfiguration"];
        if let Some(enabled) = alarms["enabled"].as_bool() {
            let names = alarms["alarms"].as_array().into_iter().flatten().filter_map(|a| a["name"].as_str());
            group.alarms = if enabled { names.map(str::to_owned).collect() } else { Vec::new() };
        }
        let description = input["description"].as_str().map(str::to_owned);
        let origin = Origin { creator: "user", description };
        Ok(self.add_deployment(group, shift, (content, told, spec), origin))
    }

    pub(super) fn add_deployment(
        &mut self,
        group: Group,
        shift: Shift,
        (content, revision, spec): (String, Value, AppSpec),
        origin: Origin,
    ) -> String {
        let id = self.ids.deployment();
        let before = self.codedeploy.deployments.iter().rev();
        let previous = before.clone().find(|d| d.group.name == group.name && d.status == Status::Succeeded);
        let event = Event { status: "Pending", begun: None, ended: None, message: None };
        let deployment = Deployment {
            id: id.clone(),
            previous: previous.map(|d| d.revision.clone()),
            group,
            shift,
            revision,
            content,
            spec,
            status: Status::Created,
            phase: Phase::Queue,
            due: Some(self.now.after(self.timing.queue)),
            created: self.now,
            started: None,
            completed: None,
            updated: self.now,
            error: None,
            description: origin.description,
            creator: origin.creator,
            events: vec![event; EVENTS.len()],
            target: "Pending",
            blue: None,
            green: None,
            blue_group: String::new(),
            green_group: String::new(),
            traffic_began: None,
            rollback: None,
            waits: false,
        };
        self.codedeploy.deployments.push(deployment);
        id
    }
}
