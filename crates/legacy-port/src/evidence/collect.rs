//! An audit in the words of its evidence.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::{Accepted, Broken, ByCheck, Coverage, Findings, Flags, OneTarget, Region, Resource, Targets};
use crate::acceptance::By;
use crate::audit::Audit;
use crate::check::Level;
use crate::init::relative;
use crate::project::Project;
use crate::target::{Pair, Target};
use crate::{Error, Result};

/// A path as the evidence names it.
pub(super) fn name(project: &Project, path: &Path) -> String {
    relative(&project.root, path).to_string_lossy().into_owned()
}

pub(super) fn resource(project: &Project, path: &Path) -> Result<Resource> {
    let path = fs::canonicalize(path).map_err(Error::io("cannot read", path))?;
    let bytes = fs::read(&path).map_err(Error::io("cannot read", &path))?;
    Ok(Resource { name: name(project, &path), digest: BTreeMap::from([("sha256".into(), sha256(&bytes))]) })
}

pub(super) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Words with the project's folder taken out of them.
fn without_root(project: &Project, text: &str) -> String {
    let root = project.root.to_string_lossy();
    text.replace(&format!("{root}/"), "").replace(&*root, ".")
}

pub(super) fn targets(targets: Pair<&Target>) -> Targets {
    let one = |t: &Target| OneTarget { triple: t.triple.clone(), flags: t.flags.clone() };
    Targets { old: one(targets.old), new: one(targets.new) }
}

pub(super) fn flags(project: &Project) -> Vec<Flags> {
    let mut sets: BTreeMap<Vec<String>, BTreeSet<String>> = BTreeMap::new();
    for unit in &project.units {
        let flags = unit.flags.iter().map(|f| without_root(project, f)).collect();
        sets.entry(flags).or_default().insert(name(project, &unit.source));
    }
    sets.into_iter().map(|(flags, units)| Flags { flags, units: units.into_iter().collect() }).collect()
}

pub(super) fn findings(audit: &Audit) -> Findings {
    let mut counts: BTreeMap<(&str, Level), (usize, usize)> = BTreeMap::new();
    for f in audit.findings.iter().chain(&audit.accepted) {
        let count = counts.entry((f.check, f.level)).or_default();
        *if f.accepted.is_some() { &mut count.1 } else { &mut count.0 } += 1;
    }
    let by_check = counts.into_iter().map(|((check, level), (new, accepted))| ByCheck {
        check: check.to_owned(),
        level: level.to_string(),
        new,
        accepted,
    });
    Findings {
        new: Level::ALL.into_iter().map(|l| (l.to_string(), audit.count(l))).collect(),
        by_check: by_check.collect(),
    }
}

pub(super) fn accepted(audit: &Audit) -> Vec<Accepted> {
    let accepted = audit.all().into_iter().filter_map(|(f, identity)| {
        let a = f.accepted.as_ref()?;
        Some(Accepted {
            identity,
            check: f.check.to_owned(),
            level: f.level.to_string(),
            file: f.spot.file.to_string_lossy().into_owned(),
            line: f.spot.line,
            function: f.function.clone(),
            by: match a.by {
                By::Comment => "comment".into(),
                By::Baseline => "baseline".into(),
            },
            place: a.place.clone(),
            reason: a.reason.clone(),
        })
    });
    accepted.collect()
}

pub(super) fn coverage(project: &Project, audit: &Audit) -> Coverage {
    let broken: BTreeSet<&Path> = audit.broken.iter().map(|b| b.unit.as_path()).collect();
    let wrong = audit.remarks.iter().filter(|r| !r.stale).count();
    let one = |b: &crate::audit::Broken| Broken {
        unit: b.unit.to_string_lossy().into_owned(),
        target: b.triple.clone(),
        errors: b.errors.iter().map(|e| without_root(project, &format!("{}: {}", e.place, e.text))).collect(),
    };
    let region = |(place, target): &(String, String)| Region { place: place.clone(), target: target.clone() };
    Coverage {
        units: audit.units,
        parsed_for_both: audit.units.saturating_sub(broken.len()),
        not_parsed_to_the_end: audit.broken.iter().map(one).collect(),
        one_target_alone: audit.regions.iter().map(region).collect(),
        stale_acceptances: audit.remarks.len() - wrong,
        wrong_acceptances: wrong,
    }
}
