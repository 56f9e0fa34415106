//! A release on AWS: begun, followed, stopped, undone, looked at.

use std::io::{BufRead, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use container::image::Image;
use release::aws::{BlueGreen, Client};
use release::config::{Config, Environment};
use release::flow::begin::{self, Begun};
use release::flow::pace::{Pace, Wall};
use release::flow::watch::{Outcome, Until, Watch};
use release::flow::{Tell, back, plan, record, status, stop};

use super::live;
use crate::image::Format;

/// Which environment, and how it is told.
#[derive(clap::Args)]
pub(crate) struct Where {
    /// The environment, a table of `release.toml`; not needed where there is one only
    #[arg(long = "env", visible_alias = "environment", value_name = "NAME")]
    environment: Option<String>,
    /// The settings
    #[arg(long, default_value = "ci/release.toml", value_name = "FILE")]
    config: PathBuf,
    /// How it is told: a line or a JSON object for each event
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Tell each call of AWS too
    #[arg(long, short)]
    verbose: bool,
    /// Seconds between two looks; 5 or more, except at an endpoint on this machine
    #[arg(long, default_value_t = 5.0, value_name = "SECONDS", value_parser = every)]
    every: f64,
}

fn every(text: &str) -> Result<f64, String> {
    let seconds: f64 = text.parse().map_err(|_| "expected seconds".to_owned())?;
    if (0.01..=600.0).contains(&seconds) { Ok(seconds) } else { Err("expected 0.01 to 600".to_owned()) }
}

/// How far it is followed.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Far {
    /// Until all traffic is on the new tasks
    Released,
    /// Until the old tasks are gone
    Finished,
}

impl From<Far> for Until {
    fn from(far: Far) -> Self {
        match far {
            Far::Released => Self::Released,
            Far::Finished => Self::Finished,
        }
    }
}

/// Say what a release would do: image, archive, traffic in time, difference of the task definition; changes nothing
#[derive(clap::Args)]
pub(crate) struct Plan {
    #[command(flatten)]
    at: Where,
    /// The image by digest, as for `deploy`
    #[arg(long, value_name = "DIGEST")]
    image: Option<String>,
}

/// Release an image: bundle to the bucket, pipeline started with both pinned, followed to the end
///
/// Without `pipeline` in release.toml, CodeDeploy is asked straight. Credentials and endpoint (`AWS_ENDPOINT_URL`) are found
/// as every AWS tool finds them. A record of the release is put into the bucket below `releases/`. Ctrl-C leaves the release
/// alone: `release watch` comes back to it. Exit status: 0 released, 1 it failed (and was rolled back), 2 the tool could not
/// do its work.
#[allow(clippy::doc_markdown)] // read at a terminal
#[derive(clap::Args)]
pub(crate) struct Deploy {
    #[command(flatten)]
    at: Where,
    /// The image by digest, `sha256:...`; without it the one that `cargo xtask image build` or `release` made last. The
    /// repository must have it
    #[arg(long, value_name = "DIGEST")]
    image: Option<String>,
    /// How far it is followed
    #[arg(long, value_enum, default_value_t = Far::Finished)]
    until: Far,
    /// Do not follow it
    #[arg(long)]
    detach: bool,
    /// Say yes, where `approval` in release.toml asks for it
    #[arg(long)]
    yes: bool,
}

/// Follow a release that is under way, to the end of its rollback if it fails
///
/// Exit status: 0 released, 1 it failed (and was rolled back), 2 the tool could not do its work.
#[derive(clap::Args)]
pub(crate) struct Follow {
    #[command(flatten)]
    at: Where,
    /// Pipeline execution or deployment (`d-...`); without it the one that is under way
    #[arg(value_name = "EXECUTION")]
    execution: Option<String>,
    /// How far it is followed
    #[arg(long, value_enum, default_value_t = Far::Finished)]
    until: Far,
}

/// Say who serves, what is under way, and what was released
#[derive(clap::Args)]
pub(crate) struct Status {
    #[command(flatten)]
    at: Where,
    /// How many releases are shown
    #[arg(long, default_value_t = 5, value_name = "N")]
    last: usize,
}

/// Stop a release that is under way, and follow its rollback to the end
///
/// Exit status: 0 stopped and everything as before, 1 it came out otherwise, 2 the tool could not do its work.
#[derive(clap::Args)]
pub(crate) struct Abort {
    #[command(flatten)]
    at: Where,
    /// Pipeline execution or deployment (`d-...`); without it the one that is under way
    #[arg(value_name = "EXECUTION")]
    execution: Option<String>,
}

/// End the old tasks now, when all traffic is on the new ones: the next release can begin
#[derive(clap::Args)]
pub(crate) struct FinishNow {
    #[command(flatten)]
    at: Where,
    /// Pipeline execution or deployment (`d-...`); without it the one that is under way
    #[arg(value_name = "EXECUTION")]
    execution: Option<String>,
}

/// Bring back the release before: the same archive, the same image, the same way
///
/// It is the release before on record and not the revision before; a second rollback goes back further. Exit status as for
/// `deploy`.
#[derive(clap::Args)]
pub(crate) struct Rollback {
    #[command(flatten)]
    at: Where,
    /// Bring back this one, by its pipeline execution or deployment, as `release status` shows them
    #[arg(long, value_name = "EXECUTION")]
    to: Option<String>,
    /// How far it is followed
    #[arg(long, value_enum, default_value_t = Far::Finished)]
    until: Far,
    /// Do not follow it
    #[arg(long)]
    detach: bool,
    /// Say yes, where `approval` in release.toml asks for it
    #[arg(long)]
    yes: bool,
}

/// An environment with its engine.
struct Session<'a> {
    at: &'a Where,
    name: String,
    engine: BlueGreen,
    pace: Arc<dyn Pace>,
    tell: Tell,
    every: Duration,
}

impl<'a> Session<'a> {
    async fn open(at: &'a Where) -> Result<Self> {
        let (name, environment) = at.environment()?;
        let pace: Arc<dyn Pace> = Arc::new(Wall::default());
        let tell = live::screen(at.format, at.verbose);
        let client = Client::new(&environment.region, Arc::clone(&pace), Arc::clone(&tell)).await?;
        let here = client.endpoint().is_some_and(container::http::is_loopback);
        if at.every < 5.0 && !here {
            bail!("--every {}: AWS is asked every 5 seconds at most", at.every);
        }
        let engine = BlueGreen::new(client, &environment).await?;
        let every = Duration::from_secs_f64(at.every);
        Ok(Self { at, name, engine, pace, tell, every })
    }

    /// Asks for a yes where one is wanted.
    fn approved(&self, yes: bool, what: &str) -> Result<()> {
        let Environment { approval, account, region, .. } = self.engine.environment();
        if yes || !approval {
            return Ok(());
        }
        if !std::io::stdin().is_terminal() {
            bail!("`approval` in release.toml wants somebody to say yes: give `--yes`");
        }
        anstream::eprint!("{what} to {} (account {account}, {region})? [y/N] ", self.name);
        std::io::stderr().flush()?;
        let mut answer = String::new();
        std::io::stdin().lock().read_line(&mut answer)?;
        if matches!(answer.trim(), "y" | "Y" | "yes") { Ok(()) } else { bail!("nobody said yes: nothing was done") }
    }

    /// Follows a release; `None` when the person has had enough of it.
    async fn follow(&self, mut begun: Begun, until: Until) -> Result<Option<Outcome>> {
        let environment = self.engine.environment();
        let (pace, tell) = (&*self.pace, &self.tell);
        let watch = Watch { engine: &self.engine, environment, pace, tell, every: self.every };
        tokio::select! {
            outcome = watch.follow(&mut begun.record, &mut begun.run, until) => Ok(Some(outcome?)),
            _ = tokio::signal::ctrl_c() => Ok(None),
        }
    }

    /// How to come back to a release.
    fn goes_on(&self, id: &str) {
        let env = format!("--env {}", self.name);
        let with = if self.at.config == *"ci/release.toml" {
            String::new()
        } else {
            format!(" --config {}", self.at.config.display())
        };
        anstream::eprintln!("the release goes on by itself");
        anstream::eprintln!("  follow it  cargo xtask release watch {env}{with} {id}");
        anstream::eprintln!("  undo it    cargo xtask release abort {env}{with} {id}");
    }

    async fn to_the_end(&self, begun: Begun, until: Until, detach: bool) -> Result<ExitCode> {
        let id = begun.record.id().to_owned();
        if detach {
            self.goes_on(&id);
            return Ok(ExitCode::SUCCESS);
        }
        let Some(outcome) = self.follow(begun, until).await? else {
            self.goes_on(&id);
            return Ok(ExitCode::from(2));
        };
        Ok(ExitCode::from(u8::from(!outcome.good())))
    }

    async fn meant(&self, id: Option<&str>) -> Result<Begun> {
        begin::account(&self.engine, self.engine.environment()).await?;
        let record = status::meant(&self.engine, &self.name, id).await?;
        let run = record.run();
        Ok(Begun { record, run })
    }
}

impl Where {
    fn environment(&self) -> Result<(String, Environment)> {
        let path = if self.config.exists() { self.config.clone() } else { crate::root().join(&self.config) };
        let config = Config::load(&path, &|name| std::env::var(name).ok())?;
        let name = match (&self.environment, config.environments.len()) {
            (Some(name), _) => name.clone(),
            (None, 1) => config.environments.keys().next().cloned().unwrap_or_default(),
            (None, _) => {
                let names: Vec<&str> = config.environments.keys().map(String::as_str).collect();
                bail!("--env is missing: `{}` has {}", path.display(), names.join(", "));
            }
        };
        let environment = config.environment(&name).cloned().map_err(|e| anyhow!(e)).context("--env")?;
        Ok((name, environment))
    }
}

/// What is handed over is not to be left half done.
async fn unless_stopped<T>(work: impl Future<Output = release::Result<T>>) -> Result<T> {
    tokio::select! {
        result = work => Ok(result?),
        _ = tokio::signal::ctrl_c() => bail!("stopped while it was handed over: `release status` says whether it began"),
    }
}

fn block<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::runtime::Runtime::new()?.block_on(work)
}

/// The digest of the image that was made last.
fn last_image(environment: &Environment) -> Result<String> {
    let name = environment.repository.to_string();
    let layout = crate::target_dir().join("image").join(&name);
    let image = Image::open(&layout, &name)
        .with_context(|| format!("--image is missing, and no image was made in `{}`", layout.display()))?;
    Ok(image.digest)
}

pub(super) fn plan(args: &Plan) -> Result<ExitCode> {
    block(async {
        let s = Session::open(&args.at).await?;
        let environment = s.engine.environment();
        let digest = args.image.clone().map_or_else(|| last_image(environment), Ok)?;
        let found = plan::plan(&s.engine, &s.name, environment, &digest).await?;
        crate::print(&match args.at.format {
            Format::Text => found.text(),
            Format::Json => format!("{:#}\n", serde_json::to_value(&found)?),
        })?;
        Ok(ExitCode::SUCCESS)
    })
}

pub(super) fn deploy(args: &Deploy) -> Result<ExitCode> {
    block(async {
        let s = Session::open(&args.at).await?;
        let environment = s.engine.environment();
        let digest = args.image.clone().map_or_else(|| last_image(environment), Ok)?;
        s.approved(args.yes, &format!("release {digest}"))?;
        let begun = unless_stopped(begin::deploy(&s.engine, &s.name, environment, &digest, &s.tell)).await?;
        s.to_the_end(begun, args.until.into(), args.detach).await
    })
}

pub(super) fn rollback(args: &Rollback) -> Result<ExitCode> {
    block(async {
        let s = Session::open(&args.at).await?;
        s.approved(args.yes, "bring back the release before")?;
        let to = args.to.as_deref();
        let back = back::rollback(&s.engine, &s.name, s.engine.environment(), to, &s.tell);
        let begun = unless_stopped(back).await?;
        s.to_the_end(begun, args.until.into(), args.detach).await
    })
}

pub(super) fn follow(args: &Follow) -> Result<ExitCode> {
    block(async {
        let s = Session::open(&args.at).await?;
        let begun = s.meant(args.execution.as_deref()).await?;
        s.to_the_end(begun, args.until.into(), false).await
    })
}

pub(super) fn abort(args: &Abort) -> Result<ExitCode> {
    block(async {
        let s = Session::open(&args.at).await?;
        let begun = s.meant(args.execution.as_deref()).await?;
        let id = begun.record.id().to_owned();
        stop::abort(&s.engine, &begun.run).await?;
        let Some(outcome) = s.follow(begun, Until::Finished).await? else {
            s.goes_on(&id);
            return Ok(ExitCode::from(2));
        };
        let as_before = outcome.outcome == "stopped" && outcome.rollback.as_deref().is_none_or(|r| r == "Succeeded");
        Ok(ExitCode::from(u8::from(!as_before)))
    })
}

pub(super) fn finish_now(args: &FinishNow) -> Result<ExitCode> {
    block(async {
        let s = Session::open(&args.at).await?;
        let begun = s.meant(args.execution.as_deref()).await?;
        stop::finish_now(&s.engine, &begun.run).await?;
        s.to_the_end(begun, Until::Finished, false).await
    })
}

pub(super) fn status(args: &Status) -> Result<ExitCode> {
    block(async {
        let s = Session::open(&args.at).await?;
        begin::account(&s.engine, s.engine.environment()).await?;
        let found = status::status(&s.engine, &s.name, args.last.min(record::LATEST)).await?;
        crate::print(&match args.at.format {
            Format::Text => found.text(),
            Format::Json => format!("{:#}\n", serde_json::to_value(&found)?),
        })?;
        Ok(ExitCode::SUCCESS)
    })
}
