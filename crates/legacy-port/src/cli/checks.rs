use std::fmt::Write as _;
use std::process::ExitCode;

use anyhow::Result;
use legacy_port::checks;

use super::print;

pub(super) fn run() -> Result<ExitCode> {
    let mut out = String::new();
    let width = checks::ALL.iter().map(|e| e.name.len()).max().unwrap_or(0);
    for entry in checks::ALL {
        let _ = writeln!(out, "{:width$} {:7} {}", entry.name, entry.check.level, entry.check.summary);
    }
    print(&out)?;
    Ok(ExitCode::SUCCESS)
}
