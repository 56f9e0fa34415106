//! A release in an account that is rehearsed in this process: image, archive, pipeline, deployment, followed to its end.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use container::image::Image;
use container::transfer::{self, Artifact, Remote};
use rehearsal::{Clock, Fault, Rehearsal, Setup};
use release::aws::{BlueGreen, Client, Credentials};
use release::bundle::ImageRef;
use release::config::Environment;
use release::flow::begin;
use release::flow::pace::Pace;
use release::flow::watch::{Outcome, Until, Watch};
use release::flow::{Event, Tell};

use crate::account;
use crate::steps::Steps;

/// The environment of `ci/release.toml` that is rehearsed.
pub(super) const NAME: &str = "rehearsal";

/// How often it is looked at, by the account's clock.
const EVERY: Duration = Duration::from_secs(15);

/// So many tasks that stop are told.
const EACH: usize = 4;

/// How the rehearsed release is to fail, to see what that looks like before it happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Fails {
    /// The new tasks run and do not pass the health check
    NeverHealthy,
    /// The program of the new tasks ends by itself, with status 1
    Crashes,
    /// An alarm of the deployment group goes off
    Alarm,
}

impl Fails {
    fn fault(self, setup: &Setup) -> Fault {
        match self {
            Self::NeverHealthy => Fault::NeverHealthy,
            Self::Crashes => Fault::Crashes { exit: 1, lines: Vec::new() },
            Self::Alarm => Fault::Alarm { name: setup.alarms.first().cloned().unwrap_or_default() },
        }
    }
}

/// The account's clock, which moves when somebody waits: an hour there is no time here.
struct There(Clock);

impl Pace for There {
    fn now(&self) -> Duration {
        Duration::from_millis(self.0.now().millis().unsigned_abs())
    }

    fn sleep(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.0.advance(time);
        Box::pin(tokio::task::yield_now())
    }
}

/// The account that an environment is about, as the templates make it.
fn setup(environment: &Environment) -> Setup {
    let usual = Setup::of(&environment.service.to_string());
    Setup {
        account: environment.account.clone(),
        region: environment.region.clone(),
        port: environment.task.port,
        repository: environment.repository.to_string(),
        bucket: environment.bucket.to_string(),
        key: environment.key.clone(),
        pipeline: environment.pipeline.as_ref().map_or(usual.pipeline.clone(), ToString::to_string),
        placeholder: environment.task.placeholder.clone(),
        deployment_config: environment.deployment_config.clone(),
        ..usual
    }
}

/// The environment, with what it shares with `docker/image.toml` compared.
pub(super) fn environment(ports: &[u16]) -> Result<Environment> {
    let file = crate::root().join(account::CONFIG);
    let environment = account::environment(&file, Some(NAME), |_| true);
    let (_, environment) = environment.with_context(|| format!("`{}`", file.display()))?;
    let port = environment.task.port;
    if !ports.contains(&port) {
        bail!("`port = {port}` of `{NAME}` in ci/release.toml is none of `ports` in docker/image.toml");
    }
    Ok(environment)
}

/// A release that was rehearsed; the account ends when this is dropped.
pub(super) struct Released {
    account: Rehearsal,
    /// What the task definition of the new tasks names.
    names: ImageRef,
}

/// Pushes an image and what is said of it into the account's registry, and releases it there; `fails` goes wrong from the
/// beginning. `None` when the release failed.
pub(super) async fn release(
    image: &Image,
    artifacts: &[Artifact],
    environment: &Environment,
    fails: Option<Fails>,
    steps: &mut Steps,
) -> Result<Option<Released>> {
    let s = steps.begin("push");
    let setup = setup(environment);
    let account = Rehearsal::start(setup.clone()).await?;
    if let Some(fails) = fails {
        account.fault(fails.fault(&setup));
    }
    let image = Image { name: environment.repository.to_string(), ..image.clone() };
    let remote = Remote::open(account.url())?;
    let options = transfer::Options::default();
    let pushed = transfer::push(&image, &remote, "release", &options).await?;
    let (_, said) = transfer::attach(&image, artifacts, &remote, &options).await?;
    let what = format!("{} blobs and {said} referrers to {}", pushed.sent, account.url().trim_start_matches("http://"));
    steps.end(s, &format!("{what}, the registry of an account rehearsed in this process"));

    let s = steps.begin("deploy");
    let pace = Arc::new(There(account.clock().clone()));
    let begun = pace.now();
    let (say, clock) = (s.said(), Arc::clone(&pace));
    let stopped = AtomicUsize::new(0);
    let tell: Tell = Arc::new(move |event: &Event| {
        // A program that does not get well is started again for an hour.
        if matches!(event, Event::StoppedTask { .. }) && stopped.fetch_add(1, Ordering::Relaxed) >= EACH {
            return;
        }
        if let Some(text) = short(event) {
            let passed = clock.now().saturating_sub(begun).as_secs();
            say(&format!("         {:>4}:{:02}  {text}", passed / 60, passed % 60));
        }
    });
    let outcome = deployed(&account, environment, &image.digest, &pace, &tell).await?;
    let took = pace.now().saturating_sub(begun).as_secs() / 60;
    if !outcome.good() {
        steps.fail(s, &outcome.text());
        return Ok(None);
    }
    let primary = outcome.serving.iter().find(|set| set.status == "PRIMARY");
    let image = primary.and_then(|set| set.images.first()).map_or("", String::as_str);
    let (repository, digest) =
        image.split_once('@').ok_or_else(|| anyhow!("the task definition names `{image}`, which is no digest"))?;
    let names = ImageRef::new(repository, digest).map_err(|e| anyhow!(e))?;
    steps.end(s, &format!("the new tasks have all traffic, the old ones are gone: {took} min on the account's clock"));
    Ok(Some(Released { account, names }))
}

/// The same code as `release deploy`, with a clock that does not wait.
async fn deployed(
    account: &Rehearsal,
    environment: &Environment,
    digest: &str,
    pace: &Arc<There>,
    tell: &Tell,
) -> Result<Outcome> {
    // The account lets in whoever signs.
    let keys = Credentials::new("rehearsal", "rehearsal", None, None, "rehearsal");
    let dynamic: Arc<dyn Pace> = Arc::<There>::clone(pace);
    let client = Client::with(&environment.region, account.url(), keys, dynamic, Arc::clone(tell))?;
    let engine = BlueGreen::new(client, environment).await?;
    let mut begun = begin::deploy(&engine, NAME, environment, digest, None, tell).await?;
    let watch = Watch { engine: &engine, environment, pace: &**pace, tell, every: EVERY };
    Ok(watch.follow(&mut begun.record, &mut begun.run, Until::Finished).await?)
}

/// What is shown of a release here: what people wait for, and what goes wrong.
fn short(event: &Event) -> Option<String> {
    let over = |status: &str| !matches!(status, "InProgress" | "Created" | "Queued");
    match event {
        Event::Started { execution, deployment, .. } => {
            let by = execution.as_ref().map(|id| format!("pipeline execution {id}"));
            let by = by.or_else(|| deployment.as_ref().map(|id| format!("deployment {id}"))).unwrap_or_default();
            Some(format!("{by} begun, with archive and image pinned"))
        }
        Event::Action { status, .. } if !over(status) => None,
        // Hooks there are none, and where the traffic is has a line of its own.
        Event::Lifecycle { name, status, .. }
            if !over(status) || status == "Skipped" || status == "Succeeded" && name != "Install" =>
        {
            None
        }
        Event::Action { stage, action, status, .. } if status == "Succeeded" => {
            Some(format!("{stage}/{action}: {status}"))
        }
        Event::Action { .. }
        | Event::Lifecycle { .. }
        | Event::Traffic { .. }
        | Event::Held { .. }
        | Event::StoppedTask { .. }
        | Event::Log { .. }
        | Event::Alarm { .. }
        | Event::Released { .. }
        | Event::Rollback { .. }
        | Event::Cause { .. }
        | Event::Throttled { .. } => Some(event.text()),
        Event::Deployment { status, .. } | Event::Pipeline { status, .. } if over(status) => Some(event.text()),
        _ => None,
    }
}

impl Released {
    /// Pulls what the task definition names, by its digest, as the tasks would.
    pub(super) async fn pull(&self, steps: &mut Steps) -> Result<Image> {
        let s = steps.begin("pull");
        let ImageRef { repository, digest } = &self.names;
        // The registry's own address leads to AWS; here it is this process.
        let name = repository.split_once('/').map_or(repository.as_str(), |(_, name)| name);
        let to = crate::target_dir().join("image-pulled");
        let image = transfer::pull(&Remote::open(self.account.url())?, name, digest, &to).await?;
        steps.end(s, &format!("{name}@{}, which the new task definition names", &digest[..19]));
        Ok(image)
    }
}
