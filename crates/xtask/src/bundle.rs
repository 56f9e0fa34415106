//! The files that a pipeline is handed, out of `release.toml`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow};
use legacy_port::replace;
use release::bundle;
use release::config::{Config, Environment};

/// Write `taskdef.json`, `appspec.yaml` and the archive of both, as the pipeline of an environment takes them
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The environment, a table of `release.toml`
    #[arg(long = "env", visible_alias = "environment", value_name = "NAME")]
    environment: String,
    /// The settings
    #[arg(long, default_value = "ci/release.toml", value_name = "FILE")]
    config: PathBuf,
    /// Folder to write to
    #[arg(long, default_value = "target/bundle", value_name = "DIR")]
    out: PathBuf,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let environment = environment(&args.config, &args.environment)?;
    let files = bundle::files(&environment);
    let archive = bundle::archive(&files)?;
    let out = &args.out;
    std::fs::create_dir_all(out).with_context(|| format!("cannot make `{}`", out.display()))?;
    for (name, text) in &files {
        replace(&out.join(name), text.as_bytes())?;
    }
    replace(&out.join("artifacts.zip"), &archive)?;
    let unknown = files.iter().filter(|(_, text)| text.contains("${output:")).count();
    let mut said = format!("{}: {} files and artifacts.zip, {} bytes\n", out.display(), files.len(), archive.len());
    if unknown > 0 {
        said += "what the stack tells stands as `${output:STACK.NAME}` still: not to be uploaded\n";
    }
    crate::print(&said)?;
    Ok(ExitCode::SUCCESS)
}

/// An environment of a settings file.
pub(crate) fn environment(config: &Path, name: &str) -> Result<Environment> {
    let config = Config::load(config, &|name| std::env::var(name).ok())?;
    config.environment(name).cloned().map_err(|e| anyhow!(e)).context("--env")
}
