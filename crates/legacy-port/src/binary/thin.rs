//! Members of a thin archive: files beside it, by the paths that it has for them, as GNU's `ar rcT` and LLVM's write it.

use std::collections::HashMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use rustc_hash::FxHashSet;
use rustix::fs::{CWD, Mode, OFlags};

use super::archive::{self, Lies, Member};
use super::bytes::{Bytes, Result};

/// Where an archive lies, and the folder that its members must lie below, if any.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) archive: &'a Path,
    pub(super) below: Option<&'a Path>,
}

/// What is done with a member: it is told its name and its bytes.
pub(super) type Visit<'v> = &'v mut dyn FnMut(&str, &Bytes) -> Result<()>;

/// Archives within archives are followed that far; `ar` makes one.
const DEEP: usize = 8;
/// Members that cannot be read and are told one by one.
const TOLD: usize = 16;

/// Visits the members, each file once. What cannot be is told, each in a sentence.
pub(super) fn follow(members: &[Member], place: Place, visit: Visit) -> Result<Vec<String>> {
    let real = |path: &Path| fs::canonicalize(path).map_err(|e| format!("`{}`: {e}", path.display()));
    let below = place.below.map(real).transpose()?;
    let mut thin =
        Thin { below, visit, met: FxHashSet::default(), nested: HashMap::new(), open: vec![real(place.archive)?] };
    let mut troubles: Vec<String> = Vec::new();
    let mut further = 0;
    for member in members {
        if let Err(why) = thin.member(member, &member.name) {
            if troubles.len() < TOLD {
                troubles.push(format!("member `{}` {why}", member.name));
            } else {
                further += 1;
            }
        }
    }
    if further > 0 {
        troubles.push(format!("{further} further members cannot be read"));
    }
    Ok(troubles)
}

struct Thin<'v> {
    /// Free of links, as all paths here are.
    below: Option<PathBuf>,
    visit: Visit<'v>,
    /// Files, and where in them what was visited begins.
    met: FxHashSet<(PathBuf, u64)>,
    /// Members of archives that members lie in, by where their headers begin.
    nested: HashMap<PathBuf, Rc<HashMap<u64, Member>>>,
    /// The archive that is followed, and those that it is in.
    open: Vec<PathBuf>,
}

impl Thin<'_> {
    fn member(&mut self, member: &Member, shown: &str) -> Result<()> {
        // What lies in a thin archive itself is its index.
        let Lies::Beside { path, at } = &member.lies else { return Ok(()) };
        let folder = self.open.last().and_then(|archive| archive.parent()).unwrap_or(Path::new("/"));
        let named = folder.join(path);
        let real = fs::canonicalize(&named).map_err(|e| format!("is not read, `{}`: {e}", named.display()))?;
        if let Some(below) = self.below.as_ref().filter(|below| !real.starts_with(below)) {
            return Err(format!("lies outside of `{}` and is not read, `{}`", below.display(), real.display()));
        }
        if self.open.contains(&real) {
            return Err(format!("is, or lies in, an archive that it is a part of, `{}`", real.display()));
        }
        if !self.met.insert((real.clone(), at.unwrap_or(0))) {
            return Err(format!("is named before and read once, `{}`", real.display()));
        }
        let (file, len) = regular(&real).map_err(|e| format!("is not read, `{}`: {e}", real.display()))?;
        let bytes = Bytes::file(&file, len, &[]);
        match at {
            None => (self.visit)(shown, &bytes).map_err(|e| format!("is damaged: {e}")),
            Some(at) => self.within(&real, &bytes, *at, shown),
        }
    }

    /// A member of an archive that is a member.
    fn within(&mut self, archive: &Path, bytes: &Bytes, at: u64, shown: &str) -> Result<()> {
        if self.open.len() > DEEP {
            return Err(format!("lies in more than {DEEP} archives within each other"));
        }
        let members = if let Some(known) = self.nested.get(archive) {
            Rc::clone(known)
        } else {
            let all = archive::members(bytes)?.ok_or_else(|| format!("lies in `{shown}`, which is no archive"))?;
            let all = Rc::new(all.into_iter().map(|m| (m.header, m)).collect());
            self.nested.insert(archive.to_owned(), Rc::clone(&all));
            all
        };
        let inner = members.get(&at).ok_or_else(|| format!("is none of `{shown}`, which has no member at {at:#x}"))?;
        let shown = format!("{shown}/{}", inner.name);
        if let Lies::Here { .. } = inner.lies {
            return (self.visit)(&shown, &inner.bytes(bytes)).map_err(|e| format!("is damaged: {e}"));
        }
        self.open.push(archive.to_owned());
        let done = self.member(inner, &shown);
        self.open.pop();
        done
    }
}

/// A file and its size. What is none is not opened for long: a pipe would wait for its writer, a device may do something.
fn regular(path: &Path) -> std::io::Result<(File, u64)> {
    if !fs::metadata(path)?.is_file() {
        return Err(std::io::Error::other("not a file"));
    }
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::openat(CWD, path, flags, Mode::empty())?);
    let state = file.metadata()?;
    if state.is_file() { Ok((file, state.len())) } else { Err(std::io::Error::other("not a file")) }
}
