//! What is there before a release: an account with one service, as the templates of the release crate make it.

use std::time::Duration;

use crate::clock::Clock;

/// How a pipeline treats runs that come while another is under way.
/// <https://docs.aws.amazon.com/codepipeline/latest/userguide/concepts-how-it-works.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExecutionMode {
    /// A run that waits is overtaken by a newer one.
    Superseded,
    /// Runs wait for each other in their order.
    Queued,
}

impl ExecutionMode {
    /// As `CodePipeline` writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Superseded => "SUPERSEDED",
            Self::Queued => "QUEUED",
        }
    }
}

/// How long things take that AWS promises no time for.
#[derive(Clone, Debug)]
pub struct Timing {
    /// From one status of a deployment to the next.
    pub queue: Duration,
    /// One hook of a lifecycle event.
    pub hook: Duration,
    /// From the request for a task until its containers run.
    pub start: Duration,
    /// From there until its target group finds it well.
    pub healthy: Duration,
    /// From there until a task that does not get well is stopped.
    pub unhealthy: Duration,
    /// From there until a program that cannot run has ended.
    pub exit: Duration,
    /// Until nothing is left of a task set that is removed.
    pub drain: Duration,
    /// A change of a listener.
    pub listener: Duration,
    /// An action of a pipeline, without what it waits for.
    pub action: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            queue: seconds(2),
            hook: seconds(10),
            start: seconds(20),
            healthy: seconds(30),
            unhealthy: seconds(60),
            exit: seconds(1),
            drain: seconds(60),
            listener: seconds(2),
            action: seconds(3),
        }
    }
}

/// The world that a rehearsal begins with.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Number of the account, twelve digits.
    pub account: String,
    /// Region.
    pub region: String,
    /// Name of the service, its cluster, container, task definition family, application, deployment group and load balancer.
    pub service: String,
    /// Port of the container.
    pub port: u16,
    /// Tasks of the service.
    pub desired: u32,
    /// What releases the service, `deploymentController`: `CODE_DEPLOY`, or `ECS` for a service that does not fit.
    pub controller: String,
    /// Its image repository.
    pub repository: String,
    /// The versioned bucket of the archive, and its key.
    pub bucket: String,
    /// Key of the archive.
    pub key: String,
    /// The bucket of the pipeline's artifacts.
    pub artifacts: String,
    /// Name of the pipeline.
    pub pipeline: String,
    /// Name of the topic that is told of releases.
    pub topic: String,
    /// How many have subscribed to it.
    pub subscribers: u32,
    /// The tag that the pipeline goes by when no digest is named.
    pub image_tag: String,
    /// `Image1ContainerName` of the pipeline: the placeholder in the task definition.
    pub placeholder: String,
    /// Whether a stage between sources and deployment waits for a person.
    pub approval: bool,
    /// Whether a new archive or image starts the pipeline with its revision, as the rules of the templates do.
    pub triggers: bool,
    /// What becomes of runs that come while another is under way.
    pub mode: ExecutionMode,
    /// The deployment group's configuration.
    pub deployment_config: String,
    /// Minutes that the old tasks are kept after the shift of traffic.
    pub termination_wait: u32,
    /// Minutes that a deployment waits for `ContinueDeployment` before traffic is shifted; without it, it does not wait.
    pub ready_wait: Option<u32>,
    /// Whether there is a listener for test traffic.
    pub test_listener: bool,
    /// Alarms that stop a deployment.
    pub alarms: Vec<String>,
    /// What makes the deployment group roll back: `DEPLOYMENT_FAILURE`, `DEPLOYMENT_STOP_ON_ALARM`,
    /// `DEPLOYMENT_STOP_ON_REQUEST`; nothing where it is empty.
    pub rollback: Vec<String>,
    /// How long things take.
    pub timing: Timing,
    /// The world's time.
    pub clock: Clock,
    /// What each answer of a service waits, by the clock on the wall and not by the world's, as one far away would.
    pub latency: Duration,
    /// Port of 127.0.0.1 to listen on; 0 takes a free one.
    pub listen: u16,
}

impl Setup {
    /// A service with the names and settings of the templates, and a clock that tests advance.
    #[must_use]
    pub fn of(service: &str) -> Self {
        Self {
            account: "123456789012".to_owned(),
            region: "ap-northeast-1".to_owned(),
            service: service.to_owned(),
            port: 8080,
            desired: 2,
            controller: "CODE_DEPLOY".to_owned(),
            repository: service.to_owned(),
            bucket: format!("{service}-sourcebucket"),
            key: "artifacts.zip".to_owned(),
            artifacts: format!("{service}-artifactstorebucket"),
            pipeline: format!("{service}-pipeline"),
            topic: format!("{service}-Topic"),
            subscribers: 1,
            image_tag: "release".to_owned(),
            placeholder: "ECR_IMAGE".to_owned(),
            approval: false,
            triggers: false,
            mode: ExecutionMode::Queued,
            deployment_config: "CodeDeployDefault.ECSCanary10Percent5Minutes".to_owned(),
            termination_wait: 15,
            ready_wait: None,
            test_listener: true,
            alarms: vec![format!("{service}-5xx"), format!("{service}-latency")],
            rollback: ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"]
                .map(str::to_owned)
                .to_vec(),
            timing: Timing::default(),
            clock: Clock::by_hand(),
            latency: Duration::ZERO,
            listen: 0,
        }
    }
}
