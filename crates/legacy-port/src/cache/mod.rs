//! What was worked out before: results by the digest of everything that went into them, one file each.
//!
//! An entry that is damaged, foreign or of another build is as if it were not there; one that cannot be written is not
//! written. Nothing here is an error.

pub(crate) mod inputs;
pub(crate) mod system;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

/// First bytes of each entry.
const MAGIC: &[u8; 16] = b"legacy-port/1\n\0\0";

/// Ending of the names of entries.
const ENDING: &str = "entry";

/// Beginning of the names of files that are being written.
const UNFINISHED: &str = ".legacy-port-";

/// What all entries together may take, in bytes: some ten thousand units.
const LIMIT: u64 = 512 << 20;

/// What has not been used for so long is dropped.
const IDLE: Duration = Duration::from_hours(30 * 24);

/// How exactly it is known when an entry was last used: a write for each use would be slower than the use.
const USED: Duration = Duration::from_hours(24);

/// A folder with entries. Several processes may use it at once.
#[derive(Clone, Debug)]
pub struct Cache {
    dir: PathBuf,
}

impl Cache {
    /// A cache in this folder, which is made when there is something to write.
    #[must_use]
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into() }
    }

    /// The entry of this key, if it is there and whole.
    pub(crate) fn get<T: DeserializeOwned>(&self, key: &Key) -> Option<T> {
        let path = self.path(key);
        let bytes = fs::read(&path).ok()?;
        let (head, rest) = bytes.split_at_checked(MAGIC.len())?;
        let (digest, data) = rest.split_at_checked(32)?;
        if head != MAGIC || digest != Sha256::digest(data).as_slice() {
            return None;
        }
        let value = postcard::from_bytes(data).ok()?;
        let modified = fs::metadata(&path).and_then(|m| m.modified()).ok()?;
        if modified.elapsed().is_ok_and(|age| age > USED) {
            let _ = fs::File::options().append(true).open(&path).and_then(|f| f.set_modified(SystemTime::now()));
        }
        Some(value)
    }

    /// Whether there is an entry of this key, whole or not.
    pub(crate) fn has(&self, key: &Key) -> bool {
        self.path(key).exists()
    }

    /// Writes an entry: whoever reads at the same time sees all of the old one or all of the new one.
    pub(crate) fn put<T: Serialize>(&self, key: &Key, value: &T) {
        let Ok(data) = postcard::to_stdvec(value) else { return };
        if !self.dir.is_dir() {
            let _ = self.create();
        }
        let Ok(mut file) = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(&self.dir) else { return };
        let digest = Sha256::digest(&data);
        let written = [MAGIC.as_slice(), digest.as_slice(), &data].iter().try_for_each(|part| file.write_all(part));
        if written.is_ok() {
            let _ = file.persist(self.path(key));
        }
    }

    /// Makes the folder, and keeps it out of version control and backups.
    fn create(&self) -> std::io::Result<()> {
        fs::create_dir_all(&self.dir)?;
        fs::write(self.dir.join(".gitignore"), "*\n")?;
        fs::write(
            self.dir.join("CACHEDIR.TAG"),
            "Signature: 8a477f597d28d172789f06886806bc55\n# results of `legacy-port audit`; may be deleted at any time\n",
        )
    }

    fn path(&self, key: &Key) -> PathBuf {
        self.dir.join(&key.0).with_extension(ENDING)
    }

    /// Drops what has not been used for long, then the longest unused until the rest is within the limit. Files that are
    /// not ours stay.
    pub fn trim(&self) {
        self.trim_to(LIMIT);
    }

    fn trim_to(&self, limit: u64) {
        let Ok(list) = fs::read_dir(&self.dir) else { return };
        let mut entries: Vec<(SystemTime, u64, PathBuf)> = Vec::new();
        for file in list.flatten() {
            let Ok(meta) = file.metadata() else { continue };
            let (path, modified) = (file.path(), meta.modified().unwrap_or(SystemTime::UNIX_EPOCH));
            let old = |limit| modified.elapsed().is_ok_and(|age| age > limit);
            let unfinished = file.file_name().to_string_lossy().starts_with(UNFINISHED);
            if !meta.is_file() || !(is_entry(&path) || unfinished) {
                continue;
            }
            if old(IDLE) || (unfinished && old(USED)) {
                let _ = fs::remove_file(&path);
            } else if !unfinished {
                entries.push((modified, meta.len(), path));
            }
        }
        entries.sort();
        let mut total: u64 = entries.iter().map(|e| e.1).sum();
        for (_, size, path) in entries {
            if total <= limit {
                break;
            }
            total -= size;
            let _ = fs::remove_file(path);
        }
    }
}

/// Whether a file is named as entries are.
fn is_entry(path: &Path) -> bool {
    let stem = path.file_stem().unwrap_or_default().as_encoded_bytes();
    path.extension().is_some_and(|e| e == ENDING) && stem.len() == 64 && stem.iter().all(u8::is_ascii_hexdigit)
}

/// The name of an entry: a digest of what it was asked for.
pub(crate) struct Key(String);

/// Puts a key together; each part has its length before it, so that no two lists of parts are one.
pub(crate) struct KeyOf(Sha256);

impl KeyOf {
    /// Everything depends on the tool itself: its version and a digest of its source.
    pub(crate) fn new(what: &str) -> Self {
        Self(Sha256::new()).with(what).with(env!("CARGO_PKG_VERSION")).with(env!("LEGACY_PORT_BUILD"))
    }

    pub(crate) fn with(mut self, part: impl AsRef<std::ffi::OsStr>) -> Self {
        let bytes = part.as_ref().as_encoded_bytes();
        self.0.update(bytes.len().to_le_bytes());
        self.0.update(bytes);
        self
    }

    pub(crate) fn with_all<S: AsRef<std::ffi::OsStr>>(self, parts: impl ExactSizeIterator<Item = S>) -> Self {
        let count = parts.len().to_string();
        parts.fold(self.with(count), Self::with)
    }

    /// Variables of the environment, by what their names begin with.
    pub(crate) fn with_environment(self, beginnings: &[&str]) -> Self {
        let mut found: Vec<_> = std::env::vars_os()
            .filter(|(name, _)| beginnings.iter().any(|b| name.as_encoded_bytes().starts_with(b.as_bytes())))
            .collect();
        found.sort();
        found.into_iter().fold(self, |key, (name, value)| key.with(name).with(value))
    }

    pub(crate) fn done(self) -> Key {
        use std::fmt::Write as _;
        Key(self.0.finalize().iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: &str) -> Key {
        KeyOf::new("test").with(n).done()
    }

    #[test]
    fn damage_is_absence() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::new(dir.path().join("a/b"));
        assert_eq!(cache.get::<String>(&key("1")), None);
        cache.put(&key("1"), &"value");
        assert_eq!(cache.get(&key("1")), Some("value".to_owned()));
        assert_eq!(cache.get::<String>(&key("2")), None);
        let path = cache.path(&key("1"));
        let whole = fs::read(&path).unwrap();
        for cut in 0..whole.len() {
            fs::write(&path, &whole[..cut]).unwrap();
            assert_eq!(cache.get::<String>(&key("1")), None, "cut to {cut}");
            let mut flipped = whole.clone();
            flipped[cut] ^= 1;
            fs::write(&path, flipped).unwrap();
            assert_eq!(cache.get::<String>(&key("1")), None, "byte {cut} changed");
        }
        fs::write(&path, &whole).unwrap();
        assert_eq!(cache.get::<Vec<String>>(&key("1")), None, "of another shape");
        assert!(cache.get::<String>(&key("1")).is_some());
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_no_error() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        fs::write(&file, "").unwrap();
        let cache = Cache::new(&file);
        cache.put(&key("1"), &1);
        cache.trim();
        assert_eq!(cache.get::<i32>(&key("1")), None);
        assert_eq!(fs::read(&file).unwrap(), b"");
    }

    #[test]
    fn the_longest_unused_go_first_and_nothing_foreign() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::new(dir.path());
        let old = |path: &Path, age: Duration| {
            fs::File::options().append(true).open(path).unwrap().set_modified(SystemTime::now() - age).unwrap();
        };
        for n in ["1", "2", "3"] {
            cache.put(&key(n), &vec![7u8; 1000]);
        }
        old(&cache.path(&key("1")), IDLE + USED);
        old(&cache.path(&key("2")), Duration::from_mins(1));
        let foreign = [dir.path().join("mine.entry"), dir.path().join("notes.txt")];
        for path in &foreign {
            fs::write(path, "mine").unwrap();
            old(path, IDLE * 2);
        }
        cache.trim();
        assert!(!cache.path(&key("1")).exists(), "not used for long");
        assert!(cache.path(&key("2")).exists() && cache.path(&key("3")).exists());
        cache.trim_to(1500);
        assert!(!cache.path(&key("2")).exists() && cache.path(&key("3")).exists());
        assert!(foreign.iter().all(|p| p.exists()));
    }
}
