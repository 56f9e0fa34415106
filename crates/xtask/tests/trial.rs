//! The image that is released, run on this machine by `cargo xtask release verify` and asked what its target groups ask.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use rehearsal::{Clock, Rehearsal, Setup};
use serde_json::Value;

/// Answers `/health` as its variable TZ says, which the image does not have and the task does; ends by itself without one.
const CODE: &str = r#"#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
static void end(int signal) { (void)signal; _exit(0); }
int main(void) {
    const char *zone = getenv("TZ"), *status = "404 Not Found";
    if (!zone) { fprintf(stderr, "no zone\n"); return 3; }
    if (!strcmp(zone, "UTC0")) status = "200 OK";
    signal(SIGTERM, end);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(8080)};
    int s = socket(AF_INET, SOCK_STREAM, 0), c, one = 1;
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(s, (struct sockaddr *)&at, sizeof at) || listen(s, 8)) return 4;
    while ((c = accept(s, 0, 0)) >= 0) {
        char text[4096];
        if (read(c, text, sizeof text) > 0)
            dprintf(c, "HTTP/1.1 %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", status);
        close(c);
    }
    return 0;
}"#;

const IMAGE: &str = r#"
[image]
name = "auctiond"
entrypoint = ["/main"]

[[program]]
from = "{bin}/main"
to = "/main"
ported = false
"#;

fn xtask(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.env("CARGO_TARGET_DIR", dir.join("target"));
    command
}

/// State and words of the item, by a look at all of them.
fn item(dir: &Path, world: &Rehearsal, more: &[&str]) -> (String, String) {
    let mut command = xtask(dir);
    command
        .args(["release", "verify", "--env", "rehearsal", "--format", "json", "--config"])
        .arg(dir.join("release.toml"));
    command.args(more).env("AWS_ENDPOINT_URL", world.url()).env_remove("AWS_PROFILE");
    command.env("AWS_ACCESS_KEY_ID", "key").env("AWS_SECRET_ACCESS_KEY", "secret");
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let told: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}{output:?}"));
    let item = told["items"].as_array().unwrap().iter().find(|i| i["item"] == "health_answer").unwrap();
    (item["state"].as_str().unwrap().to_owned(), item.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_image_is_run_and_asked_for_the_path_of_the_health_check() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    fs::set_permissions(dir, fs::Permissions::from_mode(0o755)).unwrap();
    fs::create_dir(dir.join("bin")).unwrap();
    fs::write(dir.join("main.c"), CODE).unwrap();
    let cc = Command::new("cc").arg("-o").arg(dir.join("bin/main")).arg(dir.join("main.c")).status();
    assert!(cc.unwrap().success());
    fs::write(dir.join("image.toml"), IMAGE).unwrap();
    let ours = include_str!("../../../ci/release.toml");
    let settings = |zone: &str| fs::write(dir.join("release.toml"), ours.replace("{ TZ = \"UTC0\" }", zone)).unwrap();
    settings("{ TZ = \"UTC0\" }");
    let world = Rehearsal::start(Setup { clock: Clock::scaled(2000), ..Setup::of("auctiond") }).await.unwrap();
    let none = item(dir, &world, &[]);
    assert!(none.0 == "SKIP" && none.1.contains("it is not known which image"), "{none:?}");

    let mut make = xtask(dir);
    make.args(["image", "build", "--config"]).arg(dir.join("image.toml"));
    let built = make.arg("--folder").arg(format!("bin={}", dir.join("bin").display())).output().unwrap();
    assert!(built.status.success(), "{built:?}");
    // Without `--image` it is the one that was made last. The task's environment is the container's too.
    let well = item(dir, &world, &[]);
    assert!(well.0 == "OK" && well.1.contains("/health answers 200 on this machine, under "), "{well:?}");
    let other = item(dir, &world, &["--image", &format!("sha256:{}", "0".repeat(64))]);
    assert!(other.0 == "SKIP" && other.1.contains("is another one, sha256:"), "{other:?}");
    settings("{ TZ = \"Mars\" }");
    let ill = item(dir, &world, &[]);
    assert!(
        ill.0 == "NG" && ill.1.contains("/health answers 404 on this machine, the target group auctiond-1 takes 200"),
        "{ill:?}"
    );
    settings("{}");
    let ends = item(dir, &world, &[]);
    assert!(
        ends.0 == "NG" && ends.1.contains("the container ended by itself") && ends.1.contains("no zone"),
        "{ends:?}"
    );
    let left: Vec<_> = fs::read_dir(dir.join("target")).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(!left.iter().any(|n| n.to_string_lossy().starts_with("container")), "{left:?}");
}
