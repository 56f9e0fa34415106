use std::collections::BTreeSet;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::SystemTime;

use anyhow::{Context, Result, bail};
use legacy_port::audit::Outcome;
use legacy_port::check::Level;
use legacy_port::checks::Entry;
use legacy_port::units::Options;
use legacy_port::{audit, checks, report};

use super::again::{Again, Watch};
use super::{Bar, Selection};

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    selection: Selection,
    /// What to write
    #[arg(short, long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Exit with status 1 when there is a finding of this level or worse
    #[arg(long, value_name = "LEVEL", default_value = "look", value_parser = ["breaks", "may", "look", "never"])]
    fail_on: String,
    /// Only these checks
    #[arg(long, value_name = "CHECK", value_delimiter = ',')]
    only: Vec<String>,
    #[command(flatten)]
    again: Again,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    /// Source lines with the place underlined, for people
    Text,
    /// One JSON object a finding and line
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
}

pub(super) fn run(args: &Args) -> Result<ExitCode> {
    if let Some(name) = args.only.iter().find(|n| checks::find(n).is_none()) {
        bail!("no check `{name}`; `legacy-port checks` lists them");
    }
    let selected: Vec<_> =
        checks::ALL.iter().filter(|e| args.only.is_empty() || args.only.iter().any(|n| n == e.name)).copied().collect();
    if !args.again.watch {
        let (failed, _) = once(args, &selected)?;
        return Ok(ExitCode::from(u8::from(failed)));
    }
    let mut watch = Watch::new()?;
    loop {
        let begin = SystemTime::now();
        // What is half written is no reason to end.
        let read = once(args, &selected).map_or_else(
            |e| {
                anstream::eprintln!("error: {e:#}");
                BTreeSet::new()
            },
            |(_, read)| read,
        );
        let changed = watch.wait(&read, begin)?;
        anstream::eprintln!("`{}` changed", changed.display());
    }
}

/// One audit, written out: whether it found what it is to fail on, and the files that it read.
fn once(args: &Args, selected: &[Entry]) -> Result<(bool, BTreeSet<PathBuf>)> {
    let project = args.selection.load()?;
    let cache = args.again.cache(&args.selection.target_dir);
    let changed = args.again.changed(&project)?;
    let bar = Bar::new("parsing");
    let progress = |done, of| bar.step(done, of);
    let options = Options { cache: cache.as_ref(), progress: Some(&progress), changed: changed.as_ref() };
    let Outcome { audit, mut read, .. } = audit::audit_with(&project, selected, options)?;
    drop(bar);
    let own = ["legacy-port.toml", "compile_commands.json"].map(|name| project.root.join(name));
    read.extend(own.into_iter().filter(|file| file.is_file()));
    let colour = args.output.is_none() && std::io::stdout().is_terminal();
    let text = match args.format {
        Format::Text => report::text::report(&audit, project.targets.as_ref(), colour),
        Format::Json => report::json::report(&audit),
        Format::Sarif => report::sarif::report(&audit, selected),
    };
    match &args.output {
        None => anstream::print!("{text}"),
        Some(path) => write(path, &text)?,
    }
    // Text says it in its last line.
    if audit.left_out > 0 && (args.output.is_some() || !matches!(args.format, Format::Text)) {
        anstream::eprintln!(
            "{} of {} units left out, since nothing in them changed",
            audit.left_out,
            project.units.len()
        );
    }
    let limit = match args.fail_on.as_str() {
        "breaks" => Some(Level::Breaks),
        "may" => Some(Level::May),
        "look" => Some(Level::Look),
        _ => None,
    };
    Ok((limit.is_some_and(|l| audit.worst().is_some_and(|w| w >= l)), read))
}

/// Temporary file, then rename: a report that is there stays whole until the new one is.
fn write(path: &Path, text: &str) -> Result<()> {
    let dir = path.parent().filter(|d| !d.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let what = || format!("cannot write `{}`", path.display());
    let mut file = tempfile::NamedTempFile::new_in(dir).with_context(what)?;
    file.write_all(text.as_bytes()).with_context(what)?;
    file.persist(path).with_context(what)?;
    Ok(())
}
