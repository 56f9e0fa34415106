use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, anyhow, bail};
use legacy_port::evidence::{Statement, Verification};
use legacy_port::replace;
use legacy_port::{compile, scenario};

use super::{Bar, Selection, say};

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    selection: Selection,
    /// Write the result into the evidence of an audit of the same sources (`legacy-port audit --evidence FILE`)
    ///
    /// The rest of it stays as it is. Evidence that does not fit the sources any more is refused.
    #[arg(long, value_name = "FILE")]
    evidence: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> Result<ExitCode> {
    let project = args.selection.load()?;
    let scenarios = project
        .scenarios
        .as_ref()
        .ok_or_else(|| anyhow!("`{}` has no scenarios: `[scenarios]` in legacy-port.toml names them", project.name))?;
    // Before anything runs for nothing.
    let mut statement = args.evidence.as_deref().map(Statement::read).transpose()?;
    if let (Some(statement), Some(path)) = (&statement, &args.evidence) {
        let misfits = statement.misfits(&project).len();
        if misfits > 0 {
            let path = path.display();
            bail!(
                "`{path}` does not fit the sources: {misfits} files; `legacy-port audit --evidence {path}` makes it anew"
            );
        }
    }
    let mut work = Vec::new();
    let mut all = Vec::new();
    let mut failed = false;
    for target in [&project.targets.old, &project.targets.new] {
        let bar = Bar::new("compiling");
        let built = compile::build(&project, target, &args.selection.target_dir, &|done, of| bar.step(done, of))?;
        drop(bar);
        let dir = built.dir.join("scenarios");
        let outcomes = scenario::run(&project, scenarios, &built.dir, &dir)?;
        let bad: Vec<&str> = outcomes.iter().filter(|o| !o.passed).map(|o| o.name.as_str()).collect();
        failed |= !bad.is_empty();
        let count = outcomes.len() - bad.len();
        let names = if bad.is_empty() { String::new() } else { format!("; not as expected: {}", bad.join(", ")) };
        say!("{}: {count} of {} scenarios as expected{names}", target.short(), outcomes.len());
        work.push(dir);
        all.push(outcomes);
    }
    let differences = scenario::differences(&work[0], &work[1])?;
    say!(
        "files: {}",
        if differences.is_empty() { "the same, byte for byte".into() } else { format!("{} differ", differences.len()) }
    );
    for d in &differences {
        say!("  {}", d.display());
    }
    if let (Some(statement), Some(path)) = (&mut statement, &args.evidence) {
        statement.predicate.verification = Some(Verification::of(&all[0], &all[1], &differences));
        replace(path, statement.text().as_bytes())?;
    }
    Ok(ExitCode::from(u8::from(failed || !differences.is_empty())))
}
