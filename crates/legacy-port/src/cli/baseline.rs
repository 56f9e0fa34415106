use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use legacy_port::audit::Audit;
use legacy_port::baseline::{Accepted, Baseline};
use legacy_port::project::Project;
use legacy_port::report::{self, Paths, plain};
use legacy_port::settings::{Choice, Settings};

use super::again::Kept;
use super::chosen::Chosen;
use super::{Selection, built, elf, inventory, print, say};

/// Accept what is found today, each with a reason, so that only new findings fail
///
/// The file `legacy-port-baseline.json` beside the project file holds a line for each accepted finding. It belongs into
/// version control: lines are sorted, and those of two branches merge. A finding is known by its check, file, function and
/// the text of its line, so it stays accepted when lines above it come and go, and is new again when its line changes.
///
/// What `legacy-port elf` and `legacy-port inventory` find is accepted in the same file, by `--elf` and `--inventory`.
///
/// A single place is better accepted where it stands:
///
/// `n = (int)p;   /* legacy-port: allow(pointer_truncation) a tag below 4096, never an address */`
///
/// On a line of its own the comment speaks for the next line with code. The reason is required.
#[derive(clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(clap::Subcommand)]
enum Verb {
    /// Accept all that is found and not accepted yet; reasons that are there stay
    ///
    /// With `--only CHECK` or `--exclude GLOB` a part of it, each part for its own reason.
    Write {
        /// Why it is accepted, for those who read it in a year
        #[arg(long, value_parser = reason)]
        reason: String,
        #[command(flatten)]
        common: Common,
    },
    /// Compare the file with what is found; exit status 1 when something is new, gone or accepted wrongly
    Check {
        #[command(flatten)]
        common: Common,
    },
    /// Take out what is not found any more
    ///
    /// What nobody can know stays: findings in files that do not parse to their end, of checks that are turned off, in
    /// files that are left out.
    Prune {
        #[command(flatten)]
        common: Common,
    },
}

#[derive(clap::Args)]
struct Common {
    #[command(flatten)]
    selection: Selection,
    /// What `legacy-port elf` finds instead of what is found in source: an object, library, program, archive or folder, or
    /// two builds of one
    #[arg(long, value_names = ["OLD", "NEW"], num_args = 1..=2, conflicts_with_all = ["project", "through", "inventory"])]
    elf: Vec<PathBuf>,
    /// What `legacy-port inventory` finds below these folders instead
    #[arg(long, value_name = "DIR", num_args = 1.., conflicts_with_all = ["project", "through"])]
    inventory: Vec<PathBuf>,
    #[command(flatten)]
    chosen: Chosen,
    #[command(flatten)]
    kept: Kept,
}

fn reason(text: &str) -> Result<String, &'static str> {
    let said = text.chars().any(char::is_alphanumeric);
    said.then(|| text.trim().to_owned()).ok_or("a reason is required")
}

/// What is found now, with the baseline that it was held against.
struct Found {
    audit: Audit,
    baseline: Baseline,
    /// Where the baseline is.
    place: PathBuf,
    root: PathBuf,
}

impl Common {
    fn look(&self) -> Result<Found> {
        let choice = self.chosen.choice()?;
        if self.elf.is_empty() && self.inventory.is_empty() { self.source(choice) } else { self.built(&choice) }
    }

    fn source(&self, choice: Choice) -> Result<Found> {
        // A patch series is applied into a folder of its own, which is no place to keep anything.
        let settings = Settings::new(&Project::load(&self.selection.project)?, &choice);
        let choice = Choice { baseline: Some(settings.baseline.clone()), ..choice };
        let project = self.selection.load()?;
        let settings = Settings::new(&project, &choice);
        let baseline = Baseline::read(&settings.baseline)?;
        let audit = self.kept.audit(&project, &settings, &baseline, &self.selection.target_dir)?;
        Ok(Found { audit, baseline, place: settings.baseline, root: project.root })
    }

    fn built(&self, choice: &Choice) -> Result<Found> {
        let (root, settings) = built::settings_of(choice)?;
        let baseline = Baseline::read(&settings.baseline)?;
        let audit = if self.elf.is_empty() {
            inventory::findings(&self.inventory, &settings, &root, &baseline)?.1
        } else {
            settings.settle_files(&settings.binary_rules(), elf::look(&self.elf, &settings, &root)?, &root, &baseline)
        };
        Ok(Found { audit, baseline, place: settings.baseline, root })
    }
}

pub(super) fn run(args: &Args) -> Result<ExitCode> {
    let (Verb::Write { common, .. } | Verb::Check { common } | Verb::Prune { common }) = &args.verb;
    let Found { audit, mut baseline, place, root } = common.look()?;
    let paths = Paths::new(&root, &root);
    let file = place.file_name().unwrap_or_default().display();
    match &args.verb {
        Verb::Write { reason, .. } => {
            let added = baseline.accept(&audit, reason);
            baseline.write(&place)?;
            print(&(report::text::remarks(&audit, &paths) + &report::text::said(&audit)))?;
            let gone = match audit.gone.len() {
                0 => String::new(),
                n => format!("; {n} not found any more: `legacy-port baseline prune` takes them out"),
            };
            say!("`{file}`: {added} accepted now, {} in all{gone}", baseline.accepted.len());
            Ok(ExitCode::SUCCESS)
        }
        Verb::Check { .. } => Ok(ExitCode::from(u8::from(!check(&audit, &paths)?))),
        Verb::Prune { .. } => {
            let taken = baseline.prune(&audit);
            if taken > 0 {
                baseline.write(&place)?;
            }
            for a in &audit.gone {
                say!("gone: {}", line(a));
            }
            say!("`{file}`: {taken} taken out, {} stay", baseline.accepted.len());
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Tells what is not as the baseline says; whether all is.
fn check(audit: &Audit, paths: &Paths) -> Result<bool> {
    for f in &audit.findings {
        let text = harmless(f.spot.text.trim());
        say!("new: {}: {}: {text}", plain(&paths.at(&f.spot)), f.check);
    }
    for a in &audit.gone {
        say!("gone: {}", line(a));
    }
    print(&(report::text::remarks(audit, paths) + &report::text::said(audit)))?;
    let new = audit.findings.len();
    say!("{new} new, {} accepted, {} gone", audit.accepted.len(), audit.gone.len());
    Ok(new == 0 && audit.gone.is_empty() && audit.remarks.is_empty())
}

fn line(a: &Accepted) -> String {
    harmless(&format!("{}: {}: {} ({})", a.file.display(), a.check, a.source, a.reason))
}

/// Source text as it may go to a terminal: a control character would do something there.
fn harmless(text: &str) -> String {
    text.replace(char::is_control, "\u{fffd}")
}
