//! Sources of a program at a commit, out of a git clone; and which files of it a unit reads.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};
use std::{fs, io};

use anyhow::{Context, Result, bail};
use legacy_port::project::{Project, Unit};

/// The git folder of `owner/name` below `sources`: a bare clone, one with a work tree, or either in a folder `repo`.
pub(crate) fn clone_of(sources: &Path, repo: &str) -> Result<PathBuf> {
    let name = repo.replace('/', "+");
    let is_git = |p: &Path| p.join("HEAD").is_file() && p.join("objects").is_dir();
    let places = [name.clone(), format!("{name}.git")];
    let places = places.iter().flat_map(|n| ["", ".git", "repo", "repo/.git"].map(|inner| sources.join(n).join(inner)));
    places.into_iter().find(|p| is_git(p)).with_context(|| {
        let dir = sources.display();
        format!("no clone of `{repo}`: git clone --bare https://github.com/{repo} {dir}/{name}")
    })
}

/// The files of a commit, in a folder below `out` that is kept.
pub(crate) fn checked_out(git: &Path, repo: &str, commit: &str, out: &Path) -> Result<PathBuf> {
    if commit.is_empty() || !commit.bytes().all(|b| b.is_ascii_hexdigit()) {
        bail!("`{commit}` is no commit");
    }
    let parent = out.join(repo.replace('/', "+"));
    let dir = parent.join(commit);
    if dir.is_dir() {
        return Ok(dir);
    }
    fs::create_dir_all(&parent).with_context(|| format!("cannot create `{}`", parent.display()))?;
    // Whole or not at all: an interrupted run leaves nothing that looks finished.
    let temporary = tempfile::tempdir_in(&parent).with_context(|| format!("cannot write in `{}`", parent.display()))?;
    let mut archive = Command::new("git")
        .arg("--git-dir")
        .arg(git)
        .args(["archive", "--format=tar", commit])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("cannot run `git`")?;
    let unpacked = archive.stdout.take().map(|tar| {
        let mut tar = tar::Archive::new(tar);
        tar.unpack(temporary.path())?;
        // What fills the last block up is read too: else git may still be writing it, and fails.
        io::copy(&mut tar.into_inner(), &mut io::sink())
    });
    let output = archive.wait_with_output().context("cannot run `git`")?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("`git archive {commit}` in `{}`: {}; is that commit fetched?", git.display(), said.trim());
    }
    unpacked.transpose().with_context(|| format!("cannot unpack {commit} of `{repo}`"))?;
    fs::rename(temporary.path(), &dir).with_context(|| format!("cannot write `{}`", dir.display()))?;
    Ok(dir)
}

/// The files of the program that units read: themselves, and what they include of the program, absolute and sorted. Told
/// by the text of the `#include` lines alone, so that it does not depend on what a target compiles.
pub(crate) fn files<'u>(project: &Project, units: impl Iterator<Item = &'u Unit>) -> BTreeSet<PathBuf> {
    let mut seen = BTreeSet::new();
    for unit in units {
        let folders: Vec<PathBuf> = unit
            .flags
            .iter()
            .filter_map(|f| f.strip_prefix("-I"))
            .map(|f| plain(&unit.directory.join(f)))
            .filter(|f| f.starts_with(&project.root))
            .collect();
        let mut todo = vec![unit.source.clone()];
        while let Some(file) = todo.pop() {
            if !seen.insert(file.clone()) {
                continue;
            }
            let text = fs::read(&file).unwrap_or_default();
            let beside = file.parent().unwrap_or(&project.root).to_owned();
            for name in String::from_utf8_lossy(&text).lines().filter_map(included) {
                let at = std::iter::once(&beside).chain(&folders).map(|f| plain(&f.join(name)));
                todo.extend(at.into_iter().find(|f| f.starts_with(&project.root) && f.is_file()));
            }
        }
    }
    seen
}

/// `#include "name"`, `# include <name>`
fn included(line: &str) -> Option<&str> {
    let rest = line.trim_start().strip_prefix('#')?.trim_start().strip_prefix("include")?.trim_start();
    let end = if rest.starts_with('"') { '"' } else { '>' };
    rest.strip_prefix(['"', '<'])?.split(end).next()
}

/// A path without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}

/// Lines of the files, blank ones and comments among them.
pub(crate) fn lines(files: &BTreeSet<PathBuf>) -> usize {
    let of = |f: &PathBuf| fs::read(f).map_or(0, |bytes| String::from_utf8_lossy(&bytes).lines().count());
    files.iter().map(of).sum()
}
