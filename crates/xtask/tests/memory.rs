//! The memory limit of `cargo xtask image run`: a program that needs more is ended, and where that cannot be, it is told.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Fills as many MiB as it is told to, and stays for as many seconds.
const CODE: &str = r#"#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
int main(int count, char **words) {
    int wanted = count > 1 ? atoi(words[1]) : 1;
    for (int i = 0; i < wanted; i++) {
        char *block = malloc(1 << 20);
        if (!block) return 3;
        memset(block, i + 1, 1 << 20);
    }
    printf("filled %d MiB\n", wanted);
    fflush(stdout);
    if (count > 2) sleep(atoi(words[2]));
    return 0;
}"#;

struct Case {
    dir: tempfile::TempDir,
}

impl Case {
    /// An image of that name that is built, for everybody to read.
    fn new(name: &str) -> Self {
        let case = Self { dir: tempfile::tempdir().unwrap() };
        open(case.dir.path(), 0o755);
        fs::create_dir(case.at("bin")).unwrap();
        fs::write(case.at("main.c"), CODE).unwrap();
        let cc = Command::new("cc").arg("-o").arg(case.at("bin/main")).arg(case.at("main.c")).status();
        assert!(cc.unwrap().success());
        let config = format!(
            "[image]\nname = \"{name}\"\nentrypoint = [\"/main\"]\n\n[[program]]\nfrom = \"{{bin}}/main\"\nto = \"/main\"\n\
             ported = false\n"
        );
        fs::write(case.at("image.toml"), config).unwrap();
        // Nobody may not read what is below the folder of root that the test is built in.
        fs::copy(env!("CARGO_BIN_EXE_xtask"), case.at("xtask")).unwrap();
        open(&case.at("xtask"), 0o755);
        let built = case.image("build", &[]).arg("--folder").arg(format!("bin={}", case.at("bin").display())).output();
        assert!(built.as_ref().unwrap().status.success(), "{built:?}");
        case
    }

    fn at(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn image(&self, verb: &str, user: &[&str]) -> Command {
        let tool = self.at("xtask");
        let mut command = match user {
            [] => Command::new(tool),
            [first, more @ ..] => {
                let mut command = Command::new(first);
                command.args(more).arg(tool);
                command
            }
        };
        command.args(["image", verb, "--config"]).arg(self.at("image.toml"));
        command.env("CARGO_TARGET_DIR", self.at("target"));
        command
    }

    /// Status, output and errors.
    fn run(&self, user: &[&str], args: &[&str]) -> (Option<i32>, String, String) {
        let Output { status, stdout, stderr } = self.image("run", user).args(args).output().unwrap();
        (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
    }

    /// The same under a runtime that does something before it is runc; `$bundle` is empty unless it is to run.
    fn run_under(&self, what: &str, args: &[&str]) -> (Option<i32>, String, String) {
        let runc = Command::new("sh").args(["-c", "command -v runc"]).output().unwrap();
        let runc = String::from_utf8(runc.stdout).unwrap();
        assert!(!runc.is_empty(), "no `runc`: install it, as ci/setup does");
        fs::create_dir_all(self.at("path")).unwrap();
        let bundle = "bundle=$(expr \"$*\" : '.*--bundle \\([^ ]*\\)')";
        fs::write(self.at("path/runc"), format!("#!/bin/sh\n{bundle}\n{what}\nexec {} \"$@\"\n", runc.trim())).unwrap();
        open(&self.at("path/runc"), 0o755);
        let path = format!("PATH={}:{}", self.at("path").display(), std::env::var("PATH").unwrap());
        self.run(&["env", &path], args)
    }
}

fn open(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().unwrap().stdout == b"0\n"
}

/// What keeps this machine from enforcing a limit; `None` when it has to.
fn missing() -> Option<String> {
    if !is_root() {
        return Some("the tests do not run as root".into());
    }
    let groups = fs::read_to_string("/proc/self/cgroup").unwrap();
    let old = groups.lines().find_map(|l| l.split_once(":memory:")).map(|(_, g)| format!("/sys/fs/cgroup/memory{g}"));
    let controllers = fs::read_to_string("/sys/fs/cgroup/cgroup.controllers").unwrap_or_default();
    let dir = match old {
        Some(dir) => dir,
        None if controllers.split_whitespace().any(|c| c == "memory") => "/sys/fs/cgroup".into(),
        None => return Some("no memory controller is mounted below /sys/fs/cgroup".into()),
    };
    let writable = Command::new("test").args(["-w", &dir]).status().unwrap().success();
    (!writable).then(|| format!("`{dir}` is read-only"))
}

#[test]
fn a_program_that_needs_more_than_its_limit_is_ended() {
    let case = Case::new("case");
    let (status, out, err) = case.run(&[], &["--memory", "256M", "--", "100"]);
    assert_eq!((status, out.as_str()), (Some(0), "filled 100 MiB\n"), "{err}");
    let (status, out, err) = case.run(&[], &["--memory", "64M", "--", "100"]);
    if let Some(missing) = missing() {
        eprintln!("whether a limit is enforced could not be tried: {missing}");
        assert!(
            err.contains("memory limit 64 MiB") || err.contains("the memory limit of 64 MiB is not enforced"),
            "{err}"
        );
        return;
    }
    assert_eq!((status, out.as_str()), (Some(2), ""), "{err}");
    for want in ["no capabilities, own network, memory limit 64 MiB", "137", "more memory than its limit of 64 MiB"] {
        assert!(err.contains(want), "no `{want}` in {err}");
    }
    let (status, _, err) = case.run(&[], &["--memory", "1M", "--", "1"]);
    assert_eq!(status, Some(2), "{err}");
    assert!(err.contains("within a memory limit of 1 MiB"), "{err}");
    let (status, out, err) = case.run(&[], &["--memory", "none", "--", "100"]);
    assert_eq!((status, out.as_str()), (Some(0), "filled 100 MiB\n"), "{err}");
    assert!(err.contains("own network, no memory limit"), "{err}");
}

/// A user without a cgroup of their own: it runs all the same, and it is told once that nothing holds it.
#[test]
fn a_limit_that_cannot_be_set_is_told_and_no_failure() {
    if !is_root() {
        eprintln!("what a user without a cgroup gets could not be tried: only root becomes another user here");
        return;
    }
    let case = Case::new("case");
    let chown = Command::new("chown").args(["-R", "65534:65534"]).arg(case.at("target")).status();
    assert!(chown.unwrap().success());
    let nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"];
    let (status, out, err) = case.run(&nobody, &["--memory", "64M", "--", "100"]);
    assert_eq!((status, out.as_str()), (Some(0), "filled 100 MiB\n"), "{err}");
    assert_eq!(err.matches("the memory limit of 64 MiB is not enforced: ").count(), 1, "{err}");
    assert!(err.contains("cgroup"), "the reason is told: {err}");
    assert!(err.contains("own network, memory limit 64 MiB not enforced"), "{err}");
}

/// A runtime that does something to the configuration before runc has it, or refuses.
#[test]
fn a_runtime_is_not_believed_and_a_refusal_of_swap_is_none_of_the_limit() {
    if let Some(missing) = missing() {
        eprintln!("what other runtimes do with a limit could not be tried: {missing}");
        return;
    }
    let case = Case::new("case");
    let run = |what: &str| case.run_under(what, &["--memory", "64M", "--", "1", "1"]);
    let forgets = "test -z \"$bundle\" || sed -i 's/\"limit\":[0-9]*,\"swap\":[0-9]*//' \"$bundle/config.json\"";
    let (status, out, err) = run(forgets);
    assert_eq!((status, out.as_str()), (Some(0), "filled 1 MiB\n"), "{err}");
    assert!(err.contains("is not enforced: the runtime took it, and `/"), "{err}");

    let refuses =
        "grep -q '\"swap\"' \"$bundle/config.json\" 2>/dev/null && echo 'no such cgroup file: memsw' && exit 1";
    let (status, out, err) = run(refuses);
    assert_eq!((status, out.as_str()), (Some(0), "filled 1 MiB\n"), "{err}");
    assert!(
        err.contains("own network, memory limit 64 MiB (swap not limited);") && !err.contains("not enforced"),
        "{err}"
    );
}

/// Neither tried again without the limit nor blamed on it; and what hangs does not outlive us.
#[test]
fn a_start_that_fails_for_another_reason_is_told_at_once() {
    let case = Case::new("case");
    let note = format!("test -z \"$bundle\" || echo $$ >> {}\n", case.at("tried").display());
    let tried =
        || fs::read_to_string(case.at("tried")).unwrap().lines().map(|l| l.parse().unwrap()).collect::<Vec<u32>>();
    let refuses =
        "test -z \"$bundle\" || { echo 'level=warning msg=\"no cgroup\"'; echo 'exec: no such file'; exit 1; }";
    let (status, _, err) = case.run_under(&format!("{note}{refuses}"), &["--memory", "64M"]);
    assert_eq!((status, tried().len()), (Some(2), 1), "{err}");
    assert!(err.contains("did not start (exit status: 1)") && err.contains("exec: no such file"), "{err}");
    assert!(!err.contains("limit"), "{err}");

    let hangs = "test -z \"$bundle\" || exec sleep 30";
    let (status, _, err) = case.run_under(&format!("{note}{hangs}"), &["--memory", "64M"]);
    assert!(status == Some(2) && err.contains("did not start in 10 s"), "{err}");
    assert_eq!(tried().len(), 2, "{err}");
    assert!(!release::memory::lives(tried()[1]), "the runtime goes on");
}

#[test]
fn the_limit_is_that_of_the_task_unless_said() {
    let told = |limit: &str, err: &str| err.contains(&format!("own network, memory limit {limit}"));
    let case = Case::new("auctiond");
    let (status, _, err) = case.run(&[], &["--", "1"]);
    assert!(status == Some(0) && told("512 MiB", &err), "what ci/release.toml says: {err}");
    let (status, _, err) = case.run(&[], &["--memory", "300M", "--", "1"]);
    assert!(status == Some(0) && told("300 MiB", &err), "{err}");

    let case = Case::new("case");
    let (status, _, err) = case.run(&[], &["--env", "rehearsal", "--", "1"]);
    assert!(status == Some(0) && told("512 MiB", &err), "{err}");
    let (status, _, err) = case.run(&[], &["--", "1"]);
    assert_eq!(status, Some(0), "{err}");
    assert!(err.contains("no memory limit: no environment of ci/release.toml has `repository = \"case\"`"), "{err}");
    for (args, want) in [
        (["--env", "nowhere"], "no environment `nowhere`; there are `production`, `rehearsal`"),
        (["--memory", "12"], "expected a number with M or G, such as `256M`"),
    ] {
        let (status, _, err) = case.run(&[], &args);
        assert_eq!(status, Some(2), "{err}");
        assert!(err.contains(want), "no `{want}` in {err}");
    }
}
