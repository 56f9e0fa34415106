//! `cargo xtask bench --layouts`: record layouts of two builds compared, beside pahole and abidiff.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use legacy_port::compile;
use legacy_port::target::Target;

use super::Row;
use super::measure::{Took, median, peak_memory};
use crate::measure::corpus::Corpus;
use crate::measure::packages;

/// At most this part of what the others take.
const TIME: f64 = 0.2;
/// The same of memory.
const MEMORY: f64 = 1.0;

/// What is measured: packages of `ci/corpus.toml`.
const CASES: &[&str] = &["libsqlite3-sys", "zstd-sys"];

/// Measures all cases.
pub(super) fn measure(dir: &Path, rounds: u32) -> Result<Vec<(String, Vec<Row>)>> {
    for (name, package) in [("pahole", "dwarves"), ("abidiff", "abigail-tools")] {
        if super::subject::find(name).is_none() {
            bail!("no `{name}` to compare with; on Debian install `{package}`");
        }
    }
    let tool = super::build()?;
    let mut all = Vec::new();
    for package in CASES {
        let case = Case::make(package, &dir.join("layouts"))?;
        all.push((case.title.clone(), case.measure(&tool, rounds)?));
    }
    Ok(all)
}

/// Two builds of a library.
struct Case {
    title: String,
    old: PathBuf,
    new: PathBuf,
}

impl Case {
    fn make(package: &str, dir: &Path) -> Result<Self> {
        let mut corpus = Corpus::read(&crate::root().join("ci/corpus.toml"))?;
        let out = crate::target_dir().join("clean");
        let folders = packages::fetched(&corpus.clean, &out)?;
        let at = corpus.clean.iter().position(|c| c.package == package);
        let at = at.with_context(|| format!("no package `{package}` in `ci/corpus.toml`"))?;
        let recipe = corpus.clean.swap_remove(at);
        let mut project = corpus.project(&recipe, &folders[at], &out)?;
        for unit in &mut project.units {
            unit.flags.push("-fPIC".into());
        }
        let library = |target: &Target| -> Result<PathBuf> {
            let built = compile::build(&project, target, dir, &|_, _| {})?;
            let library = built.dir.join(format!("lib{}.so", project.name));
            let mut objects = Vec::new();
            for entry in std::fs::read_dir(built.dir.join("objects"))? {
                objects.push(entry?.path());
            }
            objects.retain(|p| p.extension().is_some_and(|e| e == "o"));
            objects.sort();
            let mut link = compile::compiler(target)?;
            let status = link.arg("-shared").arg("-o").arg(&library).args(&objects).status()?;
            if !status.success() {
                bail!("`{}` does not link", library.display());
            }
            Ok(library)
        };
        let (old, new) = (library(&project.targets.old)?, library(&project.targets.new)?);
        let size = |p: &Path| std::fs::metadata(p).map_or(0, |m| m.len() >> 10);
        let title = format!(
            "{package} {}, {} units, libraries of {} and {} KiB",
            recipe.version,
            project.units.len(),
            size(&old),
            size(&new)
        );
        Ok(Self { title, old, new })
    }

    fn measure(&self, tool: &Path, rounds: u32) -> Result<Vec<Row>> {
        let ours = || {
            let mut command = Command::new(tool);
            command.arg("layouts").args([&self.old, &self.new]).arg("--all");
            vec![command]
        };
        let pahole = || {
            let one = |file: &PathBuf| {
                let mut command = Command::new("pahole");
                command.args(["-F", "dwarf"]).arg(file);
                command
            };
            vec![one(&self.old), one(&self.new)]
        };
        let abidiff = || {
            let mut command = Command::new("abidiff");
            command.args([&self.old, &self.new]);
            vec![command]
        };
        let (mut we, mut first, mut second) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..rounds {
            we.push(time(ours())?);
            first.push(time(pahole())?);
            second.push(time(abidiff())?);
        }
        let we = median(we);
        let most = |all: Vec<Command>| all.iter().filter_map(peak_memory).reduce(f64::max);
        let memory = most(ours());
        if memory.is_none() {
            anstream::eprintln!("no `/usr/bin/time` to measure memory with; on Debian install `time`");
        }
        let mut rows = Vec::new();
        for (what, took, commands) in
            [("pahole, a file after the other", median(first), pahole()), ("abidiff", median(second), abidiff())]
        {
            let of = Some((we, took));
            rows.push(Row { what: format!("to {what}"), value: we / took, unit: "x", limit: Some(TIME), of });
            if let Some((ours, theirs)) = memory.zip(most(commands)) {
                let what = format!("memory, {ours:.1} to {theirs:.1} MiB");
                rows.push(Row { what, value: ours / theirs, unit: "x", limit: Some(MEMORY), of: None });
            }
        }
        Ok(rows)
    }
}

/// Runs commands one after the other. `abidiff` has bits of its own in its status: 4 and 8 say that something changed.
fn time(commands: Vec<Command>) -> Result<Took> {
    let begin = Instant::now();
    for mut command in commands {
        let name = command.get_program().to_string_lossy().into_owned();
        let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
        let status = status.with_context(|| format!("cannot run `{name}`"))?;
        if !matches!(status.code(), Some(0 | 1 | 4 | 8 | 12)) || (name == "abidiff" && status.code() == Some(1)) {
            bail!("`{name}` ended with {status}");
        }
    }
    Ok(Took::Whole(begin.elapsed().as_secs_f64()))
}
