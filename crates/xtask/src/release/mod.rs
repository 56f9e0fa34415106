//! The main job on its embedded default: no account, no daemon, no network.
//!
//! Old and new build, audit, scenarios on both, evidence of that, the gate, image, release in an account that is rehearsed in
//! this process, pull of what its new tasks name, run under an OCI runtime, ask, stop.

pub(crate) mod aws;
mod live;
mod port;
mod rehearse;
pub(crate) mod verbs;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use container::base::Base;
use container::config::Config;
use container::image::{Image, Options};
use container::plan::{Content, Machine, Plan};
use container::time::source_date_epoch;
use container::transfer::{self, Artifact, Event, Login, Pushed, Remote};
use legacy_port::compile::Built;
use legacy_port::scenario;
use legacy_port::target::Pair;
use release::config::Task;
use release::memory::Limit;
use release::runtime::Running;

use crate::doctor;
use crate::image::base_store;
use crate::image::gate::{self, Verdict};
use crate::image::memory::warn;
use crate::image::said;
use crate::steps::Steps;
use port::{Port, build_and_verify, evidence};
use rehearse::Fails;

#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Option<Action>,
    /// The old program, a folder below `legacy-c/`
    #[arg(long, default_value = "auctiond")]
    program: String,
    /// Apply the patch series up to this step: a number, a name, `00` (nothing) or `all`
    #[arg(long, default_value = "all", value_name = "STEP")]
    through: String,
    /// Push to this registry in the end too, such as `123456789012.dkr.ecr.eu-west-1.amazonaws.com`: the repository must
    /// be there, and for Amazon ECR AWS credentials
    #[arg(long, value_name = "HOST")]
    registry: Option<String>,
    /// Tag for `--registry`
    #[arg(long, default_value = "latest")]
    tag: String,
    /// Make the image although the audit or the scenarios speak against it; the reason is kept in the evidence and in the
    /// image
    #[arg(long, value_name = "REASON", value_parser = gate::reason)]
    force: Option<String>,
    /// Have the rehearsed release fail in this way, to see its cause, its rollback and exit status 1
    #[arg(long, value_enum, value_name = "HOW")]
    fail: Option<Fails>,
}

#[derive(clap::Subcommand)]
enum Action {
    Verify(crate::verify::Args),
    Bundle(crate::bundle::Args),
    Plan(verbs::Plan),
    Deploy(verbs::Deploy),
    Watch(verbs::Follow),
    Status(verbs::Status),
    History(verbs::History),
    Approve(verbs::Approve),
    Abort(verbs::Abort),
    Stop(verbs::Stop),
    FinishNow(verbs::FinishNow),
    Rollback(verbs::Rollback),
    Notify(verbs::Notify),
}

/// What is asked of the service in the end, besides `/health`.
const QUESTIONS: &[&str] =
    &["/price?item=LEIM3", "/stats?category=3&from=2002-03-01&to=2002-09-01", "/search?q=steam+engine"];

/// How long the service may take to become healthy.
const PATIENCE: Duration = Duration::from_secs(20);

/// Set when the person has asked to stop.
static STOPPED: AtomicBool = AtomicBool::new(false);

fn stopped<T>() -> Result<T> {
    bail!("stopped; nothing is left running")
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    match &args.action {
        Some(Action::Verify(a)) => return crate::verify::run(a),
        Some(Action::Bundle(a)) => return crate::bundle::run(a),
        Some(Action::Plan(a)) => return aws::plan(a),
        Some(Action::Deploy(a)) => return aws::deploy(a),
        Some(Action::Watch(a)) => return aws::follow(a),
        Some(Action::Status(a)) => return aws::status(a),
        Some(Action::History(a)) => return aws::history(a),
        Some(Action::Approve(a)) => return aws::approve(a),
        Some(Action::Abort(a)) => return aws::abort(a),
        Some(Action::Stop(a)) => return aws::stop(a),
        Some(Action::Notify(a)) => return aws::notify(a),
        Some(Action::FinishNow(a)) => return aws::finish_now(a),
        Some(Action::Rollback(a)) => return aws::rollback(a),
        None => {}
    }
    doctor::require(&["cc", "cc32", "run32", "libclang", "runtime", "nsenter"])?;
    let runtime = tokio::runtime::Runtime::new()?;
    // Compilers and scenarios get a Ctrl-C of the terminal as well: what they then leave is no result.
    runtime.spawn(async {
        if tokio::signal::ctrl_c().await.is_ok() {
            STOPPED.store(true, Ordering::SeqCst);
        }
    });
    runtime.block_on(async {
        tokio::select! {
            result = release(args) => result,
            // Whatever runs is dropped, which stops and removes the container.
            _ = tokio::signal::ctrl_c() => stopped(),
        }
    })
}

async fn release(args: &Args) -> Result<ExitCode> {
    let mut steps = Steps::new(9);
    let Some(port) = port::port(args, &mut steps)? else { return Ok(ExitCode::FAILURE) };
    let Some((builds, verification)) = build_and_verify(args, &port, &mut steps)? else { return Ok(ExitCode::FAILURE) };
    let evidence = evidence(&port, &builds.new, verification)?;
    let made = image(args, &port, &builds, &evidence, &mut steps).await?;
    let Some((image, config, artifacts)) = made else { return Ok(ExitCode::FAILURE) };
    let layout = image.layout.clone();
    let environment = rehearse::environment(&config.image.ports)?;
    let released = rehearse::release(&image, &artifacts, &environment, args.fail, &mut steps).await?;
    let Some(released) = released else { return Ok(ExitCode::FAILURE) };
    let pulled = released.pull(&mut steps).await?;
    let (address, answers) = try_out(&pulled, &environment.task, &mut steps).await?;
    if let Some(host) = &args.registry {
        let s = steps.begin("registry");
        let bar = s.bar();
        let tell = move |event: &Event| {
            if let Event::Waits { what, why, .. } = event {
                bar(format!("{what}: {why}"));
            }
        };
        let remote = Remote::of_host(host, Login::Nobody, Arc::new(tell))?;
        let state = Some(crate::target_dir().join("push-state"));
        let options = transfer::Options { state, ..transfer::Options::of_host(host) };
        let Pushed { sent, there, .. } = transfer::push(&image, &remote, &args.tag, &options).await?;
        transfer::attach(&image, &artifacts, &remote, &options).await?;
        steps.end(s, &format!("{host}/{}:{}, {sent} blobs sent, {there} there already", image.name, args.tag));
    }

    anstream::println!();
    for (question, body) in &answers {
        anstream::println!("\x1b[1mGET {question}\x1b[0m");
        for line in body.lines().take(8) {
            anstream::println!("    {line}");
        }
    }
    let targets = &port.old.targets;
    anstream::println!("\nprogram    {} ({} -> {})", port.old.name, targets.old.triple, targets.new.triple);
    anstream::println!("findings   {}", port.findings);
    anstream::println!("image      {}@{}, {} compressed", image.name, image.digest, megabytes(image.size()));
    anstream::println!("layout     {}", layout.strip_prefix(crate::root()).unwrap_or(&layout).display());
    anstream::println!("answered   {address} inside the container's network");
    anstream::println!("time       {}", steps.times());
    anstream::println!(
        "not done   {}the account was a rehearsal, in which no traffic flows: no service was changed",
        if args.registry.is_none() { "nothing was sent to AWS; " } else { "" }
    );
    Ok(ExitCode::SUCCESS)
}

/// Has the old program make the data, plans the image, asks the gate and writes it as an OCI layout; `None` when the gate
/// refuses.
async fn image(
    args: &Args,
    port: &Port,
    builds: &Pair<Built>,
    evidence: &Path,
    steps: &mut Steps,
) -> Result<Option<(Image, Config, Vec<Artifact>)>> {
    let s = steps.begin("gate");
    let (root, target_dir) = (crate::root(), crate::target_dir());
    let data = target_dir.join("data").join(&port.old.name);
    let make = port.old.data.as_ref().ok_or_else(|| anyhow!("`{}` makes no data: `[data]`", port.old.name))?;
    scenario::make_data(&port.old, make, &builds.old.dir, &data)?;
    let config = Config::load(&root.join("docker/image.toml"))?;
    let folders = BTreeMap::from([("bin", builds.new.dir.clone()), ("data", data)]);
    let machine = Machine { root: &root, folders: &folders };
    let base = Base::of(&config, &machine, Login::Nobody, &base_store()).await?;
    let mut plan = Plan::over(&config, &machine, &Arc::default(), base.as_ref())?;
    let said_of_it = match gate::ask(&mut plan, Some(evidence), args.force.as_deref())? {
        Verdict::Refused(refusals) => {
            steps.fail(s, &format!("{} reasons against an image", refusals.len()));
            anstream::println!("\n{}\nno image was built", gate::text(&refusals));
            return Ok(None);
        }
        Verdict::Passed { words, evidence: text } if plan.forced.is_some() => {
            let forced = text.clone().unwrap_or_default();
            std::fs::write(evidence, forced).with_context(|| format!("cannot write `{}`", evidence.display()))?;
            steps.end(s, &words.join("; "));
            text
        }
        Verdict::Passed { words, evidence: text } => {
            let files = plan.layers.iter().map(|(_, e)| e.values().filter(|e| e.content != Content::Folder).count());
            let files: usize = files.sum();
            steps.end(s, &format!("{files} files: 64-bit, complete, no secrets, evidence fits{}", words.join("; ")));
            text
        }
    };
    let s = steps.begin("image");
    let layout = target_dir.join("image").join(&config.image.name);
    let compression = config.image.compression();
    let options = Options { time: source_date_epoch()?, compression, ..Options::default() };
    let image = tokio::task::block_in_place(|| Image::build(&plan, &options, &layout))?;
    if let Some(base) = &plan.base {
        base.complete(&image).await?;
    }
    let artifacts = said::of(&plan, &image, &options, &root.join("docker/image.toml"), said_of_it.as_deref())?;
    steps.end(s, &format!("{}, {}", megabytes(image.size()), image.digest));
    Ok(Some((image, config, artifacts)))
}

/// Questions with their answers.
type Answers = Vec<(&'static str, String)>;

/// Into a container, and asked there.
async fn try_out(image: &Image, task: &Task, steps: &mut Steps) -> Result<(String, Answers)> {
    let s = steps.begin("run");
    let limit = Limit::mebibytes(task.memory);
    let mut running = Running::start(image, &crate::target_dir().join("container"), limit).await?;
    let Running { runtime, user, memory, .. } = &running;
    steps.end(s, &format!("{runtime}, read-only, {user}, no capabilities, own network, {memory}"));
    warn(memory);

    let s = steps.begin("check");
    let address = format!("http://127.0.0.1:{}", task.port);
    running.healthy(&format!("{address}/health"), PATIENCE).await?;
    let mut answers = Vec::new();
    for question in QUESTIONS {
        let url = format!("{address}{question}");
        let answer = running.get(&url).await?;
        if answer.status != 200 {
            bail!("{url}: status {}\n{}", answer.status, answer.body);
        }
        answers.push((*question, answer.body));
    }
    steps.end(s, &format!("{address}/health and {} questions answered", answers.len()));

    let s = steps.begin("stop");
    running.stop().await?;
    steps.end(s, "ended in order on SIGTERM, container removed");
    Ok((address, answers))
}

#[allow(clippy::cast_precision_loss)] // to two digits
pub(crate) fn megabytes(bytes: u64) -> String {
    format!("{:.2} MB", bytes as f64 / 1e6)
}
