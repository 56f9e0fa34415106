//! Signatures: made here, verified by openssl, read by skopeo.

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use container::image::Image;
use container::registry::{Quirks, Registry};
use container::signature::Key;
use container::transfer::{self, Login, Remote};
use serde_json::Value;
use support::{chunks, image, quick, skopeo};

fn openssl(args: &[&str]) -> Vec<u8> {
    let output = Command::new("openssl").args(args).output().expect("openssl; ci/setup installs it");
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// A key that openssl made.
fn key(dir: &Path, name: &str, args: &[&str]) -> PathBuf {
    let path = dir.join(name);
    fs::write(&path, openssl(args)).unwrap();
    path
}

const PKCS8: &[&str] = &["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
const SEC1: &[&str] = &["ecparam", "-name", "prime256v1", "-genkey"];

/// What skopeo reads under the tag of the signatures.
async fn manifest(registry: &Registry, image: &Image) -> Value {
    let tag = image.digest.replace(':', "-");
    let place = format!("docker://{}/{}:{tag}.sig", registry.address, image.name);
    let raw = tokio::task::spawn_blocking(move || skopeo(&["inspect", "--raw", "--tls-verify=false", &place]));
    serde_json::from_str(&raw.await.unwrap()).unwrap()
}

/// Whether openssl accepts the signature of a layer with the public half of a key.
fn verifies(dir: &Path, key: &Path, registry: &Registry, layer: &Value) -> bool {
    let (public, payload, signature) = (dir.join("public.pem"), dir.join("payload"), dir.join("signature"));
    fs::write(&public, openssl(&["pkey", "-in", key.to_str().unwrap(), "-pubout"])).unwrap();
    fs::write(&payload, registry.blob(layer["digest"].as_str().unwrap()).unwrap()).unwrap();
    let text = layer["annotations"]["dev.cosignproject.cosign/signature"].as_str().unwrap();
    fs::write(&signature, aws_smithy_types::base64::decode(text).unwrap()).unwrap();
    let output = Command::new("openssl")
        .args(["dgst", "-sha256", "-verify"])
        .arg(&public)
        .arg("-signature")
        .arg(&signature)
        .arg(&payload)
        .output()
        .unwrap();
    output.status.success()
}

#[tokio::test(flavor = "multi_thread")]
async fn openssl_verifies_what_was_signed() {
    let dir = tempfile::tempdir().unwrap();
    let image = image(dir.path(), 100, 41);
    let registry = Registry::start_as(Quirks::ecr(&["test/case"])).await.unwrap();
    let remote = Remote::with(&registry.url(), Login::Nobody, quick(), Arc::new(|_| {})).unwrap();
    transfer::push(&image, &remote, "v1", &chunks()).await.unwrap();
    let files = [key(dir.path(), "pkcs8.pem", PKCS8), key(dir.path(), "sec1.pem", SEC1)];
    for (number, file) in files.iter().enumerate() {
        let key = Key::load(file).unwrap();
        assert_eq!(format!("{key:?}"), "Key");
        assert!(transfer::sign(&image, &key, "example.org", &remote, &chunks()).await.unwrap());
        // A second time there is nothing to do, at the cost of one question.
        let before = registry.requests();
        assert!(!transfer::sign(&image, &key, "example.org", &remote, &chunks()).await.unwrap());
        assert_eq!(registry.requests() - before, 1);
        let manifest = manifest(&registry, &image).await;
        let layers = manifest["layers"].as_array().unwrap();
        assert_eq!(layers.len(), number + 1, "those of others stay");
        assert!(verifies(dir.path(), file, &registry, &layers[number]));
        let other = &files[1 - number];
        assert!(!verifies(dir.path(), other, &registry, &layers[number]), "another key's it is not");
        let payload = registry.blob(layers[number]["digest"].as_str().unwrap()).unwrap();
        let payload: Value = serde_json::from_slice(&payload).unwrap();
        assert_eq!(payload["critical"]["image"]["docker-manifest-digest"], image.digest.as_str());
        assert_eq!(payload["critical"]["identity"]["docker-reference"], "example.org/test/case");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_under_the_tag_and_no_signature_stays() {
    let dir = tempfile::tempdir().unwrap();
    let image = image(dir.path(), 100, 42);
    let registry = Registry::start().await.unwrap();
    let remote = Remote::with(&registry.url(), Login::Nobody, quick(), Arc::new(|_| {})).unwrap();
    let tag = format!("{}.sig", image.digest.replace(':', "-"));
    transfer::push(&image, &remote, &tag, &chunks()).await.unwrap();
    let key = Key::load(&key(dir.path(), "key.pem", PKCS8)).unwrap();
    let error = transfer::sign(&image, &key, "example.org", &remote, &chunks()).await.unwrap_err().to_string();
    assert!(error.contains(&tag) && error.contains("has no signatures"), "{error}");
    assert_eq!(registry.digest_of(&image.name, &tag), Some(image.digest));
}

#[test]
fn other_keys_are_refused_and_not_shown() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str, args: &[&str]| key(dir.path(), name, args);
    let plain = at("plain.pem", PKCS8);
    let plain = plain.to_str().unwrap();
    let text = |name: &str, text: &str| {
        let path = dir.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let cut = fs::read_to_string(plain).unwrap().replace("\nMI", "\nMIM");
    for (file, want) in [
        (
            at("rsa.pem", &["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]),
            "no key of ECDSA on P-256",
        ),
        (
            at("p384.pem", &["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"]),
            "no key of ECDSA on P-256",
        ),
        (at("locked.pem", &["pkcs8", "-topk8", "-in", plain, "-passout", "pass:x"]), "is encrypted"),
        (text("cosign.key", "-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n"), "is encrypted"),
        (at("public.pem", &["pkey", "-in", plain, "-pubout"]), "no private key in PEM"),
        (text("cut.pem", &cut), "key"),
        (text("none.pem", "hush-hush"), "no private key in PEM"),
        (text("large.pem", &"x".repeat(1 << 20)), "too large"),
        (dir.path().join("absent.pem"), "cannot read"),
    ] {
        let error = Key::load(&file).unwrap_err().to_string();
        assert!(error.contains(want) && error.contains(file.to_str().unwrap()), "{error}");
        let secret = fs::read_to_string(&file).unwrap_or_default();
        assert!(secret.lines().filter(|l| l.len() > 8).all(|l| !error.contains(l)), "{error}");
    }
}
