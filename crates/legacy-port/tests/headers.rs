//! Every check over headers against its C cases, and `legacy-port ffi` as a person meets it.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use common::{Case, run};
use legacy_port::ffi::{audit, checks};
use legacy_port::project::Project;
use legacy_port::rule;
use legacy_port::target::{Pair, Target};

fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ffi")
}

/// Line -> names of checks, sorted.
type Lines = BTreeMap<usize, Vec<String>>;

/// A project whose only header is a case; its records must not move.
fn project(header: &str) -> (Case, Project) {
    let toml = "sources = [\"a.c\"]\nflags = [\"-std=gnu99\", \"-ffreestanding\"]\n\
                [ffi]\nheaders = [\"case.h\"]\nrecords = [\"*\"]\n";
    let case = Case::new(&[("legacy-port.toml", toml), ("a.c", "int a;\n"), ("case.h", header)]);
    let project = Project::load(case.path()).unwrap();
    (case, project)
}

fn found(header: &str, targets: Option<Pair<Target>>) -> Lines {
    let (_case, mut project) = project(header);
    if let Some(targets) = targets {
        project.targets = targets;
    }
    let (audit, _) = audit::audit(&project, checks::ALL).unwrap();
    let mut lines = Lines::new();
    for f in audit.findings {
        assert_eq!(f.spot.file, Path::new("case.h"));
        let rule = rule::find(f.check).unwrap();
        let calm = if f.level < rule.level { "(look)" } else { "" };
        lines.entry(f.spot.line).or_default().push(format!("{}{calm}", f.check));
    }
    lines
}

fn marked(text: &str) -> Lines {
    let marks = text.lines().enumerate().filter_map(|(number, line)| {
        let mark = line.split_once("/*~")?.1.split("*/").next()?;
        Some((number + 1, mark.split_whitespace().map(str::to_owned).collect()))
    });
    marks.collect()
}

#[test]
fn exactly_the_marked_lines() {
    for entry in checks::ALL {
        for text in [entry.bad, entry.good] {
            assert_eq!(found(text, None), marked(text), "{}:\n{text}", entry.name);
        }
        let names: BTreeSet<String> = marked(entry.bad).into_values().flatten().collect();
        assert!(names.contains(entry.name), "bad.h of {} marks nothing of its own", entry.name);
        assert!(marked(entry.good).is_empty(), "good.h of {} is not good", entry.name);
    }
}

#[test]
fn a_target_against_itself_is_silent() {
    for entry in checks::ALL {
        for target in [Target::i386(), Target::x86_64()] {
            let same = Pair { old: target.clone(), new: target };
            assert_eq!(found(entry.bad, Some(same)), Lines::new(), "{}", entry.name);
        }
    }
}

/// What bindgen asserts is alike in such records, so that nothing else can have told them.
#[test]
fn bit_fields_are_told_with_their_places() {
    let (_case, project) = project(checks::ALL.iter().find(|e| e.name == "ffi_record").unwrap().bad);
    let (audit, _) = audit::audit(&project, checks::ALL).unwrap();
    let told: BTreeMap<_, Vec<_>> = (audit.findings.iter().filter(|f| f.message.contains("other bit-fields")))
        .map(|f| (f.message.split('`').nth(1).unwrap(), f.notes.iter().map(|n| n.1.as_str()).collect()))
        .collect();
    let expected = [
        ("entry", ["i386: entry.u.open: 4 bits from bit 68", "x86_64: entry.u.open: 8 bits from bit 68"]),
        ("lot", ["i386: lot.place: 20 bits from bit 32", "x86_64: lot.place: 20 bits from bit 20"]),
        ("state", ["i386: state.used: 5 bits from bit 0", "x86_64: state.used: 9 bits from bit 0"]),
    ];
    assert_eq!(told, expected.map(|(name, notes)| (name, notes.to_vec())).into());
}

/// A record that one target alone has gives all behind it another number in each tree.
#[test]
fn bit_fields_are_those_of_the_same_record() {
    let header = "#ifdef __LP64__\nstruct alone { int x; };\n#define BITS 9\n#else\n#define BITS 7\n#endif\n\
                  struct flags { unsigned a : BITS; };\nstruct other { unsigned b : 3; };\n";
    let (_case, project) = project(header);
    let (audit, bindings) = audit::audit(&project, checks::ALL).unwrap();
    let told: Vec<&str> =
        audit.findings.iter().filter(|f| f.check == "ffi_record").map(|f| f.message.as_str()).collect();
    assert!(told.contains(&"`flags` has 4 bytes on both, but other bit-fields"), "{told:?}");
    let of = |name: &str| bindings.as_ref().map(|b| b.records[name].bit_fields.clone());
    let field = |name: &str, bits| vec![(name.to_owned(), 0, bits)];
    assert_eq!(of("flags"), Pair { old: field("a", 7), new: field("a", 9) });
    assert_eq!(of("other"), Pair { old: field("b", 3), new: field("b", 3) });
}

#[test]
fn the_list_is_sorted_and_has_every_file() {
    let names: Vec<&str> = checks::ALL.iter().map(|e| e.name).collect();
    assert!(names.is_sorted(), "{names:?}");
    for (dir, ending) in [(cases(), ""), (cases().join("../../src/ffi/checks"), ".rs")] {
        let mut files: Vec<String> = fs::read_dir(dir)
            .unwrap()
            .map(|e| e.unwrap().file_name().to_string_lossy().trim_end_matches(ending).to_owned())
            .filter(|f| f != "mod")
            .collect();
        files.sort();
        assert_eq!(files, names);
    }
}

/// The old program and its port, by the command.
#[test]
fn auctiond_breaks_and_its_port_does_not() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ffi-command");
    let target = target.to_str().unwrap();
    let audit = |through, more: &[&str]| {
        let args = ["ffi", "-p", "legacy-c/auctiond", "--target-dir", target, "--through", through, "--format", "json"];
        run(&root, &[&args, more].concat())
    };
    let of = |out: &str, check: &str, level: &str| -> BTreeSet<String> {
        let all = out.lines().map(|l| serde_json::from_str::<serde_json::Value>(l).unwrap());
        let told = all.filter(|f| f["check"] == check && f["level"] == level);
        told.map(|f| f["message"].as_str().unwrap().split('`').nth(1).unwrap().to_owned()).collect()
    };
    let lists = tempfile::tempdir().unwrap();
    let old = audit("00", &["--lists", lists.path().to_str().unwrap()]);
    assert_eq!(old.status, 1, "{}", old.err);
    let moved = ["feedhdr", "filehdr", "idxhdr", "idxslot", "jrec", "sale"].map(str::to_owned);
    assert_eq!(of(&old.out, "ffi_record", "breaks"), BTreeSet::from(moved));
    let magic = ["STORE_MAGIC", "INDEX_MAGIC"].map(str::to_owned);
    assert_eq!(of(&old.out, "ffi_constant", "may"), BTreeSet::from(magic));
    let [was, is] = ["i386.txt", "x86_64.txt"].map(|name| fs::read_to_string(lists.path().join(name)).unwrap());
    assert!(
        was.contains("offset_of!(sale, price) == 4\n") && is.contains("offset_of!(sale, price) == 8\n"),
        "{was}{is}"
    );
    assert!(was.contains("const STORE_MAGIC = \"AUC3\"\n"), "{was}");
    assert!(is.contains("fn store_off: fn(i64) -> i64\n"), "{is}");
    let port = audit("all", &[]);
    assert_eq!(port.status, 0, "{}{}", port.out, port.err);
    assert_eq!(of(&port.out, "ffi_record", "breaks"), BTreeSet::new());
    assert_eq!(of(&port.out, "ffi_constant", "may"), BTreeSet::new());
}

/// What a report says, without its format's own marks and line breaks.
fn words(format: &str, report: &str) -> String {
    let decoded = match format {
        "json" | "sarif" | "gitlab" => report.replace("\\\"", "\""),
        "html" => report.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"),
        // As numbers, what could be markup.
        "markdown" => {
            [("&#60;", "<"), ("&#95;", "_"), ("&#33;", "!")].iter().fold(report.to_owned(), |s, (a, b)| s.replace(a, b))
        }
        _ => report.to_owned(),
    };
    decoded.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn both_lists_of_assertions_are_evidence_in_every_format() {
    let header = "struct both_ways {\n\tlong count;\n\tchar kind;\n\tshort state;\n};\n";
    let (case, _) = project(header);
    let old = "i386: size_of::<both_ways>() == 8, align_of::<both_ways>() == 4, offset_of!(both_ways, kind) == 4, \
               offset_of!(both_ways, state) == 6";
    let new = "x86_64: size_of::<both_ways>() == 16, align_of::<both_ways>() == 8, offset_of!(both_ways, kind) == 8, \
               offset_of!(both_ways, state) == 10";
    for format in ["text", "json", "sarif", "html", "markdown", "github", "gitlab"] {
        let ran = case.run(&["ffi", "--format", format]);
        assert_eq!(ran.status, 1, "{format}: {}", ran.err);
        let words = words(format, &ran.out);
        assert!(words.contains("`both_ways`") || format == "html", "{format}: {words}");
        for list in [old, new] {
            assert!(words.contains(list), "{format} has no `{list}`:\n{}", ran.out);
        }
    }
}

#[test]
fn what_cannot_be_read_is_told_with_the_header() {
    let toml = "sources = [\"a.c\"]\n[ffi]\nheaders = [\"case.h\"]\n";
    let case = Case::new(&[("legacy-port.toml", toml), ("a.c", "int a;\n"), ("case.h", "struct s { nosuch x; };\n")]);
    let ran = case.run(&["ffi"]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("case.h`: bindgen cannot read it") && ran.err.contains("nosuch"), "{}", ran.err);
    case.write("legacy-port.toml", "sources = [\"a.c\"]\n[ffi]\nheaders = [\"other.h\"]\n");
    let ran = case.run(&["ffi"]);
    assert!(ran.status == 2 && ran.err.contains("line 3: `headers`: `other.h` is not a file"), "{}", ran.err);
    case.write("legacy-port.toml", "sources = [\"a.c\"]\n");
    let ran = case.run(&["ffi"]);
    assert!(ran.status == 2 && ran.err.contains("names no headers"), "{}", ran.err);
}

#[test]
fn a_comment_in_the_header_accepts() {
    let (case, _) = project("struct s { long n; }; /* legacy-port: allow(ffi_record) never leaves the process */\n");
    let ran = case.run(&["ffi"]);
    assert_eq!(ran.status, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("1 header") && ran.out.contains("1 accepted"), "{}", ran.out);
}
