//! A file, and those that its debug information was moved to -> records.

use std::path::{Path, PathBuf};

use ::object::ReadRef;
use rayon::prelude::*;

use super::merge::{self, Found};
use super::sections::{self, Image, Wrong};
use super::units::{self, Part, Raw};
use super::{Debug, Options, links};
use crate::binary::abi::Machine;
use crate::binary::predict::Sources;

/// Bytes of layouts that are kept for a byte of debug information: 20 times what large programs have.
const ROOM: usize = 64;

/// All records of a file. `path` is where it lies, when other files may be looked for.
pub(super) fn all<'d, R: ReadRef<'d>>(data: R, path: Option<&Path>, options: Options) -> Result<Debug, Wrong> {
    let mut all = Collected {
        predict: options.predict,
        sources: Sources::new(options.sources, options.asked),
        kept: options.debug_dir.unwrap_or_else(|| links::SYSTEM.into()),
        ..Collected::default()
    };
    match sections::members(data) {
        None => all.image(&Image::parse(data)?, path)?,
        Some(members) => {
            for (name, (at, size)) in members? {
                // An archive has members that are not objects: lists of symbols and names, and whatever was put there.
                let Ok(bytes) = data.read_bytes_at(at, size) else { continue };
                if bytes.starts_with(b"\x7fELF")
                    && let Err(wrong) = Image::parse(bytes).and_then(|image| all.image(&image, path))
                {
                    all.missing.push(format!("member `{name}`: {wrong}"));
                }
            }
            if all.found.is_empty() && !all.missing.is_empty() {
                return Err(all.missing.join("; "));
            }
        }
    }
    Ok(all.done())
}

#[derive(Default)]
struct Collected {
    predict: bool,
    sources: Sources,
    /// Where systems keep debug information.
    kept: PathBuf,
    machine: Machine,
    found: Found,
    missing: Vec<String>,
    /// Units that were read so far.
    units: u32,
}

impl Collected {
    fn done(mut self) -> Debug {
        let mut records: Vec<(u32, super::Record)> = self.found.into_values().collect();
        records.sort_by(|(i, a), (j, b)| {
            let kinds = a.layout.name.cmp(&b.layout.name).then(a.kind.cmp(&b.kind));
            kinds.then_with(|| a.place.cmp(&b.place)).then(i.cmp(j)).then(a.layout.size.cmp(&b.layout.size))
        });
        let records = records.into_iter().map(|r| r.1).collect();
        self.missing.sort();
        self.missing.dedup();
        Debug { machine: self.machine, records, missing: self.missing }
    }

    /// One ELF file, or one member of an archive.
    fn image<'d, R: ReadRef<'d>>(&mut self, image: &Image<'d, R>, path: Option<&Path>) -> Result<(), Wrong> {
        self.machine = image.machine;
        if [".debug_info", ".debug_types", ".debug_info.dwo"].iter().any(|s| image.has(s)) {
            return self.sections(image, path);
        }
        let wanted = links::Wanted { link: image.link(), build_id: image.build_id() };
        match path.and_then(|p| links::find(p, &wanted, &self.kept)) {
            Some(found) => {
                let file = std::fs::File::open(&found).map_err(|e| format!("`{}`: {e}", found.display()))?;
                let cache = ::object::ReadCache::new(file);
                let image = Image::parse(&cache).map_err(|e| format!("`{}`: {e}", found.display()))?;
                self.sections(&image, Some(&found)).map_err(|e| format!("`{}`: {e}", found.display()))
            }
            None => Err(format!("has no debug information; build it with `-g`{}", wanted.told())),
        }
    }

    fn sections<'d, R: ReadRef<'d>>(&mut self, image: &Image<'d, R>, path: Option<&Path>) -> Result<(), Wrong> {
        let split = !image.has(".debug_info") && image.has(".debug_info.dwo");
        let loaded = units::load(split, |name| image.section(name))?;
        let shared = match image.alternate().zip(path) {
            None => None,
            Some((name, path)) => match links::beside(path, name, &self.kept).map(|file| links::load(&file, false)) {
                Some(Ok(shared)) => Some(shared),
                Some(Err(wrong)) => {
                    self.missing.push(wrong);
                    None
                }
                None => {
                    let name = String::from_utf8_lossy(name);
                    self.missing
                        .push(format!("`{name}`, which the debug information shares with others, is not there"));
                    None
                }
            },
        };
        let little = image.machine.little;
        let mut dwarf = units::open(&loaded, little, split);
        let others = shared.as_ref().map(|s| units::open(s, little, false));
        let mut parts = Vec::new();
        if let Some(others) = &others {
            parts = self.told(units::parts(others, units::SHARED, None));
        }
        if let Some(others) = shared.as_ref().map(|s| units::open(s, little, false)) {
            dwarf.set_sup(others);
        }
        let shared = parts.len();
        parts.extend(self.told(units::parts(&dwarf, 0, None)));
        self.parts(&parts);
        if let Some(path) = path {
            self.moved(&parts[shared..], path, little);
        }
        Ok(())
    }

    fn told<T>(&mut self, (all, wrong): (Vec<T>, Option<Wrong>)) -> Vec<T> {
        self.missing.extend(wrong);
        all
    }

    /// The units that were moved out of the file: into a package beside it, or each into a file of its own.
    fn moved(&mut self, skeletons: &[Part], path: &Path, little: bool) {
        let moved: Vec<(&Part, units::Moved)> = skeletons.iter().filter_map(|p| Some((p, p.moved()?))).collect();
        if moved.is_empty() {
            return;
        }
        if let Some(package) = links::package(path) {
            match links::load_package(&package) {
                Ok(loaded) => return self.package(&loaded, &moved, little, &package),
                Err(wrong) => self.missing.push(wrong),
            }
        }
        for (skeleton, m) in &moved {
            let Some(file) = links::split(path, &m.folder, &m.name) else {
                self.missing.push(format!("`{}` with split debug information is not there", m.name));
                continue;
            };
            match links::load(&file, true) {
                Ok(loaded) => {
                    let dwarf = units::open(&loaded, little, true);
                    let files = |number| skeleton.open().ok()?.file(number);
                    let parts = self.told(units::parts(&dwarf, 0, Some(&files)));
                    if parts.iter().filter_map(Part::id).any(|id| id != m.id) {
                        self.missing.push(format!("`{}` is of another build", file.display()));
                    } else {
                        self.parts(&parts);
                    }
                }
                Err(wrong) => self.missing.push(wrong),
            }
        }
    }

    fn package(&mut self, loaded: &units::Package, moved: &[(&Part, units::Moved)], little: bool, file: &Path) {
        let ids: Vec<u64> = moved.iter().map(|m| m.1.id).collect();
        match units::open_package(loaded, little, &ids) {
            Ok((all, lacking)) => {
                // Of the unit that stayed, by that which was moved: it has the names of files.
                let files: Vec<_> = all
                    .iter()
                    .map(|(id, _)| {
                        let skeleton = moved.iter().find(|m| Some(m.1.id) == *id).map(|m| m.0);
                        move |number| skeleton?.open().ok()?.file(number)
                    })
                    .collect();
                let mut parts = Vec::new();
                for (number, ((_, dwarf), files)) in (0..).zip(all.iter().zip(&files)) {
                    parts.extend(self.told(units::parts(dwarf, number, Some(files))));
                }
                self.parts(&parts);
                if lacking > 0 {
                    self.missing.push(format!("{lacking} units are not in `{}`", file.display()));
                }
            }
            Err(wrong) => self.missing.push(format!("`{}`: {wrong}", file.display())),
        }
    }

    /// Reads units; those that refer to each other together, others side by side.
    fn parts(&mut self, parts: &[Part]) {
        let first = self.units;
        self.units = first.saturating_add(u32::try_from(parts.len()).unwrap_or(u32::MAX));
        let (machine, sources) = (self.machine, self.predict.then_some(&self.sources));
        let room =
            |parts: &[Part]| parts.iter().map(Part::bytes).sum::<usize>().saturating_mul(ROOM).saturating_add(1 << 20);
        if parts.iter().any(Part::refers_out) {
            fn one<'d>((number, part): (u32, &Part<'_, 'd>)) -> (Raw<'d>, Option<Wrong>) {
                let opened = part.open();
                let mut raw = Raw::default();
                let wrong = opened.as_ref().map_or_else(|e| Some(e.clone()), |o| o.read(number, &mut raw).err());
                (raw, wrong)
            }
            let all: Vec<_> = numbered(parts, first).map(one).collect();
            let mut raw = Raw::default();
            for (other, wrong) in all {
                raw.append(other);
                self.missing.extend(wrong);
            }
            let graph = raw.resolve();
            let file = |unit: u32, number: u32| parts.get(unit.checked_sub(first)? as usize)?.open().ok()?.file(number);
            merge::records(&graph, &file, machine, sources, &mut self.found, &mut room(parts));
            return;
        }
        let one = |(mut found, mut missing, mut left): (Found, Vec<Wrong>, usize), (number, part): (u32, &Part)| {
            left = left.saturating_add(room(std::slice::from_ref(part)));
            match part.open() {
                Err(wrong) => missing.push(wrong),
                Ok(opened) => {
                    let mut raw = Raw::default();
                    missing.extend(opened.read(number, &mut raw).err());
                    let file = |_, number| opened.file(number);
                    merge::records(&raw.resolve(), &file, machine, sources, &mut found, &mut left);
                }
            }
            (found, missing, left)
        };
        let empty = || (Found::default(), Vec::new(), 0);
        let both = |(a, mut told, _): (Found, Vec<Wrong>, usize), (b, other, _)| {
            told.extend(other);
            (merge::merge(a, b), told, 0)
        };
        let (found, missing, _) = match parts {
            // Nobody to share the work with: another thread would only have its own memory.
            [part] => one(empty(), (first, part)),
            _ => numbered(parts, first).fold(empty, one).reduce(empty, both),
        };
        self.found = merge::merge(std::mem::take(&mut self.found), found);
        self.missing.extend(missing);
    }
}

fn numbered<'p, 'a, 'd>(
    parts: &'p [Part<'a, 'd>],
    first: u32,
) -> impl IndexedParallelIterator<Item = (u32, &'p Part<'a, 'd>)> {
    parts.par_iter().enumerate().map(move |(i, p)| (first.saturating_add(u32::try_from(i).unwrap_or(u32::MAX)), p))
}
