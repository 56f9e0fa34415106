use std::process::ExitCode;

use anyhow::{Result, anyhow};
use legacy_port::rule;

use super::print;

#[derive(clap::Args)]
pub(super) struct Args {
    /// Name of a check
    #[arg(value_parser = clap::builder::PossibleValuesParser::new(rule::all().map(|r| r.name)))]
    check: String,
}

pub(super) fn run(args: &Args) -> Result<ExitCode> {
    let rule = rule::find(&args.check).ok_or_else(|| anyhow!("no check `{}`", args.check))?;
    print(&format!(
        "{0} ({1})\n\nFinds {2}.\n\n{3}\n\nFix: {4}.\n\nWrong. {7}\n\n{5}\n\nRight:\n\n{6}\n",
        rule.name,
        rule.level,
        rule.summary,
        rule.why,
        rule.fix,
        indented(rule.bad),
        indented(rule.good),
        rule.marked()
    ))?;
    Ok(ExitCode::SUCCESS)
}

fn indented(code: &str) -> String {
    let lines = code.lines().map(|l| if l.is_empty() { String::new() } else { format!("    {l}") });
    lines.collect::<Vec<_>>().join("\n")
}
