//! Which stacks an environment has, in which order, with which parameters. What one stack tells, the next one takes.

use std::collections::BTreeMap;

use super::template::{Part, Template};
use crate::config::Environment;
use crate::setting::Setting;
use crate::{Error, Result};

/// The tag that says which environment a stack was made for, and by that, that it was made here.
pub const TAG: &str = "release:environment";

/// A stack as it should be.
#[derive(Clone, Debug)]
pub struct Stack {
    /// Which one.
    pub part: Part,
    /// Its name.
    pub name: String,
    /// Its template.
    pub template: Template,
    /// Its parameters by their names; those that it leaves to the template are not among them.
    pub parameters: BTreeMap<String, Value>,
    /// The environment that it is for.
    pub environment: String,
}

/// The value of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// The value, or where it comes from.
    pub setting: Wanted,
    /// Who says so, in words.
    pub said: &'static str,
}

/// Where the value of a parameter comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Known, or what a stack tells.
    Setting(Setting),
    /// The image to begin with: given at the command, and left as it is in a stack that is there.
    Image,
}

/// Parameters that the environment says outside of `infrastructure`, with who says them.
const ELSEWHERE: [(&str, &str); 18] = [
    ("RepositoryName", "`repository`"),
    ("ImageTag", "`PipelineTag` in `infrastructure.parameters`"),
    ("Service", "`task.container`"),
    ("ContainerPort", "`task.port`"),
    ("CpuArchitecture", "`task.architecture`"),
    ("Cpu", "`task.cpu`"),
    ("Memory", "`task.memory`"),
    ("SpotWeight", "`task.capacity`"),
    ("DeploymentConfigName", "`deployment-config`"),
    ("ImageDigest", "`--image`"),
    ("SourceS3Key", "`key`"),
    ("S3Bucket", "the stack of the service"),
    ("ApplicationName", "the stack of the service"),
    ("DeploymentGroupName", "the stack of the service"),
    ("ExecutionRoleArn", "the stack of the service"),
    ("TaskRoleArn", "the stack of the service"),
    ("TaskDefinitionTemplatePath", "the bundle"),
    ("AppSpecTemplatePath", "the bundle"),
];

/// Who says a parameter that does not stand in `infrastructure`.
pub(crate) fn said_elsewhere(parameter: &str) -> Option<&'static str> {
    ELSEWHERE.iter().find(|(name, _)| *name == parameter).map(|(_, said)| *said)
}

/// The stacks of an environment, in the order in which they are made.
///
/// # Errors
/// When the environment has no `stack`, says what the templates do not make, or leaves a parameter open.
pub fn stacks(name: &str, environment: &Environment) -> Result<Vec<Stack>> {
    let of = |what: String| Error::Release(format!("the environment `{name}` in release.toml: {what}"));
    let Some(service) = &environment.stack else {
        return Err(of(
            "no `stack`, so there is none to make: add it with the name that the stack of the service has, \
             and `infrastructure`"
                .into(),
        ));
    };
    fits(environment, service).map_err(of)?;
    let given = &environment.infrastructure;
    let or = |name: &Option<String>, end: &str| name.clone().unwrap_or_else(|| format!("{service}-{end}"));
    let names = [or(&given.repository, "repository"), service.clone(), or(&given.pipeline, "pipeline")];
    if names[0] == names[1] || names[1] == names[2] || names[0] == names[2] {
        return Err(of(format!("two stacks have the same name of `{}`", names.join("`, `"))));
    }
    let parts = Part::ALL.into_iter().filter(|p| *p != Part::Pipeline || environment.pipeline.is_some());
    let mut out = Vec::new();
    for part in parts {
        let template = part.template()?;
        let mut parameters = BTreeMap::new();
        let mut open = Vec::new();
        for parameter in template.parameters() {
            if let Some(value) = value(part, &parameter.name, environment, service).map_err(of)? {
                if let Wanted::Setting(Setting::Known(known)) = &value.setting {
                    parameter.takes(known).map_err(|e| of(format!("{}: `{known}`: {e}", value.said)))?;
                }
                parameters.insert(parameter.name.clone(), value);
            } else if parameter.default.is_none() {
                open.push(format!("`{}` ({})", parameter.name, parameter.description));
            }
        }
        if !open.is_empty() {
            return Err(of(format!("`infrastructure.parameters` lacks {}", open.join(", "))));
        }
        let (name, environment) = (names[part as usize].clone(), name.to_owned());
        out.push(Stack { part, name, template, parameters, environment });
    }
    Ok(out)
}

/// The value of a parameter; none where the template's own default holds.
fn value(
    part: Part,
    parameter: &str,
    environment: &Environment,
    service: &str,
) -> std::result::Result<Option<Value>, String> {
    let task = &environment.task;
    let output = |name: &str| Setting::Output { stack: service.to_owned(), name: name.to_owned() };
    let known = |text: &str| Setting::Known(text.to_owned());
    let given = |name: &str| environment.infrastructure.parameters.get(name).cloned();
    let setting = match (part, parameter) {
        (_, "RepositoryName") => environment.repository.clone(),
        (_, "Service") => known(&task.container),
        (_, "ImageTag") => match given("PipelineTag") {
            Some(tag) => tag,
            None => return Ok(None),
        },
        (_, "ContainerPort") => known(&task.port.to_string()),
        (_, "CpuArchitecture") => known(&task.architecture),
        (_, "Cpu") => known(&task.cpu.to_string()),
        (_, "Memory") => known(&task.memory.to_string()),
        (_, "SpotWeight") => known(&spot(&task.capacity)?.to_string()),
        (_, "DeploymentConfigName") => known(&environment.deployment_config),
        (_, "SourceS3Key") => known(&environment.key),
        (_, "S3Bucket") => output("SourceBucket"),
        (_, "ApplicationName" | "DeploymentGroupName" | "ExecutionRoleArn" | "TaskRoleArn") => output(parameter),
        (_, "TaskDefinitionTemplatePath" | "AppSpecTemplatePath") => return Ok(None),
        // The topic of the service, whoever made it.
        (Part::Pipeline, "SnsTopic") => output("TopicArn"),
        (_, "ImageDigest") => return Ok(Some(Value { setting: Wanted::Image, said: "`--image`" })),
        (_, name) => match given(name) {
            Some(setting) => setting,
            None => return Ok(None),
        },
    };
    let said = match (part, parameter) {
        (Part::Pipeline, "SnsTopic") => "the stack of the service",
        _ => said_elsewhere(parameter).unwrap_or("`infrastructure.parameters`"),
    };
    Ok(Some(Value { setting: Wanted::Setting(setting), said }))
}

/// Tasks on Spot for each one on Fargate, which the template has as one number.
fn spot(capacity: &BTreeMap<String, u32>) -> std::result::Result<u32, String> {
    if let Some(other) = capacity.keys().find(|k| !matches!(k.as_str(), "FARGATE" | "FARGATE_SPOT")) {
        return Err(format!("`task.capacity` has `{other}`: the template makes `FARGATE` and `FARGATE_SPOT`"));
    }
    let weight = |name: &str| capacity.get(name).copied().unwrap_or(0);
    match (weight("FARGATE"), weight("FARGATE_SPOT")) {
        (0 | 1, 0) => Ok(0),
        (1, spot) => Ok(spot),
        _ => Err("`task.capacity`: the template has the weight 1 for `FARGATE`".into()),
    }
}

/// Whether the names in `release.toml` are those that the templates give.
fn fits(environment: &Environment, stack: &str) -> std::result::Result<(), String> {
    let task = &environment.task;
    let name = &task.container;
    let same = |key: &str, has: &str, wants: &str| {
        if has == wants {
            return Ok(());
        }
        Err(format!("`{key} = \"{has}\"`: the templates make `{wants}`, after `task.container`"))
    };
    let known = |key: &str, has: &Setting, wants: &str| match has {
        Setting::Known(has) => same(key, has, wants),
        Setting::Output { .. } => Ok(()),
    };
    known("cluster", &environment.cluster, name)?;
    known("service", &environment.service, name)?;
    known("application", &environment.application, name)?;
    known("deployment-group", &environment.deployment_group, name)?;
    known("log-group", &task.log_group, &format!("/ecs/{name}"))?;
    if let Some(pipeline) = &environment.pipeline {
        known("pipeline", pipeline, &format!("{name}-pipeline"))?;
    }
    same("family", &task.family, name)?;
    if task.placeholder != "ECR_IMAGE" {
        return Err(format!("`placeholder = \"{}\"`: the templates have `ECR_IMAGE`", task.placeholder));
    }
    let told = [
        ("bucket", &environment.bucket, "SourceBucket"),
        ("execution-role", &task.execution_role, "ExecutionRoleArn"),
        ("task-role", &task.task_role, "TaskRoleArn"),
    ];
    for (key, setting, output) in told {
        if matches!(setting, Setting::Known(_)) {
            return Err(format!("`{key}`: CloudFormation names it: write `${{output:{stack}.{output}}}`"));
        }
    }
    Ok(())
}

impl Stack {
    /// Names of the stacks that tell something for it.
    pub fn takes_from(&self) -> impl Iterator<Item = &str> {
        self.parameters.values().filter_map(|v| match &v.setting {
            Wanted::Setting(Setting::Output { stack, .. }) => Some(stack.as_str()),
            _ => None,
        })
    }
}
