//! Which checks look, at which level and where: the options of every verb that audits.

use std::path::PathBuf;

use anyhow::{Context, Result};
use legacy_port::check::Level;
use legacy_port::settings::{self, Choice};

#[derive(Clone, clap::Args)]
#[command(next_help_heading = "Which checks, and where (each wins over `[audit]` in legacy-port.toml)")]
pub(super) struct Chosen {
    /// Only these checks
    #[arg(long, value_name = "CHECK", value_delimiter = ',', value_parser = settings::check)]
    only: Vec<&'static str>,
    /// All but these checks
    #[arg(long, value_name = "CHECK", value_delimiter = ',', value_parser = settings::check)]
    skip: Vec<&'static str>,
    /// The level of a check: `breaks`, `may`, `look` or `off`, as in `--level record_layout=off`
    #[arg(long, value_name = "CHECK=LEVEL", value_delimiter = ',', value_parser = settings::check_level)]
    level: Vec<(&'static str, Option<Level>)>,
    /// Tell nothing of these files and folders, as in `--exclude third-party --exclude '**/generated/*.c'`
    #[arg(long, value_name = "GLOB", value_parser = settings::glob)]
    exclude: Vec<glob::Pattern>,
    /// The file with accepted findings [default: `legacy-port-baseline.json` beside the project file]
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
}

impl Chosen {
    pub(super) fn choice(&self) -> Result<Choice> {
        let absolute = |p: &PathBuf| std::path::absolute(p).with_context(|| format!("`{}`", p.display()));
        Ok(Choice {
            only: (!self.only.is_empty()).then(|| self.only.clone()),
            skip: self.skip.clone(),
            levels: self.level.iter().copied().collect(),
            exclude: self.exclude.clone(),
            fail_on: None,
            baseline: self.baseline.as_ref().map(absolute).transpose()?,
        })
    }
}
