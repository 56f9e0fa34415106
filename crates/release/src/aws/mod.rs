//! AWS as far as a release needs it: some thirty operations, signed and spoken here, and the engine made of them.
//!
//! ```text
//! client     one request: signed, sent, sent again when there were too many      sign   credentials and AWS's own signatures
//! message    what a request consists of by each protocol, and what errors are
//! service    hosts, protocols, variables that lead elsewhere                      xml    what S3 and the query protocol answer
//! storage codepipeline codedeploy ecs balancing alarms logs account topic   one file a subject: what is asked, what of the answer is kept
//! look       what a person is shown of a deployment besides
//! blue_green those together, as the engine that the flow is written against
//! cloudformation drift  stacks and their change sets, events, drift; what `infra` is written against      standing  what a stack shares with releases
//! picture    everything that the preflight looks at, asked at once
//! ```

mod account;
mod alarms;
mod balancing;
pub mod blue_green;
pub mod client;
pub mod cloudformation;
mod codedeploy;
mod codepipeline;
mod drift;
mod ecs;
mod logs;
mod look;
mod message;
mod picture;
pub mod service;
mod sign;
mod standing;
mod storage;
mod topic;
mod xml;

use std::fmt;

use crate::flow::plain::plain;

pub use aws_credential_types::Credentials;
pub use blue_green::BlueGreen;
pub use client::Client;
pub use cloudformation::CloudFormation;
pub use topic::Sent;
pub(crate) use topic::attribute;

/// What AWS said instead of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The service, as people call it.
    pub service: &'static str,
    /// The operation.
    pub operation: String,
    /// AWS's own code, such as `AccessDeniedException`; `NoAnswer` when none came.
    pub code: String,
    /// AWS's own words.
    pub message: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { service, operation, code, message } = self;
        write!(f, "{service}, {operation}: {code}")?;
        if !message.is_empty() {
            write!(f, ": {}", plain(message))?;
        }
        let hint = match code.as_str() {
            "AccessDenied" | "AccessDeniedException" | "UnauthorizedOperation" => {
                return write!(f, "; may these credentials call {operation} there?");
            }
            "ExpiredToken" | "ExpiredTokenException" => {
                "; the credentials have expired: get new ones, then `release watch` or `infra status --follow` goes on"
            }
            "UnrecognizedClientException" | "InvalidClientTokenId" | "InvalidAccessKeyId" => {
                "; these credentials are no longer any"
            }
            "NoAnswer" => "; is the network there, and does AWS_ENDPOINT_URL, if it is set, lead where it should?",
            "NoSuchBucket" => "; is `bucket` in release.toml right, and of this region?",
            "PipelineNotFoundException" => "; is `pipeline` in release.toml right?",
            "ApplicationDoesNotExistException" => "; is `application` in release.toml right?",
            "DeploymentGroupDoesNotExistException" => "; is `deployment-group` in release.toml right?",
            "ClusterNotFoundException" => "; is `cluster` in release.toml right?",
            "NotFound" if *service == "SNS" => "; is `topic` in release.toml right, and of this region?",
            "RepositoryNotFoundException" => "; is `repository` in release.toml right?",
            _ => "",
        };
        f.write_str(hint)
    }
}

impl Refusal {
    /// Whether there were too many calls, and the same one is welcome later.
    #[must_use]
    pub fn throttled(&self) -> bool {
        let codes = [
            "Throttling",
            "ThrottlingException",
            "ThrottledException",
            "TooManyRequestsException",
            "RequestLimitExceeded",
            "SlowDown",
            "RequestThrottled",
        ];
        codes.contains(&self.code.as_str())
    }

    /// Whether the credentials have run out, so that new ones may do.
    #[must_use]
    pub fn expired(&self) -> bool {
        matches!(self.code.as_str(), "ExpiredToken" | "ExpiredTokenException" | "RequestExpired")
    }
}
