use std::process::ExitCode;

use anyhow::{Result, anyhow};
use legacy_port::check::FixPromise;
use legacy_port::checks;

#[derive(clap::Args)]
pub(super) struct Args {
    /// Name of a check
    #[arg(value_parser = clap::builder::PossibleValuesParser::new(checks::ALL.iter().map(|e| e.name)))]
    check: String,
}

pub(super) fn run(args: &Args) -> Result<ExitCode> {
    let entry = checks::find(&args.check).ok_or_else(|| anyhow!("no check `{}`", args.check))?;
    let check = entry.check;
    let FixPromise::ByHand(why_by_hand) = check.fix;
    anstream::println!(
        "{} ({})\n\nFinds {}.\n\n{}\n\nFix: by hand; {why_by_hand}.",
        entry.name,
        check.level,
        check.summary,
        check.why
    );
    anstream::println!("\nWrong (what is found is marked `/*~ {} */`):\n\n{}", entry.name, indented(entry.bad));
    anstream::println!("\nRight:\n\n{}", indented(entry.good));
    Ok(ExitCode::SUCCESS)
}

fn indented(code: &str) -> String {
    let lines = code.lines().map(|l| if l.is_empty() { String::new() } else { format!("    {l}") });
    lines.collect::<Vec<_>>().join("\n")
}
