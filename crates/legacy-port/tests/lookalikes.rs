//! Code that looks as if it changed its meaning and does not, and what the checks say of it.
//!
//! Whatever means the same on both targets, or provably fits, has to be silent at `breaks` and `may`. Marks at the end of
//! a line: `/*~ name */` is rightly found there, `/*! name */` is found and is wrong. The wrong ones are known, listed by
//! the test, and have to go when the check has learnt better.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use legacy_port::audit;
use legacy_port::check::Level;
use legacy_port::checks;
use legacy_port::project::Unit;
use legacy_port::source::clang::Clang;
use legacy_port::source::program::{Asked, Facts};
use legacy_port::target::{Pair, Target};

/// Line -> names of checks, sorted; a name stands as often as it is found there.
type Lines = BTreeMap<usize, Vec<String>>;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lookalikes")
}

fn files() -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder())
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "c"))
        .collect();
    files.sort();
    files
}

fn found(file: &Path, targets: &Pair<Target>) -> Lines {
    let clang = Clang::load().expect("libclang; ci/setup installs it");
    let unit = Unit {
        source: file.to_owned(),
        directory: folder(),
        flags: vec!["-std=gnu99".into(), "-ffreestanding".into(), "-nostdlibinc".into()],
    };
    let tree = audit::parse(&clang, &unit, targets.as_ref(), Pair { old: &[], new: &[] }).expect("a tree");
    assert_eq!(tree.errors, Pair::default(), "{} does not parse", file.display());
    let facts = Facts::of(&tree);
    let text = std::fs::read(file).unwrap();
    let (mut lines, mut told) = (Lines::new(), BTreeSet::new());
    for (check, level, _, problem) in audit::problems(&tree, checks::ALL) {
        let holds = problem.needs.clone().is_none_or(|need| facts.meet(&Asked::new(&tree, need)));
        let place = problem.place;
        let own = tree.files[place.file as usize].path == file;
        if level > Level::Look && holds && own && told.insert((place, check)) {
            let line = text[..place.start as usize].iter().filter(|&&b| b == b'\n').count() + 1;
            lines.entry(line).or_default().push(check.to_owned());
        }
    }
    for names in lines.values_mut() {
        names.sort();
    }
    lines
}

fn marked(file: &Path, mark: &str) -> Lines {
    let text = std::fs::read_to_string(file).unwrap();
    let mut lines = Lines::new();
    for (number, line) in text.lines().enumerate() {
        if let Some((_, names)) = line.split_once(mark) {
            let names = names.split("*/").next().unwrap();
            lines.insert(number + 1, names.split_whitespace().map(str::to_owned).collect());
        }
    }
    lines
}

fn pair() -> Pair<Target> {
    Pair { old: Target::i386(), new: Target::x86_64() }
}

/// How often each name stands on each line, the first less the second.
fn without(mut lines: Lines, other: &Lines) -> Vec<String> {
    for (line, names) in other {
        let have = lines.entry(*line).or_default();
        for name in names {
            if let Some(i) = have.iter().position(|n| n == name) {
                have.remove(i);
            }
        }
    }
    lines.into_iter().flat_map(|(line, names)| names.into_iter().map(move |n| format!("{line}: {n}"))).collect()
}

#[test]
fn silent_but_for_what_is_marked() {
    let (mut wrong, mut failures) = (Vec::new(), Vec::new());
    for file in files() {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let found = found(&file, &pair());
        let (mut expected, known) = (marked(&file, "/*~"), marked(&file, "/*!"));
        for (line, names) in &known {
            expected.entry(*line).or_default().extend(names.iter().cloned());
            wrong.extend(names.iter().map(|n| format!("{name}:{line}: {n}")));
        }
        let new = without(found.clone(), &expected);
        let gone = without(expected, &found);
        failures.extend(new.iter().map(|n| format!("{name}:{n} is found and not marked: `~` if rightly, `!` if not")));
        failures.extend(gone.iter().map(|n| format!("{name}:{n} is marked and not found: take the mark away")));
    }
    println!("known wrong answers: {}\n{}", wrong.len(), wrong.join("\n"));
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn a_target_against_itself_is_silent() {
    for file in files() {
        for target in [Target::i386(), Target::x86_64()] {
            let same = Pair { old: target.clone(), new: target };
            assert_eq!(found(&file, &same), Lines::new(), "{}", file.display());
        }
    }
}

/// The cases are worth something only as long as there are many of them, of every kind.
#[test]
fn there_are_many() {
    let functions = |file: &PathBuf| std::fs::read_to_string(file).unwrap().lines().filter(|l| *l == "{").count();
    let counts: Vec<usize> = files().iter().map(functions).collect();
    assert!(counts.iter().sum::<usize>() >= 150 && counts.iter().all(|n| *n >= 5), "{counts:?}");
}
