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

/// The good release that somebody names: by its number, its execution or its deployment.
///
/// # Errors
/// When none is, or two have the number, as when two people began at the same moment.
fn named<'a>(records: &'a [Record], name: &str, to: &str) -> Result<&'a Record> {
    let is = |r: &&Record| {
        r.id() == to || r.deployment.as_deref() == Some(to) || r.number.is_some_and(|n| to.parse() == Ok(n))
    };
    let mut found = records.iter().filter(|r| r.good()).filter(is);
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one),
        (Some(one), Some(other)) => {
            Err(Error::Release(format!("two releases of `{name}` are number {to}: say {} or {}", one.id(), other.id())))
        }
        (None, _) => {
            Err(Error::Release(format!("no good release `{to}` of `{name}` is on record; see `release history`")))
        }
    }
}

/// Brings back the release before, or the one with a number or an id.
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
    // Who names one may mean any that there was.
    let mut records = record::latest(engine, name, if to.is_some() { usize::MAX } else { record::LATEST }).await?;
    status::settle(engine, &mut records).await?;
    let old = match to {
        Some(to) => named(&records, name, to)?,
        None => target(&records).ok_or_else(|| {
            Error::Release(format!(
                "no release of `{name}` before this one is on record: `release deploy --image DIGEST` takes any image \
                 that the repository still has"
            ))
        })?,
    };
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

    #[test]
    fn one_is_named_by_number_or_id() {
        let numbered = |number, good, id: &str| Record {
            number: Some(number),
            execution: Some(id.into()),
            deployment: Some(format!("d-{id}")),
            ..record(id, good, None)
        };
        let records = [numbered(1, true, "a"), numbered(2, false, "b"), numbered(3, true, "c"), numbered(3, true, "d")];
        let of = |to: &str| named(&records, "production", to).map(|r| r.folder.clone()).map_err(|e| e.to_string());
        assert_eq!((of("1"), of("a"), of("d-a")), (Ok("a".into()), Ok("a".into()), Ok("a".into())));
        assert!(of("2").unwrap_err().contains("no good release `2`"), "it failed");
        assert!(of("3").unwrap_err().ends_with("are number 3: say c or d"));
        assert_eq!(of("c"), Ok("c".into()));
    }
}
