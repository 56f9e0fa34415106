//! Every check over layouts against its C cases, and `legacy-port layouts` as a person meets it.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{Case, run};
use legacy_port::binary::layouts::checks;
use legacy_port::rule;
use serde_json::Value;

fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/layouts")
}

/// Line -> names of checks, sorted.
type Lines = BTreeMap<u64, Vec<String>>;

fn built(source: &str) -> Case {
    let toml = "sources = [\"case.c\"]\nflags = [\"-ffreestanding\"]\n";
    let case = Case::new(&[("case.c", source), ("legacy-port.toml", toml)]);
    for (width, object) in [("-m32", "old.o"), ("-m64", "new.o")] {
        let args = [width, "-g", "-w", "-ffreestanding", "-fno-builtin", "-c", "-o", object, "case.c"];
        let status = Command::new("gcc").args(args).current_dir(case.path()).status().unwrap();
        assert!(status.success(), "{width}\n{source}");
    }
    case
}

fn findings(out: &str) -> Vec<Value> {
    out.lines().map(|l| serde_json::from_str(l).unwrap()).collect()
}

fn found(case: &Case, args: &[&str]) -> Lines {
    let ran = case.run(&[&["layouts"], args, &["--format", "json"]].concat());
    let mut lines = Lines::new();
    for f in findings(&ran.out) {
        assert_eq!(f["file"], "case.c", "{f}");
        let drawn = f["source"].as_str().unwrap().contains("struct ") && f["check"] != "uncertain_layout";
        assert!(!f["layout"].is_null() || !drawn, "{f}");
        let check = f["check"].as_str().unwrap();
        let calm = f["level"] != rule::find(check).unwrap().level.to_string();
        let calm = if calm { "(look)" } else { "" };
        lines.entry(f["line"].as_u64().unwrap()).or_default().push(format!("{check}{calm}"));
    }
    assert_eq!(ran.status, i32::from(!lines.is_empty()), "{}", ran.err);
    for all in lines.values_mut() {
        all.sort();
    }
    lines
}

fn marked(text: &str) -> Lines {
    let marks = (1..).zip(text.lines()).filter_map(|(number, line)| {
        let mark = line.split_once("/*~")?.1.split("*/").next()?;
        Some((number, mark.split_whitespace().map(str::to_owned).collect()))
    });
    marks.collect()
}

#[test]
fn exactly_the_marked_lines() {
    for entry in checks::ALL {
        for text in [entry.bad, entry.good] {
            let case = built(text);
            // The prediction says what the two builds say, and what it is not sure of.
            let args: &[&[&str]] = match entry.name {
                "leaving_layout" => &[&["old.o", "new.o", "-p", "."], &["old.o", "-p", "."]],
                "uncertain_layout" => &[&["old.o"]],
                _ => &[&["old.o", "new.o"], &["old.o"]],
            };
            for args in args {
                assert_eq!(found(&case, args), marked(text), "{} {args:?}:\n{text}", entry.name);
            }
        }
        let names: BTreeSet<String> = marked(entry.bad).into_values().flatten().collect();
        assert!(names.contains(entry.name), "bad.c of {} marks nothing of its own", entry.name);
        let own = |name: &String| name.starts_with(entry.name);
        assert!(!marked(entry.good).into_values().flatten().any(|n| own(&n)), "good.c of {} is not good", entry.name);
    }
}

#[test]
fn a_build_against_itself_is_silent() {
    for entry in checks::ALL {
        let case = built(entry.bad);
        for object in ["old.o", "new.o"] {
            assert_eq!(found(&case, &[object, object, "-p", "."]), Lines::new(), "{}", entry.name);
        }
    }
}

#[test]
fn the_list_is_sorted_and_has_every_file() {
    let names: Vec<&str> = checks::ALL.iter().map(|e| e.name).collect();
    assert!(names.is_sorted(), "{names:?}");
    for (dir, ending) in [(cases(), ""), (cases().join("../../src/binary/layouts/checks"), ".rs")] {
        let mut files: Vec<String> = fs::read_dir(dir)
            .unwrap()
            .map(|e| e.unwrap().file_name().to_string_lossy().trim_end_matches(ending).to_owned())
            .filter(|f| f != "mod")
            .collect();
        files.sort();
        assert_eq!(files, names);
    }
}

/// The order of members that is told makes a record of the size that is told.
#[test]
fn the_compiler_agrees_on_what_another_order_saves() {
    let text = fs::read_to_string(cases().join("padding_by_order/bad.c")).unwrap();
    let ran = built(&text).run(&["layouts", "old.o", "new.o", "--format", "json", "--only", "padding_by_order"]);
    let finding = &findings(&ran.out)[0];
    assert_eq!(finding["message"], "`struct item` has 40 bytes on x86_64, and 24 with its members sorted by alignment");
    let note = finding["notes"][0]["message"].as_str().unwrap();
    let names: Vec<&str> = note.split('`').skip(1).step_by(2).collect();
    let declared = |name: &&str| {
        let line = text.lines().find(|l| l.contains(&format!("{name};"))).unwrap();
        format!("{}\n", line.replace("struct item *", "void *"))
    };
    let members: String = names.iter().map(declared).collect();
    assert_eq!(names.len(), 5);
    built(&format!(
        "struct item {{ {members} }};\n#ifdef __LP64__\n_Static_assert(sizeof(struct item) == 24, \"size\");\n#endif\n"
    ));
}

/// With its source the records of `auctiond` that go into files and packets are the ones that break, and no others.
#[test]
fn records_of_auctiond_that_leave_are_known() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let dir = tempfile::tempdir().unwrap();
    let (mut breaks, mut calm) = (BTreeSet::new(), 0);
    for unit in ["store", "net", "journal", "index"] {
        let objects = ["-m32", "-m64"].map(|width| {
            let out = dir.path().join(format!("{unit}{width}.o"));
            let source = root.join(format!("legacy-c/auctiond/src/{unit}.c"));
            if source.exists() {
                let args = [width, "-g", "-w", "-std=gnu89", "-c", "-o"];
                assert!(Command::new("gcc").args(args).arg(&out).arg(source).status().unwrap().success());
            }
            out.display().to_string()
        });
        if !Path::new(&objects[0]).exists() {
            continue;
        }
        let args = ["layouts", &objects[0], &objects[1], "-p", "legacy-c/auctiond", "--format", "json"];
        let ran = run(&root, &args);
        assert_eq!(ran.status, 1, "{}", ran.err);
        for f in findings(&ran.out) {
            if f["level"] == "breaks" {
                assert_eq!(f["check"], "leaving_layout");
                breaks.insert(f["message"].as_str().unwrap().split('`').nth(1).unwrap().to_owned());
            } else {
                assert_eq!(f["level"], "look", "{f}");
                calm += 1;
            }
        }
    }
    assert!(breaks.contains("struct sale") && breaks.contains("struct filehdr"), "{breaks:?}");
    assert!(calm > 3, "{calm}");
}

#[test]
fn every_format_has_what_is_found() {
    let case = built(&fs::read_to_string(cases().join("differing_layout/bad.c")).unwrap());
    for format in ["text", "json", "sarif", "html", "markdown", "github", "gitlab"] {
        let ran = case.run(&["layouts", "old.o", "new.o", "--format", format, "--fail-on", "breaks", "-o", "report"]);
        assert_eq!((ran.status, ran.out.as_str()), (0, ""), "{format}: {}", ran.err);
        assert!(ran.err.contains("5 of 5 records differ between i386 and x86_64, 4 of them"), "{}", ran.err);
        let report = fs::read_to_string(case.path().join("report")).unwrap();
        assert!(report.contains("differing_layout") && report.contains("case.c"), "{format}: {report}");
        if format == "html" {
            assert_eq!(report.matches("<svg").count(), 4, "a drawing of each record");
        }
    }
    let drawn = case.run(&["layouts", "old.o", "--record", "sale", "--format", "svg", "-o", "sale.svg"]);
    assert_eq!((drawn.status, drawn.out.as_str()), (1, ""), "{}", drawn.err);
    assert!(fs::read_to_string(case.path().join("sale.svg")).unwrap().contains("<svg"));
}

#[test]
fn what_is_counted_and_what_is_accepted() {
    let case = built(&fs::read_to_string(cases().join("padding_by_order/bad.c")).unwrap());
    let ran = case.run(&["layouts", "old.o", "new.o", "--count", "item=1000", "--format", "json"]);
    let notes: Vec<String> = findings(&ran.out)
        .iter()
        .flat_map(|f| f["notes"].as_array().unwrap().clone())
        .map(|n| n["message"].as_str().unwrap().to_owned())
        .collect();
    assert!(notes.contains(&"1000 of them: +20000 bytes".to_owned()), "{notes:?}");
    assert!(notes.contains(&"1000 of them: 16000 bytes less".to_owned()), "{notes:?}");
    assert!(ran.err.contains("memory: +20000 bytes"), "{}", ran.err);
    let off = case.run(&["layouts", "old.o", "new.o", "--level", "differing_layout=off,padding_by_order=off"]);
    assert_eq!(off.status, 0, "{}{}", off.out, off.err);
    let project = case.run(&["layouts", "old.o", "-p", "nosuch"]);
    assert_eq!(project.status, 2, "{}", project.err);
}
