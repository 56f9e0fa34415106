use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use legacy_port::binary::elf;

#[derive(clap::Args)]
pub(super) struct Args {
    /// ELF files
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

pub(super) fn run(args: &Args) -> Result<ExitCode> {
    for file in &args.files {
        anstream::println!("{}: {}", file.display(), elf::read(file)?);
    }
    Ok(ExitCode::SUCCESS)
}
