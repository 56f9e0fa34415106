use std::path::{PathBuf, absolute};
use std::process::ExitCode;

use anyhow::{Context, Result};
use legacy_port::binary::{audit, elf};
use legacy_port::target::Pair;

use super::built::Reporting;
use super::format::Format;

#[derive(clap::Args)]
pub(super) struct Args {
    /// An object, library or program; of two builds of one thing the old one
    file: PathBuf,
    /// The new build of it
    new: Option<PathBuf>,
    #[command(flatten)]
    reporting: Reporting,
}

pub(super) fn run(args: &Args) -> Result<ExitCode> {
    let (root, settings) = args.reporting.settings()?;
    let read = |file: &PathBuf| -> Result<_> {
        let path = absolute(file).with_context(|| format!("`{}`", file.display()))?;
        Ok(elf::object(&path)?)
    };
    let first = read(&args.file)?;
    let second = args.new.as_ref().map(read).transpose()?;
    if args.reporting.format == Format::Text {
        for (file, object) in [(Some(&args.file), Some(&first)), (args.new.as_ref(), second.as_ref())] {
            if let (Some(file), Some(object)) = (file, object) {
                anstream::eprintln!("{}: {}", file.display(), object.file);
            }
        }
    }
    // A file alone is the old build where it is a 32-bit one.
    let objects = match &second {
        Some(second) => Pair { old: Some(&first), new: Some(second) },
        None if first.file.bits == 32 => Pair { old: Some(&first), new: None },
        None => Pair { old: None, new: Some(&first) },
    };
    let name = args.new.as_ref().unwrap_or(&args.file).display().to_string();
    let audit = audit::audit(objects, &settings.binary, &root);
    args.reporting.tell(&name, audit, &root, &settings)
}
