//! The programs with Rust in them do what the 32-bit original does, byte for byte.

use std::path::{Path, PathBuf};

use legacy_port::compile;
use legacy_port::project::Project;
use legacy_port::scenario::{self, Outcome};

/// All scenarios of a project with the programs in a folder; what they left in `work`.
fn run(project: &Project, bin: &Path, work: &Path) -> Vec<Outcome> {
    scenario::run(project, project.scenarios.as_ref().unwrap(), bin, work).unwrap()
}

#[test]
fn every_scenario_is_as_with_the_original() {
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join("programs");
    let original = Project::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../legacy-c/auctiond")).unwrap();
    let old = compile::build(&original, &original.targets.old, &scratch, &|_, _| ()).unwrap();
    let ported = Project::load(&Path::new(env!("OUT_DIR")).join("auctiond")).unwrap();
    let bin = Path::new(env!("CARGO_BIN_EXE_auctionctl")).parent().unwrap();
    assert_eq!(Some(bin), Path::new(env!("CARGO_BIN_EXE_auctiond")).parent());
    let work = [scratch.join("was"), scratch.join("is")];
    for outcome in run(&original, &old.dir, &work[0]).iter().chain(&run(&ported, bin, &work[1])) {
        assert!(outcome.passed, "{}:\n{}", outcome.name, outcome.output);
    }
    assert!(work[1].join("append/sales.jnl").is_file(), "there are sums to compare");
    assert_eq!(scenario::differences(&work[0], &work[1]).unwrap(), [] as [PathBuf; 0]);
}
