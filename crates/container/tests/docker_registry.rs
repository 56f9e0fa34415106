//! Debian's docker-registry with a password, and other clients: what we push, they read.

mod support;

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use container::transfer::{self, Event, Login, Options, Remote};
use support::{Heard, chunks, image, largest, quick, skopeo, state, who};

/// A running docker-registry; it ends when this is dropped.
struct Running {
    child: Child,
    host: String,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    fn start(dir: &Path) -> Self {
        let made =
            Command::new("htpasswd").args(["-Bbn", "AWS", "s3cret"]).output().expect("htpasswd; ci/setup installs it");
        fs::write(dir.join("htpasswd"), made.stdout).unwrap();
        // A port that was free a moment ago.
        let host = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().to_string();
        let config = format!(
            "version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {0}/store}}, delete: {{enabled: true}}}}\n\
             http: {{addr: \"{host}\"}}\nauth: {{htpasswd: {{realm: r, path: {0}/htpasswd}}}}\n",
            dir.display()
        );
        fs::write(dir.join("config.yml"), config).unwrap();
        let mut command = Command::new("docker-registry");
        command.arg("serve").arg(dir.join("config.yml")).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().expect("docker-registry; ci/setup installs it");
        let begin = Instant::now();
        while std::net::TcpStream::connect(&host).is_err() {
            assert!(begin.elapsed() < Duration::from_secs(20), "docker-registry does not start");
            std::thread::sleep(Duration::from_millis(20));
        }
        Self { child, host }
    }

    fn remote(&self, heard: &Heard) -> Remote {
        Remote::with(&format!("http://{}", self.host), Login::Fixed(who("s3cret")), quick(), heard.tell()).unwrap()
    }

    fn skopeo(&self, verb: &str, more: &[&str]) -> String {
        let name = format!("docker://{}/test/case:v1", self.host);
        let mut args = vec![verb];
        if verb == "inspect" {
            args.extend(["--tls-verify=false", "--creds", "AWS:s3cret"]);
            args.extend(more);
            args.push(&name);
        } else {
            args.extend([
                "--insecure-policy",
                "--preserve-digests",
                "--src-tls-verify=false",
                "--src-creds",
                "AWS:s3cret",
            ]);
            args.push(&name);
            args.extend(more);
        }
        skopeo(&args)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_we_push_skopeo_and_umoci_read() {
    let dir = tempfile::tempdir().unwrap();
    let image = image(dir.path(), 20 << 20, 51);
    let registry = Running::start(dir.path());
    let heard = Heard::default();
    let remote = registry.remote(&heard);
    let pushed = transfer::push(&image, &remote, "v1", &chunks()).await.unwrap();
    assert_eq!((pushed.sent, heard.restarts()), (4, 0), "{:?}", heard.waits());
    assert_eq!(registry.skopeo("inspect", &["--raw"]).as_bytes(), image.manifest);
    assert!(registry.skopeo("inspect", &[]).contains(&image.digest));
    // Every blob is checked against its digest on the way.
    let copy = dir.path().join("copy");
    registry.skopeo("copy", &[&format!("oci:{}:v1", copy.display())]);
    let bundle = dir.path().join("bundle");
    let output = Command::new("umoci")
        .args(["unpack", "--rootless", "--image"])
        .arg(format!("{}:v1", copy.display()))
        .arg(&bundle)
        .output();
    let output = output.expect("umoci; ci/setup installs it");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(fs::read(bundle.join("rootfs/noise")).unwrap(), support::noise(20 << 20, 51));
    let pulled = transfer::pull(&remote, &image.name, &image.digest, &dir.path().join("pulled")).await.unwrap();
    assert_eq!(pulled.blobs, image.blobs);
    let again = transfer::push(&image, &remote, "v1", &chunks()).await.unwrap();
    assert!(again.unchanged);
    // Blobs of another repository are lent.
    let mut other = image.clone();
    other.name = "test/other".into();
    let options = Options { mount_from: Some("test/case".into()), ..chunks() };
    let lent = transfer::push(&other, &remote, "v1", &options).await.unwrap();
    assert_eq!((lent.sent, lent.mounted), (0, 4));
    let wrong =
        Remote::with(&format!("http://{}", registry.host), Login::Fixed(who("x")), quick(), heard.tell()).unwrap();
    let error = transfer::push(&image, &wrong, "v2", &chunks()).await.unwrap_err().to_string();
    assert!(error.contains("401"), "{error}");
}

/// A push that ends at an event, as if the process had died there, and then another one.
async fn ended_at(end: fn(&Event, &str) -> bool) -> (Heard, container::image::Blob) {
    let dir = tempfile::tempdir().unwrap();
    let image = image(dir.path(), 40 << 20, 52);
    let blob = largest(&image).clone();
    let registry = Running::start(dir.path());
    let options = state(dir.path());
    let wanted = blob.digest.clone();
    let tell = move |event: &Event| assert!(!end(event, &wanted), "ended here");
    let url = format!("http://{}", registry.host);
    let first = Remote::with(&url, Login::Fixed(who("s3cret")), quick(), Arc::new(tell)).unwrap();
    let error = transfer::push(&image, &first, "v1", &options).await.unwrap_err().to_string();
    assert!(error.contains("ended here") || error.contains("tried"), "{error}");
    let heard = Heard::default();
    transfer::push(&image, &registry.remote(&heard), "v1", &options).await.unwrap();
    assert_eq!(registry.skopeo("inspect", &["--raw"]).as_bytes(), image.manifest);
    registry.skopeo("copy", &[&format!("dir:{}", dir.path().join("copy").display())]);
    (heard, blob)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_that_ended_between_chunks_goes_on_there() {
    let at =
        |e: &Event, wanted: &str| matches!(e, Event::Kept { digest, bytes } if digest == wanted && *bytes == 24 << 20);
    let (heard, blob) = ended_at(at).await;
    assert_eq!((heard.begins(&blob.digest), heard.restarts()), (vec![24 << 20], 0));
}

/// This registry does not go on with an upload that was cut within a chunk: it is sent again, and that is told.
#[tokio::test(flavor = "multi_thread")]
async fn a_push_that_ended_within_a_chunk_sends_that_blob_again() {
    let at =
        |e: &Event, wanted: &str| matches!(e, Event::Sent { digest, bytes } if digest == wanted && *bytes > 20 << 20);
    let (heard, blob) = ended_at(at).await;
    assert_eq!((heard.begins(&blob.digest), heard.restarts()), (vec![0], 1));
}
