//! The patch series of a port: quilt's layout, one class of problem a patch, applied into a folder of its own.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::{Error, Result};

/// One patch of the series.
#[derive(Clone, Debug)]
pub struct Step {
    /// Position in the series, from 1.
    pub number: usize,
    /// File name without `.patch`, such as `04-sizes`.
    pub name: String,
    /// The first paragraph of the patch: which class of problem it is about.
    pub summary: String,
    path: PathBuf,
    diff: Vec<u8>,
}

/// Reads a series file: a patch name per line, `#` begins a comment.
pub fn read_series(series: &Path) -> Result<Vec<Step>> {
    let text = fs::read_to_string(series).map_err(Error::io("cannot read the series", series))?;
    let dir = series.parent().unwrap_or(Path::new("."));
    text.lines()
        .map(|l| l.split('#').next().unwrap_or("").trim())
        .filter(|l| !l.is_empty())
        .enumerate()
        .map(|(i, file)| {
            let path = dir.join(file);
            let bytes = fs::read(&path).map_err(Error::io("cannot read the patch", &path))?;
            let start = next_file(&bytes).unwrap_or(bytes.len());
            let head = String::from_utf8_lossy(&bytes[..start]);
            Ok(Step {
                number: i + 1,
                name: file.trim_end_matches(".patch").to_owned(),
                summary: head.split("\n\n").next().unwrap_or("").replace('\n', " ").trim().to_owned(),
                path,
                diff: bytes[start..].to_vec(),
            })
        })
        .collect()
}

/// How many steps `through` names: `04`, `4`, `04-sizes` or `all`.
///
/// # Errors
/// A name that is none of the series is an error that lists them.
pub fn resolve(steps: &[Step], through: &str) -> std::result::Result<usize, String> {
    if through == "all" {
        return Ok(steps.len());
    }
    let by_number = through.parse::<usize>().ok().filter(|n| *n <= steps.len());
    by_number.or_else(|| steps.iter().find(|s| s.name == through).map(|s| s.number)).ok_or_else(|| {
        let names: Vec<&str> = steps.iter().map(|s| s.name.as_str()).collect();
        format!("no step `{through}`: expected `00` (nothing applied), `all`, a number or one of {}", names.join(", "))
    })
}

/// Where a project with `count` steps applied lies below the folder for everything that is built.
#[must_use]
pub fn folder(target_dir: &Path, project: &str, count: usize) -> PathBuf {
    target_dir.join("legacy-port").join(project).join("steps").join(format!("{count:02}"))
}

/// Copies the project from `root` to `out` with `steps` applied.
///
/// Only files whose bytes differ are written, so that a build of `out` stays incremental. Files in `out` that the
/// project no longer has are removed: the folder is this function's own.
pub fn apply(root: &Path, steps: &[Step], out: &Path) -> Result<()> {
    let mut files = BTreeMap::new();
    collect(root, Path::new(""), &mut files)?;
    for step in steps {
        apply_one(step, &mut files)?;
    }
    let mut stale = BTreeMap::new();
    if out.is_dir() {
        collect(out, Path::new(""), &mut stale)?;
    }
    for (name, bytes) in &files {
        if stale.remove(name).is_some_and(|old| old == *bytes) {
            continue;
        }
        let path = out.join(name);
        let dir = path.parent().unwrap_or(out);
        fs::create_dir_all(dir).map_err(Error::io("cannot create", dir))?;
        fs::write(&path, bytes).map_err(Error::io("cannot write", &path))?;
    }
    for name in stale.keys() {
        let path = out.join(name);
        fs::remove_file(&path).map_err(Error::io("cannot remove", &path))?;
    }
    Ok(())
}

/// Where the next file of a patch begins: a `--- ` line with a `+++ ` line behind it. A removed line may look like the
/// first of the two, never like both.
fn next_file(diff: &[u8]) -> Option<usize> {
    let mut at = 0;
    for line in diff.split_inclusive(|&b| b == b'\n') {
        if line.starts_with(b"--- ") && diff[at + line.len()..].starts_with(b"+++ ") {
            return Some(at);
        }
        at += line.len();
    }
    None
}

/// Everything of the project but build output and version control.
fn collect(root: &Path, below: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) -> Result<()> {
    let dir = root.join(below);
    for entry in fs::read_dir(&dir).map_err(Error::io("cannot read", &dir))? {
        let entry = entry.map_err(Error::io("cannot read", &dir))?;
        let name = below.join(entry.file_name());
        let kind = entry.file_type().map_err(Error::io("cannot read", entry.path()))?;
        if kind.is_dir() {
            if !matches!(entry.file_name().to_str(), Some(".git" | "target")) {
                collect(root, &name, files)?;
            }
        } else {
            let bytes = fs::read(entry.path()).map_err(Error::io("cannot read", entry.path()))?;
            files.insert(name, bytes);
        }
    }
    Ok(())
}

/// Applies one patch, which may touch several files, each between `---`/`+++` lines in `-p1` form.
fn apply_one(step: &Step, files: &mut BTreeMap<PathBuf, Vec<u8>>) -> Result<()> {
    let fail = |message: String| Error::Patch { path: step.path.clone(), message };
    let mut rest: &[u8] = &step.diff;
    while !rest.is_empty() {
        let end = next_file(&rest[1..]).map_or(rest.len(), |i| i + 1);
        let (one, tail) = rest.split_at(end);
        rest = tail;
        let patch = diffy::Patch::from_bytes(one).map_err(|e| fail(e.to_string()))?;
        let name = patch.modified().or(patch.original()).map(String::from_utf8_lossy).unwrap_or_default();
        let name = PathBuf::from(name.split_once('/').map_or(&*name, |(_, n)| n));
        let old = files.get(&name).ok_or_else(|| fail(format!("no file `{}` to change", name.display())))?;
        let new = diffy::apply_bytes(old, &patch)
            .map_err(|e| fail(format!("does not apply to `{}`: {e}; were the sources changed?", name.display())))?;
        files.insert(name, new);
    }
    Ok(())
}
