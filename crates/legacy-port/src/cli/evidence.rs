use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use legacy_port::evidence::{Misfit, Predicate, Statement};

use super::{Selection, say};

/// Show the evidence of an audit, or check that it still fits the sources
///
/// `legacy-port audit --evidence FILE` writes it: an in-toto statement with the digests of all that was read, the tools,
/// targets, flags and checks, what was found, what was accepted and why, and what could not be looked at. The same input
/// gives the same bytes.
#[derive(clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(clap::Subcommand)]
enum Verb {
    /// Tell what it says, for people
    Show {
        /// The evidence
        file: PathBuf,
    },
    /// Compare its digests with the files that are there; exit status 1 when one does not fit
    Check {
        /// The evidence
        file: PathBuf,
        #[command(flatten)]
        selection: Selection,
    },
}

pub(super) fn run(args: &Args) -> Result<ExitCode> {
    match &args.verb {
        Verb::Show { file } => {
            show(&Statement::read(file)?)?;
            Ok(ExitCode::SUCCESS)
        }
        Verb::Check { file, selection } => {
            let statement = Statement::read(file)?;
            let misfits = statement.misfits(&selection.load()?);
            for m in &misfits {
                match m {
                    Misfit::Changed(name) => say!("changed: {name}"),
                    Misfit::Missing(name) => say!("missing: {name}"),
                    Misfit::Unknown(name) => say!("not in the evidence: {name}"),
                }
            }
            let count = statement.predicate.materials.len();
            match misfits.len() {
                0 => say!("{count} files are as the evidence says"),
                n => say!("{n} do not fit; `legacy-port audit --evidence FILE` makes it anew"),
            }
            Ok(ExitCode::from(u8::from(!misfits.is_empty())))
        }
    }
}

fn show(statement: &Statement) -> Result<()> {
    let Predicate { tool, targets, findings, coverage, .. } = &statement.predicate;
    let p = &statement.predicate;
    say!("project    {} ({} -> {})", p.project, targets.old.triple, targets.new.triple);
    say!("tool       {} {}, {}", tool.name, tool.version, tool.libclang);
    say!("speaks of  {} files; {} were read", statement.subject.len(), p.materials.len());
    let off = legacy_port::checks::ALL.iter().filter(|e| !p.checks.contains_key(e.name)).map(|e| e.name);
    let off: Vec<&str> = off.collect();
    let not = if off.is_empty() { String::new() } else { format!("; not: {}", off.join(", ")) };
    say!("checks     {}{not}", p.checks.len());
    if !p.excluded.is_empty() {
        say!("excluded   {}", p.excluded.join(", "));
    }
    let new: Vec<String> = ["breaks", "may", "look"]
        .iter()
        .filter_map(|l| findings.new.get(*l).map(|count| format!("{count} {l}")))
        .collect();
    say!("new        {}", new.join(", "));
    for c in &findings.by_check {
        say!("           {:24} {:7} {} new, {} accepted", c.check, c.level, c.new, c.accepted);
    }
    say!("accepted   {}", p.accepted.len());
    for a in &p.accepted {
        say!("           {}:{}: {}: {} (in `{}`)", a.file, a.line, a.check, a.reason, a.place);
    }
    say!("coverage   {} of {} units parsed for both targets", coverage.parsed_for_both, coverage.units);
    for b in &coverage.not_parsed_to_the_end {
        say!("           {} for {}: {} errors", b.unit, b.target, b.errors.len());
    }
    let regions = coverage.one_target_alone.len();
    if regions > 0 {
        say!("           {regions} stretches of source that one target alone compiles");
    }
    let (stale, wrong) = (coverage.stale_acceptances, coverage.wrong_acceptances);
    if stale + wrong > 0 {
        say!("           {wrong} acceptances are wrong, {stale} stale");
    }
    match &p.verification {
        None => say!("verified   not in this evidence"),
        Some(v) => say!(
            "verified   {} scenarios, as expected {} on the old and {} on the new target, {} files differ",
            v.scenarios,
            v.as_expected_old,
            v.as_expected_new,
            v.files_that_differ.len()
        ),
    }
    Ok(())
}
