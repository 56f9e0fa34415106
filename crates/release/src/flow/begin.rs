//! How a release begins: what must be so, the bundle, the start, the record of it.

use sha2::{Digest, Sha256};

use super::engine::{Caller, Engine, Handover, Run};
use super::event::{Event, Tell};
use super::record::{self, Archive, Kind, Record};
use crate::bundle;
use crate::config::Environment;
use crate::{Error, Result};

/// A release under way.
#[derive(Clone, Debug)]
pub struct Begun {
    /// Its record.
    pub record: Record,
    /// What was started.
    pub run: Run,
}

/// What must be so before anything is changed: the account is the one that is meant, the service is released this way, and
/// nothing is under way.
///
/// # Errors
/// In words, when it is not.
pub async fn check(engine: &impl Engine, environment: &Environment) -> Result<Caller> {
    let caller = account(engine, environment).await?;
    engine.fits().await?;
    match engine.busy().await? {
        Some(running) => Err(Error::Busy(running)),
        None => Ok(caller),
    }
}

/// Whether the credentials are of the account that is meant.
///
/// # Errors
/// When they are not.
pub async fn account(engine: &impl Engine, environment: &Environment) -> Result<Caller> {
    let caller = engine.caller().await?;
    if caller.account != environment.account {
        return Err(Error::Release(format!(
            "the credentials are of the account {}, release.toml has {}: nothing was done",
            caller.account, environment.account
        )));
    }
    Ok(caller)
}

/// Releases an image: renders the bundle, puts it into the bucket, starts the run with both pinned. `forced` is why it is
/// released although the preflight speaks against it, which the record has from the beginning.
///
/// # Errors
/// When something must not be, or AWS refuses; then nothing is released.
pub async fn deploy(
    engine: &impl Engine,
    name: &str,
    environment: &Environment,
    digest: &str,
    forced: Option<&str>,
    tell: &Tell,
) -> Result<Begun> {
    let caller = check(engine, environment).await?;
    let image = engine.image(digest).await?;
    let bytes = bundle::archive(&bundle::files(environment))?;
    let sha256 = Sha256::digest(&bytes).iter().fold(String::new(), |out, b| format!("{out}{b:02x}"));
    let folder = record::folder(name);
    let key = engine.place(&folder).await?;
    let version = engine.put(&key, "application/zip", bytes).await?;
    let archive = Archive { key: key.clone(), version: version.clone(), sha256 };
    let mut record = Record::new(name, Kind::Release, &caller.arn, &image.uri(), archive, &folder);
    record.forced = forced.map(str::to_owned);
    start(engine, record, &Handover { image, key, version, again: None }, tell).await
}

/// Starts what a record is about, and keeps the record.
pub(super) async fn start(engine: &impl Engine, mut record: Record, what: &Handover, tell: &Tell) -> Result<Begun> {
    let mut before: Vec<String> = engine.serving().await?.into_iter().flat_map(|s| s.digests).collect();
    before.dedup();
    record.before = before;
    record.number = Some(record::next(engine, &record.environment).await?);
    let run = engine.start(what).await?;
    record.execution.clone_from(&run.execution);
    record.deployment.clone_from(&run.deployment);
    if let Some((definition, appspec)) = &run.made {
        record.task_definition = Some(definition.clone());
        record.appspec = Some(appspec.clone());
    }
    tell(&Event::Started {
        environment: record.environment.clone(),
        image: record.image.clone(),
        archive: format!("{} version {}", record.archive.key, record.archive.version),
        execution: run.execution.clone(),
        deployment: run.deployment.clone(),
    });
    // From here on it runs: an error of the record must not look like one of the release.
    if let Err(e) = record.save(engine).await {
        let id = record.id();
        return Err(Error::Release(format!("the release {id} runs, but there is no record of it: {e}")));
    }
    Ok(Begun { record, run })
}
