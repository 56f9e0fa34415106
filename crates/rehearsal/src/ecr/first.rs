//! The image that a service runs before its first release: a configuration without a layer, really pushed, and beside it an
//! artifact of the kind that evidence of an audit is, without any in it.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{Method, StatusCode};
use container::registry::Registry;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::Image;
use crate::clock::Time;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

fn digest(bytes: &[u8]) -> String {
    use std::fmt::Write;
    Sha256::digest(bytes).iter().fold("sha256:".to_owned(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

const ARTIFACT: &str = "application/vnd.in-toto+json";

/// Pushes both; the image is the first.
///
/// # Errors
/// When the registry does not take it, in words.
pub(crate) async fn first_image(registry: &Registry, repository: &str) -> Result<Vec<Image>, String> {
    let config =
        json!({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": []}}).to_string();
    let named = digest(config.as_bytes());
    let manifest = json!({
        "schemaVersion": 2, "mediaType": MANIFEST, "layers": [],
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": named, "size": config.len()},
    })
    .to_string();
    let kind = |manifest: &str| Image {
        digest: digest(manifest.as_bytes()),
        tags: Vec::new(),
        pushed: Time::default(),
        kind: MANIFEST.to_owned(),
        size: 0,
        architecture: None,
        manifest: manifest.to_owned(),
    };
    let image = Image { tags: vec!["first".to_owned()], architecture: Some("amd64".to_owned()), ..kind(&manifest) };
    let empty = digest(b"{}");
    let artifact = json!({
        "schemaVersion": 2, "mediaType": MANIFEST, "artifactType": ARTIFACT,
        "annotations": {"in-toto.io/predicate-type": "urn:legacy-port:audit:v1"},
        "config": {"mediaType": "application/vnd.oci.empty.v1+json", "digest": empty, "size": 2},
        "layers": [{"mediaType": ARTIFACT, "digest": empty, "size": 2}],
        "subject": {"mediaType": MANIFEST, "digest": image.digest, "size": manifest.len()},
    });
    let artifact = kind(&artifact.to_string());
    for (name, blob) in [(&named, config.as_str()), (&empty, "{}")] {
        let to = format!("/v2/{repository}/blobs/uploads/");
        let begun = send(registry, Method::POST, to, "", StatusCode::ACCEPTED).await?;
        send(registry, Method::PUT, format!("{begun}?digest={name}"), blob, StatusCode::CREATED).await?;
    }
    for pushed in [&image, &artifact] {
        let to = format!("/v2/{repository}/manifests/{}", pushed.digest);
        send(registry, Method::PUT, to, &pushed.manifest, StatusCode::CREATED).await?;
    }
    Ok(vec![image, artifact])
}

/// One request; where the answer says to go on.
async fn send(registry: &Registry, method: Method, to: String, body: &str, want: StatusCode) -> Result<String, String> {
    let request = Request::builder().method(method).uri(&to).header("content-type", MANIFEST);
    let request = request.body(Body::from(body.to_owned())).map_err(|_| format!("`{to}` is no path"))?;
    let response = registry.answer(request).await;
    if response.status() != want {
        return Err(format!("`{to}` was answered {}", response.status()));
    }
    let location = response.headers().get("location").and_then(|l| l.to_str().ok());
    Ok(location.unwrap_or("").to_owned())
}
