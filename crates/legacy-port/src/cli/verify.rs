use std::process::ExitCode;

use anyhow::{Result, anyhow};
use legacy_port::{compile, scenario};

use super::{Bar, Selection};

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    selection: Selection,
}

pub(super) fn run(args: &Args) -> Result<ExitCode> {
    let project = args.selection.load()?;
    let scenarios = project
        .scenarios
        .as_ref()
        .ok_or_else(|| anyhow!("`{}` has no scenarios: `[scenarios]` in legacy-port.toml names them", project.name))?;
    let mut work = Vec::new();
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
        anstream::println!("{}: {count} of {} scenarios as expected{names}", target.short(), outcomes.len());
        work.push(dir);
    }
    let differences = scenario::differences(&work[0], &work[1])?;
    anstream::println!(
        "files: {}",
        if differences.is_empty() { "the same, byte for byte".into() } else { format!("{} differ", differences.len()) }
    );
    for d in &differences {
        anstream::println!("  {}", d.display());
    }
    Ok(ExitCode::from(u8::from(failed || !differences.is_empty())))
}
