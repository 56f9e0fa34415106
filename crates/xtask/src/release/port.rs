//! The first half of a release: patch series, audit, both builds, scenarios, and the evidence of it.

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use anyhow::{Context, Result, anyhow};
use legacy_port::audit::{self, Audit};
use legacy_port::binary::elf;
use legacy_port::check::Level;
use legacy_port::compile::{self, Built};
use legacy_port::evidence::{Statement, Verification};
use legacy_port::project::Project;
use legacy_port::scenario::Outcome;
use legacy_port::settings::{Choice, Settings};
use legacy_port::source::clang::Clang;
use legacy_port::target::{Pair, Target};
use legacy_port::{checks, report, scenario, step};

use super::{Args, STOPPED, stopped};
use crate::steps::Steps;

/// The old program, the same with its patch series applied, and what the audit says of that.
pub(super) struct Port {
    pub(super) old: Project,
    new: Project,
    audit: Audit,
    pub(super) findings: String,
}

/// Applies the series and audits the result; `None` when the gate stops it.
pub(super) fn port(args: &Args, steps: &mut Steps) -> Result<Option<Port>> {
    let s = steps.begin("series");
    let old = Project::load(&crate::root().join("legacy-c").join(&args.program))?;
    let series = old.series.as_ref().ok_or_else(|| anyhow!("`{}` has no patch series", old.name))?;
    let all = step::read_series(series)?;
    let count = step::resolve(&all, &args.through).map_err(|e| anyhow!(e)).context("--through")?;
    let sources = step::folder(&crate::target_dir(), &old.name, count);
    step::apply(&old.root, &all[..count], &sources)?;
    let new = old.at(&sources)?;
    steps.end(s, &format!("{count} of {} patches applied to {} units", all.len(), new.units.len()));

    let s = steps.begin("audit");
    let progress = |done, of| s.at(format!("{done} of {of} units"));
    let audit = tokio::task::block_in_place(|| audit::audit(&new, checks::ALL, &progress))?;
    let findings = report::text::summary(&audit, new.targets.as_ref());
    let Some(reasons) = findings_against(&audit, new.targets.as_ref()).filter(|_| args.force.is_none()) else {
        steps.end(s, &findings);
        return Ok(Some(Port { old, new, audit, findings }));
    };
    steps.fail(s, &findings);
    anstream::println!("\n{reasons}\n\nno image was built: the program is not ported");
    anstream::println!("see all of it: cargo run -p legacy-port -- audit -p {}", sources.display());
    Ok(None)
}

/// Builds the old program for the old target and the new one for the new, and runs the scenarios on both; `None` when
/// they do not agree.
pub(super) fn build_and_verify(
    args: &Args,
    port: &Port,
    steps: &mut Steps,
) -> Result<Option<(Pair<Built>, Verification)>> {
    let target_dir = crate::target_dir();
    let s = steps.begin("build old");
    let old = build(&port.old, &port.old.targets.old, &target_dir.join("original"), &s)?;
    steps.end(s, &built(&old)?);
    let s = steps.begin("build new");
    let new = build(&port.new, &port.new.targets.new, &target_dir, &s)?;
    steps.end(s, &built(&new)?);

    let s = steps.begin("verify");
    let scenarios = port.old.scenarios.as_ref().ok_or_else(|| anyhow!("`{}` has no scenarios", port.old.name))?;
    let work = Pair { old: old.dir.join("scenarios"), new: new.dir.join("scenarios") };
    let mut outcomes = tokio::task::block_in_place(|| scenario::run(&port.old, scenarios, &old.dir, &work.old))?;
    let count = outcomes.len();
    outcomes.extend(tokio::task::block_in_place(|| scenario::run(&port.new, scenarios, &new.dir, &work.new))?);
    if STOPPED.load(Ordering::SeqCst) {
        return stopped();
    }
    let passed = |outcomes: &[Outcome]| outcomes.iter().filter(|o| o.passed).count();
    let bad: Vec<&str> = outcomes.iter().filter(|o| !o.passed).map(|o| o.name.as_str()).collect();
    let differences = scenario::differences(&work.old, &work.new)?;
    let files: Vec<String> = differences.iter().map(|d| d.display().to_string()).collect();
    let verification = Verification {
        scenarios: count,
        as_expected_old: passed(&outcomes[..count]),
        as_expected_new: passed(&outcomes[count..]),
        files_that_differ: files.clone(),
    };
    if bad.is_empty() && differences.is_empty() {
        steps.end(s, &format!("{count} scenarios, output and files of both builds the same byte for byte"));
        return Ok(Some((Pair { old, new }, verification)));
    }
    let result = format!("not as expected: {}; files that differ: {}", bad.join(", "), files.join(", "));
    if args.force.is_some() {
        steps.end(s, &result);
        return Ok(Some((Pair { old, new }, verification)));
    }
    steps.fail(s, &result);
    anstream::println!("\nno image was built: look at {} and {}", work.old.display(), work.new.display());
    Ok(None)
}

/// Writes what was audited and verified, of which programs.
pub(super) fn evidence(port: &Port, new: &Built, verification: Verification) -> Result<PathBuf> {
    let path = container::evidence::default_path(&crate::target_dir(), &port.old.name);
    let settings = Settings::new(&port.new, &Choice::default());
    let libclang = Clang::load()?.version;
    let mut statement = Statement::new(&port.new, &settings, &port.audit, &libclang, &new.programs)?;
    statement.predicate.verification = Some(verification);
    let dir = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(dir).with_context(|| format!("cannot create `{}`", dir.display()))?;
    std::fs::write(&path, statement.text()).with_context(|| format!("cannot write `{}`", path.display()))?;
    Ok(path)
}

fn build(project: &Project, target: &Target, dir: &Path, s: &crate::steps::Step) -> Result<Built> {
    let progress = |done, of| s.at(format!("{done} of {of} units"));
    let built = tokio::task::block_in_place(|| compile::build(project, target, dir, &progress));
    if STOPPED.load(Ordering::SeqCst) {
        return stopped();
    }
    Ok(built?)
}

fn built(built: &Built) -> Result<String> {
    let programs: Result<Vec<String>, _> = built
        .programs
        .iter()
        .map(|p| elf::read(p))
        .map(|e| e.map(|e| format!("{}-bit {}", e.bits, e.machine)))
        .collect();
    let mut kinds = programs?;
    kinds.dedup();
    Ok(format!(
        "{} programs, {}; {} units compiled, {} warnings",
        built.programs.len(),
        kinds.join(", "),
        built.compiled,
        built.warnings()
    ))
}

/// Why a program must not become an image: findings that break or may break it, and what could not be looked at.
fn findings_against(audit: &Audit, targets: Pair<&Target>) -> Option<String> {
    if audit.worst() < Some(Level::May) && audit.broken.is_empty() {
        return None;
    }
    let mut worst = audit.clone();
    worst.findings.retain(|f| f.level >= Level::May);
    worst.findings.sort_by_key(|f| std::cmp::Reverse(f.level));
    worst.findings.truncate(5);
    worst.regions.clear();
    let colour = std::io::IsTerminal::is_terminal(&std::io::stdout());
    let screen = report::text::Screen { colour, ..Default::default() };
    let text = report::text::report(&worst, targets, &report::Paths::default(), screen);
    // The last line counts what is shown; the whole count was told before.
    let shown = text.trim_end().rsplit_once('\n').map_or("", |(reasons, _)| reasons).trim_end().to_owned();
    let all = audit.count(Level::Breaks) + audit.count(Level::May);
    Some(format!("{shown}\n\n{} of {all} reasons are shown", worst.findings.len()))
}
