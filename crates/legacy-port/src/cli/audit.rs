use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::SystemTime;

use anyhow::{Context, Result, bail};
use legacy_port::audit::{Audit, Outcome};
use legacy_port::baseline::Baseline;
use legacy_port::evidence::Statement;
use legacy_port::excerpt::Lines;
use legacy_port::project::Project;
use legacy_port::replace;
use legacy_port::report::html::Input;
use legacy_port::report::{self, Paths};
use legacy_port::rule::Rule;
use legacy_port::settings::{self, Choice, FailOn, Settings};
use legacy_port::source::clang::Clang;
use legacy_port::units::Options;

use super::again::{Again, Watch, own_files};
use super::chosen::Chosen;
use super::format::{self, Format};
use super::{Bar, Selection, print};

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    selection: Selection,
    /// What to write
    ///
    /// Start with `text`. Use `html` to work through many findings, `sarif` for GitHub's code scanning, `github` for
    /// annotations in a pull request without it, `gitlab` for merge requests, `json` for programs of your own.
    #[arg(short, long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Write to this file instead of standard output
    ///
    /// A file that is there is replaced once the new report is whole.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write a summary in Markdown to this file as well
    ///
    /// Counts by check and by file, the worst findings, what the audit covers: for a pull request. The file is replaced,
    /// but for the one that `GITHUB_STEP_SUMMARY` names: there it is added to what earlier commands of the step wrote, as in
    /// `legacy-port audit --format github --summary "$GITHUB_STEP_SUMMARY"`.
    #[arg(long, value_name = "FILE")]
    summary: Option<PathBuf>,
    /// Tell files as seen from this folder
    ///
    /// Default: the current folder for `text`, so that a terminal can open them; the root of the repository (the folder
    /// with `.git`) for `sarif`, `github`, `gitlab` and `markdown`, as the forges ask; else the folder of the project.
    #[arg(long, value_name = "DIR")]
    paths_from: Option<PathBuf>,
    /// Exit with status 1 when there is a new finding of this level or worse: `breaks`, `may`, `look` or `never`
    ///
    /// `breaks` misbehaves on ordinary input, `may` for some values, `look` differs, often rightly, and is the default. With
    /// `never` only an audit that could not be done fails, with status 2.
    #[arg(long, value_name = "LEVEL", value_parser = settings::fail_on)]
    fail_on: Option<FailOn>,
    #[command(flatten)]
    chosen: Chosen,
    /// Show accepted findings in full, each with its reason, before the others (text alone)
    ///
    /// Accepted are those in the baseline (`legacy-port baseline --help`) and those with a comment on their line, or alone
    /// before it: `/* legacy-port: allow(CHECK) REASON */`. They never fail. `html`, `json` and `sarif` always tell them,
    /// as accepted.
    #[arg(long)]
    show_accepted: bool,
    /// Write the evidence of this audit: an in-toto statement, see `legacy-port evidence`
    #[arg(long, value_name = "FILE", conflicts_with = "changed_since")]
    evidence: Option<PathBuf>,
    /// What the evidence speaks of, such as the programs that were built [default: the C files]
    #[arg(long, value_name = "FILE", requires = "evidence")]
    subject: Vec<PathBuf>,
    #[command(flatten)]
    again: Again,
}

pub(super) fn run(args: &Args) -> Result<ExitCode> {
    if !args.again.watch {
        let (failed, _) = once(args)?;
        return Ok(ExitCode::from(u8::from(failed)));
    }
    let mut watch = Watch::new()?;
    loop {
        let begin = SystemTime::now();
        // What is half written is no reason to end.
        let read = once(args).map_or_else(
            |e| {
                anstream::eprint!("{}", report::shown(&format!("error: {e:#}")));
                BTreeSet::new()
            },
            |(_, read)| read,
        );
        let changed = watch.wait(&read, begin)?;
        anstream::eprint!("{}", report::shown(&format!("`{}` changed", changed.display())));
    }
}

/// One audit, written out: whether it found what it is to fail on, and the files that it read.
fn once(args: &Args) -> Result<(bool, BTreeSet<PathBuf>)> {
    let project = args.selection.load()?;
    let settings = Settings::new(&project, &Choice { fail_on: args.fail_on, ..args.chosen.choice()? });
    let baseline = Baseline::read(&settings.baseline)?;
    let cache = args.again.kept.cache(&args.selection.target_dir);
    let changed = args.again.changed(&project)?;
    let bar = Bar::new("parsing");
    let progress = |done, of| bar.step(done, of);
    let options = Options { cache: cache.as_ref(), progress: Some(&progress), changed: changed.as_ref() };
    let Outcome { audit, mut read, .. } = settings.audit(&project, &baseline, options)?;
    drop(bar);
    read.extend(own_files(&project).into_iter().chain([settings.baseline.clone()]).filter(|file| file.is_file()));
    if let Some(path) = &args.evidence {
        let libclang = Clang::load()?.version;
        let statement = Statement::new(&project, &settings, &audit, &libclang, &args.subject)?;
        replace(path, statement.text().as_bytes())?;
    }
    let text = args.report(args.format, &project, &settings.rules(), &audit)?;
    match &args.output {
        None => print(&text)?,
        Some(path) => replace(path, text.as_bytes())?,
    }
    if let Some(path) = &args.summary {
        args.summarize(path, &project, &audit)?;
    }
    // A text on the terminal has them.
    if args.format != Format::Text || args.output.is_some() {
        anstream::eprint!("{}", report::text::remarks(&audit, &args.paths(Format::Text, &project)?));
        if audit.left_out > 0 {
            let (left_out, all) = (audit.left_out, project.units.len());
            anstream::eprintln!("{left_out} of {all} units left out, since nothing in them changed");
        }
    }
    Ok((settings.fails(&audit), read))
}

impl Args {
    fn report(&self, format: Format, project: &Project, rules: &[Rule], audit: &Audit) -> Result<String> {
        let (targets, paths) = (project.targets.as_ref(), self.paths(format, project)?);
        let lines =
            if format == Format::Html { Lines::around(&project.root, &audit.findings) } else { Lines::default() };
        let input = Input { project: &project.name, audit, selected: rules, targets, paths: &paths, lines: &lines };
        let screen = format::screen(self.output.is_none());
        let accepted = self.show_accepted && format == Format::Text;
        let accepted = if accepted { report::text::accepted(audit, &paths, screen) } else { String::new() };
        Ok(accepted + &format.of(&input, screen))
    }

    /// How files are called: as whoever reads the format looks for them.
    fn paths(&self, format: Format, project: &Project) -> Result<Paths> {
        let base = match &self.paths_from {
            Some(dir) => {
                let from =
                    dir.canonicalize().with_context(|| format!("--paths-from: cannot open `{}`", dir.display()))?;
                if !project.root.starts_with(&from) {
                    bail!(
                        "--paths-from: the project `{}` does not lie in `{}`",
                        project.root.display(),
                        from.display()
                    );
                }
                from
            }
            None => format::base(format, project),
        };
        Ok(Paths::new(&project.root, &base))
    }

    /// Added to the summary of GitHub's step, else a file of its own.
    fn summarize(&self, path: &Path, project: &Project, audit: &Audit) -> Result<()> {
        let what = || format!("cannot write `{}`", path.display());
        let page = |limit| -> Result<String> {
            let paths = self.paths(Format::Markdown, project)?;
            Ok(report::markdown::report(audit, project.targets.as_ref(), &paths, limit))
        };
        if std::env::var_os("GITHUB_STEP_SUMMARY").is_none_or(|step| Path::new(&step) != path) {
            return Ok(replace(path, page(report::markdown::LIMIT)?.as_bytes())?);
        }
        let mut file = std::fs::OpenOptions::new().append(true).create(true).open(path).with_context(what)?;
        let used = usize::try_from(file.metadata().with_context(what)?.len()).unwrap_or(usize::MAX);
        let text = page(report::markdown::LIMIT.saturating_sub(used))?;
        file.write_all(text.as_bytes()).with_context(what)
    }
}
