//! An image to and from a registry.

use std::fmt::Display;
use std::fs;
use std::path::Path;

use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, header};

use crate::ecr::{self, Credentials};
use crate::http;
use crate::image::{Image, put};
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

/// A registry: where it is, and who we are there.
#[derive(Clone, Debug)]
pub struct Remote {
    /// Such as `https://123456789012.dkr.ecr.eu-west-1.amazonaws.com`.
    base: String,
    credentials: Option<Credentials>,
    client: Client,
}

impl Remote {
    /// A registry that asks nobody who they are.
    ///
    /// # Errors
    /// When the HTTP client cannot be set up.
    pub fn open(base: &str) -> Result<Self> {
        Self::with(base, None)
    }

    /// The registry of a host: plain HTTP on loopback, HTTPS elsewhere, with a token where it is Amazon's.
    ///
    /// # Errors
    /// When Amazon ECR gives no token.
    pub async fn of_host(host: &str) -> Result<Self> {
        let name = host.split(':').next().unwrap_or(host);
        let scheme = if matches!(name, "localhost" | "127.0.0.1") { "http" } else { "https" };
        let credentials = match ecr::region(host) {
            Some(region) => Some(ecr::login(region).await?),
            None => None,
        };
        Self::with(&format!("{scheme}://{host}"), credentials)
    }

    /// A registry with credentials, sent as HTTP Basic with every request to it and never elsewhere.
    ///
    /// # Errors
    /// When the HTTP client cannot be set up.
    pub fn with(base: &str, credentials: Option<Credentials>) -> Result<Self> {
        Ok(Self { base: base.to_owned(), credentials, client: http::client(base)? })
    }

    fn request(&self, method: Method, url: &str) -> RequestBuilder {
        let request = self.client.request(method, url);
        // An upload's Location may name another host, which has no business with our password.
        match &self.credentials {
            Some(c) if url.starts_with(&format!("{}/", self.base)) => request.basic_auth(&c.user, Some(&c.password)),
            _ => request,
        }
    }
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

/// Pushes an image under a tag: blobs that are not there, then the manifest,
/// whose digest is read back.
///
/// # Errors
/// When the registry does not do as it should.
pub async fn push(image: &Image, remote: &Remote, tag: &str) -> Result<Pushed> {
    let repo = format!("{}/v2/{}", remote.base, image.name);
    let mut pushed = Pushed::default();
    for blob in &image.blobs {
        let name = &blob.digest;
        let what = format!("blob {name}");
        let head =
            remote.request(Method::HEAD, &format!("{repo}/blobs/{name}")).send().await.map_err(|e| fail(&what, e))?;
        if head.status() == StatusCode::OK {
            pushed.there += 1;
            continue;
        }
        let begin =
            remote.request(Method::POST, &format!("{repo}/blobs/uploads/")).send().await.map_err(|e| fail(&what, e))?;
        let begin = expect(&what, begin, StatusCode::ACCEPTED)?;
        let location = begin.headers().get(header::LOCATION).and_then(|l| l.to_str().ok());
        let location = location.ok_or_else(|| fail(&what, "no place to upload to in its answer"))?;
        let url = begin.url().join(location).map_err(|e| fail(&what, e))?;
        let sep = if url.query().is_some() { '&' } else { '?' };
        let put = remote
            .request(Method::PUT, &format!("{url}{sep}digest={name}"))
            .body(fs::read(image.path(blob)).map_err(Error::io("cannot read", image.path(blob)))?)
            .send()
            .await;
        expect(&what, put.map_err(|e| fail(&what, e))?, StatusCode::CREATED)?;
        pushed.sent += 1;
    }
    let url = format!("{repo}/manifests/{tag}");
    let put = remote
        .request(Method::PUT, &url)
        .header(header::CONTENT_TYPE, "application/vnd.oci.image.manifest.v1+json")
        .body(image.manifest.clone())
        .send()
        .await
        .map_err(|e| fail("manifest", e))?;
    expect("manifest", put, StatusCode::CREATED)?;
    let back = pull_manifest(remote, &repo, tag).await?;
    if digest(&back) != image.digest {
        return Err(fail("manifest", format!("keeps `{}` for `{}`", digest(&back), image.digest)));
    }
    Ok(pushed)
}

async fn pull_manifest(remote: &Remote, repo: &str, reference: &str) -> Result<Vec<u8>> {
    let get = remote
        .request(Method::GET, &format!("{repo}/manifests/{reference}"))
        .header(header::ACCEPT, "application/vnd.oci.image.manifest.v1+json")
        .send()
        .await
        .map_err(|e| fail("manifest", e))?;
    let body = expect("manifest", get, StatusCode::OK)?.bytes().await.map_err(|e| fail("manifest", e))?;
    Ok(body.to_vec())
}

/// Pulls an image by its digest into a layout; everything that arrives is checked against the digest it was asked for by.
///
/// # Errors
/// When something is missing or is not what was asked for.
pub async fn pull(remote: &Remote, name: &str, reference: &str, layout: &Path) -> Result<Image> {
    let repo = format!("{}/v2/{name}", remote.base);
    let manifest = pull_manifest(remote, &repo, reference).await?;
    if digest(&manifest) != reference {
        return Err(fail("manifest", format!("sent `{}` for `{reference}`", digest(&manifest))));
    }
    let image = Image::of_manifest(name, manifest, layout)?;
    let folder = layout.join("blobs/sha256");
    fs::create_dir_all(&folder).map_err(Error::io("cannot create", &folder))?;
    put(&folder, &image.manifest)?;
    for blob in &image.blobs {
        let wanted = &blob.digest;
        let what = format!("blob {wanted}");
        let get =
            remote.request(Method::GET, &format!("{repo}/blobs/{wanted}")).send().await.map_err(|e| fail(&what, e))?;
        let body = expect(&what, get, StatusCode::OK)?.bytes().await.map_err(|e| fail(&what, e))?;
        if digest(&body) != *wanted {
            return Err(fail(&what, format!("sent `{}`", digest(&body))));
        }
        put(&folder, &body)?;
    }
    image.write_index("latest")?;
    Ok(image)
}
