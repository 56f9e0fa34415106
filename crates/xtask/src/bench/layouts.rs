//! `cargo xtask bench --layouts`: record layouts of two builds compared, beside pahole and abidiff.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use legacy_port::compile;
use legacy_port::target::Target;

use super::Row;
use super::measure::{Took, median, peak_memory};
use crate::measure::corpus::{Corpus, Recipe};
use crate::measure::packages;

/// At most this part of what the others take.
const TIME: f64 = 0.2;
/// The same of memory.
const MEMORY: f64 = 1.0;

/// What is measured: packages of `ci/corpus.toml` as libraries, and its large programs.
const LIBRARIES: &[&str] = &["libsqlite3-sys", "zstd-sys"];

/// Measures all cases.
pub(super) fn measure(dir: &Path, rounds: u32) -> Result<Vec<(String, Vec<Row>)>> {
    for (name, package) in [("pahole", "dwarves"), ("abidiff", "abigail-tools")] {
        if super::subject::find(name).is_none() {
            bail!("no `{name}` to compare with; on Debian install `{package}`");
        }
    }
    let tool = super::build()?;
    let mut all = Vec::new();
    let corpus = Corpus::read(&crate::root().join("ci/corpus.toml"))?;
    let mut cases: Vec<(&Recipe, Form)> = corpus.large.iter().map(|recipe| (recipe, Form::Program)).collect();
    for package in LIBRARIES {
        let recipe = corpus.clean.iter().find(|c| c.package == *package);
        cases.push((recipe.with_context(|| format!("no package `{package}` in `ci/corpus.toml`"))?, Form::Library));
    }
    for (recipe, form) in cases {
        let case = Case::make(&corpus, recipe, form, &dir.join("layouts"))?;
        all.push((case.title.clone(), case.measure(&tool, rounds)?));
    }
    Ok(all)
}

/// What the objects are linked to.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    Library,
    Program,
}

/// Two builds of a library or a program.
struct Case {
    title: String,
    form: Form,
    old: PathBuf,
    new: PathBuf,
}

impl Case {
    fn make(corpus: &Corpus, recipe: &Recipe, form: Form, dir: &Path) -> Result<Self> {
        let out = crate::target_dir().join(if form == Form::Library { "clean" } else { "large" });
        // Fetched together with what else is kept there: cargo removes the others.
        let together = if form == Form::Library { &corpus.clean } else { &corpus.large };
        let folders = packages::fetched(together, &out)?;
        let folder = together.iter().zip(&folders).find(|(r, _)| r.package == recipe.package).map(|(_, f)| f);
        let folder = folder.with_context(|| format!("`{}` was not fetched", recipe.package))?;
        let mut project = corpus.project(recipe, folder, &out)?;
        if form == Form::Library {
            for unit in &mut project.units {
                unit.flags.push("-fPIC".into());
            }
        }
        let linked = |target: &Target| -> Result<PathBuf> {
            let built = compile::build(&project, target, dir, &|_, _| {})?;
            let mut objects = Vec::new();
            for entry in std::fs::read_dir(built.dir.join("objects"))? {
                objects.push(entry?.path());
            }
            objects.retain(|p| p.extension().is_some_and(|e| e == "o"));
            objects.sort();
            let mut link = compile::compiler(target)?;
            let file = match form {
                Form::Library => built.dir.join(format!("lib{}.so", project.name)),
                Form::Program => built.dir.join(&project.name),
            };
            if form == Form::Library {
                link.arg("-shared");
            }
            let status = link.arg("-o").arg(&file).args(&objects).args(["-lm", "-ldl", "-lpthread"]).status()?;
            if !status.success() {
                bail!("`{}` does not link", file.display());
            }
            Ok(file)
        };
        let (old, new) = (linked(&project.targets.old)?, linked(&project.targets.new)?);
        let size = |p: &Path| std::fs::metadata(p).map_or(0, |m| m.len() >> 10);
        let title = format!(
            "{} {}, {} units, {} of {} and {} KiB",
            recipe.package,
            recipe.version,
            project.units.len(),
            if form == Form::Library { "libraries" } else { "programs" },
            size(&old),
            size(&new)
        );
        Ok(Self { title, form, old, new })
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
            if self.form == Form::Program {
                // It looks at what exported symbols lead to, and a program exports none: without this it compares nothing.
                command.arg("--non-reachable-types");
            }
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
