//! What a parse of the source for both targets says of typedefs and records: where `#if` chooses by the target, it alone knows
//! what.

use std::path::{Path, PathBuf};

use rustc_hash::FxHashMap;

use crate::binary::dwarf::shape::Shape;
use crate::project::Project;
use crate::source::clang::Parsed;
use crate::source::tree::{Place, Record, Side, Type};
use crate::target::{DataModel, Pair};
use crate::{Result, audit};

/// Typedefs of integers, and records, by name, file and line of the declaration that the old target takes.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// `None` where units do not agree.
    typedefs: FxHashMap<Key, Option<Both>>,
    /// The same.
    records: FxHashMap<Key, Option<Pair<Outline>>>,
}

type Key = (String, PathBuf, u32);

/// Where a record's members lie under one target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Outline {
    /// Bytes.
    pub(super) size: u64,
    /// Alignment in bytes.
    pub(super) align: u64,
    /// Name, bits from the start, and bits.
    pub(super) members: Vec<(String, u64, u64)>,
}

impl Outline {
    fn of(record: &Record, side: &Side) -> Option<Self> {
        // Bits without a name take room, and debug information does not have them.
        let told = record.fields.iter().filter(|f| !f.name.is_empty() || f.bits.is_none());
        let member = |f: &crate::source::tree::Field| {
            let whole = || Some(side.types.get(f.ty.0 as usize)?.size.unwrap_or(0) * 8);
            Some((f.name.clone(), f.offset?, f.bits.or_else(whole)?))
        };
        Some(Self { size: record.size?, align: record.align?, members: told.map(member).collect::<Option<_>>()? })
    }
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

    /// Where members lie in a record under both targets, where the old one has it defined here.
    pub(super) fn record(&self, name: &str, file: &Path, line: u32) -> Option<&Pair<Outline>> {
        if self.records.is_empty() {
            return None;
        }
        self.records.get(&(name.to_owned(), file.canonicalize().ok()?, line))?.as_ref()
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
        self.records(parsed);
    }

    fn records(&mut self, parsed: Pair<&Parsed>) {
        let mut new: FxHashMap<&str, Option<&Record>> = FxHashMap::default();
        for (record, _) in records(parsed.new) {
            let known = new.entry(&record.name).or_insert(Some(record));
            *known = known.filter(|k| *k == record);
        }
        for (record, place) in records(parsed.old) {
            let Some(file) = parsed.old.files.get(place.file as usize) else { continue };
            let begin = place.start.saturating_add(1);
            let Some((path, line)) = self.texts.line(&file.path, begin) else { continue };
            let outlines = || {
                let twin = new.get(record.name.as_str()).copied().flatten()?;
                let (old, new) = (Outline::of(record, &parsed.old.side), Outline::of(twin, &parsed.new.side));
                Pair { old, new }.both()
            };
            let both = outlines();
            let known = self.all.records.entry((record.name.clone(), path, line)).or_insert_with(|| both.clone());
            if *known != both {
                *known = None;
            }
        }
    }
}

/// The records with a name that a unit defines, those of the system left out.
fn records(parsed: &Parsed) -> impl Iterator<Item = (&Record, Place)> {
    let own = |place: &Place| parsed.files.get(place.file as usize).is_some_and(|f| !f.system);
    let named = |r: &Record| !r.name.ends_with(')');
    parsed.side.records.iter().filter_map(move |r| Some((r, r.place.filter(own)?))).filter(move |(r, _)| named(r))
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
