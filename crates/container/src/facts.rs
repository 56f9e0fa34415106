//! What was found out about files of this machine, kept by their state, so that nothing is read twice that did not change.

use std::collections::BTreeMap;
use std::fs::{self, File, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::elf::Elf;
use crate::image::write;
use crate::layer::{hex, sha256_of};
use crate::{Error, Result, secret};

/// A change of what is found out is a new number.
const FORMAT: u32 = 1;

/// A file that changed this short a time ago may change again without a newer time, as file systems count it.
const FRESH: Duration = Duration::from_millis(100);

/// The facts, with the file that they are kept in.
#[derive(Debug, Default)]
pub struct Facts {
    file: Option<PathBuf>,
    known: Mutex<Known>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Known {
    format: u32,
    files: BTreeMap<PathBuf, Of>,
    #[serde(skip)]
    changed: bool,
}

/// What is known of one file.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Of {
    state: String,
    elf: Option<Elf>,
    sha256: Option<String>,
    /// What looks like one; empty where nothing does.
    secret: Option<String>,
    /// A state of the package database, and the owner by it; empty where there is none.
    owner: Option<(String, String)>,
}

/// The state of a file; `None` where it cannot be told for sure that it stays so.
pub(crate) fn state(path: &Path) -> Option<String> {
    state_of(&fs::metadata(path).ok()?)
}

/// The same of metadata. The time of the last change of a file's state cannot be set by its owner.
pub(crate) fn state_of(m: &Metadata) -> Option<String> {
    let changed = Duration::new(m.ctime().try_into().ok()?, m.ctime_nsec().try_into().ok()?);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    let fields = (m.dev(), m.ino(), m.len(), changed, m.mtime(), m.mtime_nsec());
    (changed + FRESH <= now).then(|| format!("{fields:?}"))
}

impl Facts {
    /// Reads what is kept; damaged or old files are as good as none.
    #[must_use]
    pub fn open(file: &Path) -> Self {
        let known = fs::read(file).ok().and_then(|bytes| serde_json::from_slice::<Known>(&bytes).ok());
        let known = known.filter(|k| k.format == FORMAT).unwrap_or_default();
        Self { file: Some(file.to_owned()), known: Mutex::new(known) }
    }

    /// Keeps what was found out.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self) -> Result<()> {
        let mut known = self.lock();
        let Some(file) = self.file.as_ref().filter(|_| known.changed) else { return Ok(()) };
        known.format = FORMAT;
        // What is gone need not be known.
        known.files.retain(|path, _| path.exists());
        let dir = file.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(dir).map_err(Error::io("cannot create", dir))?;
        let text = serde_json::to_vec(&*known).map_err(crate::image::format("facts"))?;
        known.changed = false;
        write(file, &text)
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A fact of a file: known, or found out now.
    fn of<T: Clone>(
        &self,
        path: &Path,
        get: impl Fn(&mut Of) -> &mut Option<T>,
        find: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        let state = state(path);
        if let Some(state) = &state
            && let Some(of) = self.lock().files.get_mut(path).filter(|of| of.state == *state)
            && let Some(fact) = get(of)
        {
            return Ok(fact.clone());
        }
        let fact = find()?;
        if let Some(state) = state {
            let mut known = self.lock();
            known.changed = true;
            let of = known.files.entry(path.to_owned()).or_default();
            if of.state != state {
                *of = Of { state, ..Of::default() };
            }
            *get(of) = Some(fact.clone());
        }
        Ok(fact)
    }

    /// What an ELF file says of itself.
    pub(crate) fn elf(&self, path: &Path) -> Result<Elf> {
        self.of(path, |of| &mut of.elf, || Elf::read(path))
    }

    /// SHA-256 in hex.
    pub(crate) fn sha256(&self, path: &Path) -> Result<String> {
        let find = || {
            let file = File::open(path).map_err(Error::io("cannot read", path))?;
            Ok(hex(&sha256_of(file).map_err(Error::io("cannot read", path))?))
        };
        self.of(path, |of| &mut of.sha256, find)
    }

    /// What looks like a secret in it.
    pub(crate) fn secret(&self, path: &Path) -> Option<String> {
        let find = || Ok(secret::in_file(path).unwrap_or_default().to_owned());
        self.of(path, |of| &mut of.secret, find).ok().filter(|s| !s.is_empty())
    }

    /// Who owns a file by the package database in this state, as far as it is known; an empty name is nobody's.
    pub(crate) fn owner(&self, path: &Path, database: &str) -> Option<String> {
        let state = state(path)?;
        let known = self.lock();
        let of = known.files.get(path).filter(|of| of.state == state)?;
        of.owner.as_ref().filter(|(of, _)| of == database).map(|(_, owner)| owner.clone())
    }

    pub(crate) fn set_owner(&self, path: &Path, database: &str, owner: String) {
        let fact = (database.to_owned(), owner);
        // It is kept, or found again the next time.
        let _ = self.of(
            path,
            |of| {
                of.owner = None;
                &mut of.owner
            },
            || Ok(fact),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_kept_and_forgotten_with_a_change() {
        let dir = tempfile::tempdir().unwrap();
        let (file, kept) = (dir.path().join("f"), dir.path().join("facts.json"));
        fs::write(&file, "one").unwrap();
        std::thread::sleep(Duration::from_millis(150));
        let facts = Facts::open(&kept);
        let one = facts.sha256(&file).unwrap();
        assert_eq!((facts.secret(&file), facts.owner(&file, "db")), (None, None));
        facts.set_owner(&file, "db", String::new());
        facts.save().unwrap();
        let facts = Facts::open(&kept);
        // What is known is not looked up: another answer would be taken for it.
        let known = facts.of(&file, |of| &mut of.sha256, || Ok("asked again".into())).unwrap();
        assert_eq!(known, one);
        assert_eq!(facts.of(&file, |of| &mut of.secret, || Ok("asked again".into())).unwrap(), "");
        assert_eq!((facts.owner(&file, "db").as_deref(), facts.owner(&file, "later")), (Some(""), None));
        // The same length and the same time of modification: the time of change tells.
        let time = fs::metadata(&file).unwrap().modified().unwrap();
        fs::write(&file, "two").unwrap();
        File::options().append(true).open(&file).unwrap().set_modified(time).unwrap();
        assert_ne!(facts.sha256(&file).unwrap(), one);
        assert_eq!(facts.owner(&file, "db"), None);
        for damaged in ["", "{", "{\"format\":0,\"files\":{}}"] {
            fs::write(&kept, damaged).unwrap();
            assert_ne!(Facts::open(&kept).sha256(&file).unwrap(), one);
        }
    }
}
