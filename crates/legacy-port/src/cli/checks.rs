use std::process::ExitCode;

use anyhow::Result;
use legacy_port::checks;

#[allow(clippy::unnecessary_wraps)] // the verbs have one shape
pub(super) fn run() -> Result<ExitCode> {
    for entry in checks::ALL {
        anstream::println!("{:20} {:7} {}", entry.name, entry.check.level, entry.check.summary);
    }
    Ok(ExitCode::SUCCESS)
}
