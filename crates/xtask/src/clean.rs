//! What the audit says of code that has been right with 64 bits for long.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};
use legacy_port::check::Level;

use crate::measure::corpus::{Corpus, Recipe};
use crate::measure::{self, sources};

const AFTER_HELP: &str = "\
SQLite, zlib, Lua and zstd as bundled in crates, which cargo fetches into target/clean/; versions and flags are in
ci/corpus.toml. Lists every finding of level `breaks` to be looked at, and compares each target with itself.

Exit status: 0 measured, 1 a limit was missed (with --check), 2 it could not be measured.";

#[derive(clap::Args)]
#[command(after_long_help = AFTER_HELP)]
pub(crate) struct Args {
    /// How the sources are parsed [default: ci/corpus.toml]
    #[arg(long, value_name = "FILE")]
    corpus: Option<PathBuf>,
    /// Only this package
    #[arg(long, value_name = "PACKAGE")]
    only: Option<String>,
    /// Fail when there is more than one finding of level `breaks` in 20,000 lines, or a target differs from itself
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let path = args.corpus.clone().unwrap_or_else(|| crate::root().join("ci/corpus.toml"));
    let mut corpus = Corpus::read(&path)?;
    if let Some(only) = &args.only {
        corpus.clean.retain(|c| c.package == *only);
    }
    if corpus.clean.is_empty() {
        bail!("nothing to look at: no such package in `{}`", path.display());
    }
    let out = crate::target_dir().join("clean");
    let folders = fetched(&corpus.clean, &out)?;
    let mut kept = true;
    anstream::println!(
        "{:24} {:>5} {:>8} {:>7} {:>6} {:>6} {:>10} {:>7}",
        "source",
        "units",
        "lines",
        "breaks",
        "may",
        "look",
        "per 20,000",
        "itself"
    );
    let mut listed = String::new();
    for (clean, folder) in corpus.clean.iter().zip(folders) {
        let project = corpus.project(clean, &folder, &out)?;
        let audit = measure::audit(&project).with_context(|| clean.package.clone())?;
        let itself = measure::against_itself(&project)?;
        let lines = sources::lines(&sources::files(&project, project.units.iter()));
        let breaks = audit.count(Level::Breaks);
        let per = measure::per_lines(breaks, lines, 20_000.0);
        kept &= per <= 1.0 && itself.is_empty();
        anstream::println!(
            "{:24} {:>5} {lines:>8} {breaks:>7} {:>6} {:>6} {per:>10.2} {:>7}",
            format!("{} {}", clean.package, clean.version),
            audit.units,
            audit.count(Level::May),
            audit.count(Level::Look),
            itself.len(),
        );
        for b in &audit.broken {
            let first = b.errors.first().map_or("", |e| &e.text);
            let _ = writeln!(listed, "{} does not parse to its end for {}: {first}", b.unit.display(), b.triple);
        }
        for s in measure::said(&audit).iter().filter(|s| s.level == "breaks").chain(&itself) {
            let _ = writeln!(listed, "{}:{} {}[{}]: {}", s.file.display(), s.line, s.level, s.rule, s.message);
        }
    }
    anstream::print!("{listed}");
    if args.check && !kept {
        anstream::println!("missed: at most 1 finding of level `breaks` in 20,000 lines, and no target unlike itself");
    }
    Ok(ExitCode::from(u8::from(args.check && !kept)))
}

/// The folders of the packages, fetched by cargo for a package of nothing but these dependencies.
fn fetched(clean: &[Recipe], out: &Path) -> Result<Vec<PathBuf>> {
    let folder = |c: &Recipe| -> Option<PathBuf> {
        // Versions of packages that bundle a library may have that library's version behind a `+`.
        let name = format!("{}-{}", c.package, c.version);
        let mut found: Vec<PathBuf> = fs::read_dir(out.join("sources"))
            .ok()?
            .filter_map(|e| Some(e.ok()?.path()))
            .filter(|p| {
                let tail = p.file_name().and_then(|n| n.to_str()).and_then(|n| n.strip_prefix(&name));
                tail.is_some_and(|t| t.is_empty() || t.starts_with('+'))
            })
            .collect();
        found.sort();
        found.pop()
    };
    if let Some(folders) = clean.iter().map(folder).collect() {
        return Ok(folders);
    }
    let package = out.join("package");
    let mut manifest = String::from(
        "[package]\nname = \"clean\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[lib]\npath = \"lib.rs\"\n\n[workspace]\n\n\
         [dependencies]\n",
    );
    for c in clean {
        let _ = writeln!(manifest, "{} = \"={}\"", c.package, c.version);
    }
    fs::create_dir_all(&package).with_context(|| format!("cannot create `{}`", package.display()))?;
    for (name, text) in [("Cargo.toml", manifest.as_str()), ("lib.rs", "")] {
        fs::write(package.join(name), text).with_context(|| format!("cannot write in `{}`", package.display()))?;
    }
    let output = Command::new(env!("CARGO"))
        .args(["vendor", "--quiet", "--versioned-dirs"])
        .arg(std::path::absolute(out.join("sources"))?)
        .current_dir(&package)
        .output()
        .context("cannot run cargo")?;
    if !output.status.success() {
        bail!("`cargo vendor` in `{}`:\n{}", package.display(), String::from_utf8_lossy(&output.stderr).trim());
    }
    let missing = |c: &Recipe| format!("`{}` {} is not among what cargo fetched", c.package, c.version);
    clean.iter().map(|c| folder(c).with_context(|| missing(c))).collect()
}
