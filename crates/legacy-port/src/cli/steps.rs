use std::process::ExitCode;

use anyhow::{Result, anyhow};
use legacy_port::project::Project;
use legacy_port::step;

use super::{Selection, say};

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    selection: Selection,
}

/// Without `--through` the list, with it the folder where the series was applied.
pub(super) fn run(args: &Args) -> Result<ExitCode> {
    if args.selection.through.is_some() {
        say!("{}", args.selection.load()?.root.display());
        return Ok(ExitCode::SUCCESS);
    }
    let project = Project::load(&args.selection.project)?;
    let series = project.series.as_ref().ok_or_else(|| anyhow!("`{}` has no patch series", project.name))?;
    for step in step::read_series(series)? {
        say!("{:18} {}", step.name, step.summary);
    }
    Ok(ExitCode::SUCCESS)
}
