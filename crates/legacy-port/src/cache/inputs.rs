//! What a parse depends on in the file system: what files say, and which names lead to no file.
//!
//! A header that appears in a folder that is searched earlier, or that was missing, changes a unit none of whose files
//! changed. So the state of a file has, besides its content, which of the names that it includes or asks for
//! (`__has_include`) are there in each folder that the unit searches.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use memchr::memmem;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Cache, Key, KeyOf};
use crate::project::Unit;
use crate::target::Target;

/// A digest of the state of a file.
pub(crate) type State = [u8; 32];

/// File systems tell the time of a change in steps; Linux in steps of 10 ms at most.
const STEP: Duration = Duration::from_millis(20);

/// States of files, each looked at once in a run.
#[derive(Debug, Default)]
pub(crate) struct Inputs {
    states: Mutex<HashMap<(PathBuf, State), Option<State>>>,
    contents: Mutex<HashMap<PathBuf, Option<Read>>>,
    present: Mutex<HashMap<PathBuf, bool>>,
    /// What earlier runs read.
    known: HashMap<PathBuf, Known>,
}

/// What is known of a file in this run.
#[derive(Clone, Debug)]
struct Read {
    content: Content,
    /// What the file was, where that will tell whether it is still as it was read.
    stamp: Option<Stamp>,
    /// Whether it had to be read, since no earlier run has.
    new: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Content {
    digest: State,
    names: Vec<PathBuf>,
}

/// What was read of a file, and what the file was then.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Known {
    stamp: Stamp,
    content: Content,
}

/// What changes when a file does. The time at which its state changed nobody can set, unlike that of its content; git
/// trusts the same (`racy-git` in its documentation), with the same care for files younger than the clock's steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Stamp {
    device: u64,
    inode: u64,
    bytes: u64,
    /// Seconds and nanoseconds.
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    fn of(meta: &fs::Metadata) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        Self {
            device: meta.dev(),
            inode: meta.ino(),
            bytes: meta.size(),
            modified: (meta.mtime(), meta.mtime_nsec()),
            changed: (meta.ctime(), meta.ctime_nsec()),
        }
    }
}

/// The folders that a unit searches, with a digest of them.
#[derive(Debug)]
pub(crate) struct Folders {
    list: Vec<PathBuf>,
    forced: Vec<PathBuf>,
    digest: State,
}

impl Folders {
    /// Of a unit, under all of the targets.
    pub(crate) fn new<'a>(unit: &Unit, targets: impl IntoIterator<Item = (&'a Target, &'a [PathBuf])>) -> Self {
        let (mut list, mut forced) = (Vec::new(), Vec::new());
        for (target, system) in targets {
            let mut flags = unit.flags.iter().chain(&target.flags);
            while let Some(flag) = flags.next() {
                let of = |names: &[&str], next: Option<&String>| {
                    let name = names.iter().find(|n| flag.starts_with(**n))?;
                    let joined = Some(&flag[name.len()..]).filter(|rest| !rest.is_empty());
                    joined.map(str::to_owned).or_else(|| next.cloned())
                };
                let next = flags.clone().next();
                if let Some(dir) = of(&["-isystem", "-iquote", "-idirafter", "-I"], next) {
                    list.push(unit.directory.join(dir));
                } else if let Some(file) = of(&["-include", "-imacros"], next) {
                    forced.push(PathBuf::from(file));
                }
            }
            list.extend(system.iter().cloned());
        }
        // The folder of the unit is where forced headers are looked for.
        list.push(unit.directory.clone());
        list.sort();
        list.dedup();
        let mut hash = Sha256::new();
        for path in list.iter().chain(&forced) {
            hash.update(path.as_os_str().as_encoded_bytes());
            hash.update([0]);
        }
        Self { list, forced, digest: hash.finalize().into() }
    }
}

/// The name of what earlier runs read of a project.
fn key(root: &Path) -> Key {
    KeyOf::new("contents").with(root).done()
}

impl Inputs {
    /// With what the cache has of the files of a project.
    pub(crate) fn of(root: &Path, cache: Option<&Cache>) -> Self {
        let known = cache.and_then(|cache| cache.get::<Vec<(PathBuf, Known)>>(&key(root)));
        Self { known: known.into_iter().flatten().collect(), ..Self::default() }
    }

    /// Keeps what was read, where that is anything new.
    pub(crate) fn keep(self, root: &Path, cache: &Cache) {
        let read = self.contents.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        if read.values().flatten().any(|read| read.new && read.stamp.is_some()) {
            let known = |(path, read): (PathBuf, Option<Read>)| {
                let Read { content, stamp, .. } = read?;
                Some((path, Known { stamp: stamp?, content }))
            };
            let mut known: Vec<_> = read.into_iter().filter_map(known).collect();
            known.sort_by(|a, b| a.0.cmp(&b.0));
            cache.put(&key(root), &known);
        }
    }

    /// The state of a file now; `None` when it cannot be read, or depends on more than is looked at here.
    pub(crate) fn state(&self, path: &Path, folders: &Folders) -> Option<State> {
        let key = (path.to_owned(), folders.digest);
        if let Some(known) = lock(&self.states).get(&key) {
            return *known;
        }
        let state = self.content(path).map(|content| {
            let mut hash = Sha256::new();
            hash.update(content.digest);
            // Headers that are included by a macro are not found by their names; this one is there by its own.
            let own = folders.list.iter().filter_map(|dir| path.strip_prefix(dir).ok().map(Path::to_owned));
            let own: Vec<PathBuf> = own.filter(|name| !name.as_os_str().is_empty()).collect();
            let here = path.parent().map(Path::to_owned);
            for name in content.names.iter().chain(&own).chain(&folders.forced) {
                for dir in folders.list.iter().chain(&here) {
                    hash.update([u8::from(self.is_present(dir.join(name)))]);
                }
            }
            hash.finalize().into()
        });
        lock(&self.states).insert(key, state);
        state
    }

    fn content(&self, path: &Path) -> Option<Content> {
        if let Some(known) = lock(&self.contents).get(path) {
            return known.as_ref().map(|read| read.content.clone());
        }
        let begin = SystemTime::now();
        let stamp = fs::metadata(path).ok().map(|meta| Stamp::of(&meta));
        let known = self.known.get(path).filter(|known| stamp == Some(known.stamp));
        let read = match known {
            Some(Known { content, .. }) => Some(Read { content: content.clone(), stamp, new: false }),
            None => fs::read(path).ok().and_then(|bytes| {
                let content = Content { names: names(&bytes)?, digest: Sha256::digest(&bytes).into() };
                Some(Read { content, stamp: stamp.filter(|_| unchanged_since(path, begin)), new: true })
            }),
        };
        let content = read.as_ref().map(|read| read.content.clone());
        lock(&self.contents).insert(path.to_owned(), read);
        content
    }

    fn is_present(&self, path: PathBuf) -> bool {
        if let Some(known) = lock(&self.present).get(&path) {
            return *known;
        }
        let present = path.is_file();
        lock(&self.present).insert(path, present);
        present
    }
}

fn lock<T>(of: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    of.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Whether a file is as it was at a time: neither written nor put in its place since.
pub(crate) fn unchanged_since(path: &Path, time: SystemTime) -> bool {
    let Ok(meta) = fs::metadata(path) else { return false };
    let before = |t: SystemTime| t.checked_add(STEP).is_some_and(|t| t < time);
    meta.modified().is_ok_and(before) && before(changed(&meta))
}

/// When the file itself, its name or its times were changed.
fn changed(meta: &fs::Metadata) -> SystemTime {
    use std::os::unix::fs::MetadataExt as _;
    let seconds = Duration::from_secs(u64::try_from(meta.ctime()).unwrap_or(0));
    SystemTime::UNIX_EPOCH + seconds + Duration::from_nanos(u64::try_from(meta.ctime_nsec()).unwrap_or(0))
}

/// What stands in quotes or angles after `include`, `include_next` or `__has_include`, also where it is not compiled:
/// that may depend on the target. `None` where a file takes in others by `#embed`.
fn names(text: &[u8]) -> Option<Vec<PathBuf>> {
    if memmem::find_iter(text, "embed").any(|at| text[..at].trim_ascii_end().ends_with(b"#")) {
        return None;
    }
    let mut found = Vec::new();
    for at in memmem::find_iter(text, "include") {
        let rest = &text[at + "include".len()..];
        let rest = rest.strip_prefix(b"_next").unwrap_or(rest);
        let skip = rest.iter().take(16).take_while(|b| b" \t\\\r\n(_".contains(b)).count();
        let Some((open, rest)) = rest[skip..].split_first() else { continue };
        let close = match open {
            b'<' => b'>',
            b'"' => b'"',
            _ => continue,
        };
        if let Some(end) = rest.iter().take(1024).position(|b| *b == close || *b == b'\n').filter(|&e| rest[e] == close)
        {
            // On Unix any bytes are a name.
            found.push(PathBuf::from(<std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(&rest[..end])));
        }
    }
    found.sort();
    found.dedup();
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_however_they_are_written() {
        let text = b"#include <a.h>\n # \tinclude\t\"b/c.h\"\n#include_next <d.h>\n#include \\\n \"e.h\"\n\
            #if __has_include(<f.h>) && __has_include (\"g.h\")\n#include MACRO\n#include \"open\n#include";
        let want = ["a.h", "b/c.h", "d.h", "e.h", "f.h", "g.h"].map(PathBuf::from);
        assert_eq!(names(text).unwrap(), want);
        assert_eq!(names(b"# embed \"x\""), None);
        assert_eq!(names(b"int embedded; /* embed */"), Some(vec![]));
    }

    #[test]
    fn what_did_not_change_is_not_read_again() {
        let dir = tempfile::tempdir().unwrap();
        let (cache, root) = (Cache::new(dir.path().join("cache")), dir.path());
        let path = dir.path().join("a.h");
        let folders = Folders { list: vec![], forced: vec![], digest: [0; 32] };
        let wait = || std::thread::sleep(2 * STEP);
        let look = || {
            let inputs = Inputs::of(root, Some(&cache));
            let state = inputs.state(&path, &folders).unwrap();
            let read = lock(&inputs.contents)[&path].as_ref().unwrap().new;
            inputs.keep(root, &cache);
            (state, read)
        };
        let date = |time| fs::File::options().append(true).open(&path).unwrap().set_modified(time).unwrap();
        fs::write(&path, "int a;").unwrap();
        date(SystemTime::now() + STEP * 1000);
        let first = look();
        assert_eq!(look(), first, "what is written from now on may have the same times");
        date(SystemTime::now());
        wait();
        assert_eq!(look(), (first.0, true));
        assert_eq!(look(), (first.0, false));
        // Of the same length, and with its time put back.
        let modified = fs::metadata(&path).unwrap().modified().unwrap();
        fs::write(&path, "int b;").unwrap();
        date(modified);
        wait();
        let other = look();
        assert!(other.1 && other.0 != first.0);
        assert_eq!(look(), (other.0, false));
        // Another file in its place.
        let moved = dir.path().join("b.h");
        fs::write(&moved, "int b;").unwrap();
        wait();
        fs::rename(&moved, &path).unwrap();
        wait();
        assert_eq!(look(), (other.0, true));
    }

    #[test]
    fn folders_are_those_of_the_flags() {
        let flags = ["-Ia", "-I", "b", "-isystem/c", "-iquote", "d", "-include", "x.h", "-DI=-Ie", "-I"];
        let unit =
            Unit { source: "/p/a.c".into(), directory: "/p".into(), flags: flags.iter().map(|&f| f.into()).collect() };
        let target = Target { triple: "t".into(), flags: vec!["-idirafter".into(), "f".into()] };
        let folders = Folders::new(&unit, [(&target, [PathBuf::from("/usr/include")].as_slice())]);
        let want = ["/c", "/p", "/p/a", "/p/b", "/p/d", "/p/f", "/usr/include"].map(PathBuf::from);
        assert!(want.iter().all(|w| folders.list.contains(w)), "{:?}", folders.list);
        assert_eq!(folders.forced, [PathBuf::from("x.h")]);
    }
}
