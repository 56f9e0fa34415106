//! Releases by `CodeDeploy` blue/green, under a pipeline or straight.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::look::Known;
use super::{Client, account, balancing, codedeploy, codepipeline, ecs, storage};
use crate::bundle::{self, Image, ImageRef};
use crate::config::Environment;
use crate::flow::Engine;
use crate::flow::engine::{Caller, Handover, Run, Serving, Traffic};
use crate::flow::seen::{Seen, Stopped};
use crate::{Error, Result};

/// The engine for one environment.
pub struct BlueGreen {
    client: Client,
    environment: Environment,
    known: Known,
}

/// A text of an answer; what is none is empty.
pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap_or("").to_owned()
}

impl BlueGreen {
    /// The engine; what `release.toml` takes from stacks is asked for.
    ///
    /// # Errors
    /// When a stack does not tell what it should.
    pub async fn new(client: Client, environment: &Environment) -> Result<Self> {
        let mut known: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
        for stack in environment.stacks() {
            let outputs = account::outputs(&client, &stack).await?;
            known.insert(stack, outputs);
        }
        let environment = environment
            .resolved(&|stack, name| known.get(stack)?.get(name).cloned())
            .map_err(|what| Error::Release(format!("release.toml: {what}")))?;
        Ok(Self { client, environment, known: Known::default() })
    }

    /// The environment, with everything known.
    #[must_use]
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    fn cluster(&self) -> String {
        self.environment.cluster.to_string()
    }

    fn service(&self) -> String {
        self.environment.service.to_string()
    }

    fn bucket(&self) -> String {
        self.environment.bucket.to_string()
    }

    fn pipeline(&self) -> Option<String> {
        self.environment.pipeline.as_ref().map(ToString::to_string)
    }

    fn group(&self) -> (String, String) {
        (self.environment.application.to_string(), self.environment.deployment_group.to_string())
    }

    /// Starts the pipeline with archive and image pinned.
    async fn start_pipeline(&self, name: &str, what: &Handover) -> Result<Run> {
        let shape = codepipeline::shape(&self.client, name).await?;
        let missing = |kind: &str| Error::Release(format!("the pipeline `{name}` has no {kind}: nothing to pin"));
        let (archive, bucket, key) = shape.archive.ok_or_else(|| missing("source action of S3"))?;
        let (image, repository) = shape.image.ok_or_else(|| missing("source action of ECR"))?;
        let ours = self.environment.repository.to_string();
        if bucket != self.bucket() || repository != ours {
            let theirs = format!("the bucket `{bucket}` and the repository `{repository}`");
            let here = format!("`{}` and `{ours}`", self.bucket());
            return Err(Error::Release(format!("the pipeline `{name}` takes {theirs}, release.toml has {here}")));
        }
        if shape.group.as_ref().is_some_and(|g| *g != self.group()) {
            let (application, group) = shape.group.unwrap_or_default();
            return Err(Error::Release(format!(
                "the pipeline `{name}` deploys to `{application}`/`{group}`, which release.toml does not have as \
                 `application` and `deployment-group`"
            )));
        }
        let pin = |action: &str, kind: &str, value: &str| json!({"actionName": action, "revisionType": kind, "revisionValue": value});
        let mut revisions =
            vec![pin(&archive, "S3_OBJECT_VERSION_ID", &what.version), pin(&image, "IMAGE_DIGEST", &what.image.digest)];
        if what.key != key {
            revisions.push(pin(&archive, "S3_OBJECT_KEY", &what.key));
        }
        // A request that is sent again for want of an answer is the same start.
        let token = crate::flow::record::nonce();
        let execution = codepipeline::start(&self.client, name, &json!(revisions), &token).await?;
        Ok(Run { execution: Some(execution), ..Run::default() })
    }

    /// Starts a deployment without a pipeline.
    async fn start_straight(&self, what: &Handover) -> Result<Run> {
        let made = if let Some(made) = &what.again {
            made.clone()
        } else {
            let definition = bundle::task_definition(&self.environment, &Image::Exact(what.image.clone()));
            let arn = ecs::register(&self.client, &definition).await?;
            let appspec = bundle::appspec(&self.environment.task, &arn);
            (arn, appspec)
        };
        let (application, group) = self.group();
        let to = (application.as_str(), group.as_str(), self.environment.deployment_config.as_str());
        let deployment = match codedeploy::create(&self.client, to, &made.1).await {
            Err(Error::Aws(r)) if r.code == "DeploymentLimitExceededException" => {
                let running = self.busy().await?.unwrap_or_else(|| r.message.clone());
                return Err(Error::Busy(running));
            }
            other => other?,
        };
        Ok(Run { execution: None, deployment: Some(deployment), made: Some(made) })
    }
}

impl Engine for BlueGreen {
    async fn caller(&self) -> Result<Caller> {
        account::caller(&self.client).await
    }

    async fn fits(&self) -> Result<()> {
        let (cluster, service) = (self.cluster(), self.service());
        let (controller, strategy) = ecs::controller(&self.client, &cluster, &service).await?;
        if controller != "CODE_DEPLOY" {
            let by = match (controller.as_str(), strategy) {
                ("ECS", Some(strategy)) => format!("ECS itself, by its strategy {strategy}"),
                ("ECS", None) => "ECS itself".to_owned(),
                _ => "a program that CodeDeploy is not".to_owned(),
            };
            return Err(Error::Release(format!(
                "the service `{service}` has the deployment controller {controller}: it is released by {by}, and this \
                 command releases by CodeDeploy only so far"
            )));
        }
        let (application, name) = self.group();
        let group = codedeploy::group(&self.client, &application, &name).await?;
        if group.service != (cluster.clone(), service.clone()) {
            let (c, s) = group.service;
            return Err(Error::Release(format!(
                "the deployment group `{name}` releases the service `{s}` of the cluster `{c}`, release.toml has \
                 `{service}` of `{cluster}`"
            )));
        }
        Ok(())
    }

    async fn image(&self, digest: &str) -> Result<ImageRef> {
        let Environment { account, region, repository, .. } = &self.environment;
        let domain = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
        let uri = format!("{account}.dkr.ecr.{region}.{domain}/{repository}");
        let image = ImageRef::new(&uri, digest).map_err(Error::Release)?;
        let input = json!({"repositoryName": repository.to_string(), "imageIds": [{"imageDigest": digest}]});
        match self.client.json(super::service::ECR, "DescribeImages", &input).await {
            Err(Error::Aws(r)) if r.code == "ImageNotFoundException" => Err(Error::Release(format!(
                "the repository `{repository}` has no image {digest}: push it first, with `cargo xtask image push`"
            ))),
            other => other.map(|_| image),
        }
    }

    async fn busy(&self) -> Result<Option<String>> {
        let (application, group) = self.group();
        codedeploy::busy(&self.client, &application, &group).await
    }

    async fn place(&self, folder: &str) -> Result<String> {
        let Some(name) = self.pipeline() else { return Ok(format!("{folder}/artifacts.zip")) };
        let shape = codepipeline::shape(&self.client, &name).await?;
        // A new object under the pipeline's own key would start a second run where a rule waits for one.
        Ok(if shape.any_key { format!("{folder}/artifacts.zip") } else { self.environment.key.clone() })
    }

    async fn put(&self, key: &str, kind: &str, bytes: Vec<u8>) -> Result<String> {
        storage::put(&self.client, &self.bucket(), key, kind, bytes).await
    }

    async fn get(&self, key: &str, version: Option<&str>) -> Result<Option<Vec<u8>>> {
        storage::get(&self.client, &self.bucket(), key, version).await
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>> {
        storage::list(&self.client, &self.bucket(), prefix).await
    }

    async fn start(&self, what: &Handover) -> Result<Run> {
        match self.pipeline() {
            Some(name) => self.start_pipeline(&name, what).await,
            None => self.start_straight(what).await,
        }
    }

    async fn look(&self, run: &Run, all: bool) -> Result<Seen> {
        let mut seen = Seen::default();
        let mut id = run.deployment.clone();
        if let (Some(name), Some(execution)) = (self.pipeline(), &run.execution)
            && (all || id.is_none())
        {
            let pipeline = codepipeline::look(&self.client, &name, execution).await?;
            id = id.or_else(|| pipeline.deployment().map(str::to_owned));
            seen.pipeline = Some(pipeline);
        }
        if let Some(id) = id {
            let target = format!("{}:{}", self.cluster(), self.service());
            let mut deployment = codedeploy::look(&self.client, &id, &target).await?;
            let installs = deployment.events.iter().any(|e| e.name == "Install" && e.status == "InProgress");
            if let Some(set) = deployment.set("Green").filter(|_| installs) {
                let stopped = ecs::stopped(&self.client, &self.cluster(), &self.service(), &set.id).await?;
                deployment.stopped = stopped.into_iter().filter(Stopped::failed).collect();
            }
            // A rollback installs nothing, and what is well needs no look any more.
            let installed = deployment
                .events
                .iter()
                .any(|e| e.name == "Install" && !matches!(e.status.as_str(), "Pending" | "Skipped"));
            if installed && deployment.status != "Succeeded" {
                let (application, group) = self.group();
                let names = async { Ok(codedeploy::group(&self.client, &application, &group).await?.alarms) };
                deployment.alarms = self.known.alarms(&self.client, names).await?;
                if !deployment.over() && !deployment.waits {
                    deployment.health = self.known.health(&self.client, &deployment).await?;
                }
            }
            seen.deployment = Some(deployment);
        }
        Ok(seen)
    }

    async fn stopped(&self, set: &str) -> Result<Vec<Stopped>> {
        ecs::stopped(&self.client, &self.cluster(), &self.service(), set).await
    }

    async fn last_words(&self, task: &Stopped) -> Result<Vec<(String, String)>> {
        self.known.last_words(&self.client, task).await
    }

    async fn serving(&self) -> Result<Vec<Serving>> {
        let sets = ecs::sets(&self.client, &self.cluster(), &self.service()).await?;
        let (application, name) = self.group();
        let shares = match codedeploy::group(&self.client, &application, &name).await?.listener {
            Some(listener) => match balancing::shares(&self.client, &listener).await {
                // Who may release need not be allowed to read listeners.
                Err(Error::Aws(r)) if matches!(r.code.as_str(), "AccessDenied" | "AccessDeniedException") => None,
                other => Some(other?),
            },
            None => None,
        };
        let share = |group: &str| shares.as_ref().map(|all| all.get(group).copied().unwrap_or(0.0));
        let all = sets.into_iter().map(|(set, group)| Serving { share: share(&group), ..set });
        Ok(all.filter(|s| s.status == "PRIMARY" || s.share.is_some_and(|share| share > 0.0)).collect())
    }

    async fn definition(&self, arn: &str) -> Result<Value> {
        ecs::definition(&self.client, arn).await
    }

    async fn traffic(&self) -> Result<Traffic> {
        let (application, name) = self.group();
        let group = codedeploy::group(&self.client, &application, &name).await?;
        let ours = &self.environment.deployment_config;
        // The action of a pipeline names no configuration: the group's counts.
        let config = if self.pipeline().is_some() { group.config.clone() } else { ours.clone() };
        let said = (config != *ours).then(|| format!("release.toml has {ours}, but a pipeline goes by the group's"));
        let steps = codedeploy::steps(&self.client, &config).await?;
        Ok(Traffic { config, steps, wait: group.wait, said })
    }

    async fn stop(&self, run: &Run) -> Result<()> {
        let deployment = match (&run.deployment, &run.execution, self.pipeline()) {
            (Some(id), ..) => Some(id.clone()),
            (None, Some(execution), Some(name)) => {
                let pipeline = codepipeline::look(&self.client, &name, execution).await?;
                pipeline.deployment().map(str::to_owned)
            }
            _ => None,
        };
        match (deployment, &run.execution, self.pipeline()) {
            (Some(id), ..) => codedeploy::stop(&self.client, &id).await,
            (None, Some(execution), Some(name)) => {
                codepipeline::stop(&self.client, &name, execution, "cargo xtask release abort").await
            }
            _ => Err(Error::Release("there is nothing to stop".into())),
        }
    }

    async fn stop_pipeline(&self, run: &Run, reason: &str) -> Result<()> {
        match (&run.execution, self.pipeline()) {
            (Some(execution), Some(name)) => codepipeline::stop(&self.client, &name, execution, reason).await,
            _ => Err(Error::Release(
                "this release goes through no pipeline: `release abort` stops its deployment and has it rolled back"
                    .into(),
            )),
        }
    }

    async fn approve(&self, run: &Run, yes: bool, words: &str) -> Result<String> {
        match (&run.execution, self.pipeline()) {
            (Some(execution), Some(name)) => codepipeline::approve(&self.client, &name, execution, yes, words).await,
            _ => Err(Error::Release("this release goes through no pipeline: nothing asks for a yes".into())),
        }
    }

    async fn finish(&self, deployment: &str) -> Result<()> {
        codedeploy::finish(&self.client, deployment).await
    }
}
