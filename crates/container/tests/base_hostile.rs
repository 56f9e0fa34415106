//! What a base image may not be: each a clear error, and nothing unbounded in memory.

#[path = "support/layers.rs"]
mod layers;
mod support;

use std::fs;
use std::path::Path;

use axum::Router;
use axum::extract::Request;
use container::base::{Base, Reference};
use container::registry::Registry;
use container::transfer;
use layers::{MANIFEST, Made, image_of, sum, tar};
use serde_json::{Value, json};
use support::{Heard, chunks, remote};

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
    fetched.map_or_else(|e| e.to_string(), |_| String::new())
}

/// What makes manifest and configuration others than they should be.
type Change = fn(&mut Value, &mut Value);

#[tokio::test(flavor = "multi_thread")]
async fn what_a_base_may_not_be() {
    let dir = tempfile::tempdir().unwrap();
    let plain = || tar(vec![Made::File("f", 0o644, b"f".to_vec())]);
    let cases: [(&str, Change); 9] = [
        ("", |_, _| {}),
        ("is for `linux/arm64`", |_, c| c["architecture"] = "arm64".into()),
        ("has 1 layers, and its configuration 0", |_, c| c["rootfs"]["diff_ids"] = json!([])),
        ("its configuration says `sha256:0`", |_, c| c["rootfs"]["diff_ids"] = json!(["sha256:0"])),
        ("\"foreign layer\"", |m, _| {
            m["layers"][0]["mediaType"] = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip".into();
        }),
        ("\"foreign layer\"", |m, _| m["layers"][0]["urls"] = json!(["https://example.org/x"])),
        ("`application/x-evil`, which is not known here", |m, _| {
            m["layers"][0]["mediaType"] = "application/x-evil\u{1b}".into();
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
        let error = fetched.map_or_else(|e| e.to_string(), |_| String::new());
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
        ("cksum", vec![b'x'; 2048]),
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
        let error = fetched.map_or_else(|e| e.to_string(), |_| String::new());
        assert!(error.contains(want) && error.contains("its layer `sha256:"), "{want}: {error}");
        let kept = fs::read_dir(store.join("looks")).unwrap().count();
        assert!(kept == 0 || want == "hard link to", "nothing is kept of `{want}`");
    }
}
