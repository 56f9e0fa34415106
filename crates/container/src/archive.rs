//! An image as one file: an OCI archive that `docker load` and `podman load` take too.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use serde_json::json;
use tar::{Builder, EntryType, Header};

use crate::image::{Image, keep};
use crate::{Error, Result};

/// Writes the image of a layout as a tar file with everything of the layout that belongs to it, and the `manifest.json` of
/// `docker save`. The same image gives the same bytes.
///
/// # Errors
/// When a blob cannot be read or the file not be written.
pub fn write(image: &Image, tag: &str, to: &Path) -> Result<()> {
    let dir = to.parent().filter(|d| !d.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let file = tempfile::NamedTempFile::new_in(dir).map_err(Error::io("cannot write in", dir))?;
    let mut tar = Builder::new(BufWriter::with_capacity(1 << 18, file));
    let blob = |digest: &str| format!("blobs/sha256/{}", digest.trim_start_matches("sha256:"));
    let layers: Vec<String> = image.blobs.iter().skip(1).map(|b| blob(&b.digest)).collect();
    let config = image.blobs.first().map(|b| blob(&b.digest)).unwrap_or_default();
    let docker =
        json!([{"Config": config, "RepoTags": [format!("{}:{tag}", image.name)], "Layers": layers}]).to_string();
    let index = image.layout.join("index.json");
    let index = std::fs::read(&index).map_err(Error::io("cannot read", &index))?;
    let mut result = folder(&mut tar, "blobs/").and_then(|()| folder(&mut tar, "blobs/sha256/"));
    let mut names: Vec<(String, std::path::PathBuf)> =
        image.blobs.iter().map(|b| (blob(&b.digest), image.path(b))).collect();
    let manifest = blob(&image.digest);
    names.push((manifest.clone(), image.layout.join(manifest)));
    names.sort();
    names.dedup();
    for (name, path) in names {
        let mut from = File::open(&path).map_err(Error::io("cannot read", &path))?;
        let size = from.metadata().map_err(Error::io("cannot read", &path))?.len();
        result = result.and_then(|()| tar.append_data(&mut header(size), name, &mut from));
    }
    for (name, bytes) in [
        ("index.json", index.as_slice()),
        ("manifest.json", docker.as_bytes()),
        ("oci-layout", br#"{"imageLayoutVersion":"1.0.0"}"#),
    ] {
        result = result.and_then(|()| tar.append_data(&mut header(bytes.len() as u64), name, bytes));
    }
    let written = result.and_then(|()| tar.into_inner()).and_then(|mut out| {
        out.flush()?;
        out.into_inner().map_err(std::io::IntoInnerError::into_error)
    });
    keep(written.map_err(Error::io("cannot write", to))?, to)
}

fn header(size: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_mode(0o644);
    header.set_mtime(0);
    header.set_size(size);
    header
}

fn folder(tar: &mut Builder<BufWriter<tempfile::NamedTempFile>>, name: &str) -> std::io::Result<()> {
    let mut header = header(0);
    header.set_entry_type(EntryType::Directory);
    header.set_mode(0o755);
    tar.append_data(&mut header, name, std::io::empty())
}
