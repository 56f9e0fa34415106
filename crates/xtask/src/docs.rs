//! Documentation that comes from code: the checks.

use std::fmt::Write as _;
use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Result};
use legacy_port::rule::{self, Of, Rule};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Write nothing; fail when what is there is stale
    #[arg(long)]
    check: bool,
}

/// Where the documentation of the checks is, below the workspace.
const CHECKS: &str = "crates/legacy-port/CHECKS.md";

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let path = crate::root().join(CHECKS);
    let text = checks_page();
    if args.check {
        if fs::read_to_string(&path).unwrap_or_default() == text {
            return Ok(ExitCode::SUCCESS);
        }
        anstream::eprintln!("`{CHECKS}` is stale: run `cargo xtask docs`");
        return Ok(ExitCode::FAILURE);
    }
    fs::write(&path, text).with_context(|| format!("cannot write `{}`", path.display()))?;
    anstream::println!("wrote {CHECKS}");
    Ok(ExitCode::SUCCESS)
}

fn checks_page() -> String {
    let mut out = String::from(
        "# Checks\n\nWritten by `cargo xtask docs` from the code; `legacy-port explain <check>` prints the same with C code.\n\n\
         Levels: **breaks** misbehaves on ordinary input, **may** for some values, **look** differs, often rightly.\n",
    );
    for of in Of::ALL {
        let _ = write!(out, "\n{}\n\n", of.title());
        table(&mut out, &mut rule::all().filter(|r| r.of == of));
    }
    for r in rule::all() {
        let _ = write!(out, "\n## {}\n\n{}\n\nFix: {}.\n", r.name, r.why, r.fix);
    }
    out
}

fn table(out: &mut String, rules: &mut dyn Iterator<Item = Rule>) {
    out.push_str("| check | level | finds |\n| --- | --- | --- |\n");
    for r in rules {
        let _ = writeln!(out, "| [`{0}`](#{0}) | {1} | {2} |", r.name, r.level, r.summary);
    }
}
