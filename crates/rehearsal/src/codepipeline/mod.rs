//! AWS `CodePipeline`: runs of one pipeline with S3 and ECR sources and a `CodeDeployToECS` action.
//!
//! What AWS does not document is decided here, and may differ: how long an action takes (`Timing`), and the words of
//! failures for which neither the user guide nor users have any; these are the words of the service that refused. Nor does it
//! give the words of an action to which somebody said no.
//! There is no `EventBridge` here: `Setup::triggers` does what the rules of the templates do.

mod approval;
mod archive;
mod definition;
mod deploy;
mod engine;
pub(crate) mod protocol;
mod rules;
mod shown;
mod source;
mod start;
mod state;
#[cfg(test)]
mod tests;

pub(crate) use state::{CodePipeline, Pipeline};
