use std::path::{PathBuf, absolute};
use std::process::ExitCode;

use anyhow::{Context, Result};
use legacy_port::audit::Audit;
use legacy_port::binary::gather::Collection;
use legacy_port::binary::{elf, several};
use legacy_port::report::shown;
use legacy_port::settings::Settings;

use super::Bar;
use super::built::Reporting;
use super::format::Format;

/// Audit what was built: objects, libraries and programs, archives of them, or all in a folder; or two builds of one thing
///
/// A 32-bit file alone is taken for the old build, a 64-bit one for the new. Two folders are compared file by file, two
/// archives member by member; what belongs together has the same path, but for folders such as `lib`, `lib64` and
/// `lib/i386-linux-gnu`, and versions of libraries. What only the old build has is a finding; what only the new one has is
/// audited by itself.
#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    built: Built,
    #[command(flatten)]
    reporting: Reporting,
}

/// What was built.
#[derive(clap::Args)]
struct Built {
    /// An object, library, program, archive or folder; of two builds of one thing the old one
    #[arg(value_name = "OLD")]
    file: PathBuf,
    /// The new build of it
    new: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> Result<ExitCode> {
    let (root, settings) = args.reporting.settings()?;
    let files: Vec<PathBuf> =
        [Some(&args.built.file), args.built.new.as_ref()].into_iter().flatten().cloned().collect();
    if args.reporting.format == Format::Text {
        for file in &files {
            if let Ok(object) = elf::read(file) {
                anstream::eprint!("{}", shown(&format!("{}: {object}", file.display())));
            }
        }
    }
    let name = files.last().map(|f| f.display().to_string()).unwrap_or_default();
    args.reporting.tell(&name, look(&files, &settings, &root)?, &root, &settings)
}

/// Audits one file or folder, or two builds of one.
pub(super) fn look(files: &[PathBuf], settings: &Settings, root: &std::path::Path) -> Result<Audit> {
    let gather = |file: &PathBuf| -> Result<Collection> {
        let path = absolute(file).with_context(|| format!("`{}`", file.display()))?;
        let bar = Bar::new("files");
        Ok(Collection::of(&path, &|done| bar.step(done, done))?)
    };
    let first = files.first().context("nothing is named that was built")?;
    let (first, second) = (gather(first)?, files.get(1).map(gather).transpose()?);
    let bar = Bar::new("auditing");
    let progress = |done, of| bar.step(done, of);
    let excluded = |file: &std::path::Path| settings.excludes(file);
    let how = several::How { selected: &settings.binary, root, excluded: &excluded, progress: &progress };
    Ok(several::audit(&first, second.as_ref(), how)?)
}
