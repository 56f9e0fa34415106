use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf, absolute};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use glob::Pattern;
use legacy_port::binary::compare::{Comparison, compare};
use legacy_port::binary::dwarf::{self, Debug, Options, Record};
use legacy_port::binary::layouts::{Input, Leaving, audit};
use legacy_port::binary::predict::Predicted;
use legacy_port::project::Project;
use legacy_port::replace;
use legacy_port::report;
use legacy_port::target::Pair;

use super::built::{Judged, Reporting};
use super::format;
use super::print;

/// Compare record layouts of two builds by their debug information, or predict those of a 64-bit build
///
/// Takes objects, archives, libraries and programs with debug information (`-g`). With a build for i386 alone the layouts
/// under `LP64` are predicted from the types. With `--project` the source is asked which records leave the process: those
/// that moved are `breaks`. Without it records that have no pointer in them are `may`, since such are written to files and
/// sent, and all others are ones to look at. Exit status: 0 nothing new found, 1 findings, 2 it could not be done.
#[derive(clap::Args)]
pub(super) struct Args {
    /// The old build
    old: PathBuf,
    /// The new build of it
    new: Option<PathBuf>,
    /// Ask the source of this project which records leave the process, and predictions also what `#if` chooses: a folder or a
    /// project file
    #[arg(short, long, value_name = "PROJECT")]
    project: Option<PathBuf>,
    /// Only records of this name, with or without `struct`, as in `--record 'bid*'`
    #[arg(long, value_name = "GLOB")]
    record: Option<Pattern>,
    /// How many objects there are of a record, for what the program grows by, as in `--count bid=1000000`
    #[arg(long, value_name = "RECORD=NUMBER", value_parser = count)]
    count: Vec<(String, u64)>,
    /// Where the source is, if it is not where it was built: predictions ask it for what `#if` chose for the target
    /// [default: the project, or the current folder]
    #[arg(long, value_name = "DIR")]
    source: Option<PathBuf>,
    /// Where debug information is kept apart from programs, by build id and by path [default: /usr/lib/debug]
    #[arg(long, value_name = "DIR")]
    debug_dir: Option<PathBuf>,
    /// Records of the system's headers too
    #[arg(long)]
    all: bool,
    /// What to write
    #[arg(short, long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    judged: Judged,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Source lines with the record underlined, and what moved, for people at a terminal
    Text,
    /// One JSON object a finding and line, with both layouts, for programs
    Json,
    /// SARIF 2.1.0, for code scanning and editors
    Sarif,
    /// One page to read and filter in a browser, with drawings of both layouts
    Html,
    /// Summary for a pull request
    Markdown,
    /// Annotations: workflow commands of GitHub Actions
    Github,
    /// Code quality report of GitLab
    Gitlab,
    /// A drawing of both layouts side by side, of one record (`--record`)
    Svg,
}

impl Format {
    /// The same among those of every verb; a drawing is this verb's own.
    fn shared(self) -> Option<format::Format> {
        Some(match self {
            Self::Text => format::Format::Text,
            Self::Json => format::Format::Json,
            Self::Sarif => format::Format::Sarif,
            Self::Html => format::Format::Html,
            Self::Markdown => format::Format::Markdown,
            Self::Github => format::Format::Github,
            Self::Gitlab => format::Format::Gitlab,
            Self::Svg => return None,
        })
    }
}

fn count(text: &str) -> Result<(String, u64), String> {
    let (name, number) = text.split_once('=').ok_or("expected RECORD=NUMBER")?;
    Ok((name.to_owned(), number.parse().map_err(|e| format!("`{number}`: {e}"))?))
}

fn short(name: &str) -> &str {
    ["struct ", "union ", "class ", "enum "].iter().find_map(|k| name.strip_prefix(k)).unwrap_or(name)
}

/// Whether a prediction takes something to be so.
fn is_uncertain(record: &Record) -> bool {
    matches!(&record.predicted, Some(Predicted::Members { assumed, .. }) if !assumed.is_empty())
}

pub(super) fn run(args: &Args) -> Result<ExitCode> {
    let project = args.project.as_ref().map(|p| Project::load(p)).transpose()?;
    let source = match (&args.source, &project) {
        (Some(dir), _) => absolute(dir).with_context(|| format!("`{}`", dir.display()))?,
        (None, Some(project)) => project.root.clone(),
        (None, None) => std::env::current_dir().context("the current folder")?,
    };
    let predict = args.new.is_none();
    let options = Options { predict, sources: Some(source.clone()), asked: None, debug_dir: args.debug_dir.clone() };
    let read = |file: &PathBuf| dwarf::read(file, options.clone());
    let (old, new) = std::thread::scope(|scope| {
        let new = args.new.as_ref().map(|file| scope.spawn(|| read(file)));
        let old = read(&args.old);
        (old, new.map(std::thread::ScopedJoinHandle::join))
    });
    let (old, new) = (old?, new.map(|n| n.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).transpose()?);
    named(args, &old)?;
    // To parse takes long: that is done once, and a drawing that leaves nothing open needs none.
    let (leaving, old) = match &project {
        Some(project) if old.records.iter().any(is_uncertain) => {
            let (leaving, asked) = Leaving::with_asked(project)?;
            (Some(leaving), dwarf::read(&args.old, Options { asked: Some(Arc::new(asked)), ..options.clone() })?)
        }
        Some(project) if args.format.shared().is_some() => (Some(Leaving::of(project)?), old),
        _ => (None, old),
    };
    for missing in old.missing.iter().chain(new.iter().flat_map(|n| &n.missing)) {
        anstream::eprint!("{}", report::shown(&format!("warning: {missing}")));
    }
    let names = Pair { old: old.machine.name(), new: new.as_ref().map_or("x86_64, predicted", |n| n.machine.name()) };
    let found = chosen(compare(&old, new.as_ref()), args);
    // The process ends soon: to give back hundreds of thousands of names one by one is of no use to anybody.
    std::mem::forget((old, new));
    if args.format.shared().is_none() {
        return drawing(&found, args, names);
    }
    let status = findings(&found, args, names, &source, leaving.as_ref());
    std::mem::forget(found);
    status
}

/// Findings, told as by every other verb.
fn findings(
    found: &Comparison,
    args: &Args,
    names: Pair<&str>,
    source: &Path,
    leaving: Option<&Leaving>,
) -> Result<ExitCode> {
    let shared = args.format.shared().unwrap_or(format::Format::Text);
    let reporting = Reporting::new(shared, args.output.clone(), args.judged.clone());
    let (root, settings) = reporting.settings()?;
    let counts: BTreeMap<String, u64> = args.count.iter().map(|(name, n)| (short(name).to_owned(), *n)).collect();
    let object = absolute(&args.old).with_context(|| format!("`{}`", args.old.display()))?;
    let input = Input { found, names, object: &object, root: &root, source, leaving, counts: &counts };
    let audit = audit(&input, &settings.layouts);
    let title = args.new.as_ref().unwrap_or(&args.old).display().to_string();
    let status = reporting.tell_of(&title, audit, &root, &settings, &settings.layout_rules())?;
    anstream::eprint!("{}", report::shown(&summary(found, names, &counts)));
    Ok(status)
}

/// Whether a record is one of those that were asked for by name.
fn asked(args: &Args, name: &str) -> bool {
    args.record.as_ref().is_none_or(|g| g.matches(name) || g.matches(short(name)))
}

/// Records that are named have to be there.
fn named(args: &Args, old: &Debug) -> Result<()> {
    if let Some(glob) = args.record.as_ref().filter(|_| !old.records.iter().any(|r| asked(args, &r.layout.name))) {
        bail!("no record `{glob}` in `{}`; `--record` takes the names that `--all` lists", args.old.display());
    }
    for (name, _) in &args.count {
        if !old.records.iter().any(|r| short(&r.layout.name) == short(name)) {
            bail!("no record `{name}` in `{}`; `--count` takes the names that `--all` lists", args.old.display());
        }
    }
    Ok(())
}

/// The records that were asked for.
fn chosen(mut found: Comparison, args: &Args) -> Comparison {
    let system = |place: &Option<(String, u32)>| place.as_ref().is_some_and(|p| p.0.starts_with("/usr/"));
    let wanted = |place: &Option<(String, u32)>| args.all || args.record.is_some() || !system(place);
    let asked = |name: &str| asked(args, name);
    found.changes.retain(|c| wanted(&c.place) && asked(&c.layouts.old.name));
    found.unknown.retain(|d| wanted(&d.place) && asked(&d.name));
    found.assumed.retain(|d| wanted(&d.place) && asked(&d.name));
    found
}

/// A drawing that stands by itself, with the colours that a page would give it.
fn drawing(found: &Comparison, args: &Args, names: Pair<&str>) -> Result<ExitCode> {
    let [change] = &found.changes[..] else {
        bail!("{} records differ: name one of them by `--record`", found.changes.len());
    };
    let colours = ".layout { --text: #1c2127; --muted: #56606b; --box: #e6eefb; --wider: #ffe3b0; --line: #a81c14; \
                   --page: #fff; background: #fff; }";
    let style = format!("<style>{colours}\n{}</style>\n", report::layout::CSS);
    let drawing = report::layout::svg(change.layouts.as_ref(), names, "record");
    let text = drawing.replacen("<defs>", &format!("{style}<defs>"), 1);
    match &args.output {
        None => print(&text)?,
        Some(path) => replace(path, text.as_bytes())?,
    }
    Ok(ExitCode::from(u8::from(!args.judged.never_fails())))
}

/// How many records differ, and what the program grows by.
fn summary(found: &Comparison, names: Pair<&str>, counts: &BTreeMap<String, u64>) -> String {
    let without = found.changes.iter().filter(|c| !c.pointers).count();
    let mut out = format!(
        "{} of {} records differ between {} and {}, {without} of them without a pointer in them; {} only in the old build, \
         {} only in the new one\n",
        found.changes.len(),
        found.changes.len() + found.same,
        names.old,
        names.new,
        found.only.old.len(),
        found.only.new.len()
    );
    if !counts.is_empty() {
        let grown = found.changes.iter().filter_map(|c| {
            let count = counts.get(short(&c.layouts.old.name))?;
            Some(c.growth().saturating_mul(i128::from(*count)))
        });
        let grown = grown.fold(0i128, i128::saturating_add);
        let _ = writeln!(out, "memory: {grown:+} bytes for the objects that were counted");
    }
    out
}
