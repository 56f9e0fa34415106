//! An image to a registry.

use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

use crate::http::{Method, header};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::How;
use super::remote::Remote;
use super::request::{Payload, Request, fail, refused};
use super::state::State;
use super::upload::Upload;
use crate::image::{Blob, Image};
use crate::layer::digest;
use crate::{Error, Result};

pub(super) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// A question for the blobs of these that a repository has, by their digests; `None` where nobody tells.
pub type Known =
    Arc<dyn Fn(String, Vec<String>) -> Pin<Box<dyn Future<Output = Option<BTreeSet<String>>> + Send>> + Send + Sync>;

/// The repository of a base image: in the registry that is pushed to it lends layers, from another one they are fetched
/// where the target lacks them.
#[derive(Clone, Debug)]
pub struct Lender {
    /// Its registry.
    pub remote: Remote,
    /// Its name there.
    pub repository: String,
    /// Digests of its layers.
    pub layers: BTreeSet<String>,
}

impl Lender {
    pub(super) fn has(&self, blob: &Blob) -> bool {
        self.layers.contains(&blob.digest)
    }
}

/// How an image is pushed.
#[derive(Clone)]
pub struct Options {
    /// Blobs at the same time; Amazon ECR takes about four.
    pub at_once: usize,
    /// Bytes of a chunk; what fits into one is sent at once. Amazon ECR takes 5 to 10 MiB, others are quicker with more.
    pub chunk: u64,
    /// Another repository of the registry that may lend blobs.
    pub mount_from: Option<String>,
    /// Where the layers of the base image are.
    pub lender: Option<Lender>,
    /// Folder in which it is kept where uploads are.
    pub state: Option<PathBuf>,
    /// Tells of all blobs at once which are there; without it, and where it does not, the registry is asked for each.
    pub known: Option<Known>,
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at_once, chunk, mount_from, lender, state, known: _ } = self;
        f.debug_struct("Options")
            .field("at_once", at_once)
            .field("chunk", chunk)
            .field("mount_from", mount_from)
            .field("lender", lender)
            .field("state", state)
            .finish_non_exhaustive()
    }
}

impl Default for Options {
    fn default() -> Self {
        Self { at_once: 4, chunk: 32 << 20, mount_from: None, lender: None, state: None, known: None }
    }
}

impl Options {
    /// As a host wants it.
    #[must_use]
    pub fn of_host(host: &str) -> Self {
        let usual = Self::default();
        Self { chunk: if crate::ecr::region(host).is_some() { 8 << 20 } else { usual.chunk }, ..usual }
    }
}

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pushed {
    /// Blobs sent.
    pub sent: usize,
    /// Blobs that were there already.
    pub there: usize,
    /// Blobs that another repository lent.
    pub mounted: usize,
    /// The tag named this very image already.
    pub unchanged: bool,
}

/// Pushes an image under a tag: blobs that are not there, then the manifest, whose digest is read back.
///
/// # Errors
/// When the registry does not do as it should.
pub async fn push(image: &Image, remote: &Remote, tag: &str, options: &Options) -> Result<Pushed> {
    let manifest_url = remote.url(&image.name, &format!("manifests/{}", reference(tag)?))?;
    let head = Request::new(Method::HEAD, manifest_url.clone()).header(header::ACCEPT, MANIFEST);
    let there = remote.ask("manifest", &head).await?;
    if there.status.as_u16() == 200 && there.header("docker-content-digest") == Some(&image.digest) {
        return Ok(Pushed { there: image.blobs.len(), unchanged: true, ..Pushed::default() });
    }
    if matches!(there.status.as_u16(), 401 | 403) {
        return Err(refused("manifest", &there));
    }
    let mut pushed = blobs(image, remote, options).await?;
    let put = Request::new(Method::PUT, manifest_url.clone())
        .header(header::CONTENT_TYPE, MANIFEST)
        .payload(Payload::Bytes(image.manifest.clone()));
    remote.ask("manifest", &put).await?.expect("manifest", &[200, 201, 202])?;
    let get = Request::new(Method::GET, manifest_url).header(header::ACCEPT, MANIFEST);
    let back = remote.ask("manifest", &get).await?.expect("manifest", &[200])?;
    if digest(&back.body) != image.digest {
        return Err(fail("manifest", format!("keeps `{}` for `{}`", digest(&back.body), image.digest)));
    }
    pushed.unchanged = false;
    Ok(pushed)
}

/// All blobs, some at the same time. The first that fails ends the others: where they were is kept.
async fn blobs(image: &Image, remote: &Remote, options: &Options) -> Result<Pushed> {
    let state = State::open(options.state.as_deref())?;
    let turns = Arc::new(Semaphore::new(options.at_once.max(1)));
    let mut all = JoinSet::new();
    // A digest that is there twice is sent once.
    let mut unique: Vec<Blob> = image.blobs.clone();
    unique.sort_by(|a, b| b.size.cmp(&a.size).then_with(|| a.digest.cmp(&b.digest)));
    unique.dedup_by(|a, b| a.digest == b.digest);
    let known = match &options.known {
        Some(known) => known(image.name.clone(), unique.iter().map(|b| b.digest.clone()).collect()).await,
        None => None,
    };
    for blob in unique {
        let file = image.path(&blob);
        let lent = options.lender.as_ref().is_some_and(|l| l.has(&blob));
        let size = match std::fs::metadata(&file) {
            // It is fetched where the target lacks it.
            Err(e) if lent && e.kind() == std::io::ErrorKind::NotFound => blob.size,
            read => read.map_err(Error::io("cannot read", &file))?.len(),
        };
        if size != blob.size {
            let message =
                format!("`{}` has {size} bytes, expected {}; build the image again", file.display(), blob.size);
            return Err(fail(&format!("blob {}", blob.digest), message));
        }
        let (remote, state, options, turns) = (remote.clone(), state.clone(), options.clone(), Arc::clone(&turns));
        let repository = image.name.clone();
        let there = known.as_ref().map(|k| k.contains(&blob.digest));
        all.spawn(async move {
            let _turn = turns.acquire_owned().await.map_err(|e| fail("push", e))?;
            let upload = Upload {
                remote: &remote,
                repository: &repository,
                blob: &blob,
                file: &file,
                options: &options,
                state: &state,
                there,
            };
            upload.run().await
        });
    }
    let mut pushed = Pushed::default();
    while let Some(done) = all.join_next().await {
        match done.map_err(|e| fail("push", e))?? {
            How::Sent => pushed.sent += 1,
            How::There => pushed.there += 1,
            How::Mounted => pushed.mounted += 1,
        }
    }
    Ok(pushed)
}

/// A tag or a digest, as the distribution specification has them.
pub(super) fn reference(text: &str) -> Result<&str> {
    let word = |b: u8| b.is_ascii_alphanumeric() || b"_.-".contains(&b);
    let tag = text.len() <= 128
        && text.bytes().all(word)
        && text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    if tag || crate::image::hex_of(text).is_some() {
        Ok(text)
    } else {
        Err(fail(text, "is no tag: letters, digits, `_`, `.` and `-`, at most 128"))
    }
}
