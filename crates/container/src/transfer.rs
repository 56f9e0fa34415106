//! The one door to reqwest: an image to and from a registry.

use std::fmt::Display;

use oci_spec::image::ImageManifest;
use reqwest::{Client, Response, StatusCode, header};

use crate::image::Image;
use crate::layer::digest;
use crate::{Error, Result};

/// What was sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pushed {
    /// Blobs sent.
    pub sent: usize,
    /// Blobs that were there already.
    pub there: usize,
}

fn fail(what: &str, message: impl Display) -> Error {
    Error::Registry { what: what.to_owned(), message: message.to_string() }
}

fn expect(what: &str, response: Response, status: StatusCode) -> Result<Response> {
    if response.status() == status {
        return Ok(response);
    }
    Err(fail(what, format!("answered {}, expected {status}", response.status())))
}

/// Pushes an image to `base` (such as `http://127.0.0.1:5000`) under a tag: blobs that are not there, then the manifest,
/// whose digest is read back.
///
/// # Errors
/// When the registry does not do as it should.
pub async fn push(image: &Image, base: &str, tag: &str) -> Result<Pushed> {
    let client = Client::new();
    let repo = format!("{base}/v2/{}", image.name);
    let mut pushed = Pushed::default();
    for (name, bytes) in &image.blobs {
        let what = format!("blob {name}");
        let head = client.head(format!("{repo}/blobs/{name}")).send().await.map_err(|e| fail(&what, e))?;
        if head.status() == StatusCode::OK {
            pushed.there += 1;
            continue;
        }
        let begin = client.post(format!("{repo}/blobs/uploads/")).send().await.map_err(|e| fail(&what, e))?;
        let begin = expect(&what, begin, StatusCode::ACCEPTED)?;
        let location = begin.headers().get(header::LOCATION).and_then(|l| l.to_str().ok());
        let location = location.ok_or_else(|| fail(&what, "no place to upload to in its answer"))?;
        let url = begin.url().join(location).map_err(|e| fail(&what, e))?;
        let sep = if url.query().is_some() { '&' } else { '?' };
        let put = client.put(format!("{url}{sep}digest={name}")).body(bytes.clone()).send().await;
        expect(&what, put.map_err(|e| fail(&what, e))?, StatusCode::CREATED)?;
        pushed.sent += 1;
    }
    let url = format!("{repo}/manifests/{tag}");
    let put = client
        .put(&url)
        .header(header::CONTENT_TYPE, "application/vnd.oci.image.manifest.v1+json")
        .body(image.manifest.clone())
        .send()
        .await
        .map_err(|e| fail("manifest", e))?;
    expect("manifest", put, StatusCode::CREATED)?;
    let back = pull_manifest(&client, &repo, tag).await?;
    if digest(&back) != image.digest {
        return Err(fail("manifest", format!("keeps `{}` for `{}`", digest(&back), image.digest)));
    }
    Ok(pushed)
}

async fn pull_manifest(client: &Client, repo: &str, reference: &str) -> Result<Vec<u8>> {
    let get = client
        .get(format!("{repo}/manifests/{reference}"))
        .header(header::ACCEPT, "application/vnd.oci.image.manifest.v1+json")
        .send()
        .await
        .map_err(|e| fail("manifest", e))?;
    let body = expect("manifest", get, StatusCode::OK)?.bytes().await.map_err(|e| fail("manifest", e))?;
    Ok(body.to_vec())
}

/// Pulls an image by its digest; everything that arrives is checked against the digest it was asked for by.
///
/// # Errors
/// When something is missing or is not what was asked for.
pub async fn pull(base: &str, name: &str, reference: &str) -> Result<Image> {
    let client = Client::new();
    let repo = format!("{base}/v2/{name}");
    let manifest = pull_manifest(&client, &repo, reference).await?;
    if digest(&manifest) != reference {
        return Err(fail("manifest", format!("sent `{}` for `{reference}`", digest(&manifest))));
    }
    let parsed = ImageManifest::from_reader(&manifest[..]).map_err(|e| fail("manifest", e))?;
    let mut blobs = Vec::new();
    for d in std::iter::once(parsed.config()).chain(parsed.layers()) {
        let wanted = d.digest().to_string();
        let what = format!("blob {wanted}");
        let get = client.get(format!("{repo}/blobs/{wanted}")).send().await.map_err(|e| fail(&what, e))?;
        let body = expect(&what, get, StatusCode::OK)?.bytes().await.map_err(|e| fail(&what, e))?;
        if digest(&body) != wanted {
            return Err(fail(&what, format!("sent `{}`", digest(&body))));
        }
        blobs.push((wanted, body.to_vec()));
    }
    Ok(Image { name: name.to_owned(), digest: digest(&manifest), manifest, blobs })
}
