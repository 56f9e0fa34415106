//! `cargo xtask image plan`.

use std::process::ExitCode;

use anyhow::Result;
use container::explain;

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    what: super::What,
    #[arg(long, value_enum, default_value_t = super::Format::Text)]
    format: super::Format,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let plan = args.what.plan(&args.what.config()?)?;
    let text = match args.format {
        super::Format::Text => explain::text(&plan),
        super::Format::Json => format!("{:#}\n", explain::json(&plan)),
    };
    crate::print(&text)?;
    Ok(ExitCode::SUCCESS)
}
