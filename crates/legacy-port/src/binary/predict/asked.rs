//! What a parse of the source for both targets says of typedefs: where `#if` chooses one by the target, it alone knows which.

use std::path::{Path, PathBuf};

use rustc_hash::FxHashMap;

use crate::binary::dwarf::shape::Shape;
use crate::project::Project;
use crate::source::clang::Parsed;
use crate::source::tree::Type;
use crate::target::{DataModel, Pair};
use crate::{Result, audit};

/// Typedefs of integers by name, file and line of the declaration that the old target takes.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// `None` where units do not agree.
    typedefs: FxHashMap<(String, PathBuf, u32), Option<Both>>,
}

/// Bytes under the old target, and size and alignment under the new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Both {
    old: u64,
    new: (u64, u64),
}

impl Asked {
    /// Parses every unit of a project for its two targets. Nothing is known where these are not i386 and `x86_64`, nor of
    /// units that do not parse.
    ///
    /// # Errors
    /// When libclang cannot be loaded, or a unit cannot be read.
    pub fn of(project: &Project) -> Result<Self> {
        let mut asking = Asking::of(project);
        if asking.wanted {
            audit::each(project, |parsed| asking.unit(parsed.as_ref()))?;
        }
        Ok(asking.done())
    }

    /// What a typedef is under the new target, where the old one has it declared here with so many bytes.
    pub(super) fn typedef(&self, name: &str, file: &Path, line: u32, bytes: u64) -> Option<Shape> {
        if self.typedefs.is_empty() {
            return None;
        }
        let key = (name.to_owned(), file.canonicalize().ok()?, line);
        let both = self.typedefs.get(&key).copied().flatten().filter(|b| b.old == bytes)?;
        Some(Shape { size: Some(both.new.0), align: both.new.1 })
    }
}

/// What is known of units that are parsed one after the other.
pub(crate) struct Asking {
    wanted: bool,
    all: Asked,
    texts: Texts,
}

impl Asking {
    pub(crate) fn of(project: &Project) -> Self {
        let targets = project.targets.as_ref();
        let wanted = (targets.old.short(), targets.new.short()) == ("i386", "x86_64");
        let wanted = wanted && targets.new.model() == Some(DataModel::Lp64);
        Self { wanted, all: Asked::default(), texts: Texts::default() }
    }

    pub(crate) fn done(self) -> Asked {
        self.all
    }

    pub(crate) fn unit(&mut self, parsed: Pair<&Parsed>) {
        if !self.wanted || !parsed.old.errors.is_empty() || !parsed.new.errors.is_empty() {
            return;
        }
        // One name may be declared in two blocks of a unit: which of them is which is not told.
        let mut new: FxHashMap<&str, Option<&Type>> = FxHashMap::default();
        for ty in typedefs(parsed.new) {
            let known = new.entry(&ty.name).or_insert(Some(ty));
            *known = known.filter(|k| *k == ty);
        }
        for ty in typedefs(parsed.old) {
            let Some(place) = ty.declared else { continue };
            let Some(file) = parsed.old.files.get(place.file as usize) else { continue };
            let Some((path, line)) = self.texts.line(&file.path, place.end) else { continue };
            let both = || {
                let twin = new.get(ty.name.as_str()).copied().flatten()?;
                let (old, _) = ty.integer()?;
                let (size, _) = twin.integer()?;
                Some(Both { old, new: (size, twin.align?) })
            };
            let both = both();
            let known = self.all.typedefs.entry((ty.name.clone(), path, line)).or_insert(both);
            *known = known.filter(|_| *known == both);
        }
    }
}

/// The names that a unit has for types, those of the system left out.
fn typedefs(parsed: &Parsed) -> impl Iterator<Item = &Type> {
    let named = |t: &&Type| t.declared.is_some() && t.name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    parsed.side.types.iter().filter(named)
}

/// Files with their real paths, each read once.
#[derive(Default)]
struct Texts(FxHashMap<PathBuf, Option<(PathBuf, Vec<u8>)>>);

impl Texts {
    /// The real path of a file, and the line of the last byte before `end`.
    fn line(&mut self, path: &Path, end: u32) -> Option<(PathBuf, u32)> {
        if !self.0.contains_key(path) {
            let read = || Some((path.canonicalize().ok()?, std::fs::read(path).ok()?));
            self.0.insert(path.to_owned(), read());
        }
        let (real, text) = self.0.get(path)?.as_ref()?;
        let before = text.get(..(end as usize).checked_sub(1)?)?;
        Some((real.clone(), u32::try_from(memchr::memchr_iter(b'\n', before).count()).ok()? + 1))
    }
}
