//! `audit --watch`: an audit again after each change, until it is told to end.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

#[test]
fn a_change_is_audited_and_ctrl_c_ends_it() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("legacy-port.toml"), "sources = [\"a.c\"]\n").unwrap();
    fs::write(dir.path().join("a.c"), "#include \"a.h\"\nint a;\n").unwrap();
    fs::write(dir.path().join("a.h"), "int h;\n").unwrap();
    // Tests that run in the background of a script inherit that Ctrl-C is ignored; a terminal's do not.
    let mut child = Command::new("env")
        .args(["--default-signal=INT", env!("CARGO_BIN_EXE_legacy-port")])
        .args(["audit", "--watch", "--format", "json", "-p"])
        .arg(dir.path())
        .arg("--cache-dir")
        .arg(dir.path().join("cache"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut errors = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut until = |what: &str| {
        let found = errors.by_ref().find(|l| l.contains(what));
        assert!(found.is_some(), "ended before it said `{what}`");
    };
    until("watching");
    fs::write(dir.path().join("a.h"), "static int f(char *p) { return (int)p; }\n").unwrap();
    until("a.h` changed");
    assert!(lines.next().unwrap().contains("\"check\":\"pointer_truncation\""));
    until("watching");
    // What cannot be read for a moment does not end it.
    fs::write(dir.path().join("legacy-port.toml"), "sources = [").unwrap();
    until("error:");
    until("watching");
    fs::write(dir.path().join("legacy-port.toml"), "sources = [\"a.c\"]\n").unwrap();
    until("watching");
    assert!(lines.next().unwrap().contains("pointer_truncation"));
    let interrupt = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(interrupt.success());
    assert!(!child.wait().unwrap().success());
}
