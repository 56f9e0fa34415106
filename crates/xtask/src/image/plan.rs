//! `cargo xtask image plan`.

use std::process::ExitCode;

use anyhow::{Result, bail};
use container::transfer::Login;
use container::{explain, trace};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    what: super::What,
    #[arg(long, value_enum, default_value_t = super::Format::Text)]
    format: super::Format,
    /// Run a command, a test say, and tell what programs opened by dlopen while it ran and the image has not
    #[arg(long)]
    trace: bool,
    /// The command for `--trace`
    #[arg(last = true)]
    command: Vec<String>,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    if args.trace == args.command.is_empty() {
        bail!("`--trace` and a command go together: `image plan --trace -- COMMAND`");
    }
    let mut plan = args.what.plan(&args.what.config()?, Login::Nobody)?;
    if args.trace {
        let opened = trace::opened(&args.command)?;
        plan.warnings.extend(trace::missing(&plan, &opened));
    }
    plan.facts.save()?;
    let text = match args.format {
        super::Format::Text => explain::text(&plan),
        super::Format::Json => format!("{:#}\n", explain::json(&plan)),
    };
    crate::print(&text)?;
    Ok(ExitCode::SUCCESS)
}
