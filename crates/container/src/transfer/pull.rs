//! An image from a registry.

use std::fs;
use std::io::Write;
use std::path::Path;

use crate::http::{Method, header};
use sha2::{Digest, Sha256};

use super::push::{MANIFEST, reference};
use super::remote::Remote;
use super::request::{Request, Trouble, fail};
use crate::image::{Blob, Image, keep, put};
use crate::layer::{digest, hex};
use crate::{Error, Result};

/// No layer of an image is larger: ECR's own limit is 52,000 MiB.
const LARGEST_BLOB: u64 = 52_000 << 20;

/// Pulls an image by its digest into a layout; everything that arrives is checked against the digest it was asked for by.
///
/// # Errors
/// When something is missing or is not what was asked for.
pub async fn pull(remote: &Remote, name: &str, wanted: &str, layout: &Path) -> Result<Image> {
    let manifest = manifest(remote, name, wanted, MANIFEST).await?;
    if digest(&manifest) != wanted {
        return Err(fail("manifest", format!("sent `{}` for `{wanted}`", digest(&manifest))));
    }
    let image = Image::of_manifest(name, manifest, layout)?;
    let folder = layout.join("blobs/sha256");
    fs::create_dir_all(&folder).map_err(Error::io("cannot create", &folder))?;
    put(&folder, &image.manifest)?;
    for blob in &image.blobs {
        blob_to(remote, name, blob, &folder).await?;
    }
    image.write_index("latest")?;
    Ok(image)
}

/// The manifest or index under a tag or digest, of one of these media types.
pub(crate) async fn manifest(remote: &Remote, name: &str, wanted: &str, accept: &str) -> Result<Vec<u8>> {
    let url = remote.url(name, &format!("manifests/{}", reference(wanted)?))?;
    let request = Request::new(Method::GET, url).header(header::ACCEPT, accept);
    Ok(remote.ask("manifest", &request).await?.expect("manifest", &[200])?.body)
}

/// A blob into a folder of blobs, checked against its digest and size.
pub(crate) async fn blob_to(remote: &Remote, name: &str, blob: &Blob, folder: &Path) -> Result<()> {
    let what = format!("blob {}", blob.digest);
    if blob.size > LARGEST_BLOB {
        return Err(fail(&what, format!("is said to have {} bytes, more than any registry takes", blob.size)));
    }
    let mut failures = 0;
    loop {
        match fetch(remote, name, blob, &what, folder).await {
            Ok(()) => return Ok(()),
            Err(Trouble::Fatal(e)) => return Err(e),
            Err(Trouble::Later { why, asked, .. }) => {
                failures += 1;
                remote.pause(&what, why, failures, asked).await?;
            }
        }
    }
}

/// One blob to a file. Not a byte more than it should have is read.
async fn fetch(
    remote: &Remote,
    name: &str,
    blob: &Blob,
    what: &str,
    folder: &Path,
) -> std::result::Result<(), Trouble> {
    let fatal = |message: String| Trouble::Fatal(fail(what, message));
    let url = remote.url(name, &format!("blobs/{}", blob.digest)).map_err(Trouble::Fatal)?;
    let mut response = remote.response(what, &Request::new(Method::GET, url)).await?;
    if response.status().as_u16() != 200 {
        return Err(fatal(format!("answered {}", response.status())));
    }
    let mut file =
        tempfile::NamedTempFile::new_in(folder).map_err(|e| Trouble::Fatal(Error::io("cannot write in", folder)(e)))?;
    let (mut hasher, mut size) = (Sha256::new(), 0_u64);
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) => {
                size += chunk.len() as u64;
                if size > blob.size {
                    return Err(fatal(format!("is longer than the {} bytes that its manifest says", blob.size)));
                }
                hasher.update(&chunk);
                file.write_all(&chunk).map_err(|e| Trouble::Fatal(Error::io("cannot write in", folder)(e)))?;
            }
            Ok(None) => break,
            Err(e) => {
                return Err(Trouble::Later { why: format!("was cut after {size} bytes: {e}"), asked: None, cut: true });
            }
        }
    }
    let found = format!("sha256:{}", hex(&hasher.finalize()));
    if found != blob.digest || size != blob.size {
        return Err(fatal(format!("sent `{found}`, {size} bytes of {}", blob.size)));
    }
    keep(file, &folder.join(blob.digest.trim_start_matches("sha256:"))).map_err(Trouble::Fatal)
}
