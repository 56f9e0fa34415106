use std::io::IsTerminal;
use std::process::ExitCode;

use anyhow::{Result, bail};
use legacy_port::check::Level;
use legacy_port::{audit, checks, report};

use super::{Bar, Selection};

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    selection: Selection,
    /// Exit with status 1 when there is a finding of this level or worse
    #[arg(long, value_name = "LEVEL", default_value = "look", value_parser = ["breaks", "may", "look", "never"])]
    fail_on: String,
    /// Only these checks
    #[arg(long, value_name = "CHECK", value_delimiter = ',')]
    only: Vec<String>,
}

pub(super) fn run(args: &Args) -> Result<ExitCode> {
    if let Some(name) = args.only.iter().find(|n| checks::find(n).is_none()) {
        bail!("no check `{name}`; `legacy-port checks` lists them");
    }
    let selected: Vec<_> =
        checks::ALL.iter().filter(|e| args.only.is_empty() || args.only.iter().any(|n| n == e.name)).copied().collect();
    let project = args.selection.load()?;
    let bar = Bar::new("parsing");
    let audit = audit::audit(&project, &selected, &|done, of| bar.step(done, of))?;
    drop(bar);
    let colour = std::io::stdout().is_terminal();
    anstream::print!("{}", report::text::report(&audit, project.targets.as_ref(), colour));
    let limit = match args.fail_on.as_str() {
        "breaks" => Some(Level::Breaks),
        "may" => Some(Level::May),
        "look" => Some(Level::Look),
        _ => None,
    };
    let failed = limit.is_some_and(|l| audit.worst().is_some_and(|w| w >= l));
    Ok(ExitCode::from(u8::from(failed)))
}
