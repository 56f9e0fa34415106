//! Roles, and what they may do.

use serde_json::{Value, json};

use super::{Answers, Asker};
use crate::aws::service::IAM;
use crate::preflight::{Answer, Question, needs};

/// An IAM role's name is the last part of its ARN.
fn role_name(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

impl Asker<'_> {
    pub(super) async fn task_roles(&self) -> Answers {
        let task = &self.environment.task;
        let (execution, own) = (task.execution_role.to_string(), task.task_role.to_string());
        let (role, own, may) = tokio::join!(
            self.role(&execution),
            self.role(&own),
            self.may(Question::ExecutionMay, &execution, &Value::Null),
        );
        vec![(Question::ExecutionRole, role), (Question::TaskRole, own), (Question::ExecutionMay, may)]
    }

    pub(super) async fn role(&self, arn: &str) -> Answer {
        self.query(IAM, "GetRole", json!({"RoleName": role_name(arn)})).await
    }

    /// What a role may do of what it has to, all results as one answer. IAM does not like many of these at once, so those of
    /// one role are asked one after the other.
    pub(super) async fn may(&self, who: Question, role: &str, group: &Value) -> Answer {
        let mut results = Vec::new();
        for need in needs(who, self.environment, group) {
            let mut input =
                json!({"PolicySourceArn": role, "ActionNames": need.actions, "ResourceArns": need.resources});
            if need.passes {
                let value = ["ecs-tasks.amazonaws.com"];
                input["ContextEntries"] = json!([{
                    "ContextKeyName": "iam:PassedToService", "ContextKeyValues": value, "ContextKeyType": "string",
                }]);
            }
            match self.query(IAM, "SimulatePrincipalPolicy", input).await {
                Answer::Told(mut told) => {
                    results.extend(told["EvaluationResults"].as_array_mut().map(std::mem::take).unwrap_or_default());
                }
                other => return other,
            }
        }
        Answer::Told(json!({"EvaluationResults": results}))
    }
}
