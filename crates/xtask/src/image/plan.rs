//! `cargo xtask image plan`.

use std::process::ExitCode;

use anyhow::Result;
use container::explain;

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    what: super::What,
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    /// A tree
    Text,
    /// One object
    Json,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let plan = args.what.plan(&args.what.config()?)?;
    let text = match args.format {
        Format::Text => explain::text(&plan),
        Format::Json => format!("{:#}\n", explain::json(&plan)),
    };
    crate::print(&text)?;
    Ok(ExitCode::SUCCESS)
}
