//! Which findings somebody has accepted: a comment in the source, or the baseline.
//!
//! What is wrong with an acceptance blocks: no reason, no such check. What is only stale (accepts what is not found any
//! more) is told and blocks nothing but `legacy-port baseline check`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::audit::Audit;
use crate::baseline::{Accepted, Baseline};
use crate::project::Project;
use crate::rule;
use crate::suppression;

/// Who accepts a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// A comment in the source.
    Comment,
    /// The baseline file.
    Baseline,
}

/// That somebody takes a finding as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acceptance {
    /// Who.
    pub by: By,
    /// Why.
    pub reason: String,
    /// Where that is written: `src/a.c:12`, or the baseline file.
    pub place: String,
}

/// What is to be said of a comment that accepts findings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The file, relative to the project where it lies in it.
    pub file: PathBuf,
    /// The line of the comment, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub message: String,
    /// Whether it only accepts what is not there any more.
    pub stale: bool,
}

impl Remark {
    /// `wrong` or `stale`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        if self.stale { "stale" } else { "wrong" }
    }
}

impl Audit {
    /// Whether an acceptance is wrong, not only stale: then nobody knows what was meant to be accepted.
    #[must_use]
    pub fn has_wrong_acceptance(&self) -> bool {
        self.remarks.iter().any(|r| !r.stale)
    }

    /// Whether a finding in this file would have been found: it was read, and all that reads it was looked at and parsed to
    /// the end. A header may be read by any unit; a file may be a unit several times.
    fn has_seen(&self, file: &Path, units: &BTreeMap<&Path, usize>) -> bool {
        let broken = |file: &Path| self.broken.iter().any(|b| b.unit == file);
        let whole = match units.get(file) {
            Some(&times) => !broken(file) && (self.left_out == 0 || times == 1),
            None => self.broken.is_empty() && self.left_out == 0,
        };
        whole && self.files.binary_search_by(|f| f.as_path().cmp(file)).is_ok()
    }
}

/// Marks the findings that comments accept, and makes remarks on comments that accept nothing.
pub(crate) fn by_comments(audit: &mut Audit, project: &Project, selected: &[&str]) {
    let units = units(project);
    let mut remarks = Vec::new();
    for file in &audit.files {
        for comment in suppression::read_file(&project.root.join(file)) {
            let mut say = |line, message: String, stale| {
                remarks.push(Remark { file: file.clone(), line, message, stale });
            };
            let comment = match comment {
                Ok(comment) => comment,
                Err(e) => {
                    say(e.line, e.message.to_owned(), false);
                    continue;
                }
            };
            for check in &comment.checks {
                if rule::find(check).is_none() {
                    say(comment.line, format!("no check `{check}`; `legacy-port checks` lists them"), false);
                    continue;
                }
                let place = format!("{}:{}", file.display(), comment.line);
                let accepts = Acceptance { by: By::Comment, reason: comment.reason.clone(), place };
                let mut used = false;
                for f in audit.findings.iter_mut().filter(|f| f.check == check && f.spot.file == *file) {
                    if comment.covers.contains(&f.spot.line) {
                        used = true;
                        f.accepted.get_or_insert_with(|| accepts.clone());
                    }
                }
                let looked = selected.contains(&check.as_str());
                if !used && looked {
                    say(comment.line, format!("accepts `{check}`, and there is nothing to accept"), true);
                }
            }
        }
    }
    // Where not all is parsed, nobody knows whether there would be something to accept.
    remarks.retain(|r| !r.stale || audit.has_seen(&r.file, &units));
    remarks.sort_by(|a, b| (&a.file, a.line, &a.message).cmp(&(&b.file, b.line, &b.message)));
    audit.remarks = remarks;
}

/// Marks the findings that the baseline accepts, and names what it accepts and nobody finds. `told` is whether findings of
/// a check in a file are told at all: of others nothing is known.
pub(crate) fn by_baseline(
    audit: &mut Audit,
    project: &Project,
    baseline: &Baseline,
    place: &Path,
    told: impl Fn(&str, &Path) -> bool,
) {
    // Nothing has been taken out yet: these are the names of all.
    let identities = audit.identities();
    accept(audit, &identities, &baseline.reasons(), &project.shown(place).display().to_string());
    let units = units(project);
    let looked = |file: &Path| audit.has_seen(file, &units) || !project.root.join(file).exists();
    let gone = gone(baseline, &identities, |check, file| told(check, file) && looked(file)).cloned().collect();
    audit.gone = gone;
}

/// Marks the findings that a baseline accepts; `identities` are the names of all, in their order, and `place` is what the
/// baseline is called.
pub(crate) fn accept(audit: &mut Audit, identities: &[String], reasons: &BTreeMap<&str, &str>, place: &str) {
    for (f, identity) in audit.findings.iter_mut().zip(identities) {
        if let (None, Some(reason)) = (&f.accepted, reasons.get(identity.as_str())) {
            f.accepted = Some(Acceptance { by: By::Baseline, reason: (*reason).to_owned(), place: place.to_owned() });
        }
    }
}

/// What a baseline accepts and nobody finds, of the checks that there are no more or that looked.
pub(crate) fn gone<'a>(
    baseline: &'a Baseline,
    identities: &[String],
    looked: impl Fn(&str, &Path) -> bool,
) -> impl Iterator<Item = &'a Accepted> {
    let found: BTreeSet<&str> = identities.iter().map(String::as_str).collect();
    baseline.accepted.iter().filter(move |a| {
        !found.contains(a.identity.as_str()) && (rule::find(&a.check).is_none() || looked(&a.check, &a.file))
    })
}

/// The units, as findings name them, and how many have the same file.
fn units(project: &Project) -> BTreeMap<&Path, usize> {
    let mut units = BTreeMap::new();
    for unit in &project.units {
        *units.entry(project.shown(&unit.source)).or_default() += 1;
    }
    units
}
