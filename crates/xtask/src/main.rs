//! `cargo xtask ...`: thin, one file per verb.

mod account;
mod bench;
mod bundle;
mod ci;
mod clean;
mod compare;
mod docs;
mod doctor;
mod image;
mod infra;
mod measure;
mod predict;
mod probe;
mod release;
mod score;
mod steps;
mod verify;

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{CommandFactory, Parser, Subcommand};

/// What a developer does with this workspace.
///
/// Exit status: 0 done, 1 refused or failed (findings, an unhealthy service, a failing test), 2 the tool could not do its
/// work.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
#[allow(clippy::large_enum_variant)] // there is one of them
enum Verb {
    /// From old C source to an answering 64-bit container: build, audit, verify, image, push, run, check
    Release(release::Args),
    /// The image by itself: what goes in and why
    Image(image::Args),
    Infra(infra::Args),
    /// Everything that CI checks, step by step, with times
    Ci(ci::Args),
    /// Measure the audit beside clang, clang-tidy and cppcheck
    Bench(bench::Args),
    /// Write the documentation that comes from code
    Docs(docs::Args),
    /// How much of labelled lines of real programs the audit finds, and what it says besides
    Score(score::Args),
    /// The audit beside compilers and other tools on the same labelled lines: writes COMPARISON.md
    Compare(compare::Args),
    #[allow(clippy::doc_markdown)] // read at a terminal
    /// What the audit says of clean 64-bit code: SQLite, zlib, Lua, zstd
    Clean(clean::Args),
    #[allow(clippy::doc_markdown)] // read at a terminal
    /// Layouts of SQLite, zlib, Lua, zstd: predicted from the 32-bit build, beside the 64-bit build
    Predict(predict::Args),
    /// Check that everything this workspace needs is on this machine
    Doctor,
    /// Write shell completion to standard output
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// One HTTP request, for a process that has entered a container's network
    #[command(hide = true)]
    Probe {
        /// The URL
        url: String,
    },
}

fn main() -> ExitCode {
    // SAFETY: nothing else runs yet.
    #[allow(unsafe_code)]
    unsafe {
        legacy_port::source::clang::Clang::prepare();
    }
    let result = match Args::parse().verb {
        Verb::Release(a) => release::run(&a),
        Verb::Image(a) => image::run(&a),
        Verb::Infra(a) => infra::run(&a),
        Verb::Ci(a) => ci::run(&a),
        Verb::Bench(a) => bench::run(&a),
        Verb::Docs(a) => docs::run(&a),
        Verb::Score(a) => score::run(&a),
        Verb::Compare(a) => compare::run(&a),
        Verb::Clean(a) => clean::run(&a),
        Verb::Predict(a) => predict::run(&a),
        Verb::Doctor => doctor::run(),
        Verb::Probe { url } => probe::run(&url),
        Verb::Completions { shell } => {
            clap_complete::generate(shell, &mut Args::command(), "cargo-xtask", &mut std::io::stdout());
            Ok(ExitCode::SUCCESS)
        }
    };
    result.unwrap_or_else(|e| {
        anstream::eprintln!("error: {e:#}");
        ExitCode::from(2)
    })
}

/// Writes to standard output. When its reader has gone, as `head` does, there is nobody left to tell: no error.
fn print(text: &str) -> Result<()> {
    let mut out = anstream::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => Err(e).context("cannot write to standard output"),
        _ => Ok(()),
    }
}

/// The top of the workspace.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap_or(Path::new(".")).to_owned()
}

/// The folder for everything that is built.
fn target_dir() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}
