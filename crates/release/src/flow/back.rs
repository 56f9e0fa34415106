//! The release before, brought back: its own archive, its own image, the same way as any release.

use super::begin::{self, Begun};
use super::engine::{Engine, Handover};
use super::event::Tell;
use super::record::{self, Kind, Record};
use super::status;
use crate::bundle::ImageRef;
use crate::config::Environment;
use crate::{Error, Result};

/// The record that a rollback goes back to: the good release before the one that counts now. A rollback counts as what it
/// brought back, so that a second one goes back further and not forth again.
#[must_use]
pub fn target(records: &[Record]) -> Option<&Record> {
    let now = records.iter().rfind(|r| r.good())?;
    let place = match &now.restores {
        Some(folder) => records.iter().position(|r| r.folder == *folder)?,
        None => records.iter().position(|r| r.folder == now.folder)?,
    };
    records[..place].iter().rfind(|r| r.good() && r.kind == Kind::Release)
}

/// Brings back the release before, or the one with an id.
///
/// # Errors
/// When there is none on record, its archive is gone, or a release is under way.
pub async fn rollback(
    engine: &impl Engine,
    name: &str,
    environment: &Environment,
    to: Option<&str>,
    tell: &Tell,
) -> Result<Begun> {
    let caller = begin::check(engine, environment).await?;
    let mut records = record::latest(engine, name, record::LATEST).await?;
    status::settle(engine, &mut records).await?;
    let found = match to {
        Some(id) => records.iter().rfind(|r| r.good() && (r.id() == id || r.deployment.as_deref() == Some(id))),
        None => target(&records),
    };
    let old = found.ok_or_else(|| match to {
        Some(id) => Error::Release(format!("no good release `{id}` of `{name}` is on record; see `release status`")),
        None => Error::Release(format!(
            "no release of `{name}` before this one is on record: `release deploy --image DIGEST` takes any image that the \
             repository still has"
        )),
    })?;
    let (repository, digest) = old.image.split_once('@').unwrap_or((&old.image, ""));
    engine.image(digest).await?;
    let archive = &old.archive;
    if engine.get(&archive.key, Some(&archive.version)).await?.is_none() {
        return Err(Error::Release(format!(
            "the bucket no longer has `{}` in version {}: its life cycle ended it",
            archive.key, archive.version
        )));
    }
    let image = ImageRef::new(repository, digest).map_err(Error::Release)?;
    let folder = record::folder(name);
    let mut record = Record::new(name, Kind::Rollback, &caller.arn, &old.image, archive.clone(), &folder);
    record.restores = Some(old.restores.clone().unwrap_or_else(|| old.folder.clone()));
    let again = old.task_definition.clone().zip(old.appspec.clone());
    let what = Handover { image, key: archive.key.clone(), version: archive.version.clone(), again };
    begin::start(engine, record, &what, tell).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::record::Archive;

    fn record(folder: &str, good: bool, restores: Option<&str>) -> Record {
        let kind = if restores.is_some() { Kind::Rollback } else { Kind::Release };
        let archive = Archive { key: String::new(), version: String::new(), sha256: String::new() };
        let mut record = Record::new("production", kind, "me", "r@sha256:0", archive, folder);
        record.outcome = Some(if good { "finished" } else { "failed" }.to_owned());
        record.restores = restores.map(str::to_owned);
        record
    }

    #[test]
    fn the_release_before_and_not_the_revision_before() {
        let mut records = vec![record("1", true, None), record("2", true, None), record("3", false, None)];
        let folder = |records: &[Record]| target(records).map(|r| r.folder.clone());
        assert_eq!(folder(&records[..1]), None);
        assert_eq!(folder(&records), Some("1".into()), "3 failed, 2 counts");
        records.push(record("4", true, None));
        assert_eq!(folder(&records), Some("2".into()));
        // Back once: 2 counts now, and the next goes to 1 and not to 4.
        records.push(record("5", true, Some("2")));
        assert_eq!(folder(&records), Some("1".into()));
        records.push(record("6", true, None));
        assert_eq!(folder(&records), Some("4".into()));
    }
}
