//! What a stack shares with releases, looked at before it is updated: deployment, listeners, task sets.

use std::fmt::Display;

use serde_json::json;

use super::cloudformation::CloudFormation;
use super::service::{BALANCING, ECR};
use super::{balancing, codedeploy, ecs};
use crate::infra::guard::Standing;
use crate::infra::seen::{Resource, Stack};
use crate::{Error, Result};

/// Whether AWS says that what was asked about is not there.
fn absent(e: &Error) -> bool {
    matches!(e, Error::Aws(r) if r.code.ends_with("DoesNotExistException") || r.code.ends_with("NotFoundException")
        || r.code == "ListenerNotFound")
}

impl CloudFormation {
    /// How things stand around a stack; what may not be looked at is said.
    pub async fn standing(&self, stack: &Stack, resources: &[Resource]) -> Standing {
        let mut out = Standing::default();
        let told = |name: &str| stack.outputs.get(name).cloned();
        let unseen = |what: &str, e: &dyn Display| format!("{what}: {e}");
        if let (Some(application), Some(group)) = (told("ApplicationName"), told("DeploymentGroupName")) {
            match codedeploy::busy(self.client(), &application, &group).await {
                Ok(id) => out.deployment = id,
                Err(e) if absent(&e) => {}
                Err(e) => out.unseen.push(unseen("whether a release is under way", &e)),
            }
        }
        for listener in resources.iter().filter(|r| r.kind == "AWS::ElasticLoadBalancingV2::Listener") {
            match balancing::shares(self.client(), &listener.physical).await {
                Ok(shares) => {
                    out.listeners.insert(listener.name.clone(), shares);
                }
                Err(e) if absent(&e) => {}
                Err(e) => out.unseen.push(unseen(&format!("where `{}` sends its traffic", listener.name), &e)),
            }
        }
        if let (Some(cluster), Some(service)) = (told("ClusterName"), told("ServiceName")) {
            match ecs::sets(self.client(), &cluster, &service).await {
                Ok(sets) => {
                    let primary = sets.into_iter().find(|(s, _)| s.status == "PRIMARY").map(|(_, group)| group);
                    out.primary = primary.filter(|p| !p.is_empty());
                }
                Err(e) if absent(&e) => {}
                Err(e) => out.unseen.push(unseen("which tasks serve", &e)),
            }
        }
        out
    }

    /// Whether a repository has an image.
    ///
    /// # Errors
    /// When AWS refuses.
    pub async fn has_image(&self, repository: &str, digest: &str) -> Result<bool> {
        let input = json!({"repositoryName": repository, "imageIds": [{"imageDigest": digest}]});
        match self.client().json(ECR, "DescribeImages", &input).await {
            Err(Error::Aws(r))
                if matches!(r.code.as_str(), "ImageNotFoundException" | "RepositoryNotFoundException") =>
            {
                Ok(false)
            }
            other => other.map(|_| true),
        }
    }

    /// Lets a load balancer be deleted, which its protection forbids.
    ///
    /// # Errors
    /// When AWS refuses.
    pub async fn unprotect(&self, balancer: &str) -> Result<()> {
        let input = json!({
            "LoadBalancerArn": balancer,
            "Attributes": [{"Key": "deletion_protection.enabled", "Value": "false"}],
        });
        self.client().ask(BALANCING, "ModifyLoadBalancerAttributes", &input).await.map(drop)
    }
}
