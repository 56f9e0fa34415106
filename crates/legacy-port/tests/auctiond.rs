//! The old program, its naive rebuild, and its port: what works, what breaks and how, and that both builds agree.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use legacy_port::audit::audit;
use legacy_port::binary::elf;
use legacy_port::check::Level;
use legacy_port::checks;
use legacy_port::compile::{self, Built};
use legacy_port::project::Project;
use legacy_port::scenario::{self, Outcome};
use legacy_port::source::clang::Clang;
use legacy_port::source::tree::Tree;
use legacy_port::step;
use legacy_port::target::{Pair, Target};

fn auctiond() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../legacy-c/auctiond")
}

/// A folder of this test's own, made anew.
fn scratch(test: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    if dir.exists() {
        fs::remove_dir_all(&dir).unwrap();
    }
    fs::create_dir_all(&dir).unwrap();
    dir
}

/// The project with its first `count` steps applied below `dir`.
fn through(count: usize, dir: &Path) -> Project {
    let project = Project::load(&auctiond()).unwrap();
    let steps = step::read_series(project.series.as_ref().unwrap()).unwrap();
    let out = step::folder(dir, &project.name, count);
    step::apply(&project.root, &steps[..count], &out).unwrap();
    project.at(&out).unwrap()
}

fn steps() -> usize {
    let project = Project::load(&auctiond()).unwrap();
    step::read_series(project.series.as_ref().unwrap()).unwrap().len()
}

fn build(project: &Project, target: &Target, dir: &Path) -> Built {
    compile::build(project, target, dir, &|_, _| ()).unwrap()
}

fn run(project: &Project, built: &Built) -> Vec<Outcome> {
    scenario::run(project, project.scenarios.as_ref().unwrap(), &built.dir, &built.dir.join("scenarios")).unwrap()
}

fn failed(outcomes: &[Outcome]) -> Vec<&str> {
    outcomes.iter().filter(|o| !o.passed).map(|o| o.name.as_str()).collect()
}

/// What the naive rebuild does instead, scenario by scenario.
const NAIVE: &[(&str, &str)] = &[
    ("append", "the daemon ended with 139"), // assembler with 32-bit addresses
    ("damage", "records of 88 bytes, not 3 with 120"), // fields read from other offsets
    ("dump", "120 bytes a record"),          // another layout
    ("export", "exit status 134"),           // malloc(n * 4) for pointers: the heap is overrun
    ("halfyear", "closed: 0"),               // an int where a long was to be passed
    ("health", "ETag: \"2e1e7c5ea78"),       // a hash that does not run over at 32 bits, in 9 bytes
    ("import", " 50464"),                    // another file
    ("mirror", "status -1"),                 // the daemon crashes on a feed
    ("price", "the daemon ended with 139"),  // a name returned by a function without prototype
    ("production", "not a record file of this machine"), // #ifdef __i386__
    ("report", "exit status 139"),           // the name of a month, likewise
    ("restart", "exit status 1"),            // crashes before it answers
    ("search", "the daemon ended with 139"), // the arena cuts its addresses
    ("settings", "exit status 139"),         // strings kept in int
    ("stats", "fees: 134258.26"),            // SSE rounds where the x87 did not
];

#[test]
fn a_naive_rebuild_fails_in_exactly_these_ways() {
    let dir = scratch("naive");
    let project = Project::load(&auctiond()).unwrap();
    let old = run(&project, &build(&project, &project.targets.old, &dir));
    assert_eq!(failed(&old), [] as [&str; 0], "the old program works where it belongs");
    let new = run(&project, &build(&project, &project.targets.new, &dir));
    let told: BTreeMap<&str, &str> = NAIVE.iter().copied().collect();
    assert_eq!(failed(&new), told.keys().copied().collect::<Vec<_>>());
    for outcome in &new {
        let want = told[outcome.name.as_str()];
        assert!(outcome.output.contains(want), "{}: no `{want}` in\n{}", outcome.name, outcome.output);
    }
}

#[test]
fn the_port_agrees_with_the_old_build_byte_for_byte() {
    let dir = scratch("port");
    let old_project = Project::load(&auctiond()).unwrap();
    let old = build(&old_project, &old_project.targets.old, &dir.join("original"));
    assert_eq!(failed(&run(&old_project, &old)), [] as [&str; 0]);
    let ported = through(steps(), &dir);
    for target in [&ported.targets.new, &ported.targets.old] {
        let new = build(&ported, target, &dir);
        assert_eq!(failed(&run(&ported, &new)), [] as [&str; 0], "{}", target.triple);
        let work = [&old, &new].map(|b| b.dir.join("scenarios"));
        assert!(work[1].join("append/sales.jnl").is_file(), "there is something to compare");
        assert_eq!(scenario::differences(&work[0], &work[1]).unwrap(), [] as [PathBuf; 0], "{}", target.triple);
    }
}

#[test]
fn every_step_builds_for_both_and_leaves_the_old_build_as_it_was() {
    let dir = scratch("steps");
    let mut passing = Vec::new();
    for count in 1..=steps() {
        let project = through(count, &dir);
        let old = build(&project, &project.targets.old, &dir);
        assert_eq!(failed(&run(&project, &old)), [] as [&str; 0], "i386 after step {count}");
        let new = run(&project, &build(&project, &project.targets.new, &dir));
        passing.push(new.iter().filter(|o| o.passed).count());
    }
    assert!(passing.is_sorted(), "no step breaks what one before it mended: {passing:?}");
    assert_eq!(passing.last(), Some(&NAIVE.len()));
}

#[test]
fn the_audit_sees_the_original_and_not_the_port() {
    let dir = scratch("audit");
    let original = audit(&Project::load(&auctiond()).unwrap(), checks::ALL, &|_, _| ()).unwrap();
    assert_eq!(original.broken, []);
    let has = |check: &str, file: &str, text: &str| {
        original
            .findings
            .iter()
            .any(|f| f.check == check && f.spot.file == Path::new(file) && f.spot.text.contains(text))
    };
    assert!(has("pointer_truncation", "src/journal.c", "(int)mmap("));
    assert!(has("pointer_difference", "src/store.c", "(int)&h->sum"));
    assert!(has("integer_to_pointer", "src/journal.c", "(void *)p"));
    assert!(has("hardcoded_size", "src/csv.c", "malloc(n * 4 + 4)"));
    assert!(has("hardcoded_size", "src/csv.c", "qsort(v, n, 4, bytime)"));
    assert!(has("persisted_layout", "src/auction.h", "struct sale {"));
    assert!(has("persisted_layout", "src/auction.h", "struct jrec {"));
    assert!(has("persisted_layout", "src/net.h", "struct feedhdr {"));
    assert!(has("implicit_narrowing", "src/store.c", "ftell"));
    assert!(has("implicit_narrowing", "src/csv.c", "x->closed - y->closed"));
    assert!(has("record_layout", "src/auction.h", "struct sale {"));
    assert!(original.regions.is_empty(), "{:?}", original.regions);
    let ported = audit(&through(steps(), &dir), checks::ALL, &|_, _| ()).unwrap();
    assert_eq!(ported.broken, []);
    assert!(ported.worst() < Some(Level::May), "{:?}", ported.findings.iter().find(|f| f.level >= Level::May));
    assert!(!ported.findings.iter().any(|f| f.spot.text.contains("struct sale")), "the record on disk is fixed");
}

#[test]
fn a_target_against_itself_is_silent() {
    let mut project = Project::load(&auctiond()).unwrap();
    for target in [Target::i386(), Target::x86_64()] {
        project.targets = Pair { old: target.clone(), new: target };
        let audit = audit(&project, checks::ALL, &|_, _| ()).unwrap();
        assert_eq!((audit.findings, audit.broken, audit.regions), (vec![], vec![], vec![]));
    }
}

#[test]
fn the_same_input_gives_the_same_findings() {
    let project = Project::load(&auctiond()).unwrap();
    let run = || audit(&project, checks::ALL, &|_, _| ()).unwrap();
    assert_eq!(run(), run());
}

/// Two witnesses: what libclang says of every record of the program, the compiler confirms for both targets.
#[test]
fn record_sizes_and_offsets_are_those_of_the_compiler() {
    let dir = scratch("layouts");
    let project = Project::load(&auctiond()).unwrap();
    let clang = Clang::load().unwrap();
    let includes = project.targets.as_ref().map(compile::system_includes);
    let unit = project.units.iter().find(|u| u.source.ends_with("src/net.c")).unwrap();
    let tree: Tree =
        legacy_port::audit::parse(&clang, unit, project.targets.as_ref(), includes.as_ref().map(Vec::as_slice))
            .unwrap();
    let mut asserted = 0;
    for (target, side) in [(&project.targets.old, &tree.sides.old), (&project.targets.new, &tree.sides.new)] {
        let mut text = String::from("#include <stddef.h>\n#include \"net.h\"\n");
        for record in side.records.iter().filter(|r| r.name.starts_with("struct ")) {
            let (Some(place), Some(size)) = (record.place, record.size) else { continue };
            if tree.files[place.file as usize].system {
                continue;
            }
            writeln!(text, "_Static_assert(sizeof({}) == {size}, \"size\");", record.name).unwrap();
            for f in record.fields.iter().filter(|f| f.bits.is_none()) {
                let offset = f.offset.unwrap() / 8;
                writeln!(text, "_Static_assert(offsetof({}, {}) == {offset}, \"offset\");", record.name, f.name)
                    .unwrap();
                asserted += 1;
            }
        }
        let file = dir.join("layout.c");
        fs::write(&file, text).unwrap();
        let mut command = compile::compiler(target).unwrap();
        command.args(&unit.flags).arg("-fsyntax-only").arg(&file);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}: {}", target.triple, String::from_utf8_lossy(&output.stderr));
    }
    assert!(asserted > 100, "only {asserted} offsets");
}

#[test]
fn elf_files_are_what_readelf_says() {
    let dir = scratch("elf");
    let project = Project::load(&auctiond()).unwrap();
    for (target, bits) in [(&project.targets.old, 32), (&project.targets.new, 64)] {
        for program in build(&project, target, &dir).programs {
            let ours = elf::read(&program).unwrap();
            let output = Command::new("readelf").args(["-hld", "--wide"]).arg(&program).output().unwrap();
            let theirs = String::from_utf8(output.stdout).unwrap();
            assert_eq!((ours.bits, ours.machine.as_str()), (bits, target.short()));
            assert!(theirs.contains(&format!("ELF{bits}")));
            assert!(theirs.contains(&format!("interpreter: {}]", ours.interpreter.unwrap())));
            assert_eq!(ours.needed.len(), theirs.matches("(NEEDED)").count());
            assert!(ours.needed.iter().all(|n| theirs.contains(&format!("[{n}]"))));
        }
    }
}

/// What is edited without a person means under the old target what it meant: the edited program is still right there, and
/// leaves the same files.
#[test]
fn edits_leave_the_old_program_as_it_was() {
    let dir = scratch("edited");
    let original = Project::load(&auctiond()).unwrap();
    let edited = dir.join("auctiond");
    step::apply(&original.root, &[], &edited).unwrap();
    let mut fix = Command::new(env!("CARGO_BIN_EXE_legacy-port"));
    let ran = fix.args(["fix", "--allow-dirty", "--no-cache"]).current_dir(&edited).output().unwrap();
    let said = String::from_utf8(ran.stdout).unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    assert!(said.contains("29 edits in 6 files"), "{said}");
    let project = original.at(&edited).unwrap();
    let [old, new] = [(&original, "old"), (&project, "new")].map(|(p, name)| {
        let built = build(p, &p.targets.old, &dir.join(name));
        assert_eq!(failed(&run(p, &built)), [] as [&str; 0]);
        built.dir.join("scenarios")
    });
    assert_eq!(scenario::differences(&old, &new).unwrap(), [] as [PathBuf; 0]);
}
