use std::fmt::Write as _;
use std::process::ExitCode;

use anyhow::Result;
use legacy_port::rule;

use super::print;

pub(super) fn run() -> Result<ExitCode> {
    let mut out = String::new();
    let width = rule::all().map(|r| r.name.len()).max().unwrap_or(0);
    for binary in [false, true] {
        out += if binary {
            "\nOf what was built (`legacy-port elf`):\n\n"
        } else {
            "Of source (`legacy-port audit`):\n\n"
        };
        for rule in rule::all().filter(|r| r.binary == binary) {
            let _ = writeln!(out, "{:width$} {:7} {}", rule.name, rule.level, rule.summary);
        }
    }
    print(&out)?;
    Ok(ExitCode::SUCCESS)
}
