//! `cargo xtask image ...`: what goes into the image and why, without and with making it.

mod build;
pub(crate) mod gate;
pub(crate) mod memory;
mod plan;
mod progress;
mod push;
mod run;
pub(crate) mod said;
mod scan;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use container::base::Base;
use container::config::Config;
use container::facts::Facts;
use container::plan::{Machine, Plan};
use container::transfer::Login;
use legacy_port::project::Project;

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(clap::Subcommand)]
enum Verb {
    /// Print what goes into the image and why: program, library, reason, package, size; and what is left out
    Plan(plan::Args),
    /// Ask the gate and make the image as an OCI layout; the same input gives the same digest
    Build(build::Args),
    /// Make the image and push it; a push that was ended goes on where it was
    Push(push::Args),
    /// Run the image that was built last: read-only, non-root, no capabilities, a network of its own, no more memory
    /// than its task has
    Run(run::RunArgs),
    /// Run the image that was built last, and ask it whether it is well
    Check(run::CheckArgs),
}

/// How it is told.
#[derive(Clone, Copy, PartialEq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}

/// Which image it is about.
#[derive(clap::Args)]
pub(crate) struct What {
    /// What a person wants in the image
    #[arg(long, default_value = "docker/image.toml", value_name = "FILE")]
    config: PathBuf,
    /// What `{NAME}` stands for in the file; `{bin}` and `{data}` are what `cargo xtask release` built, unless named here
    #[arg(long = "folder", value_name = "NAME=DIR", value_parser = folder)]
    folders: Vec<(String, PathBuf)>,
    /// The old program whose builds `{bin}` and `{data}` are, a folder below `legacy-c/`
    #[arg(long, default_value = "auctiond")]
    program: String,
}

fn folder(text: &str) -> Result<(String, PathBuf), String> {
    let (name, dir) = text.split_once('=').ok_or("expected NAME=DIR")?;
    Ok((name.to_owned(), PathBuf::from(dir)))
}

impl What {
    /// The default one is the workspace's, wherever this is run.
    fn config_file(&self) -> PathBuf {
        if self.config.exists() { self.config.clone() } else { crate::root().join(&self.config) }
    }

    fn config(&self) -> Result<Config> {
        Ok(Config::load(&self.config_file())?)
    }

    /// Plans the image. `login` is who we are at the registry of the base, where image.toml names one.
    fn plan(&self, config: &Config, login: Login) -> Result<Plan> {
        let root = crate::root();
        let project = Project::load(&root.join("legacy-c").join(&self.program))?;
        let target = crate::target_dir();
        let bin = target.join("legacy-port").join(&project.name).join(&project.targets.new.triple);
        let data = target.join("data").join(&project.name);
        let mut folders = BTreeMap::from([("bin", bin), ("data", data)]);
        folders.extend(self.folders.iter().map(|(name, dir)| (name.as_str(), dir.clone())));
        for (name, dir) in &folders {
            let used = |from: &str| from.starts_with(&format!("{{{name}}}"));
            let wanted = config.program.iter().any(|p| used(&p.from)) || config.file.iter().any(|f| used(&f.from));
            if wanted && !dir.is_dir() {
                bail!(
                    "`{{{name}}}` in `{}` is `{}`, which is not there: run `cargo xtask release` first, or say \
                     `--folder {name}=DIR`",
                    self.config.display(),
                    dir.display()
                );
            }
        }
        let facts = Arc::new(Facts::open(&target.join("image-cache/facts.json")));
        let machine = Machine { root: &root, folders: &folders };
        let base = match config.image.base() {
            Some(_) => tokio::runtime::Runtime::new()?.block_on(Base::of(config, &machine, login, &base_store()))?,
            None => None,
        };
        Plan::over(config, &machine, &facts, base.as_ref()).context("cannot plan the image")
    }
}

/// Where base images are kept, and what was seen in them.
pub(crate) fn base_store() -> PathBuf {
    crate::target_dir().join("image-cache/base")
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    match &args.verb {
        Verb::Plan(a) => plan::run(a),
        Verb::Build(a) => build::run(a),
        Verb::Push(a) => push::run(a),
        Verb::Run(a) => run::run(a),
        Verb::Check(a) => run::check(a),
    }
}
