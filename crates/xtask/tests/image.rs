//! `cargo xtask image ...` as a person runs it, on machines that are set up differently.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const CONFIG: &str = r#"
[image]
name = "case"
entrypoint = ["/app/main"]
labels = { one = "1", two = "2", three = "3" }
env = { TZ = "Europe/Berlin" }

[[program]]
from = "{bin}/main"
to = "/app/main"
ported = false

[[file]]
from = "{data}"
to = "/data"
owned = true
"#;

const CODE: &str = r"#include <stdio.h>
#include <time.h>
int main(void) { time_t t = 0; return localtime(&t)->tm_hour; }";

struct Case {
    dir: tempfile::TempDir,
}

impl Case {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let case = Self { dir };
        fs::create_dir_all(case.at("a/bin")).unwrap();
        fs::write(case.at("main.c"), CODE).unwrap();
        let mut cc = Command::new("cc");
        assert!(cc.arg("-o").arg(case.at("a/bin/main")).arg(case.at("main.c")).status().unwrap().success());
        fs::write(case.at("image.toml"), CONFIG).unwrap();
        case.data("a", &mut (0..40).collect::<Vec<_>>());
        case
    }

    fn at(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The same files, made in the order that is given.
    fn data(&self, of: &str, order: &mut [u32]) {
        for i in order {
            let dir = self.at(of).join(format!("data/{}", *i % 5));
            fs::create_dir_all(&dir).unwrap();
            fs::write(dir.join(format!("f{i}")), format!("record {i}\n").repeat(10_000)).unwrap();
        }
    }

    fn run(&self, of: &str, verb: &str, shell: &str, more: &[&str]) -> Output {
        self.command(of, verb, shell, more).output().unwrap()
    }

    /// `image <verb>` on the files of `of`, by way of a shell line that may set the machine up.
    fn command(&self, of: &str, verb: &str, shell: &str, more: &[&str]) -> Command {
        let mut command = Command::new("sh");
        command.arg("-c").arg(format!("{shell} \"$@\"")).arg("sh").arg(env!("CARGO_BIN_EXE_xtask"));
        command.args(["image", verb, "--config"]).arg(self.at("image.toml"));
        for name in ["bin", "data"] {
            command.arg("--folder").arg(format!("{name}={}", self.at(of).join(name).display()));
        }
        command.args(more).env("CARGO_TARGET_DIR", self.at(&format!("target-{of}")));
        command
    }

    fn digest(&self, of: &str, shell: &str, more: &[&str]) -> String {
        let output = self.run(of, "build", shell, more);
        let out = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{shell}: {out}{}", String::from_utf8_lossy(&output.stderr));
        out.split_whitespace().find_map(|w| w.strip_prefix("case@")).unwrap().to_owned()
    }
}

#[test]
fn the_digest_is_equal_on_machines_that_are_set_up_differently() {
    let case = Case::new();
    let first = case.digest("a", "", &[]);
    assert_eq!(case.digest("a", "", &["--threads", "1", "--no-cache"]), first);
    assert_eq!(
        case.digest("a", "umask 0077; TZ=Asia/Tokyo LC_ALL=C.UTF-8 exec", &["--threads", "7", "--no-cache"]),
        first
    );
    assert_eq!(case.digest("a", "faketime '2031-05-06 07:08:09'", &["--no-cache"]), first, "another clock");

    // The files again, in another order, by another user, with other permissions and times.
    fs::create_dir_all(case.at("b/bin")).unwrap();
    fs::copy(case.at("a/bin/main"), case.at("b/bin/main")).unwrap();
    case.data("b", &mut (0..40).rev().collect::<Vec<_>>());
    fs::set_permissions(case.at("b/bin/main"), fs::Permissions::from_mode(0o744)).unwrap();
    fs::create_dir(case.at("target-b")).unwrap();
    let is_root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
    let nobody = if is_root {
        assert!(
            Command::new("chown")
                .args(["-R", "65534:65534"])
                .arg(case.at("b"))
                .arg(case.at("target-b"))
                .status()
                .unwrap()
                .success()
        );
        "exec setpriv --reuid 65534 --regid 65534 --clear-groups"
    } else {
        "exec"
    };
    // Nobody may not read what is below the folder of root that the test is built in.
    let tool = case.at("xtask");
    fs::copy(env!("CARGO_BIN_EXE_xtask"), &tool).unwrap();
    fs::set_permissions(&tool, fs::Permissions::from_mode(0o755)).unwrap();
    let shell = format!("shift; {nobody} {}", tool.display());
    assert_eq!(case.digest("b", &shell, &[]), first);

    assert_ne!(case.digest("a", "SOURCE_DATE_EPOCH=1000000000 exec", &[]), first);
    let output = case.run("a", "build", "SOURCE_DATE_EPOCH=yesterday exec", &[]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("`SOURCE_DATE_EPOCH` is `yesterday`"));
    assert_ne!(case.digest("a", "", &["--compression", "gzip:1"]), first);
}

#[test]
fn what_goes_in_and_why() {
    let case = Case::new();
    let output = case.run("a", "plan", "", &[]);
    let text = String::from_utf8(output.stdout).unwrap();
    for want in [
        "/app/main",
        "├─ /lib64/ld-linux-x86-64.so.2",
        "calls localtime",
        "(40 files)",
        "left out: certificates: nothing speaks TLS",
    ] {
        assert!(text.contains(want), "no `{want}` in\n{text}");
    }
    let output = case.run("a", "plan", "", &["--format", "json"]);
    let object: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(object["platform"], "linux/amd64");
    let entries = object["layers"][0]["entries"].as_array().unwrap();
    let libc = entries.iter().find(|e| e["path"].as_str().unwrap().ends_with("/libc.so.6")).unwrap();
    assert_eq!((&libc["neededBy"], &libc["package"]["name"]), (&"/app/main".into(), &"libc6".into()));
    // A pipe that is closed is no error.
    let output = Command::new("sh")
        .arg("-c")
        .arg("\"$@\" | true")
        .arg("sh")
        .arg(env!("CARGO_BIN_EXE_xtask"))
        .args(["image", "plan", "--help"])
        .output();
    assert!(output.unwrap().status.success());
}

#[test]
fn the_gate_refuses_with_status_1() {
    let case = Case::new();
    fs::write(case.at("image.toml"), CONFIG.replace("ported = false\n", "")).unwrap();
    let output = case.run("a", "build", "", &[]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("refused[evidence]: `/app/main`") && text.contains("no image was built"), "{text}");
    assert!(!case.at("target-a/image").exists());
    let output = case.run("a", "build", "", &["--force", "no"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("expected a reason of 8 letters or more"));
    let output = case.run("a", "build", "", &["--force", "the fair opens on Monday"]);
    assert!(output.status.success());
    let index = Path::new("target-a/image/case/index.json");
    assert!(case.at(index.to_str().unwrap()).exists());
    fs::write(case.at("a/data/id_rsa"), "x").unwrap();
    let output = case.run("a", "build", "", &["--force", "the fair opens on Monday"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        !output.status.success() && text.contains("refused[secret]: `/data/id_rsa`"),
        "a secret cannot be forced: {text}"
    );
}

/// Ctrl-C in the middle of a push, and the same command again.
#[test]
fn a_push_that_was_stopped_goes_on_with_the_same_command() {
    let case = Case::new();
    // Bytes that do not compress: sums of numbers.
    let noise: Vec<u8> = (0..1_500_000_u64).flat_map(|i| i.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes()).collect();
    fs::write(case.at("a/data/large"), &noise).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let registry = runtime.block_on(container::registry::Registry::start()).unwrap();
    let host = registry.address.to_string();
    let more = ["--format", "json", "--compression", "gzip:1", "--tag", "v1", "--chunk", "5", host.as_str()];
    let mut child =
        case.command("a", "push", "exec", &more).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let kept = lines.map(Result::unwrap).find(|l| l.contains("\"event\":\"kept\""));
    assert!(kept.is_some(), "a large blob goes in chunks");
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("the same command goes on from here"));
    assert_eq!(registry.digest_of("case", "v1"), None);

    let output = case.run("a", "push", "exec", &more);
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{out}{}", String::from_utf8_lossy(&output.stderr));
    let events: Vec<serde_json::Value> = out.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let from = events.iter().filter(|e| e["event"] == "begins").filter_map(|e| e["from"].as_u64()).max();
    assert!(from >= Some(5 << 20), "{out}");
    let last = events.last().unwrap();
    assert_eq!(registry.digest_of("case", "v1").as_deref(), last["digest"].as_str());
    // And once more there is nothing to do.
    let before = registry.requests();
    let output = case.run("a", "push", "exec", &["--compression", "gzip:1", "--tag", "v1", host.as_str()]);
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(out.contains("nothing to do: it is there"), "{out}");
    assert!(registry.requests() - before <= 3, "the tag, and what is said of the image by the API or the tag");
    let output = case.run("a", "push", "exec", &["--user", "AWS", "127.0.0.1:9"]);
    assert!(!output.status.success());
}

#[test]
fn a_key_signs_what_was_pushed() {
    let case = Case::new();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let registry = runtime.block_on(container::registry::Registry::start()).unwrap();
    let (host, key) = (registry.address.to_string(), case.at("key.pem"));
    let mut made = Command::new("openssl");
    made.args(["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out"]);
    assert!(made.arg(&key).stderr(Stdio::null()).status().expect("openssl; ci/setup installs it").success());
    let more = ["--tag", "v1", "--sign-key", key.to_str().unwrap(), host.as_str()];
    let output = case.run("a", "push", "exec", &more);
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(out.contains("new referrers, signed\n"), "{out}{}", String::from_utf8_lossy(&output.stderr));
    let digest = registry.digest_of("case", "v1").unwrap();
    assert!(registry.digest_of("case", &format!("{}.sig", digest.replace(':', "-"))).is_some());
    let output = case.run("a", "push", "exec", &more);
    assert!(String::from_utf8_lossy(&output.stdout).contains("nothing to do: it is there"));
    // What is no key is told before anything is made.
    let output = case.run("b", "push", "exec", &["--sign-key", case.at("main.c").to_str().unwrap(), host.as_str()]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(2) && error.contains("has no private key in PEM"), "{error}");
}

/// A control plane of Amazon ECR that has the repository, scans, and answers the question for findings with `findings`.
async fn control_plane(findings: serde_json::Value) -> String {
    use axum::http::{HeaderMap, StatusCode};
    let app = axum::Router::new().fallback(move |headers: HeaderMap| async move {
        let target = headers["x-amz-target"].to_str().unwrap().rsplit_once('.').unwrap().1.to_owned();
        let answer = match target.as_str() {
            "GetAuthorizationToken" => {
                serde_json::json!({"authorizationData": [{"authorizationToken": "QVdTOnNlY3JldA=="}]})
            }
            "DescribeRepositories" => {
                serde_json::json!({"repositories": [{"repositoryUri": "case", "imageTagMutability": "IMMUTABLE",
                "imageScanningConfiguration": {"scanOnPush": true}}]})
            }
            "DescribeImageScanFindings" => findings,
            _ => serde_json::json!({}),
        };
        (StatusCode::OK, [("content-type", "application/x-amz-json-1.1")], answer.to_string())
    });
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    url
}

#[test]
fn findings_of_the_scan_decide_about_the_exit_status() {
    let case = Case::new();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let registry = runtime.block_on(container::registry::Registry::start()).unwrap();
    let host = registry.address.to_string();
    let found = serde_json::json!({"imageScanStatus": {"status": "COMPLETE"}, "imageScanFindings": {
        "findingSeverityCounts": {"MEDIUM": 1}, "findings": [{"name": "CVE-1", "severity": "MEDIUM", "uri": "https://example.org",
        "attributes": [{"key": "package_name", "value": "zlib"}, {"key": "package_version", "value": "1.2"}]}]}});
    let running = serde_json::json!({"imageScanStatus": {"status": "IN_PROGRESS"}});
    let push = |findings: &serde_json::Value, fail_on: &str, more: &[&str]| {
        let url = runtime.block_on(control_plane(findings.clone()));
        fs::write(case.at("image.toml"), format!("{CONFIG}\n[scan]\n{fail_on}\n")).unwrap();
        let all = [&["--region", "eu-west-1", "--tag", "v1", host.as_str()], more].concat();
        let mut command = case.command("a", "push", "exec", &all);
        command
            .env("AWS_ENDPOINT_URL_ECR", url)
            .env("AWS_ACCESS_KEY_ID", "AKIATEST")
            .env("AWS_SECRET_ACCESS_KEY", "hidden-key");
        let output = command.output().unwrap();
        let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        assert!(!out.contains("hidden-key") && !err.contains("hidden-key"));
        (output.status.code().unwrap(), out, err)
    };
    let sarif = case.at("scan.sarif");
    let (code, out, err) = push(&found, "fail-on = \"high\"", &["--scan-sarif", sarif.to_str().unwrap()]);
    assert!(code == 0 && out.contains("scan (basic): 1 medium\n") && out.contains("zlib 1.2"), "{code} {out}{err}");
    let log: serde_json::Value = serde_json::from_str(&fs::read_to_string(&sarif).unwrap()).unwrap();
    assert_eq!(log["runs"][0]["results"][0]["ruleId"], "CVE-1");
    let (code, out, _) = push(&found, "fail-on = \"medium\"", &[]);
    assert!(code == 1 && out.contains("1 findings at `medium` or worse"), "{code} {out}");
    let (code, out, _) = push(&found, "fail-on = \"low\"", &["--format", "json"]);
    let events: Vec<serde_json::Value> = out.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let [.., finding, last] = &events[..] else { panic!("{out}") };
    assert_eq!(
        (code, &finding["name"], &last["counts"]["medium"], &last["tooBad"]),
        (1, &"CVE-1".into(), &1.into(), &1.into())
    );
    // No result is no good result, where one is asked for.
    let (code, _, err) = push(&running, "wait = 1\nfail-on = \"high\"", &[]);
    assert!(code == 2 && err.contains("has not ended after 1 s (IN_PROGRESS)"), "{code} {err}");
    let (code, _, err) = push(&running, "wait = 1", &[]);
    assert!(code == 0 && err.contains("warning: the scan has not ended after 1 s"), "{code} {err}");
    let (code, out, err) = push(&running, "wait = 0", &["--scan-sarif", "never.sarif"]);
    assert!(code == 2 && out.is_empty() && err.contains("`wait` in [scan] is 0"), "before the push: {code} {out}{err}");
    let (code, out, err) = push(&running, "wait = 0", &[]);
    assert!(code == 0 && !out.contains("scan") && !err.contains("scan has"), "{code} {out}{err}");
}
