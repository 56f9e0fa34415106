//! What the verbs take, and their help.

use std::path::PathBuf;

use anyhow::{Context, Result, anyhow, bail};
use release::config::{Config, Environment};
use release::infra::stack::{self, Stack};
use release::infra::template::Part;

use crate::image::Format;

#[derive(clap::Subcommand)]
pub(super) enum Action {
    Render(Render),
}

/// Which stacks.
#[derive(clap::Args)]
pub(super) struct At {
    /// The environment, a table of `release.toml`; not needed where only one has `infrastructure`
    #[arg(long = "env", visible_alias = "environment", value_name = "NAME")]
    pub(super) environment: Option<String>,
    /// The settings
    #[arg(long, default_value = "ci/release.toml", value_name = "FILE")]
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
        let config = Config::load(&self.config, &|name| std::env::var(name).ok())?;
        let mut with = config.environments.iter().filter(|(_, e)| e.stack.is_some());
        let name = match (&self.environment, with.next(), with.next()) {
            (Some(name), ..) => name.clone(),
            (None, Some((name, _)), None) => name.clone(),
            _ => bail!("--env is missing: {}", config.environment("").err().unwrap_or_default()),
        };
        let environment = config.environment(&name).cloned().map_err(|e| anyhow!(e)).context("--env")?;
        Ok((name, environment))
    }

    /// The environment's name, and those of its stacks that are meant.
    pub(super) fn stacks(&self) -> Result<(String, Vec<Stack>)> {
        let (name, environment) = self.environment()?;
        let mut stacks = stack::stacks(&name, &environment)?;
        let meant = |part| self.only.is_empty() || self.only.iter().any(|w| w.part() == part);
        stacks.retain(|s| meant(s.part));
        Ok((name, stacks))
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
