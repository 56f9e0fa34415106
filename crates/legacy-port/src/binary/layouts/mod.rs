//! What differs between the records of two builds -> checks -> findings.

pub mod check;
pub mod checks;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

use check::{Leaves, Subject};
use checks::Entry;

use super::compare::{Change, Comparison};
use super::predict::{Asked, Asking};
use crate::Result;
use crate::audit::Audit;
use crate::check::Level;
use crate::ffi::{bare, lock};
use crate::finding::{Finding, Spot};
use crate::project::Project;
use crate::source::clang::Parsed;
use crate::target::Pair;

/// The records of a project whose bytes leave the process, as its source and its `[ffi]` say.
#[derive(Clone, Debug)]
pub struct Leaving {
    names: BTreeSet<String>,
    project: Project,
}

impl Leaving {
    /// Asks every unit of the project.
    ///
    /// # Errors
    /// When libclang cannot be loaded, or a unit cannot be read.
    pub fn of(project: &Project) -> Result<Self> {
        Self::seeing(project, |_| {})
    }

    /// The same, with what the source says of typedefs: every unit is parsed once for both.
    ///
    /// # Errors
    /// As those of [`Leaving::of`].
    pub fn with_asked(project: &Project) -> Result<(Self, Asked)> {
        let mut asking = Asking::of(project);
        let leaving = Self::seeing(project, |parsed| asking.unit(parsed))?;
        Ok((leaving, asking.done()))
    }

    fn seeing(project: &Project, seen: impl FnMut(Pair<&Parsed>)) -> Result<Self> {
        let names = lock::default::leaving(project, seen)?.iter().map(|n| bare(n).to_owned()).collect();
        Ok(Self { names, project: project.clone() })
    }

    fn leaves(&self, record: &str) -> Leaves {
        let named = self.project.ffi.as_ref().is_some_and(|f| f.names(record));
        if named || self.names.contains(bare(record)) { Leaves::Yes } else { Leaves::No }
    }
}

/// What is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// What differs.
    pub found: &'a Comparison,
    /// How the builds are called.
    pub names: Pair<&'a str>,
    /// The old build: where findings stand whose source is not there.
    pub object: &'a Path,
    /// The folder that files are told from.
    pub root: &'a Path,
    /// Where source is that debug information names without a folder.
    pub source: &'a Path,
    /// What the source knows, where there is source.
    pub leaving: Option<&'a Leaving>,
    /// How many objects there are of a record, by its name without `struct`.
    pub counts: &'a BTreeMap<String, u64>,
}

/// Findings of what differs.
#[must_use]
pub fn audit(input: &Input, selected: &[Entry]) -> Audit {
    let found = input.found;
    let mut subjects: Vec<(Subject, Option<(&str, u32)>)> = Vec::new();
    let leaves = |name: &str| input.leaving.map_or(Leaves::Unknown, |l| l.leaves(name));
    for c in &found.changes {
        let name = c.layouts.old.name.as_str();
        let count = input.counts.get(bare(name)).copied();
        let subject =
            Subject { name, change: Some(c), doubts: &c.assumed, leaves: leaves(name), names: input.names, count };
        subjects.push((subject, c.place.as_ref().map(|(f, l)| (f.as_str(), *l))));
    }
    for d in found.assumed.iter().chain(&found.unknown) {
        let name = d.name.as_str();
        let subject =
            Subject { name, change: None, doubts: &d.why, leaves: leaves(name), names: input.names, count: None };
        subjects.push((subject, d.place.as_ref().map(|(f, l)| (f.as_str(), *l))));
    }
    let object = input.object.strip_prefix(input.root).unwrap_or(input.object);
    let lines = Lines::of(input, subjects.iter().filter_map(|s| s.1));
    let mut findings = Vec::new();
    for (subject, place) in &subjects {
        let spot = place.and_then(|(file, line)| lines.spot(input, file, line, bare(subject.name)));
        let mut notes = Vec::new();
        if let (None, Some((file, line))) = (&spot, place) {
            notes.push((Spot::built(object, ""), format!("declared in {file}:{line}, which is not there")));
        }
        let spot = spot.unwrap_or_else(|| Spot::built(object, subject.name));
        for entry in selected {
            let Some(p) = (entry.check.look)(subject) else { continue };
            let more = p.notes.into_iter().map(|text| (Spot::built(&spot.file, ""), text));
            findings.push(Finding {
                check: entry.name,
                level: if p.calm { entry.check.level.min(Level::Look) } else { entry.check.level },
                spot: spot.clone(),
                function: String::new(),
                message: p.message,
                help: p.help,
                notes: notes.iter().cloned().chain(more).collect(),
                layout: subject.change.filter(|c| drawn(c)).map(|c| c.layouts.clone()),
                edit: None,
                accepted: None,
            });
        }
    }
    let mut all: BTreeSet<PathBuf> = findings.iter().map(|f| f.spot.file.clone()).collect();
    all.insert(object.to_owned());
    let objects = if input.names.new.contains("predicted") { 1 } else { 2 };
    Audit { findings: sorted(findings), objects, files: all.into_iter().collect(), ..Audit::default() }
}

/// Whether there is something to draw: members on both sides.
fn drawn(change: &Change) -> bool {
    change.complete && !change.layouts.old.members.is_empty() && !change.layouts.new.members.is_empty()
}

/// Findings sorted by place, their notes in the order of members.
fn sorted(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by(|a, b| (a.identity(), &a.message).cmp(&(b.identity(), &b.message)));
    findings.dedup_by(|again, first| again.identity() == first.identity());
    findings
}

/// Lines of source files that something is declared in; each file is read once, and only these lines are kept.
struct Lines(BTreeMap<PathBuf, BTreeMap<u32, String>>);

/// Larger files are no source.
const MOST: u64 = 64 << 20;

impl Lines {
    fn of<'p>(input: &Input, places: impl Iterator<Item = (&'p str, u32)>) -> Self {
        let mut wanted: BTreeMap<PathBuf, BTreeMap<u32, String>> = BTreeMap::new();
        for (file, line) in places {
            wanted.entry(path(input, file)).or_default().insert(line, String::new());
        }
        for (path, lines) in &mut wanted {
            // What cannot be read has no lines.
            if read(path, lines).is_none() {
                lines.clear();
            }
            lines.retain(|_, text| !text.is_empty());
        }
        Self(wanted)
    }

    /// The line of a declaration, with the name marked; nothing where the file is not there.
    fn spot(&self, input: &Input, file: &str, line: u32, name: &str) -> Option<Spot> {
        let path = path(input, file);
        let text = self.0.get(&path)?.get(&line)?.clone();
        let blank = text.len() - text.trim_start().len();
        let at = text.find(name).filter(|_| !name.is_empty());
        let (begin, end) = at.map_or((blank, text.len()), |at| (at, at + name.len()));
        let file = path.strip_prefix(input.root).unwrap_or(&path).to_owned();
        Some(Spot { file, line: line as usize, column: begin + 1, span: (begin, end), text })
    }
}

fn path(input: &Input, file: &str) -> PathBuf {
    input.source.join(file).components().collect()
}

/// Reads the lines that are asked for, from 1, as far as there are such.
fn read(path: &Path, lines: &mut BTreeMap<u32, String>) -> Option<()> {
    // Debug information names any path: only files are read, and those of /proc say that they are empty.
    let regular = std::fs::metadata(path).ok()?;
    if !regular.is_file() || regular.len() == 0 || regular.len() > MOST {
        return None;
    }
    let mut reader = BufReader::with_capacity(1 << 16, std::fs::File::open(path).ok()?.take(MOST));
    let (mut number, mut bytes) = (0, Vec::new());
    for (&line, text) in lines.iter_mut() {
        while number < line {
            bytes.clear();
            if reader.read_until(b'\n', &mut bytes).ok()? == 0 {
                return Some(());
            }
            number += 1;
        }
        String::from_utf8_lossy(&bytes).trim_end_matches(['\n', '\r']).clone_into(text);
    }
    Some(())
}
