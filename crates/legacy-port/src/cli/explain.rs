use std::fmt::Write as _;
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
    let (name, level, fix) = (rule.name, rule.level, rule.fix);
    let mut out = format!("{name} ({level})\n\nFinds {}.\n\n{}\n\nFix: {fix}.\n", rule.summary, rule.why);
    if !rule.bad.is_empty() {
        let (bad, good, marked) = (indented(rule.bad), indented(rule.good), rule.marked());
        let _ = write!(out, "\nWrong. {marked}\n\n{bad}\n\nRight:\n\n{good}\n");
    }
    print(&out)?;
    Ok(ExitCode::SUCCESS)
}

fn indented(code: &str) -> String {
    let lines = code.lines().map(|l| if l.is_empty() { String::new() } else { format!("    {l}") });
    lines.collect::<Vec<_>>().join("\n")
}
