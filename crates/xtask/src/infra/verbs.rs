//! What the verbs take, and their help.

use std::path::PathBuf;

use anyhow::Result;
use release::config::Environment;
use release::infra::stack::{self, Stack};
use release::infra::template::Part;

use crate::account;
use crate::image::Format;

#[derive(clap::Subcommand)]
#[allow(clippy::large_enum_variant)] // there is one of them
pub(super) enum Action {
    Render(Render),
    /// Look over templates, parameters and bundle with the rules of `release verify`; needs no account
    Lint(Render),
    Plan(Planned),
    Apply(Apply),
    Status(Status),
    Drift(Drift),
    Destroy(Destroy),
}

/// Which stacks of which account, and how it is told.
#[derive(clap::Args)]
pub(super) struct Account {
    #[command(flatten)]
    pub(super) at: At,
    /// How it is told: for people, or as JSON objects, one a line
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
    /// Tell each call of AWS too, on standard error
    #[arg(long, short)]
    pub(super) verbose: bool,
    /// Seconds between two looks; 2 or more, except at an endpoint on this machine
    #[arg(long, default_value_t = 3.0, value_name = "SECONDS", value_parser = account::every)]
    pub(super) every: f64,
}

/// Say what would be done: added, changed, replaced because of what, lost, interrupted; changes nothing
///
/// AWS is asked by change sets, which are taken away again. A stack that waits for another one's outputs, or for an image, is
/// planned from its template. Refused are stacks that were made otherwise, that are in no state to be changed, and changes
/// that a release under way, or the place where releases have left listeners and tasks, forbids.
#[allow(clippy::doc_markdown)] // read at a terminal
#[derive(clap::Args)]
pub(super) struct Planned {
    #[command(flatten)]
    pub(super) account: Account,
    /// The image that the service begins with, by digest; without it the one that `cargo xtask image build` made last, and
    /// for a service that is there the one that it began with
    #[arg(long, value_name = "DIGEST")]
    pub(super) image: Option<String>,
    /// Take over stacks that were made otherwise: their templates give way to ours
    #[arg(long)]
    pub(super) adopt: bool,
}

/// Do what `plan` says, one stack after the other, each followed to its end
///
/// A stack that fails is told with its first cause, and followed to the end of its rollback. Ctrl-C leaves the stack alone and
/// says how to come back. Exit status: 0 done, or nothing to do; 1 refused, failed, or something has to be there first; 2 the
/// tool could not do its work.
#[derive(clap::Args)]
pub(super) struct Apply {
    #[command(flatten)]
    pub(super) planned: Planned,
    /// Say yes
    #[arg(long)]
    pub(super) yes: bool,
}

/// Say how the stacks are: status and what to do about it, outputs, last event
#[derive(clap::Args)]
pub(super) struct Status {
    #[command(flatten)]
    pub(super) account: Account,
    /// Follow stacks that are being changed to their end first; exit status 1 when one does not end well
    #[arg(long)]
    pub(super) follow: bool,
}

/// Say where the account is not as the stacks have it; what releases and scaling change by design is said as such
///
/// Exit status: 0 as it should be, 1 something differs, 2 the tool could not do its work.
#[derive(clap::Args)]
pub(super) struct Drift {
    #[command(flatten)]
    pub(super) account: Account,
}

/// Take the stacks away, the last one first; what is retained stays, and is listed
///
/// Each stack, and each resource whose data would be lost, has to be named. Stacks that `infra` did not make are refused.
#[derive(clap::Args)]
pub(super) struct Destroy {
    #[command(flatten)]
    pub(super) account: Account,
    /// The names of what goes: of each stack, and of each resource whose data is lost
    #[arg(long, value_name = "NAME", num_args = 1..)]
    pub(super) yes_destroy: Vec<String>,
}

/// Which stacks.
#[derive(clap::Args)]
pub(super) struct At {
    /// The environment, a table of `release.toml`; not needed where only one has `infrastructure`
    #[arg(long = "env", visible_alias = "environment", value_name = "NAME")]
    pub(super) environment: Option<String>,
    /// The settings
    #[arg(long, default_value = account::CONFIG, value_name = "FILE")]
    pub(super) config: PathBuf,
    /// These stacks only; may be given several times
    #[arg(long = "only", value_name = "PART", value_enum)]
    pub(super) only: Vec<Which>,
}

/// One of the stacks.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Which {
    /// The image repository
    Repository,
    /// Load balancer, service, scaling, alarms, `CodeDeploy`
    Service,
    /// The pipeline
    Pipeline,
}

impl Which {
    fn part(self) -> Part {
        match self {
            Self::Repository => Part::Repository,
            Self::Service => Part::Service,
            Self::Pipeline => Part::Pipeline,
        }
    }
}

impl At {
    /// Name and settings of the environment.
    pub(super) fn environment(&self) -> Result<(String, Environment)> {
        account::environment(&self.config, self.environment.as_deref(), |e| e.stack.is_some())
    }

    /// The same, with those of its stacks that are meant.
    pub(super) fn stacks(&self) -> Result<(String, Environment, Vec<Stack>)> {
        let (name, environment) = self.environment()?;
        let mut stacks = stack::stacks(&name, &environment)?;
        let meant = |part| self.only.is_empty() || self.only.iter().any(|w| w.part() == part);
        stacks.retain(|s| meant(s.part));
        Ok((name, environment, stacks))
    }
}

/// Print the templates with the parameters that they would be sent with; needs no account
#[derive(clap::Args)]
pub(super) struct Render {
    #[command(flatten)]
    pub(super) at: At,
    /// YAML with the parameters as comments, or one JSON object
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
}
