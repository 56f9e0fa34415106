//! What AWS told of an account, question by question, in its own words: it can be kept, and looked at again without network.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Bad, skip};
use crate::config::Environment;

/// What is asked. The answer is AWS's own, as the operation is documented; for query operations without the outer element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Question {
    /// `GetCallerIdentity`.
    Caller,
    /// `DescribeImages` of the digest.
    Image,
    /// `BatchGetImage` of the digest.
    Manifest,
    /// The configuration that the manifest names.
    ImageConfig,
    /// `ListImageReferrers`.
    Referrers,
    /// `DescribeClusters`.
    Cluster,
    /// `DescribeServices`.
    Service,
    /// `DescribeTaskDefinition` of the primary task set.
    Running,
    /// `GetDeploymentGroup`.
    Group,
    /// `GetDeploymentConfig`, of the configuration that a release goes by.
    DeploymentConfig,
    /// `ListDeployments` of those under way.
    Deployments,
    /// `GetPipeline`.
    Pipeline,
    /// `GetPipelineState`.
    PipelineState,
    /// `ListPipelineExecutions`.
    Executions,
    /// `GetBucketLocation`.
    Location,
    /// `GetBucketVersioning`.
    Versioning,
    /// `GetBucketLifecycleConfiguration`.
    Lifecycle,
    /// `DescribeTargetGroups` of one of the pair, which is named by the group.
    FirstTargets,
    /// The same of the other.
    SecondTargets,
    /// `DescribeListeners` of production's.
    Listener,
    /// `DescribeListeners` of the one for tests.
    TestListener,
    /// `DescribeLoadBalancers` of production's listener.
    Balancer,
    /// `DescribeSecurityGroups` of the load balancer's.
    BalancerSecurity,
    /// `DescribeSecurityGroups` of the tasks'.
    TaskSecurity,
    /// `DescribeSubnets` of the tasks'.
    Subnets,
    /// `DescribeAlarms` of those that the group names.
    Alarms,
    /// `GetRole`: starts tasks.
    ExecutionRole,
    /// `GetRole`: the program's own.
    TaskRole,
    /// `GetRole`: `CodeDeploy`'s.
    DeployRole,
    /// `GetRole`: the pipeline's.
    PipelineRole,
    /// `SimulatePrincipalPolicy`, all results together.
    ExecutionMay,
    /// The same for `CodeDeploy`'s.
    DeployMay,
    /// The same for the pipeline's.
    PipelineMay,
    /// `ListRuleNamesByTarget` of the pipeline, and `DescribeRule` of each, all together.
    Triggers,
    /// `GetBucketNotificationConfiguration`.
    Notification,
    /// `GetTopicAttributes`.
    Topic,
    /// No question to AWS: what the image answers that is run on this machine, by `trial`.
    Trial,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Answer {
    /// An answer.
    Told(Value),
    /// None.
    Refused {
        /// AWS's code.
        code: String,
        /// In words.
        text: String,
    },
    /// It was not asked, because of this.
    NotAsked(String),
}

impl Answer {
    /// The answer out of a call's result.
    #[must_use]
    pub fn of(result: crate::Result<Value>) -> Self {
        match result {
            Ok(value) => Self::Told(value),
            Err(crate::Error::Aws(r)) => Self::Refused { text: r.to_string(), code: r.code },
            Err(e) => Self::Refused { code: "Failed".to_owned(), text: e.to_string() },
        }
    }
}

/// A picture of an account, of what a release of an environment needs.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// What is meant, with everything known that stacks tell.
    pub environment: Environment,
    /// Digest of the image that is to be released.
    pub image: Option<String>,
    /// What AWS told.
    pub answers: BTreeMap<Question, Answer>,
}

/// Codes that say that something is not there. What AWS does not let us see is not among them.
const GONE: [&str; 16] = [
    "ApplicationDoesNotExistException",
    "ClusterNotFoundException",
    "DeploymentConfigDoesNotExistException",
    "DeploymentGroupDoesNotExistException",
    "ImageNotFoundException",
    "ListenerNotFound",
    "LoadBalancerNotFound",
    "NoSuchBucket",
    "NoSuchEntity",
    "NoSuchLifecycleConfiguration",
    "PipelineNotFoundException",
    "RepositoryNotFoundException",
    "ResourceNotFoundException",
    "ServiceNotFoundException",
    "TargetGroupNotFound",
    "PermanentRedirect",
];

impl Picture {
    /// Why nobody answers, where even the question is refused that needs no permission: no network, no good credentials.
    #[must_use]
    pub fn silence(&self) -> Option<&str> {
        match self.answers.get(&Question::Caller) {
            Some(Answer::Refused { text, .. }) => Some(text),
            Some(Answer::Told(_)) => None,
            _ => Some("it was not asked who the credentials belong to"),
        }
    }

    /// Paths that the target groups ask by HTTP, at the port that they send traffic to.
    #[must_use]
    pub fn health_paths(&self) -> std::collections::BTreeSet<String> {
        let groups = self.targets().map_or(Vec::new(), Vec::from);
        let by_http = groups.into_iter().filter(|g| g["HealthCheckProtocol"] == "HTTP");
        by_http.map(|g| text(&g["HealthCheckPath"]).to_owned()).filter(|path| path.starts_with('/')).collect()
    }

    /// The answer to a question; without one an item cannot look.
    pub(super) fn told(&self, question: Question) -> Result<&Value, Bad> {
        match self.answers.get(&question) {
            Some(Answer::Told(value)) => Ok(value),
            Some(Answer::Refused { text, .. }) => skip(text.clone()),
            Some(Answer::NotAsked(why)) => skip(why.clone()),
            None => skip("it was not asked"),
        }
    }

    /// AWS's words where it says that what was asked for is not there.
    pub(super) fn gone(&self, question: Question) -> Option<&str> {
        match self.answers.get(&question)? {
            Answer::Refused { code, text } if GONE.contains(&code.as_str()) => Some(text),
            _ => None,
        }
    }

    /// AWS's code where it answered with none.
    pub(super) fn code(&self, question: Question) -> Option<&str> {
        match self.answers.get(&question)? {
            Answer::Refused { code, .. } => Some(code),
            _ => None,
        }
    }

    /// The service, if it is there and not removed.
    pub(super) fn service(&self) -> Result<&Value, Bad> {
        let all = list(&self.told(Question::Service)?["services"]);
        let found = all.iter().find(|s| s["status"] != "INACTIVE");
        found.map_or_else(|| skip("the service is not there"), Ok)
    }

    /// The task set that serves.
    pub(super) fn primary(&self) -> Result<&Value, Bad> {
        let found = list(&self.service()?["taskSets"]).iter().find(|s| s["status"] == "PRIMARY");
        found.map_or_else(|| skip("the service has no primary task set: nothing was released to it yet"), Ok)
    }

    /// The deployment group.
    pub(super) fn group(&self) -> Result<&Value, Bad> {
        Ok(&self.told(Question::Group)?["deploymentGroupInfo"])
    }

    /// What the group says of target groups and listeners.
    pub(super) fn pair(&self) -> Result<&Value, Bad> {
        Ok(&self.group()?["loadBalancerInfo"]["targetGroupPairInfoList"][0])
    }

    /// The target groups of the pair that are there.
    pub(super) fn targets(&self) -> Result<[&Value; 2], Bad> {
        let one = |q| Ok(&self.told(q)?["TargetGroups"][0]);
        Ok([one(Question::FirstTargets)?, one(Question::SecondTargets)?])
    }
}

/// The part of AWS that a region is in.
pub(super) fn partition(region: &str) -> &'static str {
    match region {
        r if r.starts_with("cn-") => "aws-cn",
        r if r.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}

/// An ARN of an environment's account and region.
pub(super) fn arn(environment: &Environment, service: &str, rest: &str) -> String {
    let Environment { region, account, .. } = environment;
    format!("arn:{}:{service}:{region}:{account}:{rest}", partition(region))
}

/// The elements of a list; what is none has none.
pub(super) fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// A text; what is none is empty.
pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("")
}

/// The last part of an ARN, or a name as it is.
pub(super) fn last(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}
