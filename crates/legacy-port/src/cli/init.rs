use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use legacy_port::audit::{self, Audit};
use legacy_port::init;
use legacy_port::project::Project;

use super::{Bar, say};

/// Write `legacy-port.toml` for a project that has none
///
/// Looks for a compile database (also in `build/` and the like), else asks `make` what it would compile, else takes the C
/// files that are there. `make` builds nothing (`--dry-run --always-make`), though lines with `$(MAKE)` or a leading `+`
/// are run by every `make`, and so are recipes for Makefiles that are included. Then each unit is parsed for both targets,
/// to tell which headers are missing.
///
/// What stands behind `--` goes to `make`:
///
/// `legacy-port init -- -f Makefile.linux release`
#[derive(clap::Args)]
pub(super) struct Args {
    /// The project's folder
    #[arg(default_value = ".")]
    folder: PathBuf,
    /// Write over what is there
    #[arg(long)]
    force: bool,
    /// Options and targets for `make`
    #[arg(last = true, value_name = "MAKE ARGUMENT")]
    make: Vec<String>,
}

pub(super) fn run(args: &Args) -> Result<ExitCode> {
    // Before `make` works for nothing.
    if !args.force {
        init::not_there(&args.folder.join(init::FILE))?;
    }
    let plan = init::plan(&args.folder, &args.make)?;
    plan.write(&args.folder, args.force)?;
    say!("understood from {}", plan.from);
    told("not understood, or left out:", &plan.notes)?;
    for (name, text) in &plan.files {
        say!("\nwrote `{name}`:\n");
        let most = if *name == init::FILE { SHOWN } else { 4 };
        let lines = text.lines().take(most).map(|l| format!("    {l}").trim_end().to_owned());
        say!("{}", lines.collect::<Vec<_>>().join("\n"));
        if text.lines().count() > most {
            say!("    ...");
        }
    }
    let project = Project::load(&args.folder.join(init::FILE))?;
    let bar = Bar::new("parsing");
    let asked = audit::audit(&project, &[], &|done, of| bar.step(done, of));
    drop(bar);
    match asked {
        Ok(asked) => ask(&asked)?,
        Err(e) => say!("\nthe units were not parsed: {e}"),
    }
    let here = args.folder.as_os_str() == ".";
    let place = if here { String::new() } else { format!(" -p {}", args.folder.display()) };
    say!("\nnext: `legacy-port audit{place}`");
    Ok(ExitCode::SUCCESS)
}

/// How much of a file is shown.
const SHOWN: usize = 24;

fn told(title: &str, lines: &[String]) -> Result<()> {
    const MOST: usize = 12;
    if lines.is_empty() {
        return Ok(());
    }
    say!("{title}");
    for line in lines.iter().take(MOST) {
        say!("  {line}");
    }
    if lines.len() > MOST {
        say!("  and {} more", lines.len() - MOST);
    }
    Ok(())
}

/// What the parses of all units say.
fn ask(asked: &Audit) -> Result<()> {
    let broken: BTreeSet<_> = asked.broken.iter().map(|b| &b.unit).collect();
    let whole = asked.units - broken.len().min(asked.units);
    say!("\n{whole} of {} units parse for both targets", asked.units);
    // Header -> triples -> units.
    let mut missing: BTreeMap<&str, (BTreeSet<&str>, BTreeSet<String>)> = BTreeMap::new();
    let mut other = BTreeMap::new();
    for b in &asked.broken {
        let mut first = true;
        for e in &b.errors {
            if let Some((header, _)) = e.text.strip_prefix('\'').and_then(|t| t.split_once("' file not found")) {
                let (triples, units) = missing.entry(header).or_default();
                triples.insert(&b.triple);
                units.insert(b.unit.display().to_string());
                first = false;
            }
        }
        if let Some(e) = b.errors.first().filter(|_| first) {
            let targets: &mut Vec<&str> = other.entry((b.unit.display().to_string(), &e.text)).or_default();
            targets.push(&b.triple);
        }
    }
    // On one target alone: its library is not installed, or is too new or old for it.
    let both = |triples: &BTreeSet<&str>| if triples.len() > 1 { "" } else { ", for one target alone" };
    let headers = missing.iter().map(|(header, (triples, units))| {
        let example = units.first().map_or("", String::as_str);
        let more = if units.len() > 1 { format!(" and {} more", units.len() - 1) } else { String::new() };
        format!("{header} (asked for by {example}{more}{})", both(triples))
    });
    told(
        "headers that are missing; a unit is looked at without them, as far as it parses:",
        &headers.collect::<Vec<_>>(),
    )?;
    let other = other.into_iter().map(|((unit, text), triples)| {
        let one = if let [one] = triples[..] { format!(" for {one}") } else { String::new() };
        format!("{unit}{one}: {text}")
    });
    told("not parsed to their end:", &other.collect::<Vec<_>>())
}
