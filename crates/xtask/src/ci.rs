//! Everything that CI checks, step by step; stops at the first failure with the command that repeats it.

use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::{Context, Result};

use crate::doctor;

#[derive(clap::Args)]
pub(crate) struct Args {}

const STEPS: &[(&str, &[&str])] = &[
    ("format", &["fmt", "--all", "--check"]),
    ("clippy", &["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"]),
    ("docs", &["xtask", "docs", "--check"]), // run by this very program, which cargo has just built, as all of xtask
    ("rustdoc", &["doc", "--workspace", "--no-deps", "--quiet"]),
    (
        "lock",
        &[
            "run",
            "--quiet",
            "--package",
            "legacy-port",
            "--",
            "lock",
            "--check",
            "-p",
            "legacy-c/auctiond",
            "--through",
            "all",
        ],
    ),
    ("test", &["test", "--workspace", "--quiet"]),
    // C code of packages, which cargo fetches. The tests may have built this very program anew.
    ("predict", &["run", "--quiet", "--package", "xtask", "--", "predict", "--check"]),
];

pub(crate) fn run(_: &Args) -> Result<ExitCode> {
    doctor::require(&[
        "cc",
        "cc32",
        "run32",
        "libclang",
        "clang",
        "runtime",
        "nsenter",
        "git",
        "shell",
        "skopeo",
        "umoci",
        "buildah",
        "registry",
        "htpasswd",
        "faketime",
        "jsonschema",
        "browser",
        "make",
        "pahole",
        "dwz",
        "abidiff",
        "linters",
    ])?;
    let begin = Instant::now();
    let mut times = Vec::new();
    for (name, args) in STEPS {
        let line = format!("cargo {}", args.join(" "));
        anstream::println!("\x1b[1m{name}\x1b[0m: {line}");
        let step = Instant::now();
        let (program, args) = match args.split_first() {
            Some((&"xtask", rest)) => (std::env::current_exe().context("cannot find this program")?, rest),
            _ => (env!("CARGO").into(), *args),
        };
        let status = Command::new(program)
            .args(args)
            .env("RUSTDOCFLAGS", "-D warnings")
            .current_dir(crate::root())
            .status()
            .context("cannot run cargo")?;
        let seconds = step.elapsed().as_secs_f64();
        if !status.success() {
            anstream::println!("\x1b[31mfailed\x1b[0m {name} after {seconds:.1} s; to repeat it: {line}");
            return Ok(ExitCode::FAILURE);
        }
        times.push(format!("{name} {seconds:.1} s"));
    }
    anstream::println!("\x1b[32mok\x1b[0m all of it in {:.1} s ({})", begin.elapsed().as_secs_f64(), times.join(", "));
    Ok(ExitCode::SUCCESS)
}
