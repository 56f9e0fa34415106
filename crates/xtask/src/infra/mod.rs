//! The stacks of an environment: what would be made, made, looked at, taken away.

mod verbs;

use std::process::ExitCode;

use anyhow::Result;
use release::infra::render;

use crate::image::Format;
use verbs::Action;

/// Make and keep what a release needs on AWS: repository, load balancer, service, alarms, CodeDeploy, pipeline
///
/// The stacks are those of `crates/release/templates`, the settings those of `release.toml`: `stack`, `infrastructure`, and what
/// a release has anyway. Credentials and endpoint (`AWS_ENDPOINT_URL`) are found as every AWS tool finds them.
#[allow(clippy::doc_markdown)] // read at a terminal
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    match &args.action {
        Action::Render(a) => {
            let (_, stacks) = a.at.stacks()?;
            crate::print(&match a.format {
                Format::Text => render::text(&stacks),
                Format::Json => render::json(&stacks),
            })?;
            Ok(ExitCode::SUCCESS)
        }
    }
}
