//! Every check over what was built against its C cases: they are compiled as their first line says, and exactly what they
//! mark is found. `/*~ what */` names the symbol, section or library; one mark a line. A line `/* helper ... */` before
//! builds `helper.so`, a library that the case needs. Lines `/* member old.a x.o ... */` build archives instead.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use legacy_port::binary::gather::Collection;
use legacy_port::binary::object::Object;
use legacy_port::binary::{audit, checks, elf, several};
use legacy_port::target::Pair;

fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/binary")
}

/// Runs gcc in a folder.
fn gcc(file: &Path, flags: &str, dir: &Path, out: &str) {
    let mut command = Command::new("gcc");
    command.args(["-w", "-x", "c"]).arg(file).args(["-x", "none"]).args(flags.split(' ')).args(["-o", out]);
    let run = command.current_dir(dir).output().expect("gcc; ci/setup installs it");
    assert!(run.status.success(), "{}: {}", file.display(), String::from_utf8_lossy(&run.stderr));
}

/// Builds a case by each `/* cc ... */` at its head: the first is the old build where there are two.
fn built(file: &Path, dir: &Path) -> Vec<Object> {
    let text = std::fs::read_to_string(file).unwrap();
    let mut objects = Vec::new();
    for line in text.lines().map_while(|line| line.strip_prefix("/* ")?.strip_suffix(" */")) {
        match line.split_once(' ') {
            Some(("helper", flags)) => gcc(file, flags, dir, "helper.so"),
            Some(("member", rest)) => {
                let [archive, name, flags] = rest.splitn(3, ' ').collect::<Vec<_>>()[..] else { panic!("{rest}") };
                gcc(file, flags, dir, name);
                let status = Command::new("ar").args(["qc", archive, name]).current_dir(dir).status();
                assert!(status.expect("ar; ci/setup installs it with gcc").success());
            }
            Some(("cc", flags)) => {
                let out = format!("{}.o", objects.len());
                gcc(file, flags, dir, &out);
                objects.push(elf::object(&dir.join(out)).unwrap());
            }
            _ => break,
        }
    }
    objects
}

fn how(root: &Path) -> several::How<'_> {
    several::How { selected: checks::ALL, root, excluded: &|_| false, progress: &|_, _| () }
}

fn found(name: &str, objects: &[Object], dir: &Path) -> BTreeSet<String> {
    let objects = match objects {
        [] => {
            let all = |name| Collection::of(&dir.join(name), &|_| ()).unwrap();
            let audit = several::audit(&all("old.a"), Some(&all("new.a")), how(dir)).unwrap();
            return audit.findings.into_iter().filter(|f| f.check == name).map(|f| f.spot.text).collect();
        }
        [old, new] => Pair { old: Some(old), new: Some(new) },
        [old] if old.file.bits == 32 => Pair { old: Some(old), new: None },
        [new] => Pair { old: None, new: Some(new) },
        _ => panic!("one or two builds"),
    };
    let audit = audit::audit(objects, checks::ALL, dir);
    audit.findings.into_iter().filter(|f| f.check == name).map(|f| f.spot.text).collect()
}

fn marked(file: &Path) -> BTreeSet<String> {
    let text = std::fs::read_to_string(file).unwrap();
    text.lines().filter_map(|l| Some(l.split_once("/*~ ")?.1.split_once(" */")?.0.to_owned())).collect()
}

#[test]
fn exactly_what_is_marked() {
    for entry in checks::ALL {
        for case in ["bad.c", "good.c"] {
            let file = cases().join(entry.name).join(case);
            let dir = tempfile::tempdir().unwrap();
            let objects = built(&file, dir.path());
            assert_eq!(found(entry.name, &objects, dir.path()), marked(&file), "{}", file.display());
        }
        assert!(!marked(&cases().join(entry.name).join("bad.c")).is_empty(), "bad.c of {} marks nothing", entry.name);
    }
}

/// Checks that look at one build do so whatever stands beside it; those that look at two have nothing to say of one build
/// twice.
#[test]
fn a_build_against_itself_is_what_it_is_alone() {
    for entry in checks::ALL {
        for case in ["bad.c", "good.c"] {
            let dir = tempfile::tempdir().unwrap();
            for object in built(&cases().join(entry.name).join(case), dir.path()) {
                let of = |objects| -> BTreeSet<(&str, String)> {
                    let found = audit::audit(objects, checks::ALL, dir.path()).findings;
                    found.into_iter().map(|f| (f.check, f.spot.text)).filter(|f| f.0 != "still_32_bit").collect()
                };
                let alone = of(Pair { old: None, new: Some(&object) });
                assert_eq!(of(Pair { old: Some(&object), new: Some(&object) }), alone, "{}/{case}", entry.name);
            }
        }
    }
}

/// What compares has nothing to say of the new build by itself, and what does not compare has.
#[test]
fn checks_that_compare_are_listed() {
    assert!(checks::OF_TWO.is_sorted());
    for entry in checks::ALL {
        let dir = tempfile::tempdir().unwrap();
        let objects = built(&cases().join(entry.name).join("bad.c"), dir.path());
        let two = objects.len() != 1;
        let alone = objects.last().map_or(BTreeSet::new(), |o| found(entry.name, std::slice::from_ref(o), dir.path()));
        // One says that a new build is of 32 bits: by itself that would be the old one.
        let listed = checks::OF_TWO.contains(&entry.name);
        assert_eq!(alone.is_empty(), listed, "{}", entry.name);
        assert!(two || !listed, "{}", entry.name);
    }
}

#[test]
fn the_list_is_sorted_and_has_every_file() {
    let names: Vec<&str> = checks::ALL.iter().map(|e| e.name).collect();
    assert!(names.is_sorted(), "{names:?}");
    for (dir, ending) in [("src/binary/checks", ".rs"), ("tests/binary", "")] {
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
