//! The main job on its embedded default: no account, no daemon, no network.
//!
//! Old and new build, audit, scenarios on both, evidence of that, the gate, image, push to a registry in this process, pull from it, run
//! under an OCI runtime, ask, stop.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use container::config::Config;
use container::image::{Image, Options, source_date_epoch};
use container::plan::{Content, Machine, Plan};
use container::registry::Registry;
use container::transfer::{self, Event, Login, Pushed, Remote};
use legacy_port::audit::{self, Audit};
use legacy_port::binary::elf;
use legacy_port::check::Level;
use legacy_port::compile::{self, Built};
use legacy_port::evidence::{Statement, Verification};
use legacy_port::project::Project;
use legacy_port::scenario::Outcome;
use legacy_port::settings::{Choice, Settings};
use legacy_port::source::clang::Clang;
use legacy_port::target::{Pair, Target};
use legacy_port::{checks, report, scenario, step};
use release::runtime::Running;

use crate::doctor;
use crate::image::gate::{self, Verdict};
use crate::steps::Steps;

#[derive(clap::Args)]
pub(crate) struct Args {
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
    let Some(port) = port(args, &mut steps)? else { return Ok(ExitCode::FAILURE) };
    let Some((builds, verification)) = build_and_verify(args, &port, &mut steps)? else { return Ok(ExitCode::FAILURE) };
    let evidence = evidence(&port, &builds.new, verification)?;
    let made = image(args, &port, &builds, &evidence, &mut steps)?;
    let Some((image, config, layout)) = made else { return Ok(ExitCode::FAILURE) };
    let (address, answers) = try_out(&image, &config, &mut steps).await?;
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
    let not_done = "no CodePipeline or CodeDeploy in this run: no service was changed";
    anstream::println!(
        "not done   {}{not_done}",
        if args.registry.is_none() { "nothing was sent to AWS; " } else { "" }
    );
    Ok(ExitCode::SUCCESS)
}

/// The old program, the same with its patch series applied, and what the audit says of that.
struct Port {
    old: Project,
    new: Project,
    audit: Audit,
    findings: String,
}

/// Applies the series and audits the result; `None` when the gate stops it.
fn port(args: &Args, steps: &mut Steps) -> Result<Option<Port>> {
    let s = steps.begin("series");
    let old = Project::load(&crate::root().join("legacy-c").join(&args.program))?;
    let series = old.series.as_ref().ok_or_else(|| anyhow!("`{}` has no patch series", old.name))?;
    let all = step::read_series(series)?;
    let count = step::resolve(&all, &args.through).map_err(|e| anyhow!(e)).context("--through")?;
    let sources = step::folder(&crate::target_dir(), &old.name, count);
    step::apply(&old.root, &all[..count], &sources)?;
    let new = old.at(&sources)?;
    steps.end(s, &format!("{count} of {} patches applied to {} units", all.len(), new.units.len()));

    let s = steps.begin("audit");
    let progress = |done, of| s.at(format!("{done} of {of} units"));
    let audit = tokio::task::block_in_place(|| audit::audit(&new, checks::ALL, &progress))?;
    let findings = report::text::summary(&audit, new.targets.as_ref());
    let Some(reasons) = findings_against(&audit, new.targets.as_ref()).filter(|_| args.force.is_none()) else {
        steps.end(s, &findings);
        return Ok(Some(Port { old, new, audit, findings }));
    };
    steps.fail(s, &findings);
    anstream::println!("\n{reasons}\n\nno image was built: the program is not ported");
    anstream::println!("see all of it: cargo run -p legacy-port -- audit -p {}", sources.display());
    Ok(None)
}

/// Builds the old program for the old target and the new one for the new, and runs the scenarios on both; `None` when
/// they do not agree.
fn build_and_verify(args: &Args, port: &Port, steps: &mut Steps) -> Result<Option<(Pair<Built>, Verification)>> {
    let target_dir = crate::target_dir();
    let s = steps.begin("build old");
    let old = build(&port.old, &port.old.targets.old, &target_dir.join("original"), &s)?;
    steps.end(s, &built(&old)?);
    let s = steps.begin("build new");
    let new = build(&port.new, &port.new.targets.new, &target_dir, &s)?;
    steps.end(s, &built(&new)?);

    let s = steps.begin("verify");
    let scenarios = port.old.scenarios.as_ref().ok_or_else(|| anyhow!("`{}` has no scenarios", port.old.name))?;
    let work = Pair { old: old.dir.join("scenarios"), new: new.dir.join("scenarios") };
    let mut outcomes = tokio::task::block_in_place(|| scenario::run(&port.old, scenarios, &old.dir, &work.old))?;
    let count = outcomes.len();
    outcomes.extend(tokio::task::block_in_place(|| scenario::run(&port.new, scenarios, &new.dir, &work.new))?);
    if STOPPED.load(Ordering::SeqCst) {
        return stopped();
    }
    let passed = |outcomes: &[Outcome]| outcomes.iter().filter(|o| o.passed).count();
    let bad: Vec<&str> = outcomes.iter().filter(|o| !o.passed).map(|o| o.name.as_str()).collect();
    let differences = scenario::differences(&work.old, &work.new)?;
    let files: Vec<String> = differences.iter().map(|d| d.display().to_string()).collect();
    let verification = Verification {
        scenarios: count,
        as_expected_old: passed(&outcomes[..count]),
        as_expected_new: passed(&outcomes[count..]),
        files_that_differ: files.clone(),
    };
    if bad.is_empty() && differences.is_empty() {
        steps.end(s, &format!("{count} scenarios, output and files of both builds the same byte for byte"));
        return Ok(Some((Pair { old, new }, verification)));
    }
    let result = format!("not as expected: {}; files that differ: {}", bad.join(", "), files.join(", "));
    if args.force.is_some() {
        steps.end(s, &result);
        return Ok(Some((Pair { old, new }, verification)));
    }
    steps.fail(s, &result);
    anstream::println!("\nno image was built: look at {} and {}", work.old.display(), work.new.display());
    Ok(None)
}

/// Writes what was audited and verified, of which programs.
fn evidence(port: &Port, new: &Built, verification: Verification) -> Result<PathBuf> {
    let path = container::evidence::default_path(&crate::target_dir(), &port.old.name);
    let settings = Settings::new(&port.new, &Choice::default());
    let libclang = Clang::load()?.version;
    let mut statement = Statement::new(&port.new, &settings, &port.audit, &libclang, &new.programs)?;
    statement.predicate.verification = Some(verification);
    let dir = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(dir).with_context(|| format!("cannot create `{}`", dir.display()))?;
    std::fs::write(&path, statement.text()).with_context(|| format!("cannot write `{}`", path.display()))?;
    Ok(path)
}

/// Has the old program make the data, plans the image, asks the gate and writes it as an OCI layout; `None` when the gate
/// refuses.
fn image(
    args: &Args,
    port: &Port,
    builds: &Pair<Built>,
    evidence: &Path,
    steps: &mut Steps,
) -> Result<Option<(Image, Config, PathBuf)>> {
    let s = steps.begin("gate");
    let (root, target_dir) = (crate::root(), crate::target_dir());
    let data = target_dir.join("data").join(&port.old.name);
    let make = port.old.data.as_ref().ok_or_else(|| anyhow!("`{}` makes no data: `[data]`", port.old.name))?;
    scenario::make_data(&port.old, make, &builds.old.dir, &data)?;
    let config = Config::load(&root.join("docker/image.toml"))?;
    let folders = BTreeMap::from([("bin", builds.new.dir.clone()), ("data", data)]);
    let mut plan = Plan::new(&config, &Machine { root: &root, folders: &folders })?;
    match gate::ask(&mut plan, Some(evidence), args.force.as_deref())? {
        Verdict::Refused(refusals) => {
            steps.fail(s, &format!("{} reasons against an image", refusals.len()));
            anstream::println!("\n{}\nno image was built", gate::text(&refusals));
            return Ok(None);
        }
        Verdict::Passed { words, evidence: text } if plan.forced.is_some() => {
            let text = text.unwrap_or_default();
            std::fs::write(evidence, text).with_context(|| format!("cannot write `{}`", evidence.display()))?;
            steps.end(s, &words.join("; "));
        }
        Verdict::Passed { words, .. } => {
            let files = plan.layers.iter().map(|(_, e)| e.values().filter(|e| e.content != Content::Folder).count());
            let files: usize = files.sum();
            steps.end(s, &format!("{files} files: 64-bit, complete, no secrets, evidence fits{}", words.join("; ")));
        }
    }
    let s = steps.begin("image");
    let layout = target_dir.join("image").join(&config.image.name);
    let compression = config.image.compression();
    let options = Options { time: source_date_epoch()?, compression, ..Options::default() };
    let image = tokio::task::block_in_place(|| Image::build(&plan, &options, &layout))?;
    steps.end(s, &format!("{}, {}", megabytes(image.size()), image.digest));
    Ok(Some((image, config, layout)))
}

/// Questions with their answers.
type Answers = Vec<(&'static str, String)>;

/// Through a registry into a container, and asked there.
async fn try_out(image: &Image, config: &Config, steps: &mut Steps) -> Result<(String, Answers)> {
    let s = steps.begin("push");
    let registry = Registry::start().await?;
    let remote = Remote::open(&registry.url())?;
    let pushed = transfer::push(image, &remote, "release", &transfer::Options::default()).await?;
    let pulled = transfer::pull(&remote, &image.name, &image.digest, &crate::target_dir().join("image-pulled")).await?;
    let to = registry.address;
    steps.end(s, &format!("{} blobs to {to} (a registry in this process), pulled back by digest", pushed.sent));

    let s = steps.begin("run");
    let mut running = Running::start(&pulled, &crate::target_dir().join("container")).await?;
    let (runtime, user) = (&running.runtime, &running.user);
    steps.end(s, &format!("{runtime}, read-only, {user}, no capabilities, own network"));

    let s = steps.begin("check");
    let port = config.image.ports.first().ok_or_else(|| anyhow!("docker/image.toml names no port"))?;
    let address = format!("http://127.0.0.1:{port}");
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

fn build(project: &Project, target: &Target, dir: &Path, s: &crate::steps::Step) -> Result<Built> {
    let progress = |done, of| s.at(format!("{done} of {of} units"));
    let built = tokio::task::block_in_place(|| compile::build(project, target, dir, &progress));
    if STOPPED.load(Ordering::SeqCst) {
        return stopped();
    }
    Ok(built?)
}

fn built(built: &Built) -> Result<String> {
    let programs: Result<Vec<String>, _> = built
        .programs
        .iter()
        .map(|p| elf::read(p))
        .map(|e| e.map(|e| format!("{}-bit {}", e.bits, e.machine)))
        .collect();
    let mut kinds = programs?;
    kinds.dedup();
    Ok(format!(
        "{} programs, {}; {} units compiled, {} warnings",
        built.programs.len(),
        kinds.join(", "),
        built.compiled,
        built.warnings()
    ))
}

/// Why a program must not become an image: findings that break or may break it, and what could not be looked at.
fn findings_against(audit: &Audit, targets: Pair<&Target>) -> Option<String> {
    if audit.worst() < Some(Level::May) && audit.broken.is_empty() {
        return None;
    }
    let mut worst = audit.clone();
    worst.findings.retain(|f| f.level >= Level::May);
    worst.findings.sort_by_key(|f| std::cmp::Reverse(f.level));
    worst.findings.truncate(5);
    worst.regions.clear();
    let colour = std::io::IsTerminal::is_terminal(&std::io::stdout());
    let screen = report::text::Screen { colour, ..Default::default() };
    let text = report::text::report(&worst, targets, &report::Paths::default(), screen);
    // The last line counts what is shown; the whole count was told before.
    let shown = text.trim_end().rsplit_once('\n').map_or("", |(reasons, _)| reasons).trim_end().to_owned();
    let all = audit.count(Level::Breaks) + audit.count(Level::May);
    Some(format!("{shown}\n\n{} of {all} reasons are shown", worst.findings.len()))
}

#[allow(clippy::cast_precision_loss)] // to two digits
pub(crate) fn megabytes(bytes: u64) -> String {
    format!("{:.2} MB", bytes as f64 / 1e6)
}
