//! Images over a base: what is sent, lent or fetched, what of it goes in twice, and what a base may not be.

#[path = "support/layers.rs"]
mod layers;
mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::Request;
use container::base::Base;
use container::config::Config;
use container::gate;
use container::image::{Image, Options};
use container::plan::{Machine, Plan};
use container::registry::{Quirks, Registry};
use container::transfer::{self, Login};
use container::{explain, provenance, rootfs, sbom};
use layers::{Made, image_of, tar};
use serde_json::{Value, json};
use support::{Heard, chunks, noise, remote, skopeo};

fn host(path: &str) -> Vec<u8> {
    fs::read(path).unwrap()
}

/// A small system whose folders are merged as Debian's are, with this machine's own glibc, and a file that its second
/// layer takes away.
fn system(dir: &Path) -> Image {
    let libc = host("/lib/x86_64-linux-gnu/libc.so.6");
    let first = vec![
        Made::Folder("usr/lib/x86_64-linux-gnu", 0o755),
        Made::Folder("usr/lib64", 0o755),
        Made::Link("lib", "usr/lib"),
        Made::Link("lib64", "usr/lib64"),
        Made::Folder("etc", 0o750),
        Made::Folder("tmp", 0o1777),
        Made::File("etc/passwd", 0o644, b"root:x:0:0::/root:/bin/sh\nweb:x:33:33::/:/bin/false\n".to_vec()),
        Made::File("etc/os-release", 0o644, b"ID=small\n".to_vec()),
        Made::File("usr/lib/x86_64-linux-gnu/libc.so.6", 0o644, libc),
        Made::File("usr/lib64/ld-linux-x86-64.so.2", 0o755, host("/lib64/ld-linux-x86-64.so.2")),
        Made::File("usr/su", 0o4755, b"gone in the second layer".to_vec()),
        Made::File("old/inside", 0o644, b"hidden".to_vec()),
    ];
    let second = vec![
        Made::File("usr/.wh.su", 0o644, Vec::new()),
        Made::File("old/.wh..wh..opq", 0o644, Vec::new()),
        Made::File("old/new", 0o644, b"seen".to_vec()),
        Made::Hard("old/same", "old/new"),
        Made::File("srv/noise", 0o644, noise(300_000, 7)),
    ];
    image_of(dir, &[tar(first), tar(second)], |_, config| {
        config["history"] = json!([{"created_by": "RUN one"}, {"created_by": "ENV two", "empty_layer": true}, {"created_by": "RUN two"}]);
    })
}

/// A registry with a note of each request.
struct Noted {
    registry: Arc<Registry>,
    host: String,
    notes: Arc<Mutex<Vec<String>>>,
}

impl Noted {
    async fn start() -> Self {
        let quirks = Quirks { mounts: true, blobs_of_their_own: true, ..Quirks::default() };
        let registry = Arc::new(Registry::start_as(quirks).await.unwrap());
        let notes = Arc::new(Mutex::new(Vec::new()));
        let (inner, written) = (Arc::clone(&registry), Arc::clone(&notes));
        let app = Router::new().fallback(move |request: Request| {
            let (inner, written) = (Arc::clone(&inner), Arc::clone(&written));
            async move {
                written.lock().unwrap().push(format!("{} {}", request.method(), request.uri().path()));
                inner.answer(request).await
            }
        });
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { registry, host, notes }
    }

    fn url(&self) -> String {
        format!("http://{}", self.host)
    }

    /// Digests of the blobs that were fetched since the last time.
    fn fetched(&self) -> Vec<String> {
        let notes = std::mem::take(&mut *self.notes.lock().unwrap());
        let blob = |note: &String| Some(note.strip_prefix("GET ")?.split_once("/blobs/")?.1.to_owned());
        notes.iter().filter_map(blob).filter(|name| name.starts_with("sha256:")).collect()
    }

    async fn push(&self, image: &Image, tag: &str, options: &transfer::Options) -> transfer::Pushed {
        transfer::push(image, &remote(&self.url(), &Heard::default()), tag, options).await.unwrap()
    }
}

/// A program, and the folder that everything is kept in.
struct Case {
    dir: tempfile::TempDir,
}

impl Case {
    fn new() -> Self {
        let case = Self { dir: tempfile::tempdir().unwrap() };
        let code = "#include <stdio.h>\n#include <stdlib.h>\n#include <pwd.h>\n\
            int main(void) { struct passwd *p = getpwuid(65532); printf(\"%s %s\\n\", p ? p->pw_name : \"-\", getenv(\"MINE\")); return 0; }\n";
        fs::write(case.at("main.c"), code).unwrap();
        let made = Command::new("cc").args(["-o", "main", "main.c"]).current_dir(case.dir.path()).status();
        assert!(made.unwrap().success());
        case
    }

    fn at(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn config(&self, base: &str, more: &str) -> Config {
        let file = self.at("image.toml");
        let text = format!(
            "[image]\nname = \"app/two\"\nbase = \"{base}\"\nentrypoint = [\"/app/main\"]\nenv = {{ MINE = \"own\" }}\n\
             [[program]]\nfrom = \"main\"\nto = \"/app/main\"\nported = false\n{more}"
        );
        fs::write(&file, text).unwrap();
        Config::load(&file).unwrap()
    }

    async fn plan_with(&self, base: &str, more: &str) -> container::Result<Plan> {
        let config = self.config(base, more);
        let folders = BTreeMap::new();
        let machine = Machine { root: self.dir.path(), folders: &folders };
        let base = Base::of(&config, &machine, Login::Nobody, &self.at("store")).await?;
        Plan::over(&config, &machine, &Arc::default(), base.as_ref())
    }

    async fn plan(&self, base: &str) -> Plan {
        self.plan_with(base, "").await.unwrap()
    }

    fn build(&self, plan: &Plan, layout: &str) -> Image {
        Image::build(plan, &Options::default(), &self.at(layout)).unwrap()
    }
}

fn lent(plan: &Plan) -> transfer::Options {
    transfer::Options { lender: plan.base.as_ref().map(|b| b.lender()), ..chunks() }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_registry_lends_and_nothing_is_fetched() {
    let case = Case::new();
    let registry = Noted::start().await;
    let base = system(&case.at("base"));
    registry.push(&base, "v1", &chunks()).await;
    let name = format!("{}/base/one@{}", registry.host, base.digest);
    let plan = case.plan(&name).await;
    assert_eq!(registry.fetched().len(), 3, "configuration and layers, once");
    assert_eq!(plan.warnings, [] as [&str; 0]);
    assert_eq!(gate::check(&plan), []);
    // What was seen is kept: neither the layers are needed any more, nor the network.
    fs::remove_dir_all(case.at("store/blobs")).unwrap();
    let plan = case.plan(&name).await;
    assert_eq!(registry.fetched(), [base.blobs[0].digest.clone()], "the configuration alone");
    let image = case.build(&plan, "layout");
    assert_eq!(image.blobs[1..3], base.blobs[1..]);
    assert_eq!(image.missing().len(), 2);
    let pushed = registry.push(&image, "v1", &lent(&plan)).await;
    assert_eq!((pushed.mounted, pushed.sent, pushed.there), (2, image.blobs.len() - 2, 0), "{image:?}");
    assert_eq!(registry.fetched(), [] as [&str; 0]);
    assert_eq!(registry.registry.digest_of("app/two", "v1").unwrap(), image.digest);
    // The same again, from another folder.
    let other = Image::build(&case.plan(&name).await, &Options::default(), &case.at("other")).unwrap();
    assert_eq!(other.digest, image.digest);
    // Somebody else reads all of it there.
    let (from, to) = (format!("docker://{}/app/two:v1", registry.host), format!("dir:{}", case.at("copy").display()));
    let copied = tokio::task::spawn_blocking(move || {
        skopeo(&["copy", "--insecure-policy", "--src-tls-verify=false", "--preserve-digests", &from, &to])
    });
    copied.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn another_registry_gets_what_it_lacks() {
    let case = Case::new();
    let (theirs, ours) = (Noted::start().await, Noted::start().await);
    let base = system(&case.at("base"));
    theirs.push(&base, "v1", &chunks()).await;
    let plan = case.plan(&format!("{}/base/one@{}", theirs.host, base.digest)).await;
    // Of the two layers the first is in our repository already.
    let mut part = base.clone();
    part.name = "app/two".into();
    part.blobs.truncate(2);
    let _ = transfer::push(&part, &remote(&ours.url(), &Heard::default()), "part", &chunks()).await;
    fs::remove_dir_all(case.at("store/blobs")).unwrap();
    let image = case.build(&plan, "layout");
    theirs.fetched();
    ours.fetched();
    let pushed = ours.push(&image, "v1", &lent(&plan)).await;
    assert_eq!((pushed.mounted, pushed.there), (0, 1));
    assert_eq!(theirs.fetched(), [base.blobs[2].digest.clone()], "the layer that was missing");
    assert_eq!(ours.registry.digest_of("app/two", "v1").unwrap(), image.digest);
    assert_eq!(ours.registry.blob(&base.blobs[2].digest).unwrap(), fs::read(base.path(&base.blobs[2])).unwrap());
    // Without whoever has it nothing is pushed.
    let missing = case.build(&plan, "elsewhere");
    let third = Noted::start().await;
    let error = transfer::push(&missing, &remote(&third.url(), &Heard::default()), "v1", &chunks()).await.unwrap_err();
    assert!(error.to_string().contains("cannot read"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_base_has_goes_in_once_and_it_runs() {
    let case = Case::new();
    let registry = Noted::start().await;
    let base = system(&case.at("base"));
    registry.push(&base, "v1", &chunks()).await;
    let plan = case.plan(&format!("{}/base/one:v1", registry.host)).await;
    assert!(
        plan.warnings[0].contains(&format!("write `{}/base/one:v1@{}`", registry.host, base.digest)),
        "{:?}",
        plan.warnings
    );
    let image = case.build(&plan, "layout");
    plan.base.as_ref().unwrap().complete(&image).await.unwrap();
    assert!(image.missing().is_empty());
    let mut own = Vec::new();
    for blob in &image.blobs[3..] {
        let listed = Command::new("tar").arg("-tzf").arg(image.path(blob)).output().unwrap();
        own.extend(String::from_utf8(listed.stdout).unwrap().lines().map(str::to_owned));
    }
    let has = |name: &str| own.iter().any(|n| n == name);
    // The program, the library that the base has not, and no folder in the way of the base's links.
    assert!(has("app/main") && has("usr/lib/x86_64-linux-gnu/libgcc_s.so.1") && has("etc/passwd"), "{own:?}");
    for not in [
        "lib/",
        "lib64/",
        "etc/",
        "tmp/",
        "usr/lib/x86_64-linux-gnu/libc.so.6",
        "usr/lib64/ld-linux-x86-64.so.2",
        "etc/os-release",
    ] {
        assert!(!has(not), "{not} in {own:?}");
    }
    // umoci unpacks it, and so do we: the same files.
    let (ours, theirs) = (case.at("ours"), case.at("theirs"));
    rootfs::unpack(&image, &ours, false).unwrap();
    let source = format!("{}:latest", image.layout.display());
    let unpacked = Command::new("umoci").args(["unpack", "--rootless", "--image", &source]).arg(&theirs).output();
    let unpacked = unpacked.expect("umoci; ci/setup installs it");
    assert!(unpacked.status.success(), "{}", String::from_utf8_lossy(&unpacked.stderr));
    let differ = Command::new("diff")
        .arg("-r")
        .args(["--no-dereference"])
        .arg(&ours)
        .arg(theirs.join("rootfs"))
        .output()
        .unwrap();
    assert!(differ.status.success(), "{}", String::from_utf8_lossy(&differ.stdout));
    assert!(!ours.join("usr/su").exists() && ours.join("old/same").exists() && !ours.join("old/inside").exists());
    let is_root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
    let mut command = Command::new(if is_root { "chroot" } else { "unshare" });
    if !is_root {
        command.args(["--user", "--map-root-user", "chroot"]);
    }
    let ran = command.arg(&ours).arg("/app/main").env("MINE", "own").output().unwrap();
    assert_eq!(String::from_utf8_lossy(&ran.stdout), "nonroot own\n", "{}", String::from_utf8_lossy(&ran.stderr));
    // What it says of itself.
    let config: Value = serde_json::from_slice(&fs::read(image.path(&image.blobs[0])).unwrap()).unwrap();
    let of = &config["config"];
    assert_eq!(of["Env"], json!(["MINE=own", "PATH=/base/bin"]));
    assert_eq!(
        (&of["User"], &of["WorkingDir"], &of["StopSignal"], &of["Labels"]["of"], &of["Cmd"]),
        (&json!("65532:65532"), &json!("/srv"), &json!("SIGINT"), &json!("base"), &Value::Null)
    );
    assert_eq!(config["rootfs"]["diff_ids"].as_array().unwrap().len(), image.blobs.len() - 1);
    assert_eq!(image.layer_names().unwrap(), ["base", "base", "libraries", "program"]);
    let manifest: Value = serde_json::from_slice(&image.manifest).unwrap();
    assert_eq!(
        manifest["annotations"],
        json!({"org.opencontainers.image.base.digest": base.digest,
        "org.opencontainers.image.base.name": format!("{}/base/one:v1", registry.host)})
    );
    let told = explain::text(&plan);
    assert!(told.contains(&format!("over {}/base/one:v1@{} (image.toml)", registry.host, base.digest)), "{told}");
    assert!(told.lines().any(|l| l.contains("libc.so.6") && l.contains(", in the base")), "{told}");
    assert_eq!(explain::json(&plan)["base"]["layers"][1]["digest"], base.blobs[2].digest);
    let made = provenance::provenance(&plan, &image, &Options::default(), "", &BTreeMap::new());
    assert!(made.contains(&base.digest[7..]) && made.contains("\"base\""), "{made}");
    assert!(sbom::spdx(&plan, &image, 0).unwrap().contains("DESCENDANT_OF"));
    let archive = case.at("image.tar");
    container::archive::write(&image, "latest", &archive).unwrap();
    skopeo(&["inspect", &format!("docker-archive:{}", archive.display())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gate_looks_at_the_base() {
    let case = Case::new();
    let registry = Noted::start().await;
    let mut elf32 = host("/bin/true")[..64].to_vec();
    elf32[4] = 1;
    let key = format!("{}{}", "AKIA", "QYLPMN5HHHFPZAM2");
    let layer = vec![
        Made::File("bin/su", 0o4755, b"x".to_vec()),
        Made::File("bin/old", 0o755, elf32),
        Made::File("etc/app.conf", 0o644, key.into_bytes()),
        Made::File("root/.netrc", 0o600, b"machine".to_vec()),
        Made::File("srv/fine", 0o644, b"fine".to_vec()),
        Made::Hard("bin/also", "bin/su"),
    ];
    let base = image_of(&case.at("base"), &[tar(layer)], |_, _| {});
    registry.push(&base, "v1", &chunks()).await;
    let name = format!("{}/base/one@{}", registry.host, base.digest);
    let refused = |plan: &Plan| gate::check(plan).iter().map(|r| format!("{} {}", r.rule, r.what)).collect::<Vec<_>>();
    let all = ["class /bin/old", "secret /etc/app.conf", "secret /root/.netrc", "setuid /bin/also", "setuid /bin/su"];
    assert_eq!(refused(&case.plan(&name).await), all);
    fs::write(case.at("f"), "harmless").unwrap();
    // What ours replace is gone, and what is said to be no secret is none.
    let more =
        "[[file]]\nfrom = \"f\"\nto = \"/bin/su\"\n[[allow]]\nsecret = \"/root/.netrc\"\nreason = \"an example\"\n";
    let plan = case.plan_with(&name, more).await.unwrap();
    assert_eq!(refused(&plan), [all[0], all[1], all[3]]);
    assert!(plan.warnings.iter().any(|w| w.contains("ours replace: `/bin/su`")), "{:?}", plan.warnings);
    // A file below a file has no place.
    let error = case.plan_with(&name, "[[file]]\nfrom = \"f\"\nto = \"/srv/fine/f\"\n").await.unwrap_err().to_string();
    assert!(error.contains("`/srv/fine` is a folder here and none there"), "{error}");
    let error = case.plan_with(&name, "[[file]]\nfrom = \"f\"\nto = \"/bin\"\n").await.unwrap_err().to_string();
    assert!(error.contains("is a file here and a folder there"), "{error}");
    let folders = BTreeMap::new();
    let machine = Machine { root: case.dir.path(), folders: &folders };
    let error = Plan::new(&case.config(&name, ""), &machine).unwrap_err().to_string();
    assert!(error.contains("was not fetched"), "{error}");
}
