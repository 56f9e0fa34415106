//! The files that a pipeline is handed, out of `release.toml`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use legacy_port::replace;
use release::bundle;

use crate::account;

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
    let (_, environment) = account::environment(&args.config, Some(&args.environment), |_| true)?;
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
