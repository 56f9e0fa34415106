//! Every format against its expected file, and against sources and file names that mean harm.
//!
//! `UPDATE_EXPECTED=1 cargo test -p legacy-port --test reports` writes the expected files anew.

#[path = "common/sarif_schema.rs"]
mod sarif_schema;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use legacy_port::audit::{Audit, audit};
use legacy_port::check::Level;
use legacy_port::checks::{self, Entry};
use legacy_port::excerpt::Lines;
use legacy_port::finding::{Finding, Spot};
use legacy_port::project::Project;
use legacy_port::report::text::Screen;
use legacy_port::report::{Paths, github, gitlab, html, json, markdown, sarif, text};
use legacy_port::rule::Rule;
use serde_json::Value;

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reports")
}

/// What the expected files are about: the checks that come with the project's habits, so that others may change.
fn selected() -> Vec<Entry> {
    let names = ["format_width", "hardcoded_size", "persisted_layout", "pointer_truncation", "record_layout"];
    names.iter().map(|n| *checks::find(n).expect("a check")).collect()
}

/// The reports of a project in all formats, by the name of their file.
fn reports(project: &Project, selected: &[Entry]) -> Vec<(&'static str, String)> {
    let audit = audit(project, selected, &|_, _| ()).unwrap();
    let (targets, paths) = (project.targets.as_ref(), Paths::new(&project.root, &project.root));
    let lines = Lines::around(&project.root, &audit.findings);
    let rules: Vec<Rule> = selected.iter().map(Rule::from).collect();
    let page =
        html::Input { project: &project.name, audit: &audit, selected: &rules, targets, paths: &paths, lines: &lines };
    vec![
        ("report.txt", text::report(&audit, targets, &paths, Screen::default())),
        ("report.jsonl", json::report(&audit, &paths)),
        ("report.sarif", sarif::report(&audit, &rules, &paths)),
        ("report.html", html::report(&page)),
        ("report.md", markdown::report(&audit, targets, &paths, markdown::LIMIT)),
        ("report.github", github::report(&audit, &paths)),
        ("report.gitlab.json", gitlab::report(&audit, &paths)),
    ]
}

fn of<'a>(reports: &'a [(&'static str, String)], name: &str) -> &'a str {
    &reports.iter().find(|r| r.0 == name).expect("a format").1
}

#[test]
fn every_format_is_as_expected() {
    let project = Project::load(&here().join("ledger")).unwrap();
    let update = std::env::var_os("UPDATE_EXPECTED").is_some();
    let mut names = BTreeSet::new();
    for (name, report) in reports(&project, &selected()) {
        let file = here().join("expected").join(name);
        if update {
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, &report).unwrap();
        }
        let expected = fs::read_to_string(&file).unwrap_or_default();
        let differs = expected.lines().zip(report.lines()).position(|(e, r)| e != r);
        assert!(
            expected == report,
            "{name} is not as expected, from line {}; UPDATE_EXPECTED=1 writes it anew",
            differs.map_or(expected.lines().count().min(report.lines().count()), |n| n) + 1
        );
        assert!(!report.contains(env!("CARGO_MANIFEST_DIR")), "{name} tells where it was made");
        names.insert(name.to_owned());
    }
    let files = fs::read_dir(here().join("expected")).unwrap();
    let files: BTreeSet<String> = files.map(|f| f.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(files, names);
}

/// A folder with a project of one C file.
fn case(name: &[u8], source: &[u8]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let flags = "name = \"<b>&\"\nsources = [\".\"]\nflags = [\"-std=gnu99\", \"-ffreestanding\"]\n";
    fs::write(dir.path().join("legacy-port.toml"), flags).unwrap();
    fs::write(dir.path().join(std::ffi::OsStr::from_bytes(name)), source).unwrap();
    dir
}

/// A file name and lines that would be commands to a terminal, markup, or the end of what they stand in.
fn hostile() -> tempfile::TempDir {
    let mut source =
        b"/* caf\xe9 */ int a(char *p) { return (int)p; } /* \x1b[31m \x1b]0;t\x07 \x9b2J \xc2\x9b2J */\r\n".to_vec();
    source.extend(b"\t\tint\tb(char\t*p) { return\t(int)p; }\r\n");
    source.extend(format!("int c(char *p) {{ return {}(int)p{}; }}\n", "0 + ".repeat(500), " + 0".repeat(500)).bytes());
    source.extend("/* \u{202e} evil \u{2066} */ int d(char *p) { return (int)p; }\n".bytes());
    source.extend(
        b"int e(char *p) { return (int)p; } /* </script><script>document.title = 'hacked'</script> `a``b` |\x00 */\n",
    );
    source.extend(b"int f(char *p) { return (int)p; } /* ::error::boo %0A ]]> --> @me [x](javascript:x) */\n");
    source.extend(b"#include \"\x1b[2J<img src=x onerror=x>.h\"\n");
    case(b"a b\x1b[31m,:%<img src=x onerror=document.title='hacked'>&\"'|`.c", &source)
}

fn harmless(name: &str, report: &str) {
    let bad = report.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\t'));
    assert_eq!(bad, None, "{name} has a control character");
    assert!(!report.contains(['\u{202e}', '\u{2066}']), "{name} turns text around");
}

#[test]
fn nothing_of_a_hostile_source_takes_effect() {
    let dir = hostile();
    let project = Project::load(dir.path()).unwrap();
    let reports = reports(&project, checks::ALL);
    let found = of(&reports, "report.jsonl").lines().count();
    assert_eq!(found, 6);
    for (name, report) in &reports {
        harmless(name, report);
    }
    for line in of(&reports, "report.github").lines() {
        let kind = line.strip_prefix("::").and_then(|l| l.split(' ').next()).unwrap();
        assert!(matches!(kind, "error" | "warning"), "{line}");
        let properties = line.strip_prefix("::").unwrap().split("::").next().unwrap();
        assert!(properties.split_once(' ').unwrap().1.split(',').all(|p| p.contains('=')), "{line}");
    }
    assert_eq!(of(&reports, "report.github").lines().count(), found + 1, "a line each, and one for the missing header");
    for line in of(&reports, "report.jsonl").lines() {
        let found: Value = serde_json::from_str(line).unwrap();
        assert!(found["file"].as_str().unwrap().starts_with("a b\x1b[31m,"), "programs get what there is");
    }
    for name in ["report.sarif", "report.gitlab.json"] {
        serde_json::from_str::<Value>(of(&reports, name)).unwrap();
    }
    let log: Value = serde_json::from_str(of(&reports, "report.sarif")).unwrap();
    let uri = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str();
    assert_eq!(
        uri,
        Some("a%20b%1B%5B31m,%3A%25%3Cimg%20src=x%20onerror=document.title=%27hacked%27%3E%26%22%27%7C%60.c")
    );
    let page = of(&reports, "report.html");
    assert_eq!((page.matches("<script").count(), page.matches("</script").count()), (1, 1));
    assert!(!page.contains("<img") && page.contains("<title>&lt;b&gt;&amp;"));
    for line in of(&reports, "report.md").lines() {
        let prose = without_code(line);
        assert!(!prose.contains(['<', '@']) && !prose.contains("]("), "{line}");
    }
}

/// A line of Markdown without its code: a run of backticks opens one, the next run as long ends it.
fn without_code(line: &str) -> String {
    let (mut out, mut rest) = (String::new(), line);
    while let Some(open) = rest.find('`') {
        out.push_str(&rest[..open]);
        let fence: String = rest[open..].chars().take_while(|c| *c == '`').collect();
        rest = &rest[open + fence.len()..];
        let mut at = 0;
        let close = loop {
            let run = rest[at..].find('`').map(|i| at + i).expect("code that ends in its line");
            let length = rest[run..].chars().take_while(|c| *c == '`').count();
            if length == fence.len() {
                break run + length;
            }
            at = run + length;
        };
        rest = &rest[close..];
    }
    out + rest
}

#[test]
fn a_hostile_page_in_a_browser_does_nothing() {
    let dir = hostile();
    let project = Project::load(dir.path()).unwrap();
    let page = dir.path().join("page.html");
    fs::write(&page, of(&reports(&project, checks::ALL), "report.html")).unwrap();
    let profile = tempfile::tempdir().unwrap();
    let output = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"])
        .args(["--enable-logging=stderr", "--dump-dom"])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("file://{}#check-pointer_truncation", page.display()))
        .output()
        .expect("chromium; ci/setup installs it");
    let (dom, log) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(!log.contains("Refused to") && !log.contains("Uncaught"), "{log}");
    assert!(dom.contains("<title>&lt;b&gt;&amp; - legacy-port audit</title>"), "the title is ours");
    assert!(!dom.contains("<img"));
    // The page's own script has run: it shows the form, counts, and opens what the address names.
    assert!(dom.contains("<output name=\"count\" aria-live=\"polite\">6 of 6</output>"), "{dom:.3000}");
    let check = dom.split("id=\"check-pointer_truncation\"").nth(1).unwrap();
    assert!(check.split("</article>").next().unwrap().contains("<details open"));
}

#[test]
fn a_terminal_gets_lines_that_fit_and_no_commands() {
    let dir = hostile();
    let project = Project::load(dir.path()).unwrap();
    let audit = audit(&project, checks::ALL, &|_, _| ()).unwrap();
    let paths = Paths::new(&project.root, &project.root);
    for width in [80, 120] {
        let plain = text::report(&audit, project.targets.as_ref(), &paths, Screen { colour: false, width });
        for line in plain.lines().filter(|l| !l.contains(".c")) {
            assert!(line.chars().count() <= width, "{} characters: {line}", line.chars().count());
        }
    }
    let coloured = text::report(&audit, project.targets.as_ref(), &paths, Screen { colour: true, width: 80 });
    // What begins with the escape character is a colour, and nothing else.
    for command in coloured.split('\x1b').skip(1) {
        let end = command.trim_start_matches('[').trim_start_matches(|c: char| c.is_ascii_digit() || c == ';');
        assert!(command.starts_with('[') && end.starts_with('m'), "{command:.20}");
    }
    assert!(!coloured.contains("\x1b[31m ") && !coloured.contains('\u{9b}'));
}

fn spot(file: &str, line: usize, text: &str) -> Spot {
    Spot { file: file.into(), line, column: 1, text: text.into(), span: (0, text.len().min(3)) }
}

#[test]
fn many_notes_are_told_briefly() {
    let notes = (1..=9).map(|n| (spot("use.c", n * 10, "use(x);"), format!("use {n}"))).collect();
    let finding = Finding {
        check: "record_layout",
        level: Level::Look,
        spot: spot("a.c", 3, "int x;"),
        function: String::new(),
        message: "`x` ".repeat(40),
        help: "do something".into(),
        notes,
        edit: None,
        accepted: None,
        layout: None,
    };
    let audit = Audit { findings: vec![finding], units: 1, ..Audit::default() };
    let targets = Project::load(&here().join("ledger")).unwrap().targets;
    let out = text::report(&audit, targets.as_ref(), &Paths::default(), Screen { colour: false, width: 80 });
    assert_eq!(out.matches("use(x);").count(), 6, "{out}");
    for n in 1..=9 {
        assert!(out.contains(&format!("use {n}")) && out.contains(&format!("{}:1", n * 10)), "{out}");
    }
    assert!(out.lines().all(|l| l.chars().count() <= 80), "{out}");
}

#[test]
fn a_summary_keeps_its_limit_and_says_what_it_left_out() {
    let mut audit = audit(&Project::load(&here().join("ledger")).unwrap(), checks::ALL, &|_, _| ()).unwrap();
    let targets = Project::load(&here().join("ledger")).unwrap().targets;
    for f in &mut audit.findings {
        f.message = "a long message ".repeat(1000);
    }
    let some = audit.findings.clone();
    for n in 0..2000 {
        audit.findings.extend(some.iter().cloned().map(|f| Finding { spot: spot(&format!("f{n}.c"), n, "x"), ..f }));
        audit.regions.push((format!("f{n}.c:1"), "i386".into()));
    }
    let page = |limit| markdown::report(&audit, targets.as_ref(), &Paths::default(), limit);
    let whole = page(markdown::LIMIT);
    assert!(whole.len() <= markdown::LIMIT && whole.contains("further findings are in the whole report"));
    assert!(whole.contains("What the audit covers") && !whole.contains("left out"));
    for limit in [0, 300, 5_000, 100_000] {
        let cut = page(limit);
        assert!(cut.len() <= limit.max(200) && cut.contains("left out"), "{limit}: {}", cut.len());
    }
}

/// Fingerprints in order, with their lines.
fn fingerprints(dir: &Path) -> Vec<(String, u64)> {
    let project = Project::load(dir).unwrap();
    let reports = reports(&project, checks::ALL);
    let log: Value = serde_json::from_str(of(&reports, "report.sarif")).unwrap();
    let issues: Value = serde_json::from_str(of(&reports, "report.gitlab.json")).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap().iter().map(|r| {
        let print = r["partialFingerprints"]["legacyPort/v1"].as_str().unwrap().to_owned();
        (print, r["locations"][0]["physicalLocation"]["region"]["startLine"].as_u64().unwrap())
    });
    let results: Vec<_> = results.collect();
    let issues: Vec<_> = issues.as_array().unwrap().iter().map(|i| i["fingerprint"].as_str().unwrap()).collect();
    assert_eq!(issues, results.iter().map(|r| r.0.as_str()).collect::<Vec<_>>());
    assert_eq!(issues.iter().collect::<BTreeSet<_>>().len(), issues.len(), "each is its own");
    results
}

#[test]
fn fingerprints_stay_when_lines_move() {
    let source = "int f(char *p, char *q) { return (int)p + (int)q; }\nint g(char *p)\n{\n\treturn (int)p;\n}\n";
    let dir = case(b"a.c", source.as_bytes());
    let before = fingerprints(dir.path());
    assert_eq!(before.len(), 3);
    let moved = format!("/* new */\n\n\n{}", source.replace("\treturn", "\n    return"));
    fs::write(dir.path().join("a.c"), moved).unwrap();
    let after = fingerprints(dir.path());
    let names = |list: &[(String, u64)]| list.iter().map(|f| f.0.clone()).collect::<Vec<_>>();
    assert_eq!(names(&before), names(&after));
    assert_ne!(before, after, "the lines did move");
    fs::write(dir.path().join("a.c"), source.replace("int g(", "int h(")).unwrap();
    assert_ne!(names(&before), names(&fingerprints(dir.path())), "another function is another finding");
}

#[test]
fn sarif_is_what_the_standard_says() {
    let hostile = hostile();
    for dir in [here().join("ledger"), hostile.path().to_owned()] {
        let project = Project::load(&dir).unwrap();
        let reports = reports(&project, checks::ALL);
        let log = of(&reports, "report.sarif");
        let output = sarif_schema::validate(log);
        assert!(output.status.success(), "{}{}", shown(&output), String::from_utf8_lossy(&output.stderr));
        // The validator does look: it refuses a log with a word too many.
        assert_eq!(sarif_schema::validate(&log.replace("\"ruleId\"", "\"ruleIdentity\"")).status.code(), Some(1));
        // GitHub's own rules beyond the standard.
        let log: Value = serde_json::from_str(log).unwrap();
        for rule in log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap() {
            assert!(rule["fullDescription"]["text"].as_str().unwrap().len() <= 1024, "{rule}");
            assert!(rule["help"]["markdown"].as_str().unwrap().contains("```c"), "{rule}");
        }
        for result in log["runs"][0]["results"].as_array().unwrap() {
            let text = result["message"]["text"].as_str().unwrap();
            for place in result["relatedLocations"].as_array().unwrap().iter().take(8) {
                assert!(text.contains(&format!("]({})", place["id"])), "{text}");
            }
        }
    }
}

fn shown(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn run(args: &[&str], dir: &Path, env: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_legacy-port"));
    command.args(args).current_dir(dir).env_remove("GITHUB_STEP_SUMMARY").envs(env.iter().copied());
    command.output().unwrap()
}

#[test]
fn a_summary_is_added_to_githubs_and_replaces_others() {
    let dir = case(b"a.c", b"int f(char *p) { return (int)p; }\n");
    let file = dir.path().join("summary.md");
    let path = file.to_str().unwrap();
    fs::write(&file, "# Before\n").unwrap();
    for _ in 0..2 {
        let output = run(&["audit", "--summary", path], dir.path(), &[("GITHUB_STEP_SUMMARY", path)]);
        assert_eq!(output.status.code(), Some(1));
        assert!(shown(&output).contains("breaks[pointer_truncation]"), "the main report is there too");
    }
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.starts_with("# Before\n") && text.matches("## legacy-port audit").count() == 2, "{text}");
    run(&["audit", "--summary", path], dir.path(), &[("GITHUB_STEP_SUMMARY", "elsewhere.md")]);
    assert!(fs::read_to_string(&file).unwrap().starts_with("## legacy-port audit"));
}

#[test]
fn files_are_told_as_their_reader_looks_for_them() {
    let dir = case(b"a.c", b"int f(char *p) { return (int)p; }\n");
    let root = dir.path().canonicalize().unwrap();
    let repository = root.join("repo");
    let project = repository.join("old/prog");
    fs::create_dir_all(&project).unwrap();
    fs::create_dir(repository.join(".git")).unwrap();
    for file in ["legacy-port.toml", "a.c"] {
        fs::rename(root.join(file), project.join(file)).unwrap();
    }
    let at = |args: &[&str], from: &Path| shown(&run(args, from, &[]));
    assert!(at(&["audit", "-p", "prog"], &repository.join("old")).contains("--> prog/a.c:1:25"));
    assert!(at(&["audit", "-p", project.to_str().unwrap()], Path::new("/usr")).contains("--> a.c:1:25"));
    assert!(at(&["audit", "-f", "github"], &project).contains("file=old/prog/a.c,line=1"));
    assert!(at(&["audit", "-f", "gitlab"], &project).contains("\"path\": \"old/prog/a.c\""));
    assert!(at(&["audit", "-f", "sarif"], &project).contains("\"uri\": \"old/prog/a.c\""));
    assert!(at(&["audit", "-f", "json"], &project).contains("\"file\":\"a.c\""));
    assert!(at(&["audit", "-f", "json", "--paths-from", ".."], &project).contains("\"file\":\"prog/a.c\""));
    let error = run(&["audit", "--paths-from", "/usr"], &project, &[]);
    assert_eq!(error.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&error.stderr).contains("does not lie in `/usr`"));
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    let dir = case(b"a.c", "int f(char *p) { return (int)p; }\n".as_bytes());
    run(&["audit", "--evidence", "evidence.json"], dir.path(), &[]);
    for args in [
        &["audit"][..],
        &["audit", "-f", "html"],
        &["checks"],
        &["explain", "pointer_truncation"],
        &["build", "-q"],
        &["evidence", "show", "evidence.json"],
        &["baseline", "check"],
        &["init", "--force"],
    ] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_legacy-port"))
            .args(args)
            .current_dir(dir.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{args:?}");
        assert_eq!(
            output.status.code(),
            Some(i32::from(["audit", "baseline"].contains(&args[0]))),
            "{args:?}: the result stays"
        );
    }
}
