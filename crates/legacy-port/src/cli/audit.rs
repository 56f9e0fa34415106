use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use legacy_port::baseline::Baseline;
use legacy_port::evidence::Statement;
use legacy_port::report;
use legacy_port::settings::{self, Choice, FailOn, Settings};
use legacy_port::source::clang::Clang;

use super::chosen::Chosen;
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
    /// Exit with status 1 when there is a new finding of this level or worse: `breaks`, `may`, `look` or `never`
    #[arg(long, value_name = "LEVEL", value_parser = settings::fail_on)]
    fail_on: Option<FailOn>,
    #[command(flatten)]
    chosen: Chosen,
    /// Show accepted findings too, each with its reason
    ///
    /// Accepted are those in the baseline (`legacy-port baseline --help`) and those with a comment on their line, or alone
    /// before it: `/* legacy-port: allow(CHECK) REASON */`. They never fail.
    #[arg(long)]
    show_accepted: bool,
    /// Write the evidence of this audit: an in-toto statement, see `legacy-port evidence`
    #[arg(long, value_name = "FILE")]
    evidence: Option<PathBuf>,
    /// What the evidence speaks of, such as the programs that were built [default: the C files]
    #[arg(long, value_name = "FILE", requires = "evidence")]
    subject: Vec<PathBuf>,
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
    let project = args.selection.load()?;
    let settings = Settings::new(&project, &Choice { fail_on: args.fail_on, ..args.chosen.choice()? });
    let bar = Bar::new("parsing");
    let audit = settings.audit(&project, &Baseline::read(&settings.baseline)?, &|done, of| bar.step(done, of))?;
    drop(bar);
    if let Some(path) = &args.evidence {
        let libclang = Clang::load()?.version;
        let statement = Statement::new(&project, &settings, &audit, &libclang, &args.subject)?;
        write(path, &statement.text())?;
    }
    let colour = args.output.is_none() && std::io::stdout().is_terminal();
    let text = match args.format {
        Format::Text => {
            let accepted = if args.show_accepted { report::text::accepted(&audit, colour) } else { String::new() };
            accepted + &report::text::report(&audit, project.targets.as_ref(), colour)
        }
        Format::Json => report::json::report(&audit),
        Format::Sarif => report::sarif::report(&audit, &settings.selected),
    };
    match &args.output {
        None => anstream::print!("{text}"),
        Some(path) => write(path, &text)?,
    }
    if !matches!(args.format, Format::Text) || args.output.is_some() {
        anstream::eprint!("{}", report::text::remarks(&audit));
    }
    Ok(ExitCode::from(u8::from(settings.fails(&audit))))
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
