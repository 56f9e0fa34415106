//! The schema of the standard as a judge of SARIF logs.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// The schema of the standard, as a package ships it that is a dependency for this alone.
fn schema() -> PathBuf {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--manifest-path"])
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let all: Value = serde_json::from_slice(&output.stdout).unwrap();
    let package = all["packages"].as_array().unwrap().iter().find(|p| p["name"] == "serde-sarif").expect("in the lock");
    Path::new(package["manifest_path"].as_str().unwrap()).with_file_name("src").join("schema.json")
}

/// Runs the validator over a log: it succeeds where the log is as the standard says.
pub(crate) fn validate(log: &str) -> Output {
    const VALIDATE: &str = "import json, sys, jsonschema\n\
        errors = list(jsonschema.Draft7Validator(json.load(open(sys.argv[1]))).iter_errors(json.load(sys.stdin)))\n\
        for e in errors[:5]: print(list(e.absolute_path), e.message[:300])\n\
        sys.exit(bool(errors))";
    let mut python = Command::new("/usr/bin/python3")
        .args(["-c", VALIDATE])
        .arg(schema())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("python3-jsonschema; ci/setup installs it");
    python.stdin.take().unwrap().write_all(log.as_bytes()).unwrap();
    python.wait_with_output().unwrap()
}
