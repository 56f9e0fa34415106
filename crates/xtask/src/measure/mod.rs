//! Measuring the audit on programs that are not part of this workspace: what `score`, `compare`, `clean` and `predict` share.

pub(crate) mod corpus;
pub(crate) mod packages;
pub(crate) mod peers;
pub(crate) mod sources;
pub(crate) mod tally;
pub(crate) mod truth;

use std::path::PathBuf;

use anyhow::Result;
use legacy_port::audit::{self, Audit};
use legacy_port::check::Level;
use legacy_port::checks;
use legacy_port::project::Project;

/// Something that a tool says of a line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Said {
    /// The file, relative to the program.
    pub(crate) file: PathBuf,
    /// Line, from 1.
    pub(crate) line: usize,
    /// The check, or the flag of a compiler.
    pub(crate) rule: String,
    /// `breaks`, `may`, `look`; `warning` or `error` of other tools.
    pub(crate) level: String,
    /// What it says.
    pub(crate) message: String,
    /// Whether it asks to be acted upon: anything but `look`.
    pub(crate) loud: bool,
    /// Further lines that it names.
    pub(crate) related: Vec<(PathBuf, usize)>,
}

/// Every check over a project.
pub(crate) fn audit(project: &Project) -> Result<Audit> {
    Ok(audit::audit(project, checks::ALL, &|_, _| {})?)
}

/// The findings of an audit.
pub(crate) fn said(audit: &Audit) -> Vec<Said> {
    let one = |f: &legacy_port::finding::Finding| Said {
        file: f.spot.file.clone(),
        line: f.spot.line,
        rule: f.check.to_owned(),
        level: f.level.to_string(),
        message: f.message.clone(),
        loud: f.level > Level::Look,
        related: f.notes.iter().map(|(spot, _)| (spot.file.clone(), spot.line)).collect(),
    };
    audit.findings.iter().map(one).collect()
}

/// What each target says when it is compared with itself, which has to be nothing.
pub(crate) fn against_itself(project: &Project) -> Result<Vec<Said>> {
    let mut out = Vec::new();
    for target in [&project.targets.old, &project.targets.new] {
        let mut same = project.clone();
        same.targets.old = target.clone();
        same.targets.new = target.clone();
        out.extend(said(&audit(&same)?));
    }
    Ok(out)
}

/// A share in per cent; of nothing it is all.
#[allow(clippy::cast_precision_loss)] // counts of lines
pub(crate) fn percent(part: usize, of: usize) -> f64 {
    if of == 0 { 100.0 } else { 100.0 * part as f64 / of as f64 }
}

/// How many there are in so many lines.
#[allow(clippy::cast_precision_loss)] // counts of lines
pub(crate) fn per_lines(count: usize, lines: usize, unit: f64) -> f64 {
    if lines == 0 { 0.0 } else { unit * count as f64 / lines as f64 }
}
