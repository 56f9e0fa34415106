//! Arguments, and what the verbs share.

mod again;
mod audit;
mod baseline;
mod build;
mod built;
mod checks;
mod chosen;
mod elf;
mod evidence;
mod explain;
mod ffi;
mod fix;
mod format;
mod init;
mod inventory;
mod layouts;
mod lock;
mod steps;
mod verify;

use std::io::{ErrorKind, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow};
use clap::{CommandFactory, Parser, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use legacy_port::project::Project;
use legacy_port::report::shown;
use legacy_port::step;

/// Finds what changes meaning when a C program goes from 32 to 64 bit.
///
/// Every unit is looked at twice, once as the old target compiles it and once as the new one does; a finding is a
/// difference. Exit status: 0 nothing found, 1 findings, 2 the tool could not do its work.
#[derive(Parser)]
#[command(
    name = "legacy-port",
    version,
    after_help = "Start in the project's folder: `legacy-port init` writes a project file, from a Makefile too, and \
`legacy-port audit` looks."
)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Find what changes meaning
    Audit(audit::Args),
    Fix(fix::Args),
    Init(init::Args),
    Baseline(baseline::Args),
    Evidence(evidence::Args),
    /// Build for both targets
    Build(build::Args),
    /// Run the project's scenarios with both builds and compare output and files
    Verify(verify::Args),
    /// List the patch series of a port, or apply it
    Steps(steps::Args),
    Elf(elf::Args),
    Ffi(ffi::Args),
    Lock(lock::Args),
    Inventory(inventory::Args),
    Layouts(layouts::Args),
    /// List the checks
    Checks,
    /// Explain a check: what it finds, why that matters, C code that is wrong and C code that is right
    Explain(explain::Args),
    /// Write shell completion to standard output
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

pub(crate) fn run(args: Args) -> Result<ExitCode> {
    match args.verb {
        Verb::Audit(a) => audit::run(&a),
        Verb::Fix(a) => fix::run(&a),
        Verb::Init(a) => init::run(&a),
        Verb::Baseline(a) => baseline::run(&a),
        Verb::Evidence(a) => evidence::run(&a),
        Verb::Build(a) => build::run(&a),
        Verb::Verify(a) => verify::run(&a),
        Verb::Steps(a) => steps::run(&a),
        Verb::Elf(a) => elf::run(&a),
        Verb::Ffi(a) => ffi::run(&a),
        Verb::Lock(a) => lock::run(&a),
        Verb::Inventory(a) => inventory::run(&a),
        Verb::Layouts(a) => layouts::run(&a),
        Verb::Checks => checks::run(),
        Verb::Explain(a) => explain::run(&a),
        Verb::Completions { shell } => {
            clap_complete::generate(shell, &mut Args::command(), "legacy-port", &mut std::io::stdout());
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Which project, how much of its patch series, and where builds go.
#[derive(clap::Args)]
struct Selection {
    /// Folder with `legacy-port.toml` or `compile_commands.json`, or either file
    #[arg(short, long, default_value = ".")]
    project: PathBuf,
    /// Apply the patch series up to this step first: a number, a name, `00` or `all`
    #[arg(long, value_name = "STEP")]
    through: Option<String>,
    /// Folder for everything that is built
    #[arg(long, default_value = "target", env = "CARGO_TARGET_DIR", value_name = "DIR")]
    target_dir: PathBuf,
}

impl Selection {
    /// The project as selected; its warnings are told here.
    fn load(&self) -> Result<Project> {
        let project = Project::load(&self.project)?;
        for w in &project.warnings {
            anstream::eprint!("{}", shown(&format!("warning: {w}")));
        }
        match &self.through {
            None => Ok(project),
            Some(through) => Ok(at_step(&project, through, &self.target_dir)?),
        }
    }
}

/// The project with its series applied up to a step.
fn at_step(project: &Project, through: &str, target_dir: &Path) -> Result<Project> {
    let series = project
        .series
        .as_ref()
        .ok_or_else(|| anyhow!("`{}` has no patch series: `series` in legacy-port.toml names it", project.name))?;
    let steps = step::read_series(series)?;
    let count = step::resolve(&steps, through).map_err(|e| anyhow!(e)).context("--through")?;
    let out = step::folder(target_dir, &project.name, count);
    step::apply(&project.root, &steps[..count], &out)?;
    Ok(project.at(&out)?)
}

/// Writes to standard output. When its reader has gone, as `head` does, there is nobody left to tell: no error.
fn print(text: &str) -> Result<()> {
    let mut out = anstream::stdout().lock();
    written(out.write_all(text.as_bytes()).and_then(|()| out.flush()))
}

/// What became of writing to standard output: one that was closed is no error.
fn written(result: std::io::Result<()>) -> Result<()> {
    match result {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => Err(e).context("cannot write to standard output"),
        _ => Ok(()),
    }
}

/// A line to standard output, as [`print`] writes it.
macro_rules! say {
    ($($arg:tt)*) => {
        $crate::cli::print(&(format!($($arg)*) + "\n"))?
    };
}
use say;

/// A bar on terminals, nothing on pipes; cleared when it is dropped.
struct Bar(ProgressBar);

impl Bar {
    fn new(what: &'static str) -> Self {
        let bar = if std::io::stderr().is_terminal() { ProgressBar::new(0) } else { ProgressBar::hidden() };
        let style = ProgressStyle::with_template("{msg} {bar:30} {pos}/{len} {elapsed}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_message(what);
        Self(bar)
    }

    fn step(&self, done: usize, of: usize) {
        self.0.set_length(of as u64);
        self.0.set_position(done as u64);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
