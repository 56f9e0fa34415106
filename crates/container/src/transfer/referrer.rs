//! What is said of an image, beside it in the registry: artifacts whose manifests name the image as their subject (OCI
//! distribution specification 1.1, referrers), or where that is missing a list under the tag `sha256-<digest>`.

use serde_json::{Value, json};

use super::push::{MANIFEST, Options};
use super::remote::Remote;
use super::request::{Payload, Request, fail};
use super::upload;
use crate::Result;
use crate::http::{Method, header};
use crate::image::{Image, hex_of};
use crate::layer::digest;

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const EMPTY: &str = "application/vnd.oci.empty.v1+json";

/// Something said of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// What it is, as a media type: `application/spdx+json`, `application/vnd.in-toto+json`.
    pub kind: &'static str,
    /// For people and for those who look for a predicate.
    pub annotations: Vec<(&'static str, String)>,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Artifact {
    /// Its manifest, which names the image.
    fn manifest(&self, image: &Image) -> Vec<u8> {
        let annotations: serde_json::Map<String, Value> =
            self.annotations.iter().map(|(k, v)| ((*k).to_owned(), Value::from(v.as_str()))).collect();
        json!({
            "schemaVersion": 2, "mediaType": MANIFEST, "artifactType": self.kind, "annotations": annotations,
            "config": {"mediaType": EMPTY, "digest": digest(b"{}"), "size": 2},
            "layers": [{"mediaType": self.kind, "digest": digest(&self.bytes), "size": self.bytes.len()}],
            "subject": {"mediaType": MANIFEST, "digest": image.digest, "size": image.manifest.len()},
        })
        .to_string()
        .into_bytes()
    }
}

/// How the registry knows what refers to an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// It has the API for it.
    Api,
    /// A tag names the list.
    Tag,
}

/// Brings artifacts to an image that was pushed; how the registry lists them, and how many were new.
///
/// # Errors
/// When the registry does not do as it should.
pub async fn attach(image: &Image, artifacts: &[Artifact], remote: &Remote, options: &Options) -> Result<(By, usize)> {
    let mut listed = list(image, remote).await?;
    let mut new = 0;
    for artifact in artifacts {
        let manifest = artifact.manifest(image);
        let name = digest(&manifest);
        if listed.manifests.iter().any(|m| m["digest"] == name.as_str()) {
            continue;
        }
        new += 1;
        let blobs = [(&b"{}"[..], EMPTY), (&artifact.bytes, artifact.kind)];
        let url = remote.url(&image.name, &format!("manifests/{name}"))?;
        let size = manifest.len();
        upload::small("referrer", image, &blobs, (url, manifest), remote, options).await?;
        listed.manifests.push(json!({"mediaType": MANIFEST, "digest": name, "size": size, "artifactType": artifact.kind,
            "annotations": artifact.annotations.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect::<std::collections::BTreeMap<_, _>>()}));
    }
    if new > 0 && listed.by == By::Tag {
        let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": listed.manifests}).to_string();
        let url = remote.url(&image.name, &format!("manifests/{}", tag(image)?))?;
        let request = Request::new(Method::PUT, url).header(header::CONTENT_TYPE, INDEX);
        let answer = remote.ask("referrers", &request.payload(Payload::Bytes(index.into_bytes()))).await?;
        answer.expect("referrers", &[200, 201, 202])?;
    }
    Ok((listed.by, new))
}

struct Listed {
    by: By,
    manifests: Vec<Value>,
}

/// What refers to an image now. An answer to the API's question is the only proof of the API: Amazon ECR sends the header
/// that should prove it without having it.
async fn list(image: &Image, remote: &Remote) -> Result<Listed> {
    let url = remote.url(&image.name, &format!("referrers/{}", image.digest))?;
    let answer = remote.ask("referrers", &Request::new(Method::GET, url).header(header::ACCEPT, INDEX)).await?;
    let manifests =
        |body: &[u8]| serde_json::from_slice::<Value>(body).ok().and_then(|v| v["manifests"].as_array().cloned());
    if let Some(manifests) = manifests(&answer.body).filter(|_| answer.status.as_u16() == 200) {
        return Ok(Listed { by: By::Api, manifests });
    }
    let url = remote.url(&image.name, &format!("manifests/{}", tag(image)?))?;
    let answer = remote.ask("referrers", &Request::new(Method::GET, url).header(header::ACCEPT, INDEX)).await?;
    match answer.status.as_u16() {
        200 => match manifests(&answer.body) {
            Some(manifests) => Ok(Listed { by: By::Tag, manifests }),
            // Somebody's own tag is not ours to overwrite.
            None => Err(fail("referrers", format!("the tag `{}` is there and is no list of referrers", tag(image)?))),
        },
        404 => Ok(Listed { by: By::Tag, manifests: Vec::new() }),
        _ => Err(super::request::refused("referrers", &answer)),
    }
}

/// The tag under which the list is where there is no API.
fn tag(image: &Image) -> Result<String> {
    let hex = hex_of(&image.digest).ok_or_else(|| fail("referrers", "the image has no digest of SHA-256"))?;
    Ok(format!("sha256-{hex}"))
}

/// What is said of an image in a registry: kind and bytes of each artifact.
///
/// # Errors
/// When the registry does not do as it should, or something is not what its digest says.
pub async fn attached(image: &Image, remote: &Remote) -> Result<Vec<(String, Vec<u8>)>> {
    let mut found = Vec::new();
    for entry in list(image, remote).await?.manifests {
        let name = entry["digest"].as_str().filter(|d| hex_of(d).is_some());
        let name = name.ok_or_else(|| fail("referrers", "a list without digests"))?;
        let url = remote.url(&image.name, &format!("manifests/{name}"))?;
        let answer = remote.ask("referrer", &Request::new(Method::GET, url).header(header::ACCEPT, MANIFEST)).await?;
        let body = answer.expect("referrer", &[200])?.body;
        let manifest: Value = serde_json::from_slice(&body).map_err(|e| fail("referrer", e))?;
        let layer = manifest["layers"][0]["digest"].as_str().filter(|d| hex_of(d).is_some()).map(str::to_owned);
        let layer = layer.ok_or_else(|| fail("referrer", "a manifest without a layer"))?;
        let url = remote.url(&image.name, &format!("blobs/{layer}"))?;
        let bytes = remote.ask("referrer", &Request::new(Method::GET, url)).await?.expect("referrer", &[200])?.body;
        if digest(&body) != name || digest(&bytes) != layer {
            return Err(fail("referrer", format!("sent other bytes for `{name}`")));
        }
        found.push((entry["artifactType"].as_str().unwrap_or("").to_owned(), bytes));
    }
    Ok(found)
}
