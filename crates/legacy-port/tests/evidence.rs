//! Evidence through the command: what it says, that it is the same each time, and that it notices changes.

mod common;

use common::Case;
use serde_json::Value;

fn case() -> Case {
    Case::new(&[
        (
            "legacy-port.toml",
            "name = \"p\"\nsources = [\"src\"]\ninclude = [\"inc\"]\nflags = [\"-std=gnu89\"]\n[audit]\nskip = [\"scan_width\"]\n",
        ),
        ("src/a.c", "#include <stdio.h>\n#include \"m.h\"\nint f(char *p) { return (int)p; }\n"),
        (
            "src/b.c",
            "#include \"nosuch.h\"\n#ifdef __i386__\nint only_here;\n#endif\nint g(char *q) { return (int)q; } /* legacy-port: allow(pointer_truncation) a tag */\n",
        ),
        ("inc/m.h", "#define M 1\n"),
    ])
}

fn evidence(case: &Case) -> Value {
    serde_json::from_str(&case.read("evidence.json")).unwrap()
}

#[test]
fn it_says_what_was_looked_at_and_how() {
    let case = case();
    case.run(&["baseline", "write", "--reason", "known since 2003", "--exclude", "src/b.c"]);
    assert_eq!(case.run(&["audit", "--evidence", "evidence.json"]).status, 0);
    let e = evidence(&case);
    assert_eq!(e["_type"], "https://in-toto.io/Statement/v1");
    let names = |list: &Value| -> Vec<String> {
        list.as_array().unwrap().iter().map(|r| r["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&e["subject"]), ["src/a.c", "src/b.c"]);
    let p = &e["predicate"];
    assert_eq!(
        names(&p["materials"]),
        ["inc/m.h", "src/a.c", "src/b.c"],
        "a header of macros alone too, none of the system"
    );
    assert_eq!(p["materials"][0]["digest"]["sha256"], sha256sum(&case, "inc/m.h"));
    assert_eq!(p["flags"][0]["flags"], serde_json::json!(["-std=gnu89", "-Iinc"]));
    assert_eq!(p["targets"]["old"]["triple"], "i686-unknown-linux-gnu");
    assert!(p["tool"]["libclang"].as_str().unwrap().contains("clang version"));
    assert_eq!((&p["checks"]["pointer_truncation"], &p["checks"]["scan_width"]), (&"breaks".into(), &Value::Null));
    assert_eq!(p["findings"]["new"], serde_json::json!({"breaks": 0, "look": 0, "may": 0}));
    let reasons: Vec<(&str, &str)> = p["accepted"]
        .as_array()
        .unwrap()
        .iter()
        .map(|a| (a["by"].as_str().unwrap(), a["reason"].as_str().unwrap()))
        .collect();
    assert_eq!(reasons, [("baseline", "known since 2003"), ("comment", "a tag")]);
    let c = &p["coverage"];
    assert_eq!((&c["units"], &c["parsedForBoth"]), (&2.into(), &1.into()));
    assert!(c["notParsedToTheEnd"][0]["errors"][0].as_str().unwrap().contains("src/b.c:1:10: 'nosuch.h'"), "{c}");
    assert_eq!(c["oneTargetAlone"][0], serde_json::json!({"place": "src/b.c:3", "target": "i386"}));
    let shown = case.run(&["evidence", "show", "evidence.json"]);
    assert_eq!(shown.status, 0);
    for part in ["1 of 2 units parsed", "known since 2003", "not: scan_width", "0 breaks, 0 may, 0 look"] {
        assert!(shown.out.contains(part), "{part}:\n{}", shown.out);
    }
}

/// Another witness.
fn sha256sum(case: &Case, file: &str) -> String {
    let output = std::process::Command::new("sha256sum").arg(case.path().join(file)).output().unwrap();
    String::from_utf8(output.stdout).unwrap().split_whitespace().next().unwrap().to_owned()
}

#[test]
fn the_same_project_elsewhere_gives_the_same_bytes() {
    let (one, two) = (case(), case());
    for c in [&one, &two] {
        c.run(&["audit", "--evidence", "evidence.json"]);
        assert!(!c.read("evidence.json").contains(&*c.path().to_string_lossy()), "no folder of this machine");
    }
    assert_eq!(one.read("evidence.json"), two.read("evidence.json"));
}

#[test]
fn check_tells_what_does_not_fit_any_more() {
    let case = case();
    case.write("prog", "a program");
    let args = ["audit", "--evidence", "evidence.json", "--subject", "prog"];
    assert_eq!(case.run(&args).status, 1, "there is a finding, and evidence of it");
    assert_eq!(evidence(&case)["subject"][0]["name"], "prog");
    let check = || case.run(&["evidence", "check", "evidence.json"]);
    assert_eq!(check().status, 0, "{}", check().out);
    for (change, text, told) in [
        ("prog", Some("another"), "changed: prog"),
        ("inc/m.h", Some("#define M 2\n"), "changed: inc/m.h"),
        ("src/b.c", None, "missing: src/b.c"),
        ("src/c.c", Some("int c;\n"), "not in the evidence: src/c.c"),
    ] {
        let path = case.path().join(change);
        let before = std::fs::read_to_string(&path).ok();
        match text {
            Some(text) => std::fs::write(&path, text).unwrap(),
            None => std::fs::remove_file(&path).unwrap(),
        }
        let ran = check();
        assert_eq!((ran.status, ran.out.lines().next()), (1, Some(told)));
        match before {
            Some(text) => std::fs::write(&path, text).unwrap(),
            None => std::fs::remove_file(&path).unwrap(),
        }
    }
    assert_eq!(check().status, 0);
    case.write("evidence.json", "{\"_type\": 1}");
    assert_eq!(check().status, 2);
    case.write("evidence.json", "[]");
    assert_eq!(case.run(&["evidence", "show", "evidence.json"]).status, 2);
}

/// A program whose output is the same on both targets, but for `long` where it is asked.
fn program() -> Case {
    Case::new(&[
        (
            "legacy-port.toml",
            "name = \"p\"\nsources = [\"a.c\"]\n[[program]]\nname = \"p\"\nmain = \"a.c\"\n[scenarios]\nrun = [\"sh\", \
             \"run.sh\", \"{bin}\", \"{work}\"]\nexpected = \"expected\"\n",
        ),
        (
            "a.c",
            "#include <stdio.h>\nint main(int n, char **v) { printf(\"%d\\n\", (int)(n > 1 ? sizeof(long) : 4)); return 0; }\n",
        ),
        ("run.sh", "\"$1/p\" >\"$2/plain.out\"; \"$1/p\" long >\"$2/long.out\"\n"),
        ("expected/plain.out", "4\n"),
        ("expected/long.out", "4\n"),
    ])
}

#[test]
fn verify_adds_what_both_builds_did() {
    let case = program();
    assert_eq!(case.run(&["audit", "--evidence", "evidence.json"]).status, 0);
    let before = evidence(&case);
    let ran = case.run(&["verify", "--evidence", "evidence.json"]);
    assert_eq!(ran.status, 1, "{}{}", ran.out, ran.err);
    let mut after = evidence(&case);
    assert_eq!(
        after["predicate"].as_object_mut().unwrap().remove("verification").unwrap(),
        serde_json::json!({"scenarios": 2, "asExpectedOld": 2, "asExpectedNew": 1, "filesThatDiffer": ["long.out"]})
    );
    assert_eq!(before, after, "the rest stays");
    let shown = case.run(&["evidence", "show", "evidence.json"]).out;
    assert!(shown.contains("2 scenarios, as expected 2 on the old and 1 on the new target, 1 files differ"), "{shown}");
    case.write("a.c", "int main(void) { return 0; }\n");
    let ran = case.run(&["verify", "--evidence", "evidence.json"]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("does not fit the sources: 1 files"), "{}", ran.err);
}
