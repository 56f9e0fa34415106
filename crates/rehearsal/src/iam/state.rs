//! Roles and their policies.

use crate::setup::Setup;
use crate::world::World;

/// Actions on resources that are allowed; `*` stands for any text in both.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    pub(crate) actions: Vec<String>,
    pub(crate) resources: Vec<String>,
    /// The service that a role has to be passed to.
    pub(crate) passed_to: Option<&'static str>,
}

impl Statement {
    pub(crate) fn allows(&self, action: &str, resource: &str) -> bool {
        self.actions.iter().any(|a| fits(a, action)) && self.resources.iter().any(|r| fits(r, resource))
    }
}

/// Whether a text is what a pattern with stars in it means.
fn fits(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

/// A role.
#[derive(Clone, Debug)]
pub(crate) struct Role {
    pub(crate) name: String,
    pub(crate) arn: String,
    /// The service that may take it on.
    pub(crate) trusts: &'static str,
    pub(crate) policy: Vec<Statement>,
}

/// All roles.
#[derive(Clone, Debug, Default)]
pub(crate) struct Roles(pub(crate) Vec<Role>);

impl Roles {
    /// Those of a set-up, with the policies of the templates.
    pub(crate) fn of(setup: &Setup, world: &World) -> Self {
        let service = &setup.service;
        let arn = |of: &str, rest: String| format!("arn:aws:{of}:{}:{}:{rest}", setup.region, setup.account);
        let any = |resource: &str| vec![resource.to_owned()];
        let allow = |actions: &[&str], resources: Vec<String>| Statement {
            actions: actions.iter().map(|a| (*a).to_owned()).collect(),
            resources,
            passed_to: None,
        };
        let repository = || vec![arn("ecr", format!("repository/{}", setup.repository))];
        let role = |name: &str| world.role(&format!("{service}-{name}"));
        let pass = || Statement {
            passed_to: Some("ecs-tasks.amazonaws.com"),
            ..allow(&["iam:PassRole"], vec![role("ExecutionRole"), role("TaskRole")])
        };
        let listeners = world.elb.listeners.iter().map(|l| l.arn.clone()).collect();
        let bucket = format!("arn:aws:s3:::{}", setup.bucket);
        let execution = vec![
            allow(&["ecr:GetAuthorizationToken"], any("*")),
            allow(
                &["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
                repository(),
            ),
            allow(
                &["logs:CreateLogStream", "logs:PutLogEvents"],
                vec![arn("logs", format!("log-group:/ecs/{service}:*"))],
            ),
        ];
        let deploy = vec![
            allow(
                &["ecs:DescribeServices", "ecs:CreateTaskSet", "ecs:UpdateServicePrimaryTaskSet", "ecs:DeleteTaskSet"],
                vec![arn("ecs", format!("service/{service}/*")), arn("ecs", format!("task-set/{service}/*"))],
            ),
            allow(
                &[
                    "elasticloadbalancing:DescribeTargetGroups",
                    "elasticloadbalancing:DescribeListeners",
                    "elasticloadbalancing:DescribeRules",
                    "cloudwatch:DescribeAlarms",
                ],
                any("*"),
            ),
            allow(&["elasticloadbalancing:ModifyListener", "elasticloadbalancing:ModifyRule"], listeners),
            pass(),
        ];
        let pipeline = vec![
            allow(&["s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectTagging"], vec![format!("{bucket}/*")]),
            allow(
                &["s3:GetBucketVersioning", "s3:GetBucketAcl", "s3:GetBucketLocation", "s3:ListBucket"],
                vec![bucket],
            ),
            allow(&["ecr:DescribeImages"], repository()),
            allow(
                &[
                    "codedeploy:CreateDeployment",
                    "codedeploy:GetDeployment",
                    "codedeploy:GetApplication",
                    "codedeploy:GetApplicationRevision",
                    "codedeploy:RegisterApplicationRevision",
                    "codedeploy:GetDeploymentConfig",
                ],
                vec![
                    arn("codedeploy", format!("application:{service}")),
                    arn("codedeploy", format!("deploymentgroup:{service}/{service}")),
                    arn("codedeploy", "deploymentconfig:*".to_owned()),
                ],
            ),
            allow(&["ecs:RegisterTaskDefinition"], vec![arn("ecs", format!("task-definition/{service}:*"))]),
            pass(),
        ];
        let all = [
            ("ExecutionRole", "ecs-tasks.amazonaws.com", execution),
            ("TaskRole", "ecs-tasks.amazonaws.com", Vec::new()),
            ("CodeDeployRole", "codedeploy.amazonaws.com", deploy),
            ("PipelineRole", "codepipeline.amazonaws.com", pipeline),
        ];
        let made = all.map(|(name, trusts, policy)| Role {
            name: format!("{service}-{name}"),
            arn: role(name),
            trusts,
            policy,
        });
        Self(made.into())
    }

    pub(crate) fn named(&self, name: &str) -> Option<&Role> {
        self.0.iter().find(|r| r.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_any_text() {
        for (pattern, text) in [("*", "a"), ("a:*", "a:b/c"), ("a*c*", "abcd"), ("a", "a"), ("*:Get*", "s3:GetObject")]
        {
            assert!(fits(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("a", "ab"), ("a:*", "b:a:"), ("a*b", "abc"), ("", "a"), ("a*b*c", "acb")] {
            assert!(!fits(pattern, text), "{pattern} {text}");
        }
    }
}
