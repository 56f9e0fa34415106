//! What the audit says of code that has been right with 64 bits for long.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use legacy_port::check::Level;

use crate::measure::corpus::Corpus;
use crate::measure::{self, packages, sources};

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
    let folders = packages::fetched(&corpus.clean, &out)?;
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
