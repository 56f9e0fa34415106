//! Every check against its C cases: exactly the marked lines, in `good.c` nothing that is not marked, and a target
//! against itself silent. `/*~ name(look) */` is a finding that the rest of the program makes one to look at.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::ops::Range;
use std::path::{Path, PathBuf};

use legacy_port::audit;
use legacy_port::check::{FixPromise, Level, Problem};
use legacy_port::checks;
use legacy_port::project::Unit;
use legacy_port::source::clang::Clang;
use legacy_port::source::program::Facts;
use legacy_port::source::tree::{Place, Tree};
use legacy_port::target::{Pair, Target};

fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/checks")
}

/// The cases need only the compiler's own headers, and so parse for any target on any machine.
fn tree(file: &Path, targets: &Pair<Target>) -> Tree {
    let clang = Clang::load().expect("libclang; ci/setup installs it");
    let unit = Unit {
        source: file.to_owned(),
        directory: cases(),
        flags: vec![
            "-std=gnu99".into(),
            "-ffreestanding".into(),
            "-nostdlibinc".into(),
            format!("-I{}", file.with_file_name("include").display()),
        ],
    };
    let mut tree = audit::parse(&clang, &unit, targets.as_ref(), Pair { old: &[], new: &[] }).expect("a tree");
    tree.flags = flags(file, &tree);
    tree
}

/// The flags of the project that a case is of: those behind `/* flags:`, each where it stands.
fn flags(case: &Path, tree: &Tree) -> Vec<(String, Place)> {
    let text = std::fs::read_to_string(case).unwrap();
    let file = tree.files.iter().position(|f| f.path == case).unwrap().try_into().unwrap();
    let mut flags = Vec::new();
    for (at, mark) in text.match_indices("/* flags:") {
        let list = text[at + mark.len()..].split("*/").next().unwrap();
        for flag in list.split_whitespace() {
            let start = u32::try_from(flag.as_ptr() as usize - text.as_ptr() as usize).unwrap();
            flags.push((flag.to_owned(), Place { file, start, end: start + u32::try_from(flag.len()).unwrap() }));
        }
    }
    flags
}

/// Line -> names of checks, sorted.
type Lines = BTreeMap<usize, Vec<String>>;

/// The problems of a case that hold, each place once, with their levels: that of the check, and as it is judged.
fn judged(file: &Path, targets: &Pair<Target>) -> Vec<(&'static str, Level, Level, Problem)> {
    let tree = tree(file, targets);
    // What the new target alone refuses is a finding.
    let Pair { old, new } = &tree.errors;
    assert!(old.is_empty() || old == new, "{} does not parse: {old:?}", file.display());
    let mut facts = Facts::of(&tree);
    // A case may have a second unit.
    let other = file.with_file_name("other.c");
    if other.is_file() {
        facts.extend(Facts::of(&self::tree(&other, targets)));
    }
    let mut told = BTreeSet::new();
    let all = audit::problems(&tree, checks::ALL).into_iter().filter_map(|(check, level, _, problem)| {
        let judged = audit::judge(&tree, &facts, level, &problem)?;
        // One place is told once, as in a report.
        let place = problem.place;
        told.insert((place.file, place.start, check)).then_some((check, level, judged, problem))
    });
    all.collect()
}

fn found(file: &Path, targets: &Pair<Target>) -> Lines {
    let text = std::fs::read(file).unwrap();
    let mut lines = Lines::new();
    for (check, level, judged, problem) in judged(file, targets) {
        let place = problem.place;
        let line = text[..place.start as usize].iter().filter(|&&b| b == b'\n').count() + 1;
        lines.entry(line).or_default().push(format!("{check}{}", if judged < level { "(look)" } else { "" }));
    }
    for names in lines.values_mut() {
        names.sort();
    }
    lines
}

fn marked(file: &Path) -> Lines {
    let text = std::fs::read_to_string(file).unwrap();
    let mut lines = Lines::new();
    for (number, line) in text.lines().enumerate() {
        if let Some((_, mark)) = line.split_once("/*~") {
            let names = mark.split("*/").next().unwrap();
            let mut names: Vec<String> = names.split_whitespace().map(str::to_owned).collect();
            names.sort();
            lines.insert(number + 1, names);
        }
    }
    lines
}

fn pair() -> Pair<Target> {
    Pair { old: Target::i386(), new: Target::x86_64() }
}

#[test]
fn exactly_the_marked_lines() {
    let mut wrong = String::new();
    for entry in checks::ALL {
        for case in ["bad.c", "good.c"] {
            let file = cases().join(entry.name).join(case);
            let (found, marked) = (found(&file, &pair()), marked(&file));
            let lines: BTreeSet<_> = found.keys().chain(marked.keys()).collect();
            for line in lines.into_iter().filter(|l| found.get(l) != marked.get(l)) {
                let or_nothing = |lines: &Lines| lines.get(line).map_or("nothing".into(), |names| names.join(" "));
                let (found, marked) = (or_nothing(&found), or_nothing(&marked));
                let _ = writeln!(wrong, "{}/{case}:{line}: found {found}, marked {marked}", entry.name);
            }
        }
        let names: Vec<_> = marked(&cases().join(entry.name).join("bad.c")).into_values().flatten().collect();
        assert!(names.iter().any(|n| n == entry.name), "bad.c of {} marks nothing of its own", entry.name);
        let good = marked(&cases().join(entry.name).join("good.c"));
        assert!(!good.values().flatten().any(|n| n == entry.name), "good.c of {} marks its own check", entry.name);
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// The changes that are proposed for a case, as bytes that are replaced, by check.
fn edits(file: &Path) -> Vec<(&'static str, Range<usize>, String)> {
    let bytes = std::fs::read(file).unwrap();
    let all = judged(file, &pair()).into_iter();
    let edit = |(check, _, _, p): (_, _, _, Problem)| p.change?.resolve(&bytes).map(|(range, by)| (check, range, by));
    let mut edits: Vec<_> = all.filter_map(edit).collect();
    edits.sort_by_key(|(_, range, by)| (range.start, by.clone()));
    edits
}

/// `bad.fixed.c` is `bad.c` with its edits; it parses, what was edited is not found any more, nothing else is found, and
/// there is nothing left to edit. `UPDATE_EXPECTED=1` writes it anew.
#[test]
fn the_promise_of_each_fix_is_kept() {
    for entry in checks::ALL {
        let bad = cases().join(entry.name).join("bad.c");
        let (fixed, edits) = (bad.with_file_name("bad.fixed.c"), edits(&bad));
        let own = edits.iter().filter(|(check, ..)| *check == entry.name).count();
        let FixPromise::Edits(_) = entry.check.fix else {
            assert_eq!(own, 0, "{} is fixed by hand", entry.name);
            assert!(!fixed.exists(), "{}", fixed.display());
            continue;
        };
        assert!(own > 0, "{} edits nothing in its bad.c", entry.name);
        let mut text = std::fs::read_to_string(&bad).unwrap();
        for (_, range, by) in edits.iter().rev() {
            text.replace_range(range.clone(), by);
        }
        if std::env::var_os("UPDATE_EXPECTED").is_some() {
            std::fs::write(&fixed, &text).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&fixed).unwrap_or_default(), text, "{}", fixed.display());
        let count = |file: &Path| {
            let mut counts = BTreeMap::new();
            for (check, ..) in judged(file, &pair()) {
                *counts.entry(check).or_insert(0) += 1;
            }
            counts
        };
        let mut want = count(&bad);
        for (check, ..) in &edits {
            *want.get_mut(check).unwrap() -= 1;
        }
        want.retain(|_, n| *n > 0);
        assert_eq!(count(&fixed), want, "{}", fixed.display());
        assert_eq!(self::edits(&fixed), [], "{}", fixed.display());
    }
}

#[test]
fn a_target_against_itself_is_silent() {
    for entry in checks::ALL {
        for target in [Target::i386(), Target::x86_64()] {
            let file = cases().join(entry.name).join("bad.c");
            let same = Pair { old: target.clone(), new: target };
            assert_eq!(found(&file, &same), Lines::new(), "{}", file.display());
            assert_eq!(tree(&file, &same).regions, [], "{}", file.display());
        }
    }
}

/// The way back is a port as well: what widens one way narrows the other, and nothing may panic on it.
#[test]
fn the_pair_is_not_hard_wired() {
    let arm = Target { triple: "armv7-unknown-linux-gnueabihf".into(), flags: Vec::new() };
    let aarch64 = Target { triple: "aarch64-unknown-linux-gnu".into(), flags: Vec::new() };
    let file = cases().join("pointer_truncation/bad.c");
    assert_eq!(found(&file, &Pair { old: arm, new: aarch64 }), marked(&file));
    let back = found(&file, &Pair { old: Target::x86_64(), new: Target::i386() });
    assert!(!back.values().flatten().any(|n| n == "pointer_truncation"), "{back:?}");
}

#[test]
fn the_list_is_sorted_and_has_every_file() {
    let names: Vec<&str> = checks::ALL.iter().map(|e| e.name).collect();
    let mut sorted = names.clone();
    sorted.sort_unstable();
    assert_eq!(names, sorted);
    for (dir, ending) in [("src/checks", ".rs"), ("tests/checks", "")] {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join(dir);
        let mut files: Vec<String> = std::fs::read_dir(dir)
            .unwrap()
            .map(|e| e.unwrap().file_name().to_string_lossy().trim_end_matches(ending).to_owned())
            .filter(|f| f != "mod")
            .collect();
        files.sort();
        assert_eq!(files, names);
    }
}
