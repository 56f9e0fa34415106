//! `cargo xtask release verify` and `bundle` as a person runs them.

use std::path::Path;
use std::process::{Command, Output};

use rehearsal::{Fault, Rehearsal, Setup};
use serde_json::Value;

#[path = "../../legacy-port/tests/common/sarif_schema.rs"]
mod sarif_schema;

fn command(args: &[&str]) -> Command {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.args(args).current_dir(root);
    // Nobody's credentials, wherever the tests run.
    for (name, value) in std::env::vars().filter(|(n, _)| n.starts_with("AWS_")) {
        drop(value);
        command.env_remove(name);
    }
    command.env("AWS_EC2_METADATA_DISABLED", "true").env("AWS_CONFIG_FILE", "/dev/null");
    command.env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
    command
}

fn xtask(args: &[&str]) -> Output {
    command(args).output().unwrap()
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
    assert!(xtask(&["release", "bundle", "--env", "production", "--out", &out]).status.success());
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

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_looked_at_whole() {
    let world = Rehearsal::start(Setup::of("auctiond")).await.unwrap();
    let image = world.state(|w| w.task_sets()[0].images[0].rsplit('@').next().unwrap().to_owned());
    let verify = |more: &[&str]| {
        let args = [&["release", "verify", "--env", "rehearsal", "--image", &image], more].concat();
        let mut command = command(&args);
        command.env("AWS_ENDPOINT_URL", world.url()).env("AWS_ACCESS_KEY_ID", "AKIAHIDDENHIDDEN");
        let output = command.env("AWS_SECRET_ACCESS_KEY", "hidden+secret/of-the-account").output().unwrap();
        let all = text(&output.stdout) + &text(&output.stderr);
        assert!(!all.contains("AKIAHIDDEN") && !all.contains("hidden+secret") && !all.contains('\x1b'), "{all}");
        (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
    };
    let (code, out, err) = verify(&[]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(out.contains(" rules: nothing found\naccount        OK    credentials "), "{out}");
    assert!(out.contains("  SKIP  image_scan") && out.ends_with(" OK, 5 SKIP, 0 NG\n"), "{out}");
    let (_, _, err) = verify(&["-v"]);
    assert!(err.contains("IAM SimulatePrincipalPolicy: status 200"), "{err}");

    world.fault(Fault::Alarm { name: "auctiond-latency".into() });
    world.fault(Fault::Denied { operation: "GetRole".into() });
    let (code, out, _) = verify(&[]);
    assert_eq!(code, 1);
    for wanted in ["alarm auctiond-latency: it is in the state ALARM", "remedy  see to what", " 9 SKIP, 1 NG\n"] {
        assert!(out.contains(wanted), "no `{wanted}` in {out}");
    }
    let (code, out, _) = verify(&["--format", "json"]);
    let value: Value = serde_json::from_str(&out).unwrap();
    let items = value["items"].as_array().unwrap();
    let wrong: Vec<&str> = items.iter().filter(|i| i["state"] == "NG").map(|i| i["item"].as_str().unwrap()).collect();
    assert_eq!((code, wrong.as_slice(), &value["environment"]), (1, &["alarms_quiet"][..], &"rehearsal".into()));
    let (code, out, _) = verify(&["--format", "sarif"]);
    let checked = sarif_schema::validate(&out);
    assert!(checked.status.success(), "{}{}", text(&checked.stdout), text(&checked.stderr));
    let log: Value = serde_json::from_str(&out).unwrap();
    let result = &log["runs"][0]["results"][0];
    // It has no line of its own: it stands where the environment does.
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(
        (code, &result["ruleId"], &place["artifactLocation"]["uri"]),
        (1, &"alarms_quiet".into(), &"ci/release.toml".into())
    );
    assert!(place["region"]["startLine"].as_u64().unwrap() > 1, "{out}");

    drop(world);
    let none = xtask(&["release", "verify", "--env", "rehearsal"]);
    assert_eq!((none.status.code(), none.stdout.len()), (Some(2), 0));
    assert!(text(&none.stderr).contains("no AWS credentials"), "{}", text(&none.stderr));
}

#[test]
fn what_cannot_be_done_is_said() {
    for (args, want) in [
        (&["release", "verify"][..], "`--offline` needs no account"),
        (&["release", "verify", "--env", "rehearsal", "--image", "release"], "a tag may mean another image tomorrow"),
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
    let output = xtask(&["release", "bundle", "--env", "production", "--out", &out]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("not to be uploaded"), "{}", text(&output.stdout));
    let mut names: Vec<_> = std::fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["appspec.yaml", "artifacts.zip", "taskdef.json"]);
}
