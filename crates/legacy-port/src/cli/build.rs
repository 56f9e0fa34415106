use std::process::ExitCode;

use anyhow::Result;
use legacy_port::binary::elf;
use legacy_port::compile;

use super::{Bar, Selection, say};

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    selection: Selection,
    /// Do not pass on what the compiler says
    #[arg(short, long)]
    quiet: bool,
}

pub(super) fn run(args: &Args) -> Result<ExitCode> {
    let project = args.selection.load()?;
    for target in [&project.targets.old, &project.targets.new] {
        let bar = Bar::new("compiling");
        let built = compile::build(&project, target, &args.selection.target_dir, &|done, of| bar.step(done, of))?;
        drop(bar);
        if !args.quiet {
            for (_, said) in &built.diagnostics {
                anstream::eprint!("{said}");
            }
        }
        say!(
            "{}: {} of {} units compiled, {} warnings",
            target.triple,
            built.compiled,
            project.units.len(),
            built.warnings()
        );
        for program in &built.programs {
            say!("  {}: {}", program.display(), elf::read(program)?);
        }
    }
    Ok(ExitCode::SUCCESS)
}
