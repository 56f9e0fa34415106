//! What the commands that reach AWS take, and their help.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use release::config::Environment;
use release::flow::watch::Until;
use release::preflight::Settings;

use crate::account;
use crate::image::Format;

/// Which environment, and how it is told.
#[derive(clap::Args)]
pub(crate) struct Where {
    /// The environment, a table of `release.toml`; not needed where there is one only
    #[arg(long = "env", visible_alias = "environment", value_name = "NAME")]
    pub(super) environment: Option<String>,
    /// The settings
    #[arg(long, default_value = account::CONFIG, value_name = "FILE")]
    pub(super) config: PathBuf,
    /// How it is told: a line or a JSON object for each event
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
    /// Tell each call of AWS too
    #[arg(long, short)]
    pub(super) verbose: bool,
    /// Seconds between two looks; 5 or more, except at an endpoint on this machine
    #[arg(long, default_value_t = 5.0, value_name = "SECONDS", value_parser = account::every)]
    pub(super) every: f64,
}

/// How far it is followed.
#[derive(Clone, Copy, clap::ValueEnum)]
pub(super) enum Far {
    /// Until all traffic is on the new tasks
    Released,
    /// Until the old tasks have been kept as long as the deployment group wants
    Baked,
    /// Until the old tasks are gone
    Finished,
}

impl From<Far> for Until {
    fn from(far: Far) -> Self {
        match far {
            Far::Released => Self::Released,
            Far::Baked => Self::Baked,
            Far::Finished => Self::Finished,
        }
    }
}

/// Say what a release would do: image, archive, traffic in time, difference of the task definition; changes nothing
///
/// In the end it says what the preflight finds. Exit status: 0 it may begin, 1 the preflight speaks against it, 2 the tool
/// could not do its work.
#[derive(clap::Args)]
pub(crate) struct Plan {
    #[command(flatten)]
    pub(super) at: Where,
    /// The image by digest, as for `deploy`
    #[arg(long, value_name = "DIGEST")]
    pub(super) image: Option<String>,
}

/// A release that has begun.
#[derive(clap::Args)]
pub(super) struct Which {
    #[command(flatten)]
    pub(super) at: Where,
    /// Pipeline execution or deployment (`d-...`); without it the one that is under way
    #[arg(value_name = "EXECUTION")]
    pub(super) execution: Option<String>,
}

/// How a release is begun and followed.
#[derive(clap::Args)]
pub(super) struct Handed {
    /// How far it is followed
    #[arg(long, value_enum, default_value_t = Far::Finished)]
    pub(super) until: Far,
    /// Do not follow it
    #[arg(long)]
    pub(super) detach: bool,
    /// Say yes, where `approval` in release.toml asks for it
    #[arg(long)]
    pub(super) yes: bool,
}

/// Release an image: preflight, bundle to the bucket, pipeline started with both pinned, followed to the end
///
/// What `release verify --env NAME` looks at is looked at first, and nothing is changed when something is not as it must be.
/// Without `pipeline` in release.toml, CodeDeploy is asked straight. Credentials and endpoint (`AWS_ENDPOINT_URL`) are found
/// as every AWS tool finds them. A record of the release is put into the bucket below `releases/`. Ctrl-C leaves the release
/// alone: `release watch` comes back to it. Exit status: 0 released, 1 the preflight or an answer of no refused it, or it
/// failed (and was rolled back), 2 the tool could not do its work.
#[allow(clippy::doc_markdown)] // read at a terminal
#[derive(clap::Args)]
pub(crate) struct Deploy {
    #[command(flatten)]
    pub(super) at: Where,
    /// The image by digest, `sha256:...`; without it the one that `cargo xtask image build` or `release` made last. The
    /// repository must have it
    #[arg(long, value_name = "DIGEST")]
    pub(super) image: Option<String>,
    /// Release it although the preflight speaks against it; the reason is kept in the record of the release
    #[arg(long, value_name = "REASON", value_parser = reason)]
    pub(super) force: Option<String>,
    #[command(flatten)]
    pub(super) handed: Handed,
}

fn reason(text: &str) -> Result<String, String> {
    crate::image::gate::reason(text)
        .map_err(|_| "expected a reason of 8 letters or more: it is kept in the record of the release".to_owned())
}

/// Follow a release that is under way, to the end of its rollback if it fails
///
/// Exit status: 0 released, 1 it failed (and was rolled back), 2 the tool could not do its work.
#[derive(clap::Args)]
pub(crate) struct Follow {
    #[command(flatten)]
    pub(super) which: Which,
    /// How far it is followed
    #[arg(long, value_enum, default_value_t = Far::Finished)]
    pub(super) until: Far,
}

/// Say who serves, what is under way, and what was released
#[derive(clap::Args)]
pub(crate) struct Status {
    #[command(flatten)]
    pub(super) at: Where,
    /// How many releases are shown
    #[arg(long, default_value_t = 5, value_name = "N")]
    pub(super) last: usize,
}

/// Say what was released: number, when, result, image, deployment, who, and why where it failed
#[derive(clap::Args)]
pub(crate) struct History {
    #[command(flatten)]
    pub(super) at: Where,
    /// How many releases are shown
    #[arg(long, default_value_t = 20, value_name = "N", value_parser = some)]
    pub(super) last: usize,
}

/// Say yes to the release that waits for it in the pipeline, and follow it
///
/// It answers the manual approval action of the run that is meant, and of no other. Exit status as for `watch`; with
/// `--reject` 0 when the run has ended and everything is as before.
#[derive(clap::Args)]
pub(crate) struct Approve {
    #[command(flatten)]
    pub(super) which: Which,
    /// Say no
    #[arg(long)]
    pub(super) reject: bool,
    /// What is kept with the answer
    #[arg(long, default_value = "", value_name = "TEXT", value_parser = words)]
    pub(super) summary: String,
    /// How far it is followed
    #[arg(long, value_enum, default_value_t = Far::Finished)]
    pub(super) until: Far,
    /// Do not follow it
    #[arg(long)]
    pub(super) detach: bool,
}

/// One or more.
fn some(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|n| *n > 0).ok_or_else(|| "expected 1 or more".to_owned())
}

/// As many characters as `CodePipeline` takes.
fn words(text: &str) -> Result<String, String> {
    let length = text.chars().count();
    if length <= 512 { Ok(text.to_owned()) } else { Err(format!("{length} characters; CodePipeline takes 512")) }
}

/// Undo a release that is under way, and follow its rollback to the end
///
/// The deployment is stopped, and CodeDeploy gives the traffic back to the old tasks; a release that does not deploy yet is
/// stopped in the pipeline. To stop the pipeline and leave everything that runs alone there is `release stop`. Exit status: 0 stopped and everything as before, 1 it came out otherwise, 2 the tool could not do its work.
#[allow(clippy::doc_markdown)] // read at a terminal
#[derive(clap::Args)]
pub(crate) struct Abort {
    #[command(flatten)]
    pub(super) which: Which,
}

/// Stop the pipeline's run of a release, and nothing else: what serves goes on serving, nothing is rolled back
///
/// For a release that has not begun to deploy: one that waits for a yes, for the release before it, or behind a transition
/// that is disabled. When it deploys already this is refused, since the pipeline does not take its deployment along:
/// `release abort` undoes that, and `--abandon` stops the run all the same and leaves the deployment to itself. Exit status:
/// 0 stopped, 1 a deployment had begun in that moment and goes on, 2 the tool could not do its work.
#[allow(clippy::doc_markdown)] // read at a terminal
#[derive(clap::Args)]
pub(crate) struct Stop {
    #[command(flatten)]
    pub(super) which: Which,
    /// Why, for those who look at the pipeline
    #[arg(long, default_value = "cargo xtask release stop", value_name = "TEXT", value_parser = why)]
    pub(super) reason: String,
    /// Stop the run although it deploys; the deployment goes on
    #[arg(long)]
    pub(super) abandon: bool,
}

/// As many characters as `CodePipeline` takes for a reason to stop.
/// <https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_StopPipelineExecution.html>
fn why(text: &str) -> Result<String, String> {
    let length = text.chars().count();
    if length <= 200 { Ok(text.to_owned()) } else { Err(format!("{length} characters; CodePipeline takes 200")) }
}

/// Send a test message to the SNS topic that is told of the pipeline and its deployments
///
/// The topic is `topic` of the environment in release.toml. Nothing else is done. Exit status: 0 sent, 1 sent, and nobody
/// has subscribed to the topic, 2 the tool could not do its work.
#[derive(clap::Args)]
pub(crate) struct Notify {
    #[command(flatten)]
    pub(super) at: Where,
}

/// End the old tasks now, when all traffic is on the new ones: the next release can begin
#[derive(clap::Args)]
pub(crate) struct FinishNow {
    #[command(flatten)]
    pub(super) which: Which,
}

/// Bring back the release before: the same archive, the same image, the same way
///
/// It is the release before on record and not the revision before; a second rollback goes back further. Exit status as for
/// `deploy`.
#[derive(clap::Args)]
pub(crate) struct Rollback {
    #[command(flatten)]
    pub(super) at: Where,
    /// Bring back this one: its number as `release history` shows it, or its pipeline execution or deployment
    #[arg(long, value_name = "N")]
    pub(super) to: Option<String>,
    #[command(flatten)]
    pub(super) handed: Handed,
}

/// The settings as they are read: those of the workspace where there are none here.
pub(crate) fn settings(config: &Path, name: &str) -> Result<Settings> {
    let path = account::file(config);
    let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read `{}`", path.display()))?;
    Ok(Settings { path: config.to_owned(), text, name: name.to_owned() })
}

impl Where {
    pub(super) fn environment(&self) -> Result<(String, Environment)> {
        account::environment(&self.config, self.environment.as_deref(), |_| true)
    }

    /// Where an environment comes from, for those who say a line of it.
    pub(super) fn settings(&self, name: &str) -> Result<Settings> {
        settings(&self.config, name)
    }
}
