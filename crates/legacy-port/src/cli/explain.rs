use std::process::ExitCode;

use anyhow::{Result, anyhow};
use legacy_port::checks;

use super::print;

#[derive(clap::Args)]
pub(super) struct Args {
    /// Name of a check
    #[arg(value_parser = clap::builder::PossibleValuesParser::new(checks::ALL.iter().map(|e| e.name)))]
    check: String,
}

pub(super) fn run(args: &Args) -> Result<ExitCode> {
    let entry = checks::find(&args.check).ok_or_else(|| anyhow!("no check `{}`", args.check))?;
    let check = entry.check;
    print(&format!(
        "{0} ({1})\n\nFinds {2}.\n\n{3}\n\nFix: {4}.\n\nWrong (what is found is marked `/*~ {0} */`):\n\n{5}\n\nRight:\n\n{6}\n",
        entry.name,
        check.level,
        check.summary,
        check.why,
        check.fix,
        indented(entry.bad),
        indented(entry.good)
    ))?;
    Ok(ExitCode::SUCCESS)
}

fn indented(code: &str) -> String {
    let lines = code.lines().map(|l| if l.is_empty() { String::new() } else { format!("    {l}") });
    lines.collect::<Vec<_>>().join("\n")
}
