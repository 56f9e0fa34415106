//! Preflight: rules over the files of a release, ours or other people's.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use release::world::World;
use release::{bundle, doc, verify};

/// Look for what stops or breaks a release before it begins
///
/// Files are told apart by their contents: task definitions (taskdef.json), appspecs, CloudFormation templates, deployment
/// groups and pipelines as the AWS CLI takes and prints them. Rules look across all of them, so give all that belong
/// together. Without files, what `release.toml` makes is looked at with the templates of this workspace. Exit status: 0
/// nothing found, 1 findings, 2 the tool could not do its work.
#[allow(clippy::doc_markdown)] // read at a terminal
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Task definition, appspec, templates, deployment group, pipeline
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Rules over files only, which need no account; there are no others yet
    #[arg(long)]
    offline: bool,
    /// Value of a parameter of the templates, in place of its default
    #[arg(long = "parameter", value_name = "NAME=VALUE")]
    parameters: Vec<String>,
    /// The environment, a table of `release.toml`, when no files are given
    #[arg(long, value_name = "NAME", default_value = "production")]
    environment: String,
    /// The settings
    #[arg(long, default_value = "ci/release.toml", value_name = "FILE")]
    config: PathBuf,
    /// How findings are told
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For machines
    Json,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    if !args.offline {
        bail!("what needs an account is not looked at yet: give `--offline`");
    }
    let mut parameters = BTreeMap::new();
    for parameter in &args.parameters {
        let Some((name, value)) = parameter.split_once('=') else {
            bail!("--parameter `{parameter}`: expected NAME=VALUE");
        };
        parameters.insert(name.to_owned(), value.to_owned());
    }
    let world = if args.files.is_empty() { ours(args, parameters)? } else { World::load(&args.files, parameters)? };
    let findings = verify::verify(&world);
    crate::print(&match args.format {
        Format::Text => verify::text(&findings, world.files.len()),
        Format::Json => verify::json(&findings, world.files.len()),
    })?;
    Ok(ExitCode::from(u8::from(!findings.is_empty())))
}

/// The bundle of an environment with the templates of this workspace.
fn ours(args: &Args, mut parameters: BTreeMap<String, String>) -> Result<World> {
    let environment = crate::bundle::environment(&args.config, &args.environment)?;
    let task = &environment.task;
    for (name, value) in [("Service", task.container.clone()), ("ContainerPort", task.port.to_string())] {
        parameters.entry(name.to_owned()).or_insert(value);
    }
    let templates = crate::root().join("crates/release/templates");
    let names = ["pipeline.yaml", "repository.yaml", "service.yaml"];
    let paths: Vec<PathBuf> = names.iter().map(|n| templates.join(n)).collect();
    let mut world = World::load(&paths, parameters).context("templates")?;
    for (name, text) in bundle::files(&environment) {
        world.add(Path::new(name), doc::parse(Path::new(name), &text)?)?;
    }
    Ok(world)
}
