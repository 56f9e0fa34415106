//! `release.toml`: where a service is released to, one table an environment. Read once, and checked while it is read.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use toml::Spanned;

pub use crate::flow::cost::Prices;
pub use crate::infra::settings::Infrastructure;
use crate::setting::{Setting, is_account, is_name, is_region, is_topic};
use crate::{Error, Result, fargate, infra};

/// The file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The environments by name.
    pub environments: BTreeMap<String, Environment>,
}

/// Where a service is released to, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    /// The account, 12 digits; credentials of another one are refused.
    pub account: String,
    /// The region, such as `eu-west-1`.
    pub region: String,
    /// The `CloudFormation` stack of the service; empty when there is none.
    pub stack: Option<String>,
    /// ECS cluster.
    pub cluster: Setting,
    /// ECS service.
    pub service: Setting,
    /// ECR repository, without the registry.
    pub repository: Setting,
    /// Bucket that the pipeline takes the bundle from.
    pub bucket: Setting,
    /// Its key there.
    pub key: String,
    /// The pipeline; none when releases go to `CodeDeploy` straight.
    pub pipeline: Option<Setting>,
    /// `CodeDeploy` application.
    pub application: Setting,
    /// `CodeDeploy` deployment group.
    pub deployment_group: Setting,
    /// `CodeDeploy` deployment configuration.
    pub deployment_config: String,
    /// The task that is released.
    pub task: Task,
    /// SNS topic that is told of the pipeline and its deployments, an ARN; empty when there is none.
    pub topic: Option<Setting>,
    /// What Fargate costs there, when it is said.
    pub prices: Option<Prices>,
    /// Minutes that things may take.
    pub limits: Limits,
    /// Whether a person has to say yes before a release begins.
    pub approval: bool,
    /// What `infra` makes of it.
    pub infrastructure: Infrastructure,
}

/// The task definition's own settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// Family of the task definition.
    pub family: String,
    /// Name of the container that gets the traffic.
    pub container: String,
    /// Port that it listens on.
    pub port: u16,
    /// CPU units, 1024 for one vCPU.
    pub cpu: u32,
    /// MiB.
    pub memory: u32,
    /// `X86_64` or `ARM64`.
    pub architecture: String,
    /// Role that pulls the image and writes logs.
    pub execution_role: Setting,
    /// Role of the program.
    pub task_role: Setting,
    /// Log group of awslogs.
    pub log_group: Setting,
    /// Environment of the container.
    pub env: BTreeMap<String, String>,
    /// Weights of the capacity providers; the first task runs on the first one named by ECS, `FARGATE`.
    pub capacity: BTreeMap<String, u32>,
    /// Name that stands in angle brackets for the image, `Image1ContainerName` of the pipeline.
    pub placeholder: String,
}

/// Time limits, in minutes.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Limits {
    /// Until the pipeline has begun to deploy.
    pub pipeline: u32,
    /// Until all traffic is on the new tasks; `CodeDeploy` itself gives them 60 to get well.
    pub traffic: u32,
    /// Until the old tasks are gone.
    pub finish: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { pipeline: 15, traffic: 90, finish: 180 }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    environment: BTreeMap<String, Table>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Table {
    account: Spanned<String>,
    region: Spanned<String>,
    stack: Option<Spanned<String>>,
    cluster: Spanned<String>,
    service: Spanned<String>,
    repository: Spanned<String>,
    bucket: Spanned<String>,
    key: Spanned<String>,
    pipeline: Option<Spanned<String>>,
    application: Spanned<String>,
    deployment_group: Spanned<String>,
    deployment_config: Spanned<String>,
    topic: Option<Spanned<String>>,
    prices: Option<PriceTable>,
    task: TaskTable,
    #[serde(default)]
    limits: Limits,
    #[serde(default)]
    approval: bool,
    #[serde(default)]
    infrastructure: infra::settings::Table,
}

/// US dollars.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct PriceTable {
    vcpu_hour: Spanned<f64>,
    gb_hour: Spanned<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct TaskTable {
    family: Spanned<String>,
    container: Spanned<String>,
    port: Spanned<u16>,
    cpu: Spanned<u32>,
    memory: Spanned<u32>,
    architecture: Option<Spanned<String>>,
    execution_role: Spanned<String>,
    task_role: Spanned<String>,
    log_group: Spanned<String>,
    #[serde(default)]
    env: BTreeMap<String, Spanned<String>>,
    #[serde(default)]
    capacity: BTreeMap<String, u32>,
    placeholder: Option<Spanned<String>>,
}

impl Config {
    /// Reads a file; `${NAME}` is looked up in `variables`.
    ///
    /// # Errors
    /// With line and key, when something is not as expected.
    pub fn load(path: &Path, variables: &dyn Fn(&str) -> Option<String>) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(Error::io("cannot read", path))?;
        Self::parse(path, &text, variables)
    }

    /// The same for a text in hand; `path` is what errors name.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn parse(path: &Path, text: &str, variables: &dyn Fn(&str) -> Option<String>) -> Result<Self> {
        let reader = Reader { path, text, variables };
        let file: File = toml::from_str(text).map_err(|e| reader.error(e.span().map(|s| s.start), e.message()))?;
        let environments: Result<_> =
            file.environment.into_iter().map(|(name, t)| Ok((name, reader.environment(t)?))).collect();
        Ok(Self { environments: environments? })
    }

    /// An environment by name.
    ///
    /// # Errors
    /// With the names that are there.
    pub fn environment(&self, name: &str) -> std::result::Result<&Environment, String> {
        let names = || self.environments.keys().map(|k| format!("`{k}`")).collect::<Vec<_>>().join(", ");
        self.environments.get(name).ok_or_else(|| format!("no environment `{name}`; there are {}", names()))
    }
}

/// What an error needs.
pub(crate) struct Reader<'a> {
    path: &'a Path,
    text: &'a str,
    variables: &'a dyn Fn(&str) -> Option<String>,
}

impl Reader<'_> {
    pub(crate) fn error(&self, byte: Option<usize>, message: &str) -> Error {
        let line =
            byte.map(|b| self.text.as_bytes()[..b.min(self.text.len())].iter().filter(|c| **c == b'\n').count() + 1);
        Error::File { path: self.path.to_owned(), line, message: message.to_owned() }
    }

    pub(crate) fn setting(&self, key: &str, value: &Spanned<String>) -> Result<Setting> {
        Setting::parse(value.get_ref(), self.variables)
            .map_err(|e| self.error(Some(value.span().start), &format!("`{key}`: {e}")))
    }

    /// A value that has to be known now, and what it has to be.
    pub(crate) fn known(
        &self,
        key: &str,
        value: &Spanned<String>,
        fits: fn(&str) -> bool,
        expected: &str,
    ) -> Result<String> {
        match self.setting(key, value)? {
            Setting::Known(v) if fits(&v) => Ok(v),
            Setting::Known(v) => {
                Err(self.error(Some(value.span().start), &format!("`{key} = \"{v}\"`: expected {expected}")))
            }
            Setting::Output { .. } => {
                Err(self
                    .error(Some(value.span().start), &format!("`{key}` cannot come from a stack: expected {expected}")))
            }
        }
    }

    /// A value that a stack may tell later; what is known now is checked now.
    fn later(&self, key: &str, value: &Spanned<String>, fits: fn(&str) -> bool, expected: &str) -> Result<Setting> {
        let setting = self.setting(key, value)?;
        match &setting {
            Setting::Known(v) if !fits(v) => {
                Err(self.error(Some(value.span().start), &format!("`{key} = \"{v}\"`: expected {expected}")))
            }
            _ => Ok(setting),
        }
    }

    fn environment(&self, t: Table) -> Result<Environment> {
        let name = "a name of letters, digits, dashes, dots, slashes and underscores";
        let config =
            self.known("deployment-config", &t.deployment_config, is_name, "the name of a deployment configuration")?;
        if config.starts_with("CodeDeployDefault.") && !config.starts_with("CodeDeployDefault.ECS") {
            let at = Some(t.deployment_config.span().start);
            return Err(self.error(at, &format!("`deployment-config = \"{config}\"`: is not one for ECS, whose names begin with `CodeDeployDefault.ECS`")));
        }
        Ok(Environment {
            account: self.known("account", &t.account, is_account, "12 digits in quotes")?,
            region: self.known("region", &t.region, is_region, "a region such as `eu-west-1`")?,
            stack: t.stack.as_ref().map(|s| self.known("stack", s, is_name, name)).transpose()?,
            cluster: self.later("cluster", &t.cluster, is_name, name)?,
            service: self.later("service", &t.service, is_name, name)?,
            repository: self.later("repository", &t.repository, is_name, name)?,
            bucket: self.later("bucket", &t.bucket, is_name, name)?,
            key: self.known(
                "key",
                &t.key,
                |k| !k.is_empty() && !k.starts_with('/'),
                "a key without a leading slash",
            )?,
            pipeline: t.pipeline.as_ref().map(|p| self.later("pipeline", p, is_name, name)).transpose()?,
            application: self.later("application", &t.application, is_name, name)?,
            deployment_group: self.later("deployment-group", &t.deployment_group, is_name, name)?,
            deployment_config: config,
            topic: t.topic.as_ref().map(|t| self.later("topic", t, is_topic, "the ARN of an SNS topic")).transpose()?,
            prices: t.prices.as_ref().map(|p| self.prices(p)).transpose()?,
            task: self.task(t.task)?,
            limits: t.limits,
            approval: t.approval,
            infrastructure: t.infrastructure.read(self)?,
        })
    }

    fn prices(&self, t: &PriceTable) -> Result<Prices> {
        let read = |key: &str, value: &Spanned<f64>| {
            let dollars = *value.get_ref();
            if !(0.0..=1000.0).contains(&dollars) {
                let text = format!("`{key} = {dollars}`: expected US dollars for an hour, 0 to 1000");
                return Err(self.error(Some(value.span().start), &text));
            }
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // of 0 to 10^12
            Ok((dollars * 1e9).round() as u64)
        };
        Ok(Prices { vcpu_hour: read("vcpu-hour", &t.vcpu_hour)?, gb_hour: read("gb-hour", &t.gb_hour)? })
    }

    fn task(&self, t: TaskTable) -> Result<Task> {
        let name = "a name of letters, digits, dashes and underscores";
        let role = |r: &str| r.starts_with("arn:aws") && r.contains(":role/");
        let (cpu, memory) = (*t.cpu.get_ref(), *t.memory.get_ref());
        if let Err(e) = fargate::fits(cpu, memory) {
            return Err(self.error(Some(t.memory.span().start), &format!("`memory = {memory}`: {e}")));
        }
        let port = *t.port.get_ref();
        if port == 0 {
            return Err(self.error(Some(t.port.span().start), "`port = 0`: expected 1 to 65535"));
        }
        let or = |value: &Option<Spanned<String>>, key, default: &str, fits, expected| match value {
            None => Ok(default.to_owned()),
            Some(v) => self.known(key, v, fits, expected),
        };
        let architecture =
            or(&t.architecture, "architecture", "X86_64", |a| matches!(a, "X86_64" | "ARM64"), "`X86_64` or `ARM64`")?;
        let env: Result<_> =
            t.env.iter().map(|(k, v)| Ok((k.clone(), self.known(k, v, |_| true, "a value")?))).collect();
        Ok(Task {
            family: self.known("family", &t.family, is_name, name)?,
            container: self.known("container", &t.container, is_name, name)?,
            port,
            cpu,
            memory,
            architecture,
            execution_role: self.later("execution-role", &t.execution_role, role, "the ARN of a role")?,
            task_role: self.later("task-role", &t.task_role, role, "the ARN of a role")?,
            log_group: self.later("log-group", &t.log_group, is_name, "the name of a log group")?,
            env: env?,
            capacity: t.capacity,
            placeholder: or(&t.placeholder, "placeholder", "ECR_IMAGE", is_name, name)?,
        })
    }
}
