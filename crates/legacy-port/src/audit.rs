//! Project -> trees -> checks -> findings, in parallel over units.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::acceptance::Remark;
use crate::baseline::Accepted;
use crate::check::{Level, Need, Problem};
use crate::checks::Entry;
use crate::compile::{self, Progress};
use crate::finding::{self, Finding, Spots};
use crate::layout::Layout;
use crate::project::{Project, Unit};
use crate::source::clang::Clang;
use crate::source::merge::merge;
use crate::source::program::Facts;
use crate::source::slot::{Key, Slot};
use crate::source::tree::{Diagnostic, On, Tree};
use crate::target::{Pair, Target};
use crate::{Error, Result};

/// A unit that did not parse to its end for a target.
#[derive(Clone, Debug, PartialEq, Eq)]
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

/// The stack of a thread that parses: libclang and the walk go as deep as the source does.
const STACK: usize = 256 << 20;

/// Looks at every unit of the project.
///
/// # Errors
/// When libclang is missing or gives no tree at all for a unit. What does not parse is in the result.
pub fn audit(project: &Project, selected: &[Entry], progress: Progress) -> Result<Audit> {
    let clang = Clang::load()?;
    let includes = project.targets.as_ref().map(compile::system_includes);
    let pool = rayon::ThreadPoolBuilder::new()
        .stack_size(STACK)
        .build()
        .map_err(|e| Error::Libclang(format!("cannot start threads to parse in: {e}")))?;
    let done = AtomicUsize::new(0);
    let parts: Vec<Result<Part>> = pool.install(|| {
        project
            .units
            .par_iter()
            .map(|unit| {
                let tree = parse(&clang, unit, project.targets.as_ref(), includes.as_ref().map(Vec::as_slice));
                let part = tree.map(|tree| look_at(project, unit, &tree, selected));
                progress(done.fetch_add(1, Ordering::Relaxed) + 1, project.units.len());
                part
            })
            .collect()
    });
    let mut all = Audit::default();
    let (mut deferred, mut facts) = (Vec::new(), Facts::default());
    for part in parts {
        let part = part?;
        all.findings.extend(part.audit.findings);
        all.broken.extend(part.audit.broken);
        all.regions.extend(part.audit.regions);
        all.files.extend(part.audit.files);
        all.units += 1;
        deferred.extend(part.deferred);
        facts.extend(part.facts);
    }
    // What one unit reads another may have written.
    all.findings.extend(deferred.into_iter().filter_map(|d| {
        let calm = facts.judge(d.needs.as_ref(), &d.calmed_by)?;
        let level = if calm { Level::Look } else { d.finding.level };
        Some(Finding { level, ..d.finding })
    }));
    all.findings = finding::sorted(all.findings);
    all.files.sort();
    all.files.dedup();
    all.regions.sort();
    all.regions.dedup();
    Ok(all)
}

/// The dual tree of a unit: both parses side by side.
///
/// # Errors
/// When libclang gives no tree at all.
pub fn parse(clang: &Clang, unit: &Unit, targets: Pair<&Target>, includes: Pair<&[PathBuf]>) -> Result<Tree> {
    let (old, new) =
        rayon::join(|| clang.parse(unit, targets.old, includes.old), || clang.parse(unit, targets.new, includes.new));
    Ok(merge(old?, new?))
}

/// The checks over one tree: problems with their check and the function they are in, in order of nodes.
#[must_use]
pub fn problems(tree: &Tree, selected: &[Entry]) -> Vec<(&'static str, Level, String, Problem)> {
    let mut out = Vec::new();
    let mut found = Vec::new();
    for e in tree.iter().filter(|e| e.node().on == On::Both) {
        for entry in selected.iter().filter(|c| c.check.visits.contains(&e.kind())) {
            (entry.check.look)(e, &mut found);
            out.extend(found.drain(..).map(|p| (entry.name, entry.check.level, e.function().to_owned(), p)));
        }
    }
    out
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
struct Part {
    audit: Audit,
    deferred: Vec<Deferred>,
    /// What this unit has of such things.
    facts: Facts,
}

/// A finding that the whole program decides on.
struct Deferred {
    /// What the program must have for it to hold.
    needs: Option<Need<Key>>,
    /// What makes it one to look at, if the program has any of it.
    calmed_by: Vec<Need<Key>>,
    finding: Finding,
}

fn look_at(project: &Project, unit: &Unit, tree: &Tree, selected: &[Entry]) -> Part {
    let names = project.targets.as_ref().map(Target::short);
    let say = |s: &str| s.replace("{old}", names.old).replace("{new}", names.new);
    let mut spots = Spots::new(&project.root, &tree.files);
    let (mut findings, mut deferred) = (Vec::new(), Vec::new());
    for (check, level, function, p) in problems(tree, selected) {
        let named = |need: Need| need.map(|slot: Slot| slot.key(tree));
        let needs = p.needs.clone().map(named);
        let calmed_by: Vec<_> = p.calmed_by.iter().cloned().map(named).collect();
        let level = if p.calm { Level::Look } else { level };
        let layout = p.layout.and_then(|records| Layout::of(tree, records));
        let finding = Finding { layout, ..spots.finding(check, level, &function, p, say) };
        if needs.is_none() && calmed_by.is_empty() {
            findings.push(finding);
        } else {
            deferred.push(Deferred { needs, calmed_by, finding });
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
            errors: errors.iter().map(|e| Diagnostic { place: shown(project, &e.place), ..e.clone() }).collect(),
        })
        .collect();
    let own = tree.files.iter().filter(|f| !f.system).map(|f| project.shown(&f.path).to_owned());
    let audit = Audit { findings, units: 1, broken, regions, files: own.collect(), ..Audit::default() };
    Part { audit, deferred, facts: Facts::of(tree) }
}

/// The place of an error, relative to the project where it lies in it.
fn shown(project: &Project, place: &str) -> String {
    project.shown(Path::new(place)).to_string_lossy().into_owned()
}
