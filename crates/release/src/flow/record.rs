//! Records of releases in the bucket, below `releases/`: what a rollback goes back to, and what anybody can look up.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::{SystemTime, UNIX_EPOCH};

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use serde::{Deserialize, Serialize};

use super::engine::{Engine, Run};
use crate::{Error, Result};

/// The first shape of a record.
const SCHEMA: u32 = 1;
/// Records that are read when the latest are wanted.
pub const LATEST: usize = 20;

/// A new release, or one that came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Something new.
    Release,
    /// Something that was released before.
    Rollback,
}

/// The archive that was handed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Archive {
    /// Its key in the bucket.
    pub key: String,
    /// Its version there.
    pub version: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
}

/// One release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// Shape of this record.
    pub schema: u32,
    /// Its number in its environment, from 1; none in records of before there were numbers.
    #[serde(default)]
    pub number: Option<u64>,
    /// Environment of `release.toml`.
    pub environment: String,
    /// New or back.
    pub kind: Kind,
    /// ARN of who did it.
    pub by: String,
    /// When it was handed over, RFC 3339.
    pub started: String,
    /// When its end was seen.
    pub ended: Option<String>,
    /// `released`, `baked`, `finished`, `failed`, `stopped` or `superseded`; none while nobody has seen its end.
    pub outcome: Option<String>,
    /// Why it failed.
    pub cause: Option<String>,
    /// The image by digest.
    pub image: String,
    /// The archive.
    pub archive: Archive,
    /// The task definition that it made.
    pub task_definition: Option<String>,
    /// The appspec, where no pipeline makes it.
    pub appspec: Option<String>,
    /// Digests that served before it.
    pub before: Vec<String>,
    /// Pipeline execution.
    pub execution: Option<String>,
    /// Deployment.
    pub deployment: Option<String>,
    /// Why it was released although the preflight spoke against it.
    pub forced: Option<String>,
    /// For a rollback the folder of the record of what came back.
    pub restores: Option<String>,
    /// The folder of this record in the bucket.
    #[serde(skip)]
    pub folder: String,
}

/// A text that nobody has had before, 16 hexadecimal digits.
#[must_use]
pub fn nonce() -> String {
    format!("{:016x}", RandomState::new().build_hasher().finish())
}

/// The time now, RFC 3339 in whole seconds.
#[must_use]
pub fn now() -> String {
    rfc3339(since_1970().as_secs())
}

fn since_1970() -> std::time::Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

fn rfc3339(seconds: u64) -> String {
    let time = DateTime::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
    time.fmt(Format::DateTime).unwrap_or_default()
}

/// Where the records of an environment are.
#[must_use]
pub fn prefix(environment: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' };
    format!("releases/{}/", environment.chars().map(plain).collect::<String>())
}

/// A folder for a release that begins now; later ones sort behind.
#[must_use]
pub fn folder(environment: &str) -> String {
    let time = since_1970();
    let stamp = rfc3339(time.as_secs()).replace(':', "-");
    format!("{}{}-{:03}-{}", prefix(environment), stamp.trim_end_matches('Z'), time.subsec_millis(), &nonce()[..8])
}

impl Record {
    /// A record of what begins now.
    #[must_use]
    pub fn new(environment: &str, kind: Kind, by: &str, image: &str, archive: Archive, folder: &str) -> Self {
        Self {
            schema: SCHEMA,
            number: None,
            environment: environment.to_owned(),
            kind,
            by: by.to_owned(),
            started: now(),
            ended: None,
            outcome: None,
            cause: None,
            image: image.to_owned(),
            archive,
            task_definition: None,
            appspec: None,
            before: Vec::new(),
            execution: None,
            deployment: None,
            forced: None,
            restores: None,
            folder: folder.to_owned(),
        }
    }

    /// What is known of a run that somebody else began: neither its image nor what was there before, and it is not kept.
    #[must_use]
    pub fn foreign(environment: &str, id: &str) -> Self {
        let archive = Archive { key: String::new(), version: String::new(), sha256: String::new() };
        let mut record = Self::new(environment, Kind::Release, "", "", archive, "");
        let place = if id.starts_with("d-") { &mut record.deployment } else { &mut record.execution };
        *place = Some(id.to_owned());
        record
    }

    /// The run that it began.
    #[must_use]
    pub fn run(&self) -> Run {
        let made = self.task_definition.clone().zip(self.appspec.clone());
        Run { execution: self.execution.clone(), deployment: self.deployment.clone(), made }
    }

    /// Whether it is what was released, in the end.
    #[must_use]
    pub fn good(&self) -> bool {
        matches!(self.outcome.as_deref(), Some("released" | "baked" | "finished"))
    }

    /// The digest of its image.
    #[must_use]
    pub fn digest(&self) -> &str {
        self.image.rsplit('@').next().unwrap_or("")
    }

    /// The id that people know it by: execution, or deployment where there is none.
    #[must_use]
    pub fn id(&self) -> &str {
        self.execution.as_deref().or(self.deployment.as_deref()).unwrap_or("-")
    }

    /// Puts it into the bucket, in place of what it was.
    ///
    /// # Errors
    /// When the bucket does not take it.
    pub async fn save(&self, engine: &impl Engine) -> Result<()> {
        if self.folder.is_empty() {
            return Ok(());
        }
        let text = serde_json::to_string_pretty(self).map_err(|e| Error::Release(format!("a release record: {e}")))?;
        engine.put(&format!("{}/record.json", self.folder), "application/json", text.into_bytes()).await?;
        Ok(())
    }
}

/// The latest records of an environment, the oldest of them first.
///
/// # Errors
/// When the bucket cannot be read or has something else there.
pub async fn latest(engine: &impl Engine, environment: &str, most: usize) -> Result<Vec<Record>> {
    let keys = keys(engine, environment).await?;
    let skip = keys.len().saturating_sub(most);
    let mut out = Vec::new();
    for key in &keys[skip..] {
        out.extend(read(engine, key).await?);
    }
    Ok(out)
}

/// The number of the next release of an environment: one more than the last one has, or than there are.
///
/// # Errors
/// As [`latest`].
pub async fn next(engine: &impl Engine, environment: &str) -> Result<u64> {
    let keys = keys(engine, environment).await?;
    let there = u64::try_from(keys.len()).unwrap_or(u64::MAX);
    let last = match keys.last() {
        Some(key) => read(engine, key).await?.and_then(|r| r.number),
        None => None,
    };
    Ok(last.map_or(there, |number| number.max(there)).saturating_add(1))
}

async fn keys(engine: &impl Engine, environment: &str) -> Result<Vec<String>> {
    let mut keys = engine.list(&prefix(environment)).await?;
    keys.retain(|k| k.ends_with("/record.json"));
    Ok(keys)
}

/// A record, or `None` when it is gone meanwhile.
async fn read(engine: &impl Engine, key: &str) -> Result<Option<Record>> {
    let Some(bytes) = engine.get(key, None).await? else { return Ok(None) };
    let record: Record = serde_json::from_slice(&bytes)
        .map_err(|e| Error::Release(format!("`{key}` in the bucket is no release record: {e}")))?;
    if record.schema > SCHEMA {
        return Err(Error::Release(format!("`{key}` was written by a newer version of this tool")));
    }
    let folder = key.trim_end_matches("/record.json").to_owned();
    Ok(Some(Record { folder, ..record }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_sort_by_time_and_stay_below_releases() {
        assert_eq!(prefix("../x y"), "releases/..-x-y/");
        let one = folder("production");
        std::thread::sleep(std::time::Duration::from_millis(2));
        assert!(one < folder("production"), "{one}");
        assert_eq!(rfc3339(1_767_225_600), "2026-01-01T00:00:00Z");
    }
}
