//! Stacks compared with the account, by AWS.

use serde_json::json;

use super::cloudformation::{CloudFormation, WITHIN, no_answer};
use super::service::CLOUD_FORMATION;
use super::xml::{Element, result};
use crate::Result;
use crate::infra::seen::{Difference, Drifted};

impl CloudFormation {
    /// Has AWS compare a stack with its template. The id of that.
    ///
    /// # Errors
    /// When AWS refuses.
    pub async fn detect_drift(&self, stack: &str) -> Result<String> {
        let answer = self.client().act(CLOUD_FORMATION, "DetectStackDrift", &json!({"StackName": stack})).await?;
        let id = result(&answer.body, WITHIN).and_then(|t| t.some("StackDriftDetectionId"));
        id.ok_or_else(|| no_answer("DetectStackDrift"))
    }

    /// How far that is: `DETECTION_IN_PROGRESS`, `DETECTION_COMPLETE`, `DETECTION_FAILED`, and why.
    ///
    /// # Errors
    /// When AWS refuses.
    pub async fn drift_status(&self, id: &str) -> Result<(String, Option<String>)> {
        let input = json!({"StackDriftDetectionId": id});
        let told = self.result("DescribeStackDriftDetectionStatus", &input).await?;
        Ok((told.text("DetectionStatus"), told.some("DetectionStatusReason")))
    }

    /// Resources that AWS compared, with how they differ.
    ///
    /// # Errors
    /// When AWS refuses.
    pub async fn drifts(&self, stack: &str) -> Result<Vec<Drifted>> {
        let mut out = Vec::new();
        self.pages("DescribeStackResourceDrifts", json!({"StackName": stack}), "StackResourceDrifts", |d| {
            let difference = |p: &Element| Difference {
                path: p.text("PropertyPath"),
                expected: p.text("ExpectedValue"),
                actual: p.text("ActualValue"),
            };
            out.push(Drifted {
                name: d.text("LogicalResourceId"),
                physical: d.text("PhysicalResourceId"),
                kind: d.text("ResourceType"),
                status: d.text("StackResourceDriftStatus"),
                differences: d.list("PropertyDifferences").map(difference).collect(),
            });
            true
        })
        .await?;
        Ok(out)
    }
}
