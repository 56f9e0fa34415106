//! What was audited, how, and with what result: an in-toto v1 Statement about the sources or the programs built of them.
//!
//! ```text
//! _type          "https://in-toto.io/Statement/v1"
//! subject        what it speaks of: the C files, or the programs that `--subject` names; name and SHA-256 of each
//! predicateType  "urn:legacy-port:audit:v1"
//! predicate
//!   tool         version of legacy-port and of libclang
//!   project      its name
//!   targets      old and new: triple, flags
//!   flags        each set of flags, with the units that are compiled with it
//!   checks       those that looked, with the level of their findings; what is not here was turned off
//!   excluded     patterns of paths of which nothing was told
//!   findings     by check: its level, how many are new, how many accepted; and the sums of the new ones by level
//!   accepted     each accepted finding: identity, check, level, place, who accepts it and why
//!   coverage     units, those parsed to the end for both targets, the others with what stopped each, stretches of
//!                source that one target alone compiles, comments that accept nothing
//!   materials    every source and header of the program that was read, with its SHA-256; no header of the system
//!   verification optional: scenarios that both builds were run on, how many were as expected on each, files that differ;
//!                written by what ran them, absent where nobody did
//! ```
//!
//! Names are paths relative to the project's folder, with `/`. There is no time and no path of the machine in it: the same
//! sources, flags and tools give the same bytes. Fields are added without a new type; one that changes its meaning gets a
//! new one.

mod collect;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use self::collect::{accepted, coverage, findings, flags, name, resource, sha256, targets};
use crate::audit::Audit;
use crate::project::Project;
use crate::scenario::Outcome;
use crate::settings::Settings;
use crate::{Error, Result};

/// The type of the predicate.
pub const PREDICATE: &str = "urn:legacy-port:audit:v1";
const STATEMENT: &str = "https://in-toto.io/Statement/v1";

/// The whole statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// That it is a statement.
    #[serde(rename = "_type")]
    pub kind: String,
    /// What it speaks of, sorted by name.
    pub subject: Vec<Resource>,
    /// The type of `predicate`.
    #[serde(rename = "predicateType")]
    pub predicate_type: String,
    /// What is said.
    pub predicate: Predicate,
}

/// A file and its digest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Resource {
    /// Path relative to the project's folder.
    pub name: String,
    /// Algorithm -> digest in hex; `sha256` alone.
    pub digest: BTreeMap<String, String>,
}

/// What is said of the subject; the module's text tells each field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)] // said once, above
pub struct Predicate {
    pub tool: Tool,
    pub project: String,
    pub targets: Targets,
    pub flags: Vec<Flags>,
    pub checks: BTreeMap<String, String>,
    pub excluded: Vec<String>,
    pub findings: Findings,
    pub accepted: Vec<Accepted>,
    pub coverage: Coverage,
    pub materials: Vec<Resource>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verification: Option<Verification>,
}

/// What looked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Tool {
    pub name: String,
    pub version: String,
    pub libclang: String,
}

/// The two targets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Targets {
    pub old: OneTarget,
    pub new: OneTarget,
}

/// One target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct OneTarget {
    pub triple: String,
    pub flags: Vec<String>,
}

/// A set of flags and the units that have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Flags {
    pub flags: Vec<String>,
    pub units: Vec<String>,
}

/// How many findings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Findings {
    /// New ones by level.
    pub new: BTreeMap<String, usize>,
    /// All by check.
    #[serde(rename = "byCheck")]
    pub by_check: Vec<ByCheck>,
}

/// The findings of one check and level.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct ByCheck {
    pub check: String,
    pub level: String,
    pub new: usize,
    pub accepted: usize,
}

/// An accepted finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    /// From [`Audit::identities`].
    pub identity: String,
    /// The check.
    pub check: String,
    /// Its level.
    pub level: String,
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The function; empty outside.
    pub function: String,
    /// `comment` or `baseline`.
    pub by: String,
    /// Where that is written.
    pub place: String,
    /// Why.
    pub reason: String,
}

/// What was looked at and what could not be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct Coverage {
    pub units: usize,
    pub parsed_for_both: usize,
    pub not_parsed_to_the_end: Vec<Broken>,
    pub one_target_alone: Vec<Region>,
    pub stale_acceptances: usize,
    pub wrong_acceptances: usize,
}

/// A unit that does not parse to its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Broken {
    pub unit: String,
    pub target: String,
    pub errors: Vec<String>,
}

/// A stretch of source that one target alone compiles.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Region {
    pub place: String,
    pub target: String,
}

/// The same scenarios on both builds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Verification {
    /// How many scenarios.
    pub scenarios: usize,
    /// How many were as expected on the old target.
    pub as_expected_old: usize,
    /// How many were as expected on the new target.
    pub as_expected_new: usize,
    /// Files that the builds left and that differ.
    pub files_that_differ: Vec<String>,
}

impl Verification {
    /// What the runs of the scenarios on the old and on the new build say, and the files in which they differ.
    #[must_use]
    pub fn of(old: &[Outcome], new: &[Outcome], differences: &[PathBuf]) -> Self {
        let passed = |outcomes: &[Outcome]| outcomes.iter().filter(|o| o.passed).count();
        Self {
            scenarios: old.len().max(new.len()),
            as_expected_old: passed(old),
            as_expected_new: passed(new),
            files_that_differ: differences.iter().map(|d| d.to_string_lossy().into_owned()).collect(),
        }
    }
}

/// Something that does not fit the evidence any more.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Misfit {
    /// A file with other bytes.
    Changed(String),
    /// A file that is not there.
    Missing(String),
    /// A unit of the project that the evidence does not know.
    Unknown(String),
}

impl Statement {
    /// The evidence of an audit. `subject` are built programs; without any, the statement speaks of the C files.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn new(
        project: &Project,
        settings: &Settings,
        audit: &Audit,
        libclang: &str,
        subject: &[PathBuf],
    ) -> Result<Self> {
        let units: BTreeSet<&Path> = project.units.iter().map(|u| u.source.as_path()).collect();
        let subject = if subject.is_empty() {
            units.iter().map(|u| resource(project, u)).collect::<Result<BTreeSet<_>>>()?
        } else {
            subject.iter().map(|s| resource(project, s)).collect::<Result<BTreeSet<_>>>()?
        };
        let read = audit.files.iter().map(|f| project.root.join(f));
        let all: BTreeSet<PathBuf> = read.chain(units.iter().map(|u| (*u).to_owned())).collect();
        let materials = all.iter().map(|f| resource(project, f)).collect::<Result<BTreeSet<_>>>()?;
        let checks = settings.selected.iter().map(|e| {
            let level = settings.levels.get(e.name).unwrap_or(&e.check.level);
            (e.name.to_owned(), level.to_string())
        });
        Ok(Self {
            kind: STATEMENT.into(),
            subject: subject.into_iter().collect(),
            predicate_type: PREDICATE.into(),
            predicate: Predicate {
                tool: Tool {
                    name: "legacy-port".into(),
                    version: env!("CARGO_PKG_VERSION").into(),
                    libclang: libclang.into(),
                },
                project: project.name.clone(),
                targets: targets(project.targets.as_ref()),
                flags: flags(project),
                checks: checks.collect(),
                excluded: settings.exclude.iter().map(|p| p.as_str().to_owned()).collect(),
                findings: findings(audit),
                accepted: accepted(audit),
                coverage: coverage(project, audit),
                materials: materials.into_iter().collect(),
                verification: None,
            },
        })
    }

    /// Reads evidence.
    ///
    /// # Errors
    /// When it cannot be read, or is none of ours.
    pub fn read(path: &Path) -> Result<Self> {
        let bytes = fs::read(path).map_err(Error::io("cannot read", path))?;
        let bad = |line, message| Error::Project { path: path.to_owned(), line, message };
        let statement: Self = serde_json::from_slice(&bytes)
            .map_err(|e| bad(Some(e.line()), format!("not evidence of `legacy-port audit --evidence`: {e}")))?;
        if statement.kind != STATEMENT || statement.predicate_type != PREDICATE {
            let message = format!("is a `{}`, expected a `{PREDICATE}`", statement.predicate_type);
            return Err(bad(None, message));
        }
        Ok(statement)
    }

    /// Its bytes.
    #[must_use]
    pub fn text(&self) -> String {
        // Strings, numbers and lists of them: it cannot fail.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// What does not fit it any more, sorted: files that changed or went, units that came.
    #[must_use]
    pub fn misfits(&self, project: &Project) -> Vec<Misfit> {
        let all: BTreeSet<&Resource> = self.subject.iter().chain(&self.predicate.materials).collect();
        let mut out = BTreeSet::new();
        for r in &all {
            match fs::read(project.root.join(&r.name)) {
                Err(_) => out.insert(Misfit::Missing(r.name.clone())),
                Ok(bytes) if r.digest.get("sha256") != Some(&sha256(&bytes)) => {
                    out.insert(Misfit::Changed(r.name.clone()))
                }
                Ok(_) => false,
            };
        }
        let known: BTreeSet<&str> = self.predicate.materials.iter().map(|r| r.name.as_str()).collect();
        let units = project.units.iter().map(|u| name(project, &u.source));
        out.extend(units.filter(|u| !known.contains(u.as_str())).map(Misfit::Unknown));
        out.into_iter().collect()
    }
}
