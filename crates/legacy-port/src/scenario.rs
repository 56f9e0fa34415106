//! The project's own commands: its scenarios, and the data that the old program makes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::project::{Project, Run, Scenarios};
use crate::{Error, Result};

/// How one scenario ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Its name.
    pub name: String,
    /// Whether its output is the expected one.
    pub passed: bool,
    /// What it printed.
    pub output: String,
}

/// Runs all scenarios with the programs in `bin`; output and files are left in `work`, which is made anew.
///
/// # Errors
/// When the command cannot be run or leaves no output at all.
pub fn run(project: &Project, scenarios: &Scenarios, bin: &Path, work: &Path) -> Result<Vec<Outcome>> {
    if work.exists() {
        fs::remove_dir_all(work).map_err(Error::io("cannot remove", work))?;
    }
    fs::create_dir_all(work).map_err(Error::io("cannot create", work))?;
    let mut command = command(project, &scenarios.run, &[("{bin}", bin), ("{work}", work)])?;
    let line = scenarios.run.join(" ");
    let output = command.output().map_err(Error::io("cannot run", command.get_program()))?;
    let expected = project.root.join(&scenarios.expected);
    let mut outcomes = Vec::new();
    for entry in fs::read_dir(&expected).map_err(Error::io("cannot read", &expected))? {
        let file = entry.map_err(Error::io("cannot read", &expected))?.path();
        let (Some(name), Some(base)) = (file.file_stem(), file.file_name()) else { continue };
        let want = fs::read(&file).map_err(Error::io("cannot read", &file))?;
        let have = fs::read(work.join(base)).unwrap_or_default();
        outcomes.push(Outcome {
            name: name.to_string_lossy().into_owned(),
            passed: want == have,
            output: String::from_utf8_lossy(&have).into_owned(),
        });
    }
    outcomes.sort_by(|a, b| a.name.cmp(&b.name));
    if outcomes.iter().all(|o| o.output.is_empty()) {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(Error::Command { command: line, message: format!("no scenario left any output\n{said}") });
    }
    Ok(outcomes)
}

/// Has the programs in `bin` make the project's data in the empty folder `out`.
///
/// # Errors
/// When the command cannot be run or fails.
pub fn make_data(project: &Project, data: &Run, bin: &Path, out: &Path) -> Result<()> {
    if out.exists() {
        fs::remove_dir_all(out).map_err(Error::io("cannot remove", out))?;
    }
    fs::create_dir_all(out).map_err(Error::io("cannot create", out))?;
    let mut command = command(project, &data.run, &[("{bin}", bin), ("{out}", out)])?;
    command.envs(&data.env);
    let output = command.output().map_err(Error::io("cannot run", command.get_program()))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(Error::Command { command: data.run.join(" "), message: format!("{}\n{}", output.status, said.trim_end()) })
}

/// The files that two runs of the scenarios left with different bytes, or that one of them alone left; relative paths in
/// order. Logs (`*.log`) are left out: they name ports and times.
///
/// # Errors
/// When a folder or file cannot be read.
pub fn differences(a: &Path, b: &Path) -> Result<Vec<PathBuf>> {
    let (left, right) = (files(a)?, files(b)?);
    let mut names: Vec<PathBuf> = left.iter().chain(&right).cloned().collect();
    names.sort();
    names.dedup();
    let read = |p: PathBuf| fs::read(p).ok();
    names.retain(|n| read(a.join(n)) != read(b.join(n)));
    Ok(names)
}

fn files(root: &Path) -> Result<Vec<PathBuf>> {
    let mut out = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(dir) = folders.pop() {
        for entry in fs::read_dir(&dir).map_err(Error::io("cannot read", &dir))? {
            let path = entry.map_err(Error::io("cannot read", &dir))?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_none_or(|e| e != "log") {
                out.push(path.strip_prefix(root).unwrap_or(&path).to_owned());
            }
        }
    }
    Ok(out)
}

fn command(project: &Project, words: &[String], folders: &[(&str, &Path)]) -> Result<Command> {
    let mut full = Vec::new();
    for word in words {
        let mut word = word.clone();
        for (name, folder) in folders {
            if word.contains(name) {
                let folder = fs::canonicalize(folder).map_err(Error::io("cannot open", *folder))?;
                word = word.replace(name, &folder.to_string_lossy());
            }
        }
        full.push(word);
    }
    let Some((program, args)) = full.split_first() else {
        return Err(Error::Command { command: "run = []".into(), message: "names no program".into() });
    };
    let mut command = Command::new(program);
    command.args(args).current_dir(&project.root);
    Ok(command)
}
