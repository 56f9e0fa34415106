//! Project -> trees -> checks -> findings, in parallel over units.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use rayon::iter::Either;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::Result;
use crate::acceptance::Remark;
use crate::baseline::Accepted;
use crate::check::{Level, Need, Problem};
use crate::checks::Entry;
use crate::compile::{self, Progress};
use crate::finding::{self, Finding, Spots};
use crate::layout::Layout;
use crate::project::{Project, Unit};
use crate::source::clang::{Clang, Parsed};
use crate::source::merge::merge;
use crate::source::program::Facts;
use crate::source::slot::{Key, Slot};
use crate::source::tree::{Diagnostic, Kind, Node, On, Place, Side, SourceFile, Tree};
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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audit {
    /// The new findings, sorted by place.
    pub findings: Vec<Finding>,
    /// The findings that somebody has accepted, sorted by place.
    pub accepted: Vec<Finding>,
    /// How many units were looked at.
    pub units: usize,
    /// How many objects were looked at: what was built, where that is audited and not source.
    pub objects: usize,
    /// How many headers were looked at, where those are audited.
    pub headers: usize,
    /// How many units were left out, since nothing in them changed.
    pub left_out: usize,
    /// Those with errors: they were looked at as far as they parse.
    pub broken: Vec<Broken>,
    /// Stretches of source that one target alone compiles: `file:line` and the target's name.
    pub regions: Vec<(String, String)>,
    /// Every file of the program that was read, sorted; relative to the project where it lies in it. Headers of the system
    /// are not among them.
    pub files: Vec<PathBuf>,
    /// What is wrong with the comments that accept findings.
    pub remarks: Vec<Remark>,
    /// Accepted in the baseline, and not found any more.
    pub gone: Vec<Accepted>,
    /// Where two builds are compared: the files and folders of the old one.
    pub compared: Vec<PathBuf>,
    /// What else is to be said of what was looked at, where that is what was built: a sentence each.
    pub said: Vec<String>,
}

impl Audit {
    /// How many new findings have a level.
    #[must_use]
    pub fn count(&self, level: Level) -> usize {
        self.findings.iter().filter(|f| f.level == level).count()
    }

    /// New and accepted findings, sorted by place, each with a name that stays when lines move and when others are
    /// accepted: check, file, function, the text of the line, and how many alike came before it.
    #[must_use]
    pub fn all(&self) -> Vec<(&Finding, String)> {
        let mut seen = HashMap::new();
        let mut all: Vec<&Finding> = self.findings.iter().chain(&self.accepted).collect();
        all.sort_by_key(|f| f.identity());
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
        let names: Vec<String> = all.iter().copied().map(name).collect();
        all.into_iter().zip(names).collect()
    }

    /// What was looked at, in words.
    #[must_use]
    pub fn looked_at(&self) -> String {
        match self.headers {
            0 => {}
            1 => return "1 header".into(),
            n => return format!("{n} headers"),
        }
        match (self.units, self.objects) {
            (_, 1) => "1 object".into(),
            (0, n) if n > 0 => format!("{n} objects"),
            (1, _) => "1 unit".into(),
            (n, _) => format!("{n} units"),
        }
    }

    /// The new findings, worst level first, and by place within a level.
    #[must_use]
    pub fn worst_first(&self) -> Vec<&Finding> {
        let mut all: Vec<&Finding> = self.findings.iter().collect();
        all.sort_by_key(|f| std::cmp::Reverse(f.level));
        all
    }

    /// The units that did not parse to their end, each once, with the targets and the errors of all of them.
    #[must_use]
    pub fn broken_units(&self) -> Vec<(&Path, Vec<&str>, Vec<&Diagnostic>)> {
        let mut units: Vec<(&Path, Vec<&str>, Vec<&Diagnostic>)> = Vec::new();
        for b in &self.broken {
            let at = units.iter().position(|u| u.0 == b.unit).unwrap_or_else(|| {
                units.push((&b.unit, Vec::new(), Vec::new()));
                units.len() - 1
            });
            let (_, triples, errors) = &mut units[at];
            if !triples.contains(&b.triple.as_str()) {
                triples.push(&b.triple);
            }
            for e in &b.errors {
                if !errors.contains(&e) {
                    errors.push(e);
                }
            }
        }
        units
    }

    /// The names of the new findings, in their order.
    #[must_use]
    pub fn identities(&self) -> Vec<String> {
        self.all().into_iter().filter(|(f, _)| f.accepted.is_none()).map(|(_, name)| name).collect()
    }

    /// The worst level of a new finding.
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
    let (mut deferred, mut facts) = (Vec::new(), None::<Facts>);
    for units::Done { part, read, cached } in parts {
        match &mut facts {
            Some(facts) => facts.extend(part.facts),
            None => facts = Some(part.facts),
        }
        outcome.cached += usize::from(cached);
        let left_out = options.changed.is_some_and(|changed| !units::reads_one_of(&read, changed));
        outcome.read.extend(read);
        if left_out {
            all.left_out += 1;
            continue;
        }
        all.findings.extend(part.findings);
        all.broken.extend(part.broken);
        all.regions.extend(part.regions);
        all.files.extend(part.files);
        all.units += 1;
        deferred.extend(part.deferred);
    }
    all.findings.extend(of_flags(project, selected, options.changed));
    // What one unit reads another may have written.
    let facts = facts.unwrap_or_default();
    all.findings.extend(deferred.iter().filter_map(|d| d.judged(&facts)));
    all.findings = finding::sorted(all.findings);
    all.files.sort();
    all.files.dedup();
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
    parse_both(clang, unit, targets, includes, true).map(|(parsed, _)| merge(parsed.old, parsed.new))
}

/// A unit as each target sees it, and the files that it was read from, sorted.
pub(crate) fn parse_both(
    clang: &Clang,
    unit: &Unit,
    targets: Pair<&Target>,
    includes: Pair<&[PathBuf]>,
    side_by_side: bool,
) -> Result<(Pair<Parsed>, Vec<PathBuf>)> {
    let old = || clang.parse(unit, targets.old, includes.old);
    let new = || clang.parse(unit, targets.new, includes.new);
    let (old, new) = if side_by_side { rayon::join(old, new) } else { (old(), new()) };
    let (mut old, mut new) = (old?, new?);
    let mut read = std::mem::take(&mut old.read);
    read.append(&mut new.read);
    read.sort();
    read.dedup();
    Ok((Pair { old, new }, read))
}

/// Parses each unit of a project for both targets, one after the other.
///
/// # Errors
/// When libclang cannot be loaded, or gives no tree at all for a unit.
pub(crate) fn each(project: &Project, mut look: impl FnMut(Pair<Parsed>)) -> Result<()> {
    let clang = Clang::load()?;
    let targets = project.targets.as_ref();
    let includes = targets.map(compile::system_includes);
    for unit in &project.units {
        look(parse_both(&clang, unit, targets, includes.as_ref().map(Vec::as_slice), true)?.0);
    }
    Ok(())
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

/// The level that a problem of one unit has when the whole program is `facts`; `None` where it is none.
#[must_use]
pub fn judge(tree: &Tree, facts: &Facts, level: Level, problem: &Problem) -> Option<Level> {
    let named = |need: &Need| need.clone().map(|slot: Slot| slot.key(tree));
    let calmed_by: Vec<_> = problem.calmed_by.iter().map(named).collect();
    let calm = facts.judge(problem.needs.as_ref().map(named).as_ref(), &calmed_by)?;
    Some(if calm || problem.calm { Level::Look } else { level })
}

/// What one unit contributes.
#[derive(Serialize, Deserialize)]
pub(crate) struct Part {
    findings: Vec<Finding>,
    broken: Vec<Broken>,
    regions: Vec<(String, String)>,
    files: Vec<PathBuf>,
    deferred: Vec<Deferred>,
    /// What this unit has of such things.
    facts: Facts,
}

/// A finding that the whole program decides on.
#[derive(Serialize, Deserialize)]
struct Deferred {
    /// What the program must have for it to hold.
    needs: Option<Need<Key>>,
    /// What makes it one to look at, if the program has any of it.
    calmed_by: Vec<Need<Key>>,
    /// The finding as it is stored: of a function in a header each unit has one, and hardly any comes to hold.
    #[serde(with = "serde_bytes")]
    finding: Vec<u8>,
}

impl Deferred {
    /// The finding, if it holds where the whole program is `facts`.
    fn judged(&self, facts: &Facts) -> Option<Finding> {
        let calm = facts.judge(self.needs.as_ref(), &self.calmed_by)?;
        // What `look_at` wrote, in this run or in an entry of the cache, whose digest was right.
        let finding = postcard::from_bytes::<Finding>(&self.finding);
        debug_assert!(finding.is_ok(), "{finding:?}");
        let finding = finding.ok()?;
        let level = if calm { Level::Look } else { finding.level };
        Some(Finding { level, ..finding })
    }
}

pub(crate) fn look_at(project: &Project, unit: &Unit, tree: &Tree, selected: &[Entry]) -> Part {
    let names = project.targets.as_ref().map(Target::short);
    let say = |s: &str| s.replace("{old}", names.old).replace("{new}", names.new);
    let spots = Spots::new(&project.root, &tree.files);
    let (problems, facts) = rayon::join(|| problems(tree, selected), || Facts::of(tree));
    // Notes lead to many places, each with its line: most of what is done here for a problem.
    let say_it = |(check, level, function, p): (&'static str, Level, String, Problem)| {
        let as_key = |need: Need| need.map(|slot: Slot| slot.key(tree));
        let needs = p.needs.clone().map(as_key);
        let calmed_by: Vec<_> = p.calmed_by.iter().cloned().map(as_key).collect();
        let level = if p.calm { Level::Look } else { level };
        let layout = p.layout.and_then(|records| Layout::of(tree, records));
        let finding = Finding { layout, ..spots.finding(check, level, &function, p, say) };
        if needs.is_none() && calmed_by.is_empty() {
            return Either::Left(finding);
        }
        let finding = postcard::to_stdvec(&finding).unwrap_or_default();
        Either::Right(Deferred { needs, calmed_by, finding })
    };
    let (findings, deferred) = problems.into_par_iter().partition_map(say_it);
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
            errors: errors.iter().map(|e| told(project, e)).collect(),
        })
        .collect();
    let own = tree.files.iter().filter(|f| !f.system).map(|f| project.shown(&f.path).to_owned());
    Part { findings, broken, regions, files: own.collect(), deferred, facts }
}

/// What the checks say of the project's flags, which are no unit's.
fn of_flags(project: &Project, selected: &[Entry], changed: Option<&BTreeSet<PathBuf>>) -> Vec<Finding> {
    let names = project.targets.as_ref().map(Target::short);
    let say = |s: &str| s.replace("{old}", names.old).replace("{new}", names.new);
    let mut tree = Tree { nodes: vec![Node::root()], ..Tree::default() };
    tree.sides = names.map(|name| Side { processor: name.to_owned(), ..Side::default() });
    for written in &project.written_flags {
        if changed.is_some_and(|changed| !units::reads_one_of(std::slice::from_ref(&written.file), changed)) {
            continue;
        }
        let file = tree.files.iter().position(|f| f.path == written.file).unwrap_or_else(|| {
            tree.files.push(SourceFile { path: written.file.clone(), system: false });
            tree.files.len() - 1
        });
        let [file, start, end] =
            [file, written.span.start, written.span.end].map(|n| u32::try_from(n).unwrap_or(u32::MAX));
        tree.flags.push((written.flag.clone(), Place { file, start, end }));
    }
    let spots = Spots::new(&project.root, &tree.files);
    let found = problems(&tree, selected).into_iter();
    found.map(|(check, level, function, p)| spots.finding(check, level, &function, p, say)).collect()
}

/// An error as it is told of the whole program: its place relative to the project where it lies in it, and in words alone,
/// since what its unit's tree knows of places ends with the tree.
fn told(project: &Project, e: &Diagnostic) -> Diagnostic {
    let place = project.shown(Path::new(&e.place)).to_string_lossy().into_owned();
    Diagnostic { place, at: None, text: e.text.clone() }
}
