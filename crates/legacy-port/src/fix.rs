//! Findings with an edit -> files as they would be -> the disk, and back where the next audit does not like them.
//!
//! Nothing is believed: what was edited is audited again. A file stays edited where each finding that was to go has gone,
//! no other has come anywhere, and every unit parses as far as before; else it is as it was.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::audit::Audit;
use crate::edit::Edit;
use crate::finding::Finding;
use crate::{Error, Result, replace};

/// Edits of one file, none of which touches another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rewrite {
    /// The file, as findings name it: relative to the project where it lies in it.
    pub file: PathBuf,
    /// Its bytes.
    pub before: Vec<u8>,
    /// Its bytes with the edits.
    pub after: Vec<u8>,
    /// How many edits these are.
    pub edits: usize,
    /// The findings that are to go, by check.
    expected: BTreeMap<String, usize>,
}

/// What is to be edited: of these findings those that have an edit in a file of the project.
pub fn candidates(findings: &[Finding]) -> impl Iterator<Item = (&Finding, &Edit)> {
    let own = |edit: &&Edit| edit.spot.file.is_relative();
    findings.iter().filter_map(move |f| Some((f, f.edit.as_ref().filter(own)?)))
}

/// The files with these edits. An edit that touches another one waits for the next time.
///
/// # Errors
/// When a file cannot be read, or has changed since it was audited.
pub fn plan<'a>(root: &Path, edits: impl Iterator<Item = (&'a Finding, &'a Edit)>) -> Result<Vec<Rewrite>> {
    let mut by_file: BTreeMap<&Path, Vec<(&Edit, &str)>> = BTreeMap::new();
    for (finding, edit) in edits {
        by_file.entry(&edit.spot.file).or_default().push((edit, finding.check));
    }
    by_file.into_iter().map(|(file, edits)| rewrite(root, file, edits)).collect()
}

fn rewrite(root: &Path, file: &Path, mut edits: Vec<(&Edit, &str)>) -> Result<Rewrite> {
    let path = root.join(file);
    let before = fs::read(&path).map_err(Error::io("cannot read", &path))?;
    edits.sort_by_key(|(edit, _)| (edit.bytes, &edit.by));
    let mut out = Rewrite { file: file.to_owned(), after: Vec::new(), before, edits: 0, expected: BTreeMap::new() };
    let (mut at, mut last) = (0, None::<&Edit>);
    for (edit, check) in edits {
        let (start, end) = edit.bytes;
        // Several findings may ask for one edit, as for a header.
        if last.is_some_and(|last| last.bytes == edit.bytes && last.by == edit.by) {
            *out.expected.entry(check.to_owned()).or_default() += 1;
            continue;
        }
        // What touches another edit waits, two insertions at one place too.
        if last.is_some_and(|last| start < last.bytes.1 || last.bytes.0 == start) {
            continue;
        }
        if out.before.get(start..end) != Some(edit.was.as_bytes()) {
            return Err(Error::Edited { path });
        }
        out.after.extend_from_slice(&out.before[at..start]);
        out.after.extend_from_slice(edit.by.as_bytes());
        *out.expected.entry(check.to_owned()).or_default() += 1;
        (at, last) = (end, Some(edit));
        out.edits += 1;
    }
    out.after.extend_from_slice(&out.before[at..]);
    Ok(out)
}

impl Rewrite {
    /// The change as a unified diff, with the file's name as `git apply` takes it.
    #[must_use]
    pub fn diff(&self) -> Vec<u8> {
        let name = self.file.display();
        let patch = diffy::create_patch_bytes(&self.before, &self.after).to_bytes();
        // Its first two lines name nothing.
        let body = patch.splitn(3, |&b| b == b'\n').nth(2).unwrap_or_default();
        [format!("--- a/{name}\n+++ b/{name}\n").as_bytes(), body].concat()
    }

    /// Writes the file anew: to a file beside it, which takes its place and permissions.
    ///
    /// # Errors
    /// When that cannot be done; the file is as it was then.
    pub fn write(&self, root: &Path) -> Result<()> {
        replace(&root.join(&self.file), &self.after)
    }

    /// Writes the file as it was.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub fn restore(&self, root: &Path) -> Result<()> {
        replace(&root.join(&self.file), &self.before)
    }
}

/// Why files are better left as they were, from the audits before and after; `None` where all is well.
#[must_use]
pub fn objection(rewrites: &[Rewrite], before: &Audit, after: &Audit) -> Option<String> {
    let errors = |a: &Audit| -> BTreeMap<(PathBuf, String), usize> {
        a.broken.iter().map(|b| ((b.unit.clone(), b.triple.clone()), b.errors.len())).collect()
    };
    let had = errors(before);
    for (unit, n) in errors(after) {
        if n > had.get(&unit).copied().unwrap_or(0) {
            return Some(format!("`{}` would not parse as before for {}", unit.0.display(), unit.1));
        }
    }
    let (was, is) = (counts(before), counts(after));
    let of = |counts: &BTreeMap<_, _>, key| counts.get(&key).copied().unwrap_or(0);
    for rewrite in rewrites {
        for (check, expected) in &rewrite.expected {
            let key = (rewrite.file.as_path(), check.as_str());
            if of(&is, key) + expected > of(&was, key) {
                return Some(format!("`{check}` would still find what was to go"));
            }
        }
    }
    let new = is.iter().find(|(key, n)| **n > of(&was, **key));
    new.map(|((file, check), _)| format!("`{check}` would find something new in `{}`", file.display()))
}

/// New and accepted findings of each file and check.
fn counts(audit: &Audit) -> BTreeMap<(&Path, &str), usize> {
    let mut out = BTreeMap::new();
    for f in audit.findings.iter().chain(&audit.accepted) {
        *out.entry((f.spot.file.as_path(), f.check)).or_default() += 1;
    }
    out
}
