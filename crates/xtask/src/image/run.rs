//! `cargo xtask image run` and `check`: the image that was built last, read-only, non-root, without capabilities.

use std::io::Read;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use container::config::Config;
use container::image::Image;
use release::runtime::Running;

use super::memory::{Given, warn};
use crate::doctor;

#[derive(clap::Args)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    built: Built,
    #[command(flatten)]
    memory: Given,
    /// Arguments after the entry point
    #[arg(last = true)]
    arguments: Vec<String>,
}

#[derive(clap::Args)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    built: Built,
    #[command(flatten)]
    memory: Given,
    /// Seconds in which it must become healthy
    #[arg(long, default_value_t = 20)]
    patience: u64,
}

/// An image that is there already.
#[derive(clap::Args)]
struct Built {
    #[command(flatten)]
    what: super::What,
    /// Folder of the OCI layout; `target/image/<name>` unless said
    #[arg(long, value_name = "DIR")]
    layout: Option<PathBuf>,
}

impl Built {
    fn open(&self) -> Result<(Config, Image)> {
        let config = self.what.config()?;
        let usual = || crate::target_dir().join("image").join(&config.image.name);
        let image = Image::open(&self.layout.clone().unwrap_or_else(usual), &config.image.name)?;
        if let [first, ..] = image.missing()[..] {
            bail!(
                "`{}` lacks `{}` of the base: `cargo xtask image build` fetches it",
                image.layout.display(),
                first.digest
            );
        }
        Ok((config, image))
    }
}

fn folder() -> PathBuf {
    crate::target_dir().join("container")
}

pub(crate) fn run(args: &RunArgs) -> Result<ExitCode> {
    doctor::require(&["runtime"])?;
    let (_, image) = args.built.open()?;
    let limit = args.memory.limit(&image.name)?;
    let image = if args.arguments.is_empty() { image } else { image.with_arguments(&args.arguments)? };
    tokio::runtime::Runtime::new()?.block_on(async {
        let running = Running::start(&image, &folder(), limit).await?;
        warn(&running.memory);
        anstream::eprintln!(
            "{}, read-only, {}, no capabilities, own network, {}; Ctrl-C ends it",
            running.runtime,
            running.user,
            running.memory
        );
        let mut log = std::fs::File::open(folder().join("log")).context("cannot read what the program says")?;
        let mut stopped = false;
        while !stopped && running.lives() {
            tell(&mut log)?;
            tokio::select! {
                () = tokio::time::sleep(Duration::from_millis(50)) => {}
                _ = tokio::signal::ctrl_c() => stopped = true,
            }
        }
        let ended = running.stop().await;
        tell(&mut log)?;
        ended?;
        Ok(ExitCode::SUCCESS)
    })
}

/// What the program has said since the last time.
fn tell(log: &mut std::fs::File) -> Result<()> {
    let mut bytes = Vec::new();
    log.read_to_end(&mut bytes).context("cannot read what the program says")?;
    crate::print(&String::from_utf8_lossy(&bytes))
}

pub(crate) fn check(args: &CheckArgs) -> Result<ExitCode> {
    doctor::require(&["runtime", "nsenter"])?;
    let (config, image) = args.built.open()?;
    let (Some(health), Some(port)) = (&config.image.health, config.image.ports.first()) else {
        bail!("image.toml says no `health`, or no port: add `health = \"/health\"` and `ports = [8080]` to [image]");
    };
    let limit = args.memory.limit(&image.name)?;
    tokio::runtime::Runtime::new()?.block_on(async {
        let mut running = Running::start(&image, &folder(), limit).await?;
        warn(&running.memory);
        let url = format!("http://127.0.0.1:{port}{health}");
        let well = tokio::select! {
            well = running.healthy(&url, Duration::from_secs(args.patience)) => well,
            _ = tokio::signal::ctrl_c() => bail!("stopped; nothing is left running"),
        };
        let answer = match well {
            Ok(answer) => answer,
            Err(e) => {
                crate::print(&format!("{}@{} is not well: {e}\n", image.name, image.digest))?;
                return Ok(ExitCode::FAILURE);
            }
        };
        let (runtime, user, memory) = (running.runtime.clone(), running.user.clone(), running.memory.clone());
        running.stop().await?;
        let (name, digest, status) = (&image.name, &image.digest, answer.status);
        crate::print(&format!(
            "{name}@{digest}\n{url} answers {status}; {runtime}, read-only, {user}, no capabilities, {memory}; ended in order\n"
        ))?;
        Ok(ExitCode::SUCCESS)
    })
}
