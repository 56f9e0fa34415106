//! Thin archives as `ar rcT` makes them: their members are other files, which are followed, and what cannot be is said.

mod common;

use std::path::Path;
use std::process::Command;

use common::Case;
use legacy_port::binary::inventory::{self, Content};
use serde_json::Value;

fn sh(case: &Case, command: &str) {
    let output = Command::new("sh").args(["-ec", command]).current_dir(case.path()).output().unwrap();
    assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
}

/// `lib/book.a` names two objects in another folder, one of each class, and those of an archive that holds its own.
fn built() -> Case {
    let case = Case::new(&[
        ("one.c", "long time(long *); long one(void) { return time(0); }\n"),
        ("two.c", "int two(void) { return 2; }\n"),
    ]);
    sh(&case, "mkdir lib obj && gcc -m32 -c -o obj/a_name_of_more_than_16.o one.c && gcc -c -o obj/two.o two.c");
    sh(&case, "gcc -m32 -c -o in1.o one.c && gcc -m32 -c -o in2.o two.c && ar qc obj/held.a in1.o in2.o && rm in*.o");
    sh(&case, "ar qcT lib/book.a obj/a_name_of_more_than_16.o obj/two.o obj/held.a");
    assert!(std::fs::read(case.path().join("lib/book.a")).unwrap().starts_with(b"!<thin>\n"));
    case
}

/// Members with their classes, and what is told of the archive.
fn listed(folder: &Path) -> (Vec<(String, u8)>, Vec<String>) {
    let folders = inventory::folders(&[folder.to_owned()]).unwrap();
    let found = inventory::take(&folders, &|_| ());
    let parts = found.entries.iter().find_map(|e| match &e.content {
        Content::Archive(parts) if e.path.ends_with("book.a") => Some(parts.clone()),
        _ => None,
    });
    let parts = parts.unwrap_or_default().into_iter().map(|p| (p.name, p.bits)).collect();
    (parts, found.troubles.into_iter().filter(|t| t.0.ends_with("book.a")).map(|t| t.1).collect())
}

const MEMBERS: [(&str, u8); 4] = [
    ("../obj/a_name_of_more_than_16.o", 32),
    ("../obj/two.o", 64),
    ("../obj/held.a/in1.o", 32),
    ("../obj/held.a/in2.o", 32),
];

/// `ar` itself tells the same members, those of an archive by its path.
#[test]
fn an_inventory_follows_them() {
    let case = built();
    let (parts, troubles) = listed(case.path());
    assert_eq!(parts, MEMBERS.map(|(n, b)| (n.to_owned(), b)));
    assert_eq!(troubles, [""; 0]);
    let ar = Command::new("ar").args(["t", "lib/book.a"]).current_dir(case.path()).output().unwrap();
    let theirs = String::from_utf8(ar.stdout).unwrap();
    assert_eq!(theirs.lines().count(), MEMBERS.len(), "{theirs}");
}

#[test]
fn members_that_are_missing_or_outside_are_told() {
    let case = built();
    std::fs::remove_file(case.path().join("obj/two.o")).unwrap();
    let (parts, troubles) = listed(case.path());
    let rest: Vec<_> = [MEMBERS[0], MEMBERS[2], MEMBERS[3]].iter().map(|(n, b)| ((*n).to_owned(), *b)).collect();
    assert_eq!(parts, rest);
    assert!(troubles.len() == 1 && troubles[0].starts_with("member `../obj/two.o` is not read, `"), "{troubles:?}");
    // Below the folder that is asked for there is none of them.
    let (parts, troubles) = listed(&case.path().join("lib"));
    assert_eq!(parts, []);
    let outside = troubles.iter().filter(|t| t.contains("lies outside of `")).count();
    assert_eq!((outside, troubles.len()), (3, 4), "{troubles:?}");
    // A link that leads out does not help.
    sh(
        &case,
        "cd lib && gcc -m32 -c -o in1.o ../one.c && ar qcS held.a in1.o && rm in1.o && ln -s ../obj/a_name_of_more_than_16.o link.o",
    );
    std::fs::write(case.path().join("lib/book.a"), thin(&[("link.o", None), ("held.a", Some(8))])).unwrap();
    let (parts, troubles) = listed(&case.path().join("lib"));
    assert_eq!(parts, [("held.a/in1.o".to_owned(), 32)]);
    assert!(troubles.len() == 1 && troubles[0].starts_with("member `link.o` lies outside of `"), "{troubles:?}");
}

#[test]
fn the_audit_reads_them_wherever_they_are() {
    let case = built();
    let ran = case.run(&["elf", "lib/book.a", "--format", "json"]);
    let files: Vec<String> = ran
        .out
        .lines()
        .map(|l| serde_json::from_str::<Value>(l).unwrap()["file"].as_str().unwrap().to_owned())
        .collect();
    for name in ["../obj/a_name_of_more_than_16.o", "../obj/held.a/in1.o"] {
        assert!(files.contains(&format!("lib/book.a({name})")), "{name}: {}{}", ran.out, ran.err);
    }
    std::fs::remove_file(case.path().join("obj/held.a")).unwrap();
    let ran = case.run(&["elf", "lib/book.a", "--format", "json"]);
    assert!(ran.err.contains("`lib/book.a`: member `../obj/held.a` is not read, "), "{}", ran.err);
    assert!(ran.out.contains("a_name_of_more_than_16.o"), "{}", ran.out);
    sh(&case, "rm obj/*.o");
    let ran = case.run(&["elf", "lib/book.a"]);
    assert!(ran.status == 2 && ran.err.contains("member `../obj/two.o` is not read, "), "{}", ran.err);
}

/// A thin archive with these names, each with where its header lies in an archive of that name.
fn thin(names: &[(&str, Option<u64>)]) -> Vec<u8> {
    let header = |name: &str, size: usize| format!("{name:16}{:12}{:6}{:6}{:8}{size:<10}`\n", 0, 0, 0, 644);
    let mut table = String::new();
    let mut headers = String::new();
    for (name, at) in names {
        let at = at.map_or(String::new(), |at| format!(":{at}"));
        headers += &header(&format!("/{}{at}", table.len()), 100);
        table.extend([*name, "/\n"]);
    }
    if table.len() % 2 == 1 {
        table.push('\n');
    }
    ["!<thin>\n".to_owned(), header("//", table.len()), table, headers].concat().into_bytes()
}

/// What `ar` would not make: archives in themselves, files named again and again, a pipe, what is no archive.
#[test]
fn hostile_ones_are_told_and_come_to_an_end() {
    let case = built();
    let book = case.path().join("lib/book.a");
    let told = |names: &[(&str, Option<u64>)]| {
        std::fs::write(&book, thin(names)).unwrap();
        listed(case.path()).1
    };
    let of_itself = told(&[("book.a", None), ("book.a", Some(8)), ("../lib/./book.a", Some(88))]);
    assert_eq!(of_itself.iter().filter(|t| t.contains("an archive that it is a part of")).count(), 3, "{of_itself:?}");
    // Round by another one.
    std::fs::write(case.path().join("lib/other.a"), thin(&[("book.a", Some(86))])).unwrap();
    let round = told(&[("other.a", Some(77))]);
    assert!(round.len() == 1 && round[0].contains("which has no member at 0x4d"), "{round:?}");
    let first = 8 + 60 + "book.a/\n".len() as u64;
    let round = told(&[("other.a", Some(first))]);
    assert!(round.len() == 1 && round[0].contains("an archive that it is a part of"), "{round:?}");
    let again = told(&vec![("../obj/two.o", None); 2000]);
    assert!(again.len() == 17 && again[1].contains("named before and read once"), "{again:?}");
    assert_eq!(again[0], "1983 further members cannot be read");
    sh(&case, "mkfifo lib/pipe");
    let others = told(&[("pipe", None), ("../obj", None), ("../obj/two.o", Some(8)), ("/dev/zero", None), ("", None)]);
    assert_eq!(others.len(), 5, "{others:?}");
    for why in
        ["`pipe` is not read", "not a file", "`../obj` is not read", "which is no archive", "`/dev/zero` lies outside"]
    {
        assert!(others.iter().any(|t| t.contains(why)), "{why}: {others:?}");
    }
    // An object that is cut short is told, and the others are read.
    std::fs::write(case.path().join("obj/cut.o"), &std::fs::read(case.path().join("obj/two.o")).unwrap()[..30])
        .unwrap();
    std::fs::write(&book, thin(&[("../obj/cut.o", None), ("../obj/two.o", None)])).unwrap();
    let (parts, troubles) = listed(case.path());
    assert_eq!(parts, [("../obj/two.o".to_owned(), 64)]);
    assert!(troubles[0].starts_with("member `../obj/cut.o` is damaged: "), "{troubles:?}");
}
