use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use legacy_port::ffi::lock::{For, Lock, compare};
use legacy_port::project::Project;
use legacy_port::replace;

use super::{Selection, print};

/// Write assertions that keep records where they are, for C and for Rust; or check that they are there still
///
/// Which records must not move `legacy-port.toml` says, and which headers define them:
///
///     [ffi]
///     headers = ["include/store.h", "include/wire.h"]
///     records = ["sale", "wire_*"]   # without it: those that the source audit sees leave the process
///     lock = "include"               # folder for the lock; the project's own without it
///     targets = "both"               # `new`, `old` or `both`
///
/// For a project `shop` this writes two files, which are committed:
///
///   `shop_lock.h`   assertions of sizes, alignments and offsets for C89 to C23: include it anywhere in the build
///   `shop_lock.rs`  bindgen's types with the same assertions: a module for a crate that calls the C code
///
/// Then a record that moves does not compile. `legacy-port lock --check` belongs into CI: it tells what moved and by which
/// line, and finds what no compiler sees, such as a bit-field that moved or a member that was added where there was
/// padding. When a change is meant, `legacy-port lock` writes both anew, and the difference is there to be reviewed.
///
/// Exit status: 0 written, or as it was locked; 1 with `--check` something moved, or the lock is missing or stale; 2 it
/// could not be done.
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    #[command(flatten)]
    selection: Selection,
    /// Write to this folder [default: `lock` in `[ffi]` of legacy-port.toml, else the folder of the project]
    #[arg(short, long, value_name = "DIR", alias = "write")]
    output: Option<PathBuf>,
    /// Lock layouts for these targets [default: `targets` in `[ffi]` of legacy-port.toml, else `new`]
    ///
    /// `new` and `old` assert the data model first: a build for the other one says so and no more. `both` is for records that
    /// old and new builds share, and has a section for each target where they do not agree.
    #[arg(long, value_enum, value_name = "TARGETS")]
    targets: Option<Targets>,
    /// Write nothing; compare what is there with what would be written
    #[arg(long)]
    check: bool,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Targets {
    New,
    Old,
    Both,
}

pub(super) fn run(args: &Args) -> Result<ExitCode> {
    let project = args.selection.load()?;
    let said = project.ffi.as_ref();
    let targets = match args.targets {
        Some(Targets::New) => For::New,
        Some(Targets::Old) => For::Old,
        Some(Targets::Both) => For::Both,
        None => said.map_or(For::default(), |f| f.targets),
    };
    let dir = if let Some(dir) = &args.output {
        dir.clone()
    } else {
        // An applied patch series lies elsewhere, in a folder that is made anew.
        let root = Project::load(&args.selection.project)?.root;
        let dir = said.and_then(|f| f.lock.as_ref()).map_or(root.clone(), |lock| root.join(lock));
        // Told without the `..` of a folder beside the project.
        std::fs::canonicalize(&dir).unwrap_or(dir)
    };
    let lock = Lock::of(&project, targets)?;
    if args.check {
        return check(&lock, &dir);
    }
    std::fs::create_dir_all(&dir).with_context(|| format!("cannot create `{}`", dir.display()))?;
    let mut out = told(&lock);
    for (name, text) in lock.files() {
        replace(&dir.join(&name), text.as_bytes())?;
        let _ = writeln!(out, "wrote {}", dir.join(&name).display());
    }
    print(&out)?;
    Ok(ExitCode::SUCCESS)
}

/// What is locked, in a line.
fn told(lock: &Lock) -> String {
    let records = lock.sections.first().map_or(0, |s| s.records.len());
    format!("{records} records of {} for {}\n", lock.name, lock.title())
}

fn check(lock: &Lock, dir: &Path) -> Result<ExitCode> {
    let mut out = String::new();
    for (name, now) in lock.files() {
        let path = dir.join(&name);
        let shown = path.display().to_string();
        let there = match std::fs::read(&path) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                let _ = writeln!(out, "{shown} is missing");
                continue;
            }
            Err(e) => return Err(e).with_context(|| format!("cannot read `{shown}`")),
        };
        if there == now {
            continue;
        }
        let moved = if Path::new(&name).extension().is_some_and(|e| e == "h") {
            compare::differences(&there, lock, &shown)
        } else {
            String::new()
        };
        if moved.is_empty() && out.is_empty() {
            let line = compare::first_difference(&there, &now);
            let _ = writeln!(out, "{shown} is stale: line {line} is not what `legacy-port lock` writes today");
        }
        out += &moved;
    }
    if out.is_empty() {
        print(&format!("as locked: {}", told(lock)))?;
        return Ok(ExitCode::SUCCESS);
    }
    print(&(out + "if that is meant, write the lock anew: the same command without `--check`\n"))?;
    Ok(ExitCode::from(1))
}
