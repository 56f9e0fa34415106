//! What the roles of a release must be allowed to do.
//!
//! Execution role: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html>, `CodeDeploy`:
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/codedeploy_IAM_role.html>, pipeline:
//! <https://docs.aws.amazon.com/codepipeline/latest/userguide/how-to-custom-role.html>

use serde_json::Value;

use super::Question;
use super::picture::{arn, list, partition, text};
use crate::config::Environment;

/// Actions that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// The actions, `service:Name`.
    pub actions: &'static [&'static str],
    /// ARNs; each action has to be allowed on one of them. AWS documents for some actions in one place that they have a
    /// resource and in another that they have none.
    pub resources: Vec<String>,
    /// Whether a role is handed to ECS tasks by it, which policies make a condition of.
    pub passes: bool,
}

/// What the role of a question must be allowed to; `group` is what `GetDeploymentGroup` tells.
#[must_use]
pub fn of(who: Question, environment: &Environment, group: &Value) -> Vec<Need> {
    let arn = |service: &str, rest: String| arn(environment, service, &rest);
    let need = |actions: &'static [&'static str], resources: Vec<String>| Need { actions, resources, passes: false };
    let repository = arn("ecr", format!("repository/{}", environment.repository));
    let task = &environment.task;
    let pass = || {
        [&task.execution_role, &task.task_role]
            .map(|role| Need { passes: true, ..need(&["iam:PassRole"], vec![role.to_string()]) })
    };
    match who {
        Question::ExecutionMay => vec![
            need(&["ecr:GetAuthorizationToken"], vec!["*".to_owned()]),
            need(&["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"], vec![repository]),
            need(
                &["logs:CreateLogStream", "logs:PutLogEvents"],
                vec![arn("logs", format!("log-group:{}:log-stream:{}/a/b", task.log_group, task.container))],
            ),
        ],
        Question::DeployMay => {
            let place = format!("{}/{}", environment.cluster, environment.service);
            let service = arn("ecs", format!("service/{place}"));
            let sets = arn("ecs", format!("task-set/{place}/ecs-svc/0"));
            let mut needs = vec![
                need(
                    &[
                        "ecs:DescribeServices",
                        "ecs:CreateTaskSet",
                        "ecs:UpdateServicePrimaryTaskSet",
                        "ecs:DeleteTaskSet",
                    ],
                    vec![service, sets],
                ),
                need(
                    &["elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeListeners"],
                    vec!["*".to_owned()],
                ),
            ];
            let pair = &group["loadBalancerInfo"]["targetGroupPairInfoList"][0];
            for route in ["prodTrafficRoute", "testTrafficRoute"] {
                for listener in list(&pair[route]["listenerArns"]) {
                    needs.push(need(&["elasticloadbalancing:ModifyListener"], vec![text(listener).to_owned()]));
                }
            }
            if !list(&group["alarmConfiguration"]["alarms"]).is_empty() {
                needs.push(need(&["cloudwatch:DescribeAlarms"], vec!["*".to_owned()]));
            }
            needs.extend(pass());
            needs
        }
        _ => {
            let (application, name) = (&environment.application, &environment.deployment_group);
            let bucket = format!("arn:{}:s3:::{}", partition(&environment.region), environment.bucket);
            let mut needs = vec![
                need(
                    &[
                        "codedeploy:CreateDeployment",
                        "codedeploy:GetDeployment",
                        "codedeploy:GetApplication",
                        "codedeploy:GetApplicationRevision",
                        "codedeploy:RegisterApplicationRevision",
                        "codedeploy:GetDeploymentConfig",
                    ],
                    vec![
                        arn("codedeploy", format!("application:{application}")),
                        arn("codedeploy", format!("deploymentgroup:{application}/{name}")),
                        arn("codedeploy", format!("deploymentconfig:{}", environment.deployment_config)),
                    ],
                ),
                need(
                    &["ecs:RegisterTaskDefinition"],
                    vec![arn("ecs", format!("task-definition/{}:1", task.family)), "*".to_owned()],
                ),
                need(&["ecr:DescribeImages"], vec![repository]),
                need(&["s3:GetBucketVersioning"], vec![bucket.clone()]),
                need(&["s3:GetObject", "s3:GetObjectVersion"], vec![format!("{bucket}/{}", environment.key)]),
            ];
            needs.extend(pass());
            needs
        }
    }
}
