//! Preflight: rules over the files of a release, ours or other people's, then what must be so in the account.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result, anyhow, bail};
use container::image::Image;
use release::aws::{BlueGreen, Client};
use release::bundle::ImageRef;
use release::config::Environment;
use release::flow::pace::Wall;
use release::flow::{Event, Tell};
use release::preflight::{self, Answer, Picture, Question, Report, Settings};
use release::world::World;
use release::{bundle, doc, trial, verify};

use crate::account;
use crate::doctor;
use crate::release::verbs;

/// Look for what stops or breaks a release before it begins
///
/// First rules over files, then what must be so in the account of the environment: image, roles, cluster, service,
/// deployment group, target groups, listeners, pipeline, bucket, alarms, and that nothing is under way. Nothing is changed;
/// what the credentials may not read is skipped, and said. The image that was made here last is run, where it is this one,
/// and asked for the path of the health check. `--offline` looks at files alone and needs no account.
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
    /// Rules over files only, which need no account
    #[arg(long)]
    offline: bool,
    /// Value of a parameter of the templates, in place of its default
    #[arg(long = "parameter", value_name = "NAME=VALUE")]
    parameters: Vec<String>,
    /// The environment, a table of `release.toml`
    #[arg(long = "env", visible_alias = "environment", value_name = "NAME", default_value = "production")]
    environment: String,
    /// The image by digest, `sha256:...`; without it the one that `cargo xtask image build` or `release` made last, if any
    #[arg(long, value_name = "DIGEST")]
    image: Option<String>,
    /// The settings
    #[arg(long, default_value = "ci/release.toml", value_name = "FILE")]
    config: PathBuf,
    /// How findings are told
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Tell each call of AWS too, on standard error
    #[arg(long, short)]
    verbose: bool,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For machines
    Json,
    /// For code scanning: SARIF 2.1.0
    Sarif,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let mut parameters = BTreeMap::new();
    for parameter in &args.parameters {
        let Some((name, value)) = parameter.split_once('=') else {
            bail!("--parameter `{parameter}`: expected NAME=VALUE");
        };
        parameters.insert(name.to_owned(), value.to_owned());
    }
    if args.files.is_empty() || !args.offline {
        let environment = account::environment(&args.config, Some(&args.environment), |_| true)?.1;
        let world =
            if args.files.is_empty() { ours(&environment, parameters)? } else { World::load(&args.files, parameters)? };
        return whole(args, &environment, &world);
    }
    let world = World::load(&args.files, parameters)?;
    let settings = Settings { path: args.config.clone(), text: String::new(), name: args.environment.clone() };
    say(args, &files(settings, &world))
}

/// What rules find in files, and nothing of an account yet.
fn files(settings: Settings, world: &World) -> Report {
    let (findings, files) = (verify::verify(world), world.files.len());
    Report { settings, image: None, findings, files, outcomes: Vec::new() }
}

fn whole(args: &Args, environment: &Environment, world: &World) -> Result<ExitCode> {
    let settings = verbs::settings(&args.config, &args.environment)?;
    let mut report = files(settings, world);
    if !args.offline {
        let image = args.image.clone().or_else(|| account::last_image(environment).ok());
        if let Some(digest) = &image {
            ImageRef::new(&environment.repository.to_string(), digest).map_err(|e| anyhow!(e)).context("--image")?;
        }
        let (verbose, told) = (args.verbose, AtomicBool::new(false));
        let tell: Tell = Arc::new(move |event: &Event| {
            // Many calls go at once, and an endpoint that is away answers none of them.
            let quiet = match event {
                Event::Call { .. } => true,
                Event::Throttled { .. } => told.swap(true, Ordering::Relaxed),
                _ => false,
            };
            if verbose || !quiet {
                anstream::eprintln!("{}", event.text());
            }
        });
        report.outcomes = tokio::runtime::Runtime::new()?.block_on(async {
            let client = Client::new(&environment.region, Arc::new(Wall::default()), tell).await?;
            let engine = BlueGreen::new(client, environment).await;
            let engine = engine.map_err(|why| anyhow!("{why}; `--offline` needs no account"))?;
            asked(&engine, image.as_deref()).await
        })?;
        report.image = image;
    }
    say(args, &report)
}

fn say(args: &Args, report: &Report) -> Result<ExitCode> {
    crate::print(&match args.format {
        Format::Text if args.offline => verify::text(&report.findings, report.files),
        Format::Text => report.text(true),
        Format::Json if args.offline => verify::json(&report.findings, report.files),
        Format::Json => format!("{:#}\n", report.value()),
        Format::Sarif => report.sarif(),
    })?;
    Ok(ExitCode::from(u8::from(!report.clean())))
}

/// Asks the account; without any answer there is no preflight.
async fn asked(engine: &BlueGreen, image: Option<&str>) -> Result<Vec<preflight::Outcome>> {
    let mut picture = engine.picture(image).await;
    if let Some(why) = picture.silence() {
        bail!("{why}; `--offline` needs no account");
    }
    let tried = tokio::select! {
        tried = tried(&picture) => tried,
        _ = tokio::signal::ctrl_c() => bail!("stopped; nothing is left running"),
    };
    picture.answers.insert(Question::Trial, tried.unwrap_or_else(Answer::NotAsked));
    Ok(preflight::look(&picture))
}

/// Runs the image, where it is the one that was made here last; else why not.
async fn tried(picture: &Picture) -> std::result::Result<Answer, String> {
    let environment = &picture.environment;
    let digest = picture.image.as_deref().ok_or("it is not known which image is released")?;
    let name = environment.repository.to_string();
    let layout = crate::target_dir().join("image").join(&name);
    let image = Image::open(&layout, &name).map_err(|_| format!("no image was made in `{}`", layout.display()))?;
    if image.digest != digest {
        return Err(format!("the image that was made here last is another one, {}", image.digest));
    }
    let paths = picture.health_paths();
    if paths.is_empty() {
        return Err("the target groups ask no path by HTTP, or are not known".to_owned());
    }
    doctor::require(&["runtime", "nsenter"]).map_err(|e| e.to_string())?;
    let dir = crate::target_dir().join(format!("container-verify-{}", std::process::id()));
    let told = trial::run(&image, &environment.task, &paths, &dir).await;
    // Made for this alone; what is left of it is in nobody's way.
    let _ = std::fs::remove_dir_all(&dir);
    Ok(told)
}

/// The whole preflight before a release: the bundle of the environment with the templates of this workspace, and the account.
pub(crate) async fn preflight(engine: &BlueGreen, settings: Settings, image: Option<&str>) -> Result<Report> {
    let world = ours(engine.environment(), BTreeMap::new())?;
    let mut report = files(settings, &world);
    report.outcomes = asked(engine, image).await?;
    report.image = image.map(str::to_owned);
    Ok(report)
}

/// The bundle of an environment with the templates of this workspace.
fn ours(environment: &Environment, mut parameters: BTreeMap<String, String>) -> Result<World> {
    let task = &environment.task;
    for (name, value) in [("Service", task.container.clone()), ("ContainerPort", task.port.to_string())] {
        parameters.entry(name.to_owned()).or_insert(value);
    }
    let templates = crate::root().join("crates/release/templates");
    let names = ["pipeline.yaml", "repository.yaml", "service.yaml"];
    let paths: Vec<PathBuf> = names.iter().map(|n| templates.join(n)).collect();
    let mut world = World::load(&paths, parameters).context("templates")?;
    for (name, text) in bundle::files(environment) {
        world.add(Path::new(name), doc::parse(Path::new(name), &text)?)?;
    }
    Ok(world)
}
