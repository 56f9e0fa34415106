//! The stacks of an environment: what would be made, made, looked at, taken away.

mod change;
mod look;
mod session;
mod verbs;

use std::process::ExitCode;

use anyhow::Result;

use verbs::Action;

/// Make and keep what a release needs on AWS: repository, load balancer, service, alarms, CodeDeploy, pipeline
///
/// The stacks are those of `crates/release/templates`, the settings those of `release.toml`: `stack`, `infrastructure`, and what
/// a release has anyway. Credentials and endpoint (`AWS_ENDPOINT_URL`) are found as every AWS tool finds them; those of
/// another account are refused. Exit status: 0 done, or nothing to do; 1 refused or failed; 2 the tool could not do its work.
#[allow(clippy::doc_markdown)] // read at a terminal
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    match &args.action {
        Action::Render(a) => look::render(a),
        Action::Lint(a) => look::lint(a),
        Action::Status(a) => look::status(a),
        Action::Drift(a) => look::drift(a),
        Action::Plan(a) => change::plan(a),
        Action::Apply(a) => change::apply(a),
        Action::Destroy(a) => change::destroy(a),
    }
}
