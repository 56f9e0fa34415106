//! Project -> trees -> checks -> findings, in parallel over units.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use std::path::PathBuf;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::Result;
use crate::check::{Level, Problem};
use crate::checks::Entry;
use crate::compile::Progress;
use crate::finding::{self, Finding, Spots};
use crate::project::{Project, Unit};
use crate::source::clang::Clang;
use crate::source::merge::merge;
use crate::source::program::{Asked, Facts};
use crate::source::tree::{Diagnostic, Kind, On, Tree};
use crate::target::{Pair, Target};
use crate::units::{self, Options};

/// A unit that did not parse to its end for a target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Broken {
    /// The unit, relative to the project.
    pub unit: PathBuf,
    /// Triple of the target.
    pub triple: String,
    /// Its errors.
    pub errors: Vec<Diagnostic>,
}

/// What an audit has seen and what it says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audit {
    /// The findings, sorted by place.
    pub findings: Vec<Finding>,
    /// How many units were looked at.
    pub units: usize,
    /// How many units were left out, since nothing in them changed.
    pub left_out: usize,
    /// Those with errors: they were looked at as far as they parse.
    pub broken: Vec<Broken>,
    /// Stretches of source that one target alone compiles: `file:line` and the target's name.
    pub regions: Vec<(String, String)>,
}

impl Audit {
    /// How many findings have a level.
    #[must_use]
    pub fn count(&self, level: Level) -> usize {
        self.findings.iter().filter(|f| f.level == level).count()
    }

    /// A name for each finding, in their order, that stays when lines move: check, file, function, the text of the line,
    /// and how many alike came before it.
    #[must_use]
    pub fn identities(&self) -> Vec<String> {
        let mut seen = HashMap::new();
        let name = |f: &Finding| {
            let key = [f.check, &f.spot.file.to_string_lossy(), &f.function, f.spot.text.trim()].join("\0");
            let nth = seen.entry(key.clone()).or_insert(0u32);
            *nth += 1;
            let digest = Sha256::digest(format!("{key}\0{nth}"));
            digest[..8].iter().fold(String::new(), |mut hex, byte| {
                let _ = write!(hex, "{byte:02x}");
                hex
            })
        };
        self.findings.iter().map(name).collect()
    }

    /// The worst level found.
    #[must_use]
    pub fn worst(&self) -> Option<Level> {
        self.findings.iter().map(|f| f.level).max()
    }
}

/// Looks at every unit of the project.
///
/// # Errors
/// When libclang is missing or gives no tree at all for a unit. What does not parse is in the result.
pub fn audit(project: &Project, selected: &[Entry], progress: Progress) -> Result<Audit> {
    let options = Options { progress: Some(progress), ..Options::default() };
    audit_with(project, selected, options).map(|outcome| outcome.audit)
}

/// An audit, and how it came about.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// What was found.
    pub audit: Audit,
    /// How many units came from the cache.
    pub cached: usize,
    /// Every file that was read, system headers too.
    pub read: BTreeSet<PathBuf>,
}

/// As [`audit`], with a cache, or of what changed.
///
/// # Errors
/// As those of [`audit`].
pub fn audit_with(project: &Project, selected: &[Entry], options: Options) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    let parts = units::all(project, selected, options)?;
    let mut all = Audit::default();
    let (mut deferred, mut facts) = (Vec::new(), Facts::default());
    for units::Done { part, read, cached } in parts {
        facts.extend(part.facts);
        outcome.cached += usize::from(cached);
        let left_out = options.changed.is_some_and(|changed| !units::reads_one_of(&read, changed));
        outcome.read.extend(read);
        if left_out {
            all.left_out += 1;
            continue;
        }
        all.findings.extend(part.audit.findings);
        all.broken.extend(part.audit.broken);
        all.regions.extend(part.audit.regions);
        all.units += 1;
        deferred.extend(part.deferred);
    }
    // What one unit reads another may have written.
    all.findings.extend(deferred.into_iter().filter(|(need, _)| facts.meet(need)).map(|(_, finding)| finding));
    all.findings = finding::sorted(all.findings);
    all.regions.sort();
    all.regions.dedup();
    outcome.audit = all;
    Ok(outcome)
}

/// The dual tree of a unit: both parses side by side.
///
/// # Errors
/// When libclang gives no tree at all.
pub fn parse(clang: &Clang, unit: &Unit, targets: Pair<&Target>, includes: Pair<&[PathBuf]>) -> Result<Tree> {
    parse_files(clang, unit, targets, includes, true).map(|(tree, _)| tree)
}

/// The dual tree of a unit, and the files that it was read from, sorted.
pub(crate) fn parse_files(
    clang: &Clang,
    unit: &Unit,
    targets: Pair<&Target>,
    includes: Pair<&[PathBuf]>,
    side_by_side: bool,
) -> Result<(Tree, Vec<PathBuf>)> {
    let old = || clang.parse(unit, targets.old, includes.old);
    let new = || clang.parse(unit, targets.new, includes.new);
    let (old, new) = if side_by_side { rayon::join(old, new) } else { (old(), new()) };
    let (mut old, mut new) = (old?, new?);
    let mut read = std::mem::take(&mut old.read);
    read.append(&mut new.read);
    read.sort();
    read.dedup();
    Ok((merge(old, new), read))
}

/// Nodes that are looked at in one go: fewer are not worth another thread.
const STRETCH: usize = 1 << 14;

/// The checks over one tree: problems with their check and the function they are in, in order of nodes.
#[must_use]
pub fn problems(tree: &Tree, selected: &[Entry]) -> Vec<(&'static str, Level, String, Problem)> {
    // For each kind of node the checks that visit it.
    let mut by_kind = vec![Vec::new(); Kind::Other as usize + 1];
    for entry in selected {
        for &kind in entry.check.visits {
            by_kind[kind as usize].push(*entry);
        }
    }
    let stretch = |nodes: std::ops::Range<usize>| {
        let (mut out, mut found) = (Vec::new(), Vec::new());
        for e in nodes.filter_map(|id| u32::try_from(id).ok()).map(|id| tree.at(id)) {
            for entry in by_kind[e.kind() as usize].iter().filter(|_| e.node().on == On::Both) {
                (entry.check.look)(e, &mut found);
                out.extend(found.drain(..).map(|p| (entry.name, entry.check.level, e.function().to_owned(), p)));
            }
        }
        out
    };
    let count = tree.nodes.len();
    let starts: Vec<usize> = (0..count).step_by(STRETCH).collect();
    starts.into_par_iter().flat_map_iter(|start| stretch(start..count.min(start + STRETCH))).collect()
}

/// What one unit contributes.
#[derive(Serialize, Deserialize)]
pub(crate) struct Part {
    audit: Audit,
    /// Findings that hold only if the program has something.
    deferred: Vec<(Asked, Finding)>,
    /// What this unit has of such things.
    facts: Facts,
}

pub(crate) fn look_at(project: &Project, unit: &Unit, tree: &Tree, selected: &[Entry]) -> Part {
    let names = project.targets.as_ref().map(Target::short);
    let say = |s: &str| s.replace("{old}", names.old).replace("{new}", names.new);
    let mut spots = Spots::new(&project.root, &tree.files);
    let (mut findings, mut deferred) = (Vec::new(), Vec::new());
    let (problems, facts) = rayon::join(|| problems(tree, selected), || Facts::of(tree));
    for (check, level, function, p) in problems {
        let needs = p.needs.clone().map(|need| Asked::new(tree, need));
        let finding = spots.finding(check, level, &function, p, say);
        match needs {
            None => findings.push(finding),
            Some(need) => deferred.push((need, finding)),
        }
    }
    let regions = tree
        .regions
        .iter()
        .filter(|r| !tree.files[r.place.file as usize].system)
        .map(|r| {
            let spot = spots.spot(r.place);
            let name = if r.on == On::OldOnly { names.old } else { names.new };
            (format!("{}:{}", spot.file.display(), spot.line), name.to_owned())
        })
        .collect();
    let broken = project.targets.as_ref().zip(tree.errors.as_ref());
    let broken = [broken.old, broken.new]
        .into_iter()
        .filter(|(_, errors)| !errors.is_empty())
        .map(|(target, errors)| Broken {
            unit: project.shown(&unit.source).to_owned(),
            triple: target.triple.clone(),
            errors: errors.clone(),
        })
        .collect();
    let audit = Audit { findings, units: 1, left_out: 0, broken, regions };
    Part { audit, deferred, facts }
}
