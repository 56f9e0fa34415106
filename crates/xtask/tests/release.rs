//! `cargo xtask release` as a person runs it: from C source to an answering container, and the refusal of what is not
//! ported.

use std::path::Path;
use std::process::{Command, Output};

fn xtask(args: &[&str], test: &str) -> Output {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.args(args).env("CARGO_TARGET_DIR", target);
    // What is set for AWS is not for the rehearsed account: nobody is there, and it is not asked.
    command.env("AWS_ENDPOINT_URL", "http://127.0.0.1:1").env("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1");
    command.output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn the_ported_program_answers_from_its_container() {
    let output = xtask(&["release"], "ported");
    let out = text(&output.stdout);
    assert!(output.status.success(), "{out}\n{}", text(&output.stderr));
    for want in [
        "15 of 15 patches applied",
        "0 breaks, 0 may",
        "32-bit i386",
        "64-bit x86_64",
        "the same byte for byte",
        "begun, with archive and image pinned",
        "GetSource/ImageSource: Succeeded",
        "traffic: 10 % on the new tasks, 90 % on the old ones",
        "traffic: 100 % on the new tasks, 0 % on the old ones",
        "DeployToEcs/Deploy: Succeeded",
        "the new tasks have all traffic, the old ones are gone: 22 min on the account's clock",
        ", which the new task definition names",
        "own network, memory limit 512 MiB",
        "title: Leica M3 double stroke, with 50 mm",
        "price: 141,750",
        "lowest: 21450",
        "found 24",
        "ended in order on SIGTERM",
        "nothing was sent to AWS",
    ] {
        assert!(out.contains(want), "no `{want}` in\n{out}");
    }
    assert!(!out.contains('\x1b'), "no colours on a pipe");
    let digest = |text: &str| Some(text.split("image      auctiond@sha256:").nth(1)?[..64].to_owned());
    let pulled = format!("auctiond@sha256:{}, which", &digest(&out).unwrap()[..12]);
    assert!(out.contains(&pulled), "the task definition names what was built: {out}");
    let again = text(&xtask(&["release"], "ported").stdout);
    assert!(digest(&out).is_some());
    assert_eq!(digest(&out), digest(&again), "the same input gives the same digest");

    for (how, cause) in [
        ("never-healthy", "cause: the new tasks do not pass the health check"),
        ("crashes", "cause: the program ended by itself with status 1"),
        ("alarm", "cause: an alarm went off"),
    ] {
        let failed = xtask(&["release", "--fail", how], "ported");
        let out = text(&failed.stdout);
        assert_eq!(failed.status.code(), Some(1), "{how}: {out}\n{}", text(&failed.stderr));
        for want in
            [cause, "rollback: deployment d-", "rolled back, the image from before has all traffic: 100 % PRIMARY"]
        {
            assert!(out.contains(want), "{how}: no `{want}` in\n{out}");
        }
        assert!(out.lines().filter(|l| l.contains("  task ")).count() <= 4, "no flood: {out}");
        let end = out.lines().last().unwrap();
        assert!(end.starts_with("failed deploy"), "nothing is pulled, run or said to be done after it: {out}");
        assert!(!out.contains("  pull ") && !out.contains("DeployToEcs/Deploy: Succeeded"), "{out}");
        // What was there before serves again, and not what was released.
        let serves = end.split("100 % PRIMARY").nth(1).unwrap();
        assert!(serves.contains("sha256:") && !serves.contains(&digest(&again).unwrap()), "{out}");
    }
}

#[test]
fn the_unported_program_is_refused_with_reasons() {
    let output = xtask(&["release", "--through", "00"], "unported");
    let out = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{out}");
    for want in ["no image was built", "breaks[", " on i386 and ", "0 of 15 patches"] {
        assert!(out.contains(want), "no `{want}` in\n{out}");
    }
    assert!(!Path::new(env!("CARGO_TARGET_TMPDIR")).join("unported/image").exists());
}

#[test]
fn a_step_that_is_none_is_an_error_with_the_choice() {
    let output = xtask(&["release", "--through", "99"], "none");
    assert_eq!(output.status.code(), Some(2));
    let error = text(&output.stderr);
    assert!(error.contains("no step `99`") && error.contains("01-prototypes"), "{error}");
}
