//! Images over a base: what is sent, lent or fetched, what of it goes in twice, and what a base may not be.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::Request;
use container::base::{Base, Reference};
use container::config::Config;
use container::gate;
use container::image::{Image, Options};
use container::plan::{Machine, Plan};
use container::registry::{Quirks, Registry};
use container::transfer::{self, Login};
use container::{explain, provenance, rootfs, sbom};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use support::{Heard, chunks, noise, remote, skopeo};

const GZIP: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

fn sum(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold("sha256:".to_owned(), |out, byte| format!("{out}{byte:02x}"))
}

/// An entry of a layer that somebody else made.
enum Made<'a> {
    File(&'a str, u32, Vec<u8>),
    Folder(&'a str, u32),
    Link(&'a str, &'a str),
    Hard(&'a str, &'a str),
}

fn tar(entries: Vec<Made>) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for entry in entries {
        let mut header = tar::Header::new_gnu();
        header.set_size(0);
        header.set_mode(0o755);
        match entry {
            Made::File(path, mode, bytes) => {
                header.set_mode(mode);
                header.set_size(bytes.len() as u64);
                tar.append_data(&mut header, path, &bytes[..]).unwrap();
            }
            Made::Folder(path, mode) => {
                header.set_mode(mode);
                header.set_entry_type(tar::EntryType::Directory);
                tar.append_data(&mut header, path, std::io::empty()).unwrap();
            }
            Made::Link(path, to) => {
                header.set_entry_type(tar::EntryType::Symlink);
                tar.append_link(&mut header, path, to).unwrap();
            }
            Made::Hard(path, to) => {
                header.set_entry_type(tar::EntryType::Link);
                tar.append_link(&mut header, path, to).unwrap();
            }
        }
    }
    tar.into_inner().unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

/// A layout with an image of these layers; `change` makes it another one than it should be.
fn image_of(dir: &Path, layers: &[Vec<u8>], change: impl Fn(&mut Value, &mut Value)) -> Image {
    let blobs = dir.join("blobs/sha256");
    fs::create_dir_all(&blobs).unwrap();
    let put = |bytes: &[u8]| {
        fs::write(blobs.join(&sum(bytes)[7..]), bytes).unwrap();
        (sum(bytes), bytes.len())
    };
    let mut described = Vec::new();
    for layer in layers {
        let (digest, size) = put(&gzip(layer));
        described.push(json!({"mediaType": GZIP, "digest": digest, "size": size}));
    }
    let ids: Vec<String> = layers.iter().map(|l| sum(l)).collect();
    let mut config = json!({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": ids},
        "config": {"Env": ["PATH=/base/bin", "MINE=base"], "Labels": {"of": "base"}, "Cmd": ["sh"], "User": "0", "StopSignal": "SIGINT", "WorkingDir": "/srv"},
        "history": [{"created_by": "RUN one"}, {"created_by": "ENV two", "empty_layer": true}]});
    let mut manifest = json!({"schemaVersion": 2, "mediaType": MANIFEST, "layers": described});
    change(&mut manifest, &mut config);
    let (digest, size) = put(config.to_string().as_bytes());
    manifest["config"] =
        json!({"mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest, "size": size});
    let (digest, size) = put(manifest.to_string().as_bytes());
    let index = json!({"schemaVersion": 2, "manifests": [{"mediaType": MANIFEST, "digest": digest, "size": size}]});
    fs::write(dir.join("index.json"), index.to_string()).unwrap();
    fs::write(dir.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).unwrap();
    Image::open(dir, "base/one").unwrap()
}

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
    let ran =
        Command::new("unshare").args(["-r", "chroot"]).arg(&ours).arg("/app/main").env("MINE", "own").output().unwrap();
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
    assert!(error.contains("`/srv/fine/f` cannot go in: `/srv/fine` is no folder there"), "{error}");
    let error = case.plan_with(&name, "[[file]]\nfrom = \"f\"\nto = \"/bin\"\n").await.unwrap_err().to_string();
    assert!(error.contains("is a file here and a folder there"), "{error}");
    let folders = BTreeMap::new();
    let machine = Machine { root: case.dir.path(), folders: &folders };
    let error = Plan::new(&case.config(&name, ""), &machine).unwrap_err().to_string();
    assert!(error.contains("was not fetched"), "{error}");
}

/// Asks a registry that answers with these bytes for a manifest, and with `blob` for every blob.
async fn lying(manifest: Vec<u8>, blob: Vec<u8>, platform: &str, store: &Path, tag: bool) -> String {
    let wanted = sum(&manifest);
    let app = Router::new().fallback(move |request: Request| {
        let bytes = if request.uri().path().contains("/manifests/") { manifest.clone() } else { blob.clone() };
        async move { bytes }
    });
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let host = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move { axum::serve(listener, app).await });
    let name = if tag { format!("{host}/x:latest") } else { format!("{host}/x@{wanted}") };
    let reference: Reference = name.parse().unwrap();
    let fetched = Base::fetch(&reference, platform, &remote(&format!("http://{host}"), &Heard::default()), store).await;
    fetched.map(|_| String::new()).unwrap_or_else(|e| e.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_base_may_not_be() {
    let dir = tempfile::tempdir().unwrap();
    let plain = || tar(vec![Made::File("f", 0o644, b"f".to_vec())]);
    type Change = fn(&mut Value, &mut Value);
    let cases: [(&str, Change); 9] = [
        ("", |_, _| {}),
        ("is for `linux/arm64`", |_, c| c["architecture"] = "arm64".into()),
        ("has 1 layers, and its configuration 0", |_, c| c["rootfs"]["diff_ids"] = json!([])),
        ("its configuration says `sha256:0`", |_, c| c["rootfs"]["diff_ids"] = json!(["sha256:0"])),
        ("\"foreign layer\"", |m, _| {
            m["layers"][0]["mediaType"] = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip".into()
        }),
        ("\"foreign layer\"", |m, _| m["layers"][0]["urls"] = json!(["https://example.org/x"])),
        ("`application/x-evil`, which is not known here", |m, _| {
            m["layers"][0]["mediaType"] = "application/x-evil\u{1b}".into()
        }),
        ("more than any registry takes", |m, _| m["layers"][0]["size"] = json!(99_999_999_999_999_u64)),
        ("at most 120", |m, _| m["layers"] = vec![m["layers"][0].clone(); 121].into()),
    ];
    for (number, (want, change)) in cases.into_iter().enumerate() {
        let registry = Registry::start().await.unwrap();
        let heard = Heard::default();
        let remote = remote(&registry.url(), &heard);
        let image = image_of(&dir.path().join(format!("{number}")), &[plain()], change);
        let mut sent = image.clone();
        sent.blobs = image.blobs.iter().filter(|b| b.size < 1 << 20).take(2).cloned().collect();
        // The registry takes any manifest whose blobs it has; they are sent as they are said to be.
        let whole = image_of(&dir.path().join(format!("{number}-whole")), &[plain()], |_, _| {});
        transfer::push(&whole, &remote, "v0", &chunks()).await.unwrap();
        transfer::push(&sent, &remote, "v1", &chunks()).await.unwrap();
        let name = format!("{}/base/one@{}", registry.address, image.digest);
        let fetched =
            Base::fetch(&name.parse().unwrap(), "linux/amd64", &remote, &dir.path().join(format!("store-{number}")))
                .await;
        let error = fetched.map(|_| String::new()).unwrap_or_else(|e| e.to_string());
        assert!(
            error.contains(want) && error.is_empty() == want.is_empty() && !error.contains('\u{1b}'),
            "{want}: {error}"
        );
    }
    let store = |n: u32| dir.path().join(format!("lying-{n}"));
    for (n, text) in ["", "{", "[]", "{\"manifests\":7}", "{\"schemaVersion\":2}"].into_iter().enumerate() {
        let error =
            lying(text.as_bytes().to_vec(), Vec::new(), "linux/amd64", &store(u32::try_from(n).unwrap()), false).await;
        assert!(error.contains("base image `"), "{text}: {error}");
    }
    let digest = sum(b"x");
    let index = json!({"schemaVersion": 2, "manifests": [{"mediaType": MANIFEST, "digest": digest, "size": 1, "platform": {"os": "linux", "architecture": "s390x"}}]});
    let error = lying(index.to_string().into_bytes(), Vec::new(), "linux/amd64", &store(10), true).await;
    assert!(error.contains("has nothing for `linux/amd64`, but for `linux/s390x`"), "{error}");
    let index = json!({"schemaVersion": 2, "manifests": [{"mediaType": MANIFEST, "digest": digest, "size": 1, "platform": {"os": "linux", "architecture": "amd64"}}]});
    let error = lying(index.to_string().into_bytes(), Vec::new(), "linux/amd64", &store(11), true).await;
    assert!(error.contains("sent `sha256:") && error.contains(&format!("for `{digest}`")), "{error}");
}

/// Layers that would take memory, lead out, or be read otherwise by others.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_layer_may_not_be() {
    let dir = tempfile::tempdir().unwrap();
    let header = |kind: tar::EntryType, name: &[u8], size: u64| {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_size(size);
        header.set_mode(0o644);
        header.set_uid(0);
        header.set_gid(0);
        header.as_old_mut().name[..name.len()].copy_from_slice(name);
        header.set_cksum();
        header.as_bytes().to_vec()
    };
    let file = |name: &[u8]| header(tar::EntryType::Regular, name, 0);
    let end = vec![0; 1024];
    let long = |kind| [header(kind, b"long", 8 << 20), vec![b'a'; 8 << 20], file(b"f"), end.clone()].concat();
    let pax = |text: &str| {
        let mut block = text.as_bytes().to_vec();
        block.resize(512, 0);
        [header(tar::EntryType::XHeader, b"pax", text.len() as u64), block, file(b"f"), end.clone()].concat()
    };
    let cases = [
        ("header of more than", long(tar::EntryType::GNULongName)),
        ("header of more than", long(tar::EntryType::XHeader)),
        ("leads out of it", [file(b"../f"), end.clone()].concat()),
        ("leads out of it", [file(b"a/../../f"), end.clone()].concat()),
        ("not UTF-8", [file(b"\xff"), end.clone()].concat()),
        ("two sizes", pax("12 size=512\n")),
        ("no number", pax("9 size=x\n")),
        ("sparse file", pax("22 GNU.sparse.major=1\n")),
        ("unknown type", [header(tar::EntryType::new(b'Z'), b"f", 0), end.clone()].concat()),
        ("goes on after its end", [file(b"f"), end.clone(), file(b"bin/su")].concat()),
        ("which is no file", [file(b".wh..."), end.clone()].concat()),
        ("hard link to", tar(vec![Made::Hard("f", "nosuch")])),
        ("checksum", vec![b'x'; 2048]),
        ("unexpected", [header(tar::EntryType::Regular, b"f", 1 << 40), vec![0; 512]].concat()),
    ];
    for (number, (want, layer)) in cases.into_iter().enumerate() {
        let registry = Registry::start().await.unwrap();
        let heard = Heard::default();
        let remote = remote(&registry.url(), &heard);
        let image = image_of(&dir.path().join(format!("{number}")), &[layer], |_, _| {});
        transfer::push(&image, &remote, "v1", &chunks()).await.unwrap();
        let name = format!("{}/base/one@{}", registry.address, image.digest);
        let store = dir.path().join(format!("store-{number}"));
        let fetched = Base::fetch(&name.parse().unwrap(), "linux/amd64", &remote, &store).await;
        let error = fetched.map(|_| String::new()).unwrap_or_else(|e| e.to_string());
        assert!(error.contains(want) && error.contains("its layer `sha256:"), "{want}: {error}");
        let kept = fs::read_dir(store.join("looks")).unwrap().count();
        assert!(kept == 0 || want == "hard link to", "nothing is kept of `{want}`");
    }
}
