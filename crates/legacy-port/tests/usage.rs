//! The audit day after day, as a person meets it: accepted findings, levels, what fails. Everything through the command.

mod common;

use common::Case;

const TOML: (&str, &str) = ("legacy-port.toml", "sources = [\"a.c\"]\n");
/// Two places of one check, one of another.
const SOURCE: &str = "struct s { long n; char *p; };\n\nint f(char *p)\n{\n\treturn (int)p;\n}\n\nint g(char *p)\n{\n\treturn (int)p;\n}\n";

fn commented(comment: &str) -> String {
    SOURCE.replacen("(int)p;", &format!("(int)p; {comment}"), 1)
}

fn findings(case: &Case) -> Vec<serde_json::Value> {
    let ran = case.run(&["audit", "--format", "json"]);
    ran.out.lines().map(|l| serde_json::from_str(l).unwrap()).collect()
}

#[test]
fn a_comment_accepts_its_line_alone() {
    let only = ["audit", "--only", "pointer_truncation"];
    let case = Case::new(&[TOML, ("a.c", SOURCE)]);
    assert_eq!(case.run(&only).status, 1);
    case.write("a.c", &commented("/* legacy-port: allow(pointer_truncation) a tag */"));
    let ran = case.run(&only);
    assert_eq!(ran.status, 1, "the other place is new");
    assert!(ran.out.contains("a.c:10:") && !ran.out.contains("a.c:5:"), "{}", ran.out);
    assert!(ran.out.contains("1 accepted"), "{}", ran.out);
    let both = commented("// legacy-port: allow(pointer_truncation) a tag").replace(
        "{\n\treturn (int)p;\n",
        "{\n\t/* legacy-port: allow(pointer_truncation)\n\t * a tag too */\n\treturn (int)p;\n",
    );
    case.write("a.c", &both);
    let ran = case.run(&only);
    assert_eq!((ran.status, ran.err.as_str()), (0, ""));
    assert!(ran.out.contains("no new finding; 2 accepted"), "{}", ran.out);
    let shown = case.run(&[&only[..], &["--show-accepted"]].concat());
    assert_eq!(shown.status, 0);
    assert!(shown.out.contains("accepted in `a.c:10`: a tag too"), "{}", shown.out);
}

#[test]
fn latin_1_and_crlf_sources_accept_too() {
    let case = Case::new(&[TOML]);
    let text = commented("/* legacy-port: allow(pointer_truncation) f\u{fc}r Stra\u{df}e */").replace('\n', "\r\n");
    let bytes: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    std::fs::write(case.path().join("a.c"), bytes).unwrap();
    let accepted: Vec<_> = findings(&case).into_iter().filter(|f| !f["accepted"].is_null()).collect();
    assert_eq!(accepted.len(), 1);
    assert_eq!(accepted[0]["accepted"]["reason"], "für Straße");
    assert_eq!((&accepted[0]["line"], &accepted[0]["accepted"]["place"]), (&5.into(), &"a.c:5".into()));
}

#[test]
fn in_a_macro_the_comment_stands_where_the_finding_points() {
    let source = "/* legacy-port: allow(pointer_truncation) a tag */\n#define TAG(p) ((int)(p))\nint f(char *p) { return TAG(p); }\n";
    let case = Case::new(&[TOML, ("a.c", source)]);
    let line = findings(&case)[0]["line"].clone();
    assert_eq!(line, 2, "it points to the definition");
    let ran = case.run(&["audit"]);
    assert_eq!(ran.status, 0, "{}{}", ran.out, ran.err);
}

#[test]
fn a_wrong_acceptance_fails_and_a_stale_one_does_not() {
    let clean = "int x; ";
    for (comment, status, said) in [
        (
            "/* legacy-port: allow(pointer_truncation) */",
            1,
            "wrong acceptance at a.c:1: accepts nothing without a reason",
        ),
        ("/* legacy-port: allow(pointer_trunkation) why */", 1, "no check `pointer_trunkation`"),
        ("/* legacy-port: pointer_truncation */", 1, "expected `legacy-port: allow("),
        (
            "/* legacy-port: allow(pointer_truncation) why */",
            0,
            "stale acceptance at a.c:1: accepts `pointer_truncation`",
        ),
    ] {
        let case = Case::new(&[TOML, ("a.c", &format!("{clean}{comment}\n"))]);
        let ran = case.run(&["audit"]);
        assert_eq!(ran.status, status, "{comment}: {}", ran.out);
        assert!(ran.out.contains(said), "{comment}: {}", ran.out);
        assert_eq!(case.run(&["baseline", "check"]).status, 1, "{comment}: the check is strict");
        let sarif = case.run(&["audit", "--format", "sarif"]);
        assert!(sarif.err.contains(said) && sarif.out.contains("toolExecutionNotifications"), "{}", sarif.err);
        assert_eq!(case.run(&["audit", "--fail-on", "never"]).status, 0);
    }
    let case = Case::new(&[TOML, ("a.c", "int x; /* legacy-port: allow(scan_width) why */\n")]);
    assert!(!case.run(&["audit", "--skip", "scan_width"]).out.contains("stale"), "nobody looked");
    case.write("a.c", "#include \"nosuch.h\"\nint x; /* legacy-port: allow(scan_width) why */\n");
    assert!(!case.run(&["audit"]).out.contains("stale"), "what does not parse may hide what it accepts");
}

#[test]
fn a_baseline_splits_into_new_accepted_and_gone() {
    let case = Case::new(&[TOML, ("a.c", SOURCE)]);
    let before = findings(&case).len();
    assert_eq!(case.run(&["baseline", "write"]).status, 2, "a reason is required");
    assert_eq!(case.run(&["baseline", "write", "--reason", " -"]).status, 2);
    let ran = case.run(&["baseline", "write", "--reason", "first look", "--only", "record_layout"]);
    assert!(ran.out.contains("1 accepted now, 1 in all"), "{}", ran.out);
    case.run(&["baseline", "write", "--reason", "as it was in \"2003\""]);
    let file = case.read("legacy-port-baseline.json");
    assert_eq!(file.lines().count(), before + 3, "a line a finding:\n{file}");
    assert_eq!(file.matches("first look").count(), 1, "reasons stay:\n{file}");
    let audit = case.run(&["audit"]);
    assert_eq!(audit.status, 0);
    assert!(audit.out.contains(&format!("no new finding; {before} accepted")), "{}", audit.out);
    assert_eq!(case.run(&["baseline", "check"]).status, 0);

    // Lines move, one place is mended, one comes anew.
    let moved = format!("/* new */\n{}", SOURCE.replacen("return (int)p", "return p != 0", 1))
        + "int h(char *q) { return (int)q; }\n";
    case.write("a.c", &moved);
    let audit = case.run(&["audit"]);
    assert_eq!(audit.status, 1);
    assert!(audit.out.contains("1 accepted and gone") && audit.out.contains("(int)q"), "{}", audit.out);
    let check = case.run(&["baseline", "check"]);
    assert_eq!(check.status, 1);
    assert!(check.out.contains("new: a.c:13:") && check.out.contains("gone: a.c: pointer_truncation"), "{}", check.out);
    assert_eq!(case.run(&["audit", "--only", "record_layout"]).out.matches("gone").count(), 0, "nobody looked for it");

    let ran = case.run(&["baseline", "prune"]);
    assert_eq!(ran.status, 0);
    assert!(ran.out.contains("1 taken out"), "{}", ran.out);
    assert_eq!(case.read("legacy-port-baseline.json").matches("first look").count(), 1);
}

#[test]
fn prune_keeps_what_nobody_can_know() {
    let case = Case::new(&[TOML, ("a.c", SOURCE)]);
    case.run(&["baseline", "write", "--reason", "why"]);
    let file = case.read("legacy-port-baseline.json");
    for source in [&format!("#include \"nosuch.h\"\n{}", &SOURCE[..40]), "#include \"nosuch.h\"\n"] {
        case.write("a.c", source);
        case.run(&["baseline", "prune"]);
        assert_eq!(case.read("legacy-port-baseline.json"), file, "a.c does not parse to its end");
    }
    case.write("a.c", "int x;\n");
    case.run(&["baseline", "prune", "--skip", "pointer_truncation"]);
    assert!(case.read("legacy-port-baseline.json").contains("pointer_truncation"), "nobody looked for it");
    case.run(&["baseline", "prune"]);
    assert_eq!(case.read("legacy-port-baseline.json"), "{\n\"version\": 1\n}\n");
}

#[test]
fn a_damaged_baseline_is_an_error_and_stays() {
    let case = Case::new(&[TOML, ("a.c", SOURCE), ("legacy-port-baseline.json", "{\n<<<<<<< ours\n")]);
    for args in [&["audit"][..], &["baseline", "write", "--reason", "x"], &["baseline", "prune"]] {
        let ran = case.run(args);
        assert_eq!(ran.status, 2, "{}", ran.out);
        assert!(ran.err.contains("legacy-port-baseline.json`, line 2"), "{}", ran.err);
    }
    assert_eq!(case.read("legacy-port-baseline.json"), "{\n<<<<<<< ours\n");
}

#[test]
fn sarif_has_suppressions() {
    let case = Case::new(&[TOML, ("a.c", &commented("/* legacy-port: allow(pointer_truncation) a tag */"))]);
    case.run(&["baseline", "write", "--reason", "later", "--only", "record_layout"]);
    let sarif: serde_json::Value = serde_json::from_str(&case.run(&["audit", "--format", "sarif"]).out).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let kinds: Vec<(&str, &str)> = results
        .iter()
        .flat_map(|r| r["suppressions"].as_array().unwrap())
        .map(|s| (s["kind"].as_str().unwrap(), s["justification"].as_str().unwrap()))
        .collect();
    assert_eq!(kinds, [("external", "later"), ("inSource", "a tag")]);
}

#[test]
fn levels_decide_what_fails() {
    let toml = |audit: &str| format!("sources = [\"a.c\"]\n[audit]\n{audit}");
    let case = Case::new(&[("a.c", SOURCE)]);
    let status = |audit: &str, args: &[&str]| {
        case.write("legacy-port.toml", &toml(audit));
        case.run(&[&["audit"], args].concat()).status
    };
    let off = "levels = { pointer_truncation = \"off\", record_layout = \"look\" }\n";
    assert_eq!(status(off, &[]), 1);
    assert_eq!(status(&format!("{off}fail-on = \"may\"\n"), &[]), 0);
    assert_eq!(status(&format!("{off}fail-on = \"may\"\n"), &["--fail-on", "look"]), 1, "the command line wins");
    assert_eq!(status(off, &["--level", "record_layout=off"]), 0);
    assert_eq!(status("skip = [\"pointer_truncation\", \"record_layout\"]\n", &[]), 0);
    assert_eq!(status("exclude = [\"*.c\"]\n", &[]), 0);
    case.write("legacy-port.toml", &toml("levels = { record_layout = \"breaks\" }\n"));
    assert!(findings(&case).iter().any(|f| f["check"] == "record_layout" && f["level"] == "breaks"));
}

#[test]
fn what_is_wrong_in_the_table_is_told_by_line_and_key() {
    let case = Case::new(&[("a.c", SOURCE)]);
    for (table, words) in [
        ("only = [\n\"record_layout\",\n\"recrod_layout\"]", ["line 5", "`only`", "recrod_layout"]),
        ("\nskip = [\"x\"]", ["line 4", "`skip`", "no check `x`"]),
        ("levels = { y = \"off\" }", ["line 3", "`levels`", "no check `y`"]),
        ("levels = { record_layout = \"error\" }", ["line 3", "`levels`", "`breaks`"]),
        ("fail-on = \"all\"", ["line 3", "`fail-on`", "`never`"]),
        ("exclude = [\"a/***\"]", ["line 3", "`exclude`", "a/***"]),
        ("exclud = []", ["line 3", "exclud", "expected"]),
        ("compile-commands = \"nosuch.json\"", ["line 1", "sources", "compile database"]),
    ] {
        case.write("legacy-port.toml", &format!("sources = [\"a.c\"]\n[audit]\n{table}\n"));
        let ran = case.run(&["audit"]);
        assert_eq!(ran.status, 2, "{table}");
        assert!(words.iter().all(|w| ran.err.contains(w)), "{table}: {}", ran.err);
    }
    case.write("legacy-port.toml", "[audit]\ncompile-commands = \"nosuch.json\"\n");
    let ran = case.run(&["audit"]);
    assert!(ran.status == 2 && ran.err.contains("line 2") && ran.err.contains("nosuch.json"), "{}", ran.err);
    assert_eq!(case.run(&["audit", "--level", "record_layout"]).status, 2);
    assert_eq!(case.run(&["audit", "--only", "nosuch"]).status, 2);
}

#[test]
fn a_compile_database_can_have_settings() {
    let database = r#"[{"directory": "..", "file": "src/a.c", "arguments": ["cc", "-c", "src/a.c"]}]"#;
    let case = Case::new(&[("src/a.c", SOURCE), ("build/compile_commands.json", database)]);
    let file = |case: &Case| findings(case)[0]["file"].as_str().unwrap().to_owned();
    assert_eq!(file(&case), "src/a.c", "told relative to the project, not to the build folder");
    case.write(
        "legacy-port.toml",
        "[audit]\ncompile-commands = \"build/compile_commands.json\"\nonly = [\"record_layout\"]\n",
    );
    assert_eq!(file(&case), "src/a.c");
    assert_eq!(findings(&case).len(), 1);
    case.write("legacy-port.toml", "[audit]\nskip = [\"record_layout\"]\n");
    assert_eq!(findings(&case).len(), 2, "the database beside it is taken");
}

#[test]
fn a_name_stays_when_one_alike_is_accepted() {
    let twice = "int f(char *p)\n{\n\tif (p)\n\t\treturn (int)p;\n\treturn (int)p;\n}\n";
    let case = Case::new(&[TOML, ("a.c", twice)]);
    let name = |at: usize| findings(&case)[at]["identity"].as_str().unwrap().to_owned();
    let second = name(1);
    assert_ne!(name(0), second);
    case.write(
        "a.c",
        &twice.replacen("\t\treturn", "/* legacy-port: allow(pointer_truncation) a tag */\n\t\treturn", 1),
    );
    assert_eq!(name(1), second);
}

#[test]
fn every_format_tells_accepted_from_new() {
    let case = Case::new(&[TOML, ("a.c", &commented("/* legacy-port: allow(pointer_truncation) a <b>tag</b> */"))]);
    case.run(&["baseline", "write", "--reason", "@me later", "--only", "record_layout"]);
    let gone = case.read("legacy-port-baseline.json").replace("\"version\"", "\"00\": {\"check\":\"record_layout\",\"file\":\"a.c\",\"function\":\"\",\"source\":\"struct <i> {\",\"reason\":\"was\"},\n\"version\"");
    case.write("legacy-port-baseline.json", &gone);
    let told = |format: &str| case.run(&["audit", "--format", format]).out;
    assert!(told("text").contains("new 1 breaks, 0 may, 0 look; 2 accepted; 1 accepted and gone"), "{}", told("text"));
    for format in ["text", "github"] {
        let out = told(format);
        assert!(
            out.contains("a.c") && !out.contains("record_layout") && out.matches("pointer_truncation").count() == 1
        );
    }
    let issues: Vec<serde_json::Value> = serde_json::from_str(&told("gitlab")).unwrap();
    assert_eq!(issues.len(), 1);
    let page = told("html");
    assert!(page.contains("2 are accepted</a>. The baseline accepts 1 more") && page.contains("id=\"accepted\""));
    assert!(
        page.contains("a &lt;b&gt;tag&lt;/b&gt;") && page.contains("struct &lt;i&gt; {") && !page.contains("<b>tag")
    );
    assert_eq!(page.matches("<article class=\"finding").count(), 1);
    let page = told("markdown");
    assert!(
        page.contains("| `pointer_truncation` | 1 | 0 |") && page.contains("| `record_layout` | 0 | 1 |"),
        "{page}"
    );
    assert!(page.contains("- 1 accepted and gone"), "{page}");
    // What is wrong with an acceptance fails, so every format says why.
    case.write("a.c", "int x; /* legacy-port: allow(nosuch) why */\n");
    for format in ["text", "html", "sarif", "markdown", "github", "gitlab"] {
        let out = told(format);
        assert!(out.contains("nosuch") && (format == "sarif" || out.contains("wrong acceptance")), "{format}: {out}");
    }
}

#[test]
fn the_cache_knows_nothing_of_what_is_accepted() {
    let case = Case::new(&[TOML, ("a.c", SOURCE)]);
    let first = case.run(&["audit", "--format", "json"]).out;
    case.run(&["baseline", "write", "--reason", "why"]);
    let accepted = case.run(&["audit", "--format", "json"]).out;
    assert_eq!(accepted, case.run(&["audit", "--format", "json", "--no-cache"]).out);
    assert!(!accepted.contains("\"accepted\":null"), "{accepted}");
    std::fs::remove_file(case.path().join("legacy-port-baseline.json")).unwrap();
    assert_eq!(case.run(&["audit", "--format", "json"]).out, first);
    let partly = case.run(&["audit", "--evidence", "e.json", "--changed-since", "HEAD"]);
    assert_eq!(partly.status, 2, "evidence of a part would be taken for that of all");
}

#[test]
fn a_record_that_is_asked_for_and_is_not_there_is_an_error() {
    let case = Case::new(&[("a.c", "struct s { long n; char *p; } s;\n")]);
    let compiled = std::process::Command::new("cc")
        .args(["-m32", "-g", "-ffreestanding", "-c", "a.c"])
        .current_dir(case.path())
        .status()
        .unwrap();
    assert!(compiled.success());
    let ran = case.run(&["layouts", "a.o", "--record", "nosuch*"]);
    assert_eq!((ran.status, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("no record `nosuch*` in `a.o`"), "{}", ran.err);
    let ran = case.run(&["layouts", "a.o", "--record", "s"]);
    assert_eq!(ran.status, 1, "{}", ran.err);
    assert!(ran.out.contains("struct s"), "{}", ran.out);
}
