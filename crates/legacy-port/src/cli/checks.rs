use std::fmt::Write as _;
use std::process::ExitCode;

use anyhow::Result;
use legacy_port::check::FixPromise;
use legacy_port::rule::{self, Of};

use super::print;

pub(super) fn run() -> Result<ExitCode> {
    let mut out = String::new();
    let width = rule::all().map(|r| r.name.len()).max().unwrap_or(0);
    for of in Of::ALL {
        let _ = write!(out, "{}{}\n\n", if out.is_empty() { "" } else { "\n" }, of.title());
        for rule in rule::all().filter(|r| r.of == of) {
            let fix = if matches!(rule.fix, FixPromise::Edits(_)) { "; `fix` edits some" } else { "" };
            let _ = writeln!(out, "{:width$} {:7} {}{fix}", rule.name, rule.level, rule.summary);
        }
    }
    print(&out)?;
    Ok(ExitCode::SUCCESS)
}
