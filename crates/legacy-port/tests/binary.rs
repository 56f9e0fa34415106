//! Every check over what was built against its C cases: they are compiled as their first line says, and exactly what they
//! mark is found. `/*~ what */` names the symbol, section or library; one mark a line.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use legacy_port::binary::object::Object;
use legacy_port::binary::{audit, checks, elf};
use legacy_port::target::Pair;

fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/binary")
}

/// Builds a case by each `/* cc ... */` at its head: the first is the old build where there are two.
fn built(file: &Path, dir: &Path) -> Vec<Object> {
    let text = std::fs::read_to_string(file).unwrap();
    let commands = text.lines().map_while(|line| line.strip_prefix("/* cc ")?.strip_suffix(" */"));
    let objects = commands.enumerate().map(|(nth, flags)| {
        let out = dir.join(format!("{nth}.o"));
        let run = Command::new("gcc")
            .args(["-x", "c", "-w"])
            .args(flags.split(' '))
            .arg("-o")
            .arg(&out)
            .arg(file)
            .output()
            .expect("gcc; ci/setup installs it");
        assert!(run.status.success(), "{}: {}", file.display(), String::from_utf8_lossy(&run.stderr));
        elf::object(&out).unwrap()
    });
    objects.collect()
}

fn found(name: &str, objects: &[Object], dir: &Path) -> BTreeSet<String> {
    let objects = match objects {
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
