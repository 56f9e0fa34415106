use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use legacy_port::baseline::Baseline;
use legacy_port::excerpt::Lines;
use legacy_port::ffi::audit;
use legacy_port::replace;
use legacy_port::report::html::Input;
use legacy_port::report::{self, Paths};
use legacy_port::settings::Settings;
use legacy_port::target::Pair;

use super::built::Reporting;
use super::format::{self, Format};
use super::{Selection, print};

/// Audit headers as other languages take them over: records, constants and functions that differ between the targets
///
/// `legacy-port.toml` names the headers, and the records whose bytes leave the process:
///
///     [ffi]
///     headers = ["include/store.h", "include/wire.h"]
///     records = ["sale", "wire_*"]
///
/// bindgen reads the headers once per target, each of which may rely on those before it, and computes size, alignment and
/// offsets of every record, the values of constants and the types of functions. What differs is a finding: `breaks` for
/// records that are named, since they must not move. `legacy-port lock` writes assertions that keep them where they are.
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    #[command(flatten)]
    selection: Selection,
    #[command(flatten)]
    reporting: Reporting,
    /// Write all that is asserted for either target to `i386.txt` and `x86_64.txt` (as the targets are) in this folder
    #[arg(long, value_name = "DIR")]
    lists: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> Result<ExitCode> {
    let project = args.selection.load()?;
    let settings = Settings::new(&project, &args.reporting.choice()?);
    let baseline = Baseline::read(&settings.baseline)?;
    let (audit, bindings) = audit::audit(&project, &settings.ffi)?;
    let audit = settings.settle_headers(audit, &project, &baseline);
    if let Some(dir) = &args.lists {
        std::fs::create_dir_all(dir).with_context(|| format!("cannot create `{}`", dir.display()))?;
        let Pair { old, new } = project.targets.as_ref().zip(bindings.as_ref());
        for (target, bindings) in [old, new] {
            let lines: String = bindings.list().into_iter().map(|line| line + "\n").collect();
            replace(&dir.join(format!("{}.txt", target.short())), lines.as_bytes())?;
        }
    }
    let format = args.reporting.format;
    let paths = Paths::new(&project.root, &format::base(format, &project));
    let lines = if format == Format::Html { Lines::around(&project.root, &audit.findings) } else { Lines::default() };
    let rules = settings.header_rules();
    let (targets, selected) = (project.targets.as_ref(), rules.as_slice());
    let input = Input { project: &project.name, audit: &audit, selected, targets, paths: &paths, lines: &lines };
    let text = format.of(&input, format::screen(args.reporting.output.is_none()));
    match &args.reporting.output {
        None => print(&text)?,
        Some(path) => replace(path, text.as_bytes())?,
    }
    if format != Format::Text || args.reporting.output.is_some() {
        anstream::eprint!("{}", report::text::remarks(&audit, &paths));
    }
    Ok(ExitCode::from(u8::from(settings.fails(&audit))))
}
