//! Signatures of an image in the registry, where cosign looks for them: an image under the tag `sha256-<digest>.sig`, whose
//! layers are what is signed and carry the signatures as annotations.

use serde_json::{Value, json};

use super::push::{MANIFEST, Options};
use super::remote::Remote;
use super::request::{Request, fail, refused};
use super::upload;
use crate::Result;
use crate::http::{Method, header};
use crate::image::{Image, hex_of};
use crate::layer::digest;
use crate::signature::{Key, payload};

const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const SIGNED: &str = "application/vnd.dev.cosign.simplesigning.v1+json";
const SIGNATURE: &str = "dev.cosignproject.cosign/signature";

/// Signs an image that was pushed, as `host/name`; false where this key has signed it already. The signatures of others
/// stay.
///
/// # Errors
/// When the registry does not do as it should, or something else is under the tag.
pub async fn sign(image: &Image, key: &Key, host: &str, remote: &Remote, options: &Options) -> Result<bool> {
    let hex = hex_of(&image.digest).ok_or_else(|| fail("signature", "the image has no digest of SHA-256"))?;
    let tag = format!("sha256-{hex}.sig");
    let url = remote.url(&image.name, &format!("manifests/{tag}"))?;
    let get = Request::new(Method::GET, url.clone()).header(header::ACCEPT, MANIFEST);
    let there = remote.ask("signature", &get).await?;
    let mut layers = match there.status.as_u16() {
        200 => layers(&there.body).ok_or_else(|| fail("signature", format!("the tag `{tag}` has no signatures")))?,
        404 => Vec::new(),
        _ => return Err(refused("signature", &there)),
    };
    let message = payload(&format!("{host}/{}", image.name), &image.digest);
    let name = digest(&message);
    let mine = |layer: &Value| {
        layer["digest"] == name.as_str()
            && layer["annotations"][SIGNATURE].as_str().is_some_and(|s| key.signed(&message, s))
    };
    if layers.iter().any(mine) {
        return Ok(false);
    }
    layers.push(json!({"mediaType": SIGNED, "digest": name, "size": message.len(),
        "annotations": {SIGNATURE: key.sign(&message)?}}));
    let diff_ids: Vec<&Value> = layers.iter().map(|l| &l["digest"]).collect();
    let config =
        json!({"architecture": "", "os": "", "config": {}, "rootfs": {"type": "layers", "diff_ids": diff_ids}});
    let config = config.to_string().into_bytes();
    let manifest = json!({"schemaVersion": 2, "mediaType": MANIFEST, "layers": layers,
        "config": {"mediaType": CONFIG, "digest": digest(&config), "size": config.len()}});
    let blobs = [(&message[..], SIGNED), (&config, CONFIG)];
    upload::small("signature", image, &blobs, (url, manifest.to_string().into_bytes()), remote, options).await?;
    Ok(true)
}

/// The layers of a manifest whose layers are signatures.
fn layers(manifest: &[u8]) -> Option<Vec<Value>> {
    let manifest: Value = serde_json::from_slice(manifest).ok()?;
    let layers = manifest["layers"].as_array()?;
    let well = |l: &Value| l["mediaType"] == SIGNED && l["digest"].as_str().is_some_and(|d| hex_of(d).is_some());
    layers.iter().all(well).then(|| layers.clone())
}
