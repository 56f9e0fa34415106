//! `cargo xtask release verify` and `bundle` as a person runs them.

use std::path::Path;
use std::process::{Command, Output};

fn xtask(args: &[&str]) -> Output {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    Command::new(env!("CARGO_BIN_EXE_xtask")).args(args).current_dir(root).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn our_own_release_is_clean() {
    let output = xtask(&["release", "verify", "--offline"]);
    let out = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{out}{}", text(&output.stderr));
    assert!(out.starts_with("5 files, ") && out.ends_with("nothing found\n"), "{out}");
}

#[test]
fn findings_have_place_remedy_and_source() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().display().to_string();
    assert!(xtask(&["release", "bundle", "--environment", "production", "--out", &out]).status.success());
    // A size that Fargate does not have; told where the other half of the pair stands.
    let file = dir.path().join("taskdef.json");
    let ours = std::fs::read_to_string(&file).unwrap();
    assert!(ours.contains("\"cpu\": \"256\""), "{ours}");
    std::fs::write(&file, ours.replace("\"cpu\": \"256\"", "\"cpu\": \"300\"")).unwrap();
    let line = ours.lines().position(|l| l.contains("\"memory\"")).unwrap() + 1;
    let file = file.display().to_string();
    let output = xtask(&["release", "verify", "--offline", &file]);
    let out = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{out}");
    assert!(out.contains(&format!("{file}:{line}: stops[fargate_size]: ")) && out.contains("\n    remedy: "), "{out}");
    assert!(!out.contains('\x1b'), "no colours on a pipe");
    let output = xtask(&["release", "verify", "--offline", "--format", "json", &file]);
    let log: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let lines = log["findings"].as_array().unwrap().iter().map(|f| f["line"].as_u64().unwrap());
    assert_eq!(lines.collect::<Vec<_>>(), [line as u64], "{log:#}");
}

#[test]
fn what_cannot_be_done_is_said() {
    for (args, want) in [
        (&["release", "verify"][..], "`--offline`"),
        (&["release", "verify", "--offline", "ci/setup"], "ci/setup"),
        (&["release", "verify", "--offline", "none.yaml"], "cannot read `none.yaml`"),
        (&["release", "verify", "--offline", "--parameter", "x"], "expected NAME=VALUE"),
        (&["release", "verify", "--offline", "--environment", "moon"], "no environment `moon`; there are `production`"),
    ] {
        let output = xtask(args);
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {error}");
        assert!(error.contains(want), "{args:?}: {error}");
    }
}

#[test]
fn the_bundle_is_written_and_says_what_is_open() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().display().to_string();
    let output = xtask(&["release", "bundle", "--environment", "production", "--out", &out]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("not to be uploaded"), "{}", text(&output.stdout));
    let mut names: Vec<_> = std::fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["appspec.yaml", "artifacts.zip", "taskdef.json"]);
}
