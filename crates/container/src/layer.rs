//! Entries -> tar -> gzip. The same entries give the same bytes: names in order, no clock, no user names.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::path::PathBuf;

use flate2::{Compression, GzBuilder};
use sha2::{Digest, Sha256};
use tar::{Builder, EntryType, Header};

use crate::plan::{Content, Entry};
use crate::{Error, Result};

/// A layer as it is stored, with both of its digests.
pub(crate) struct Layer {
    /// The gzip file.
    pub(crate) blob: Vec<u8>,
    /// Digest of the tar file within, the "diff id".
    pub(crate) diff_id: String,
}

/// Bytes in hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// `sha256:` and the digest in hex.
pub(crate) fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", hex(&Sha256::digest(bytes)))
}

/// SHA-256 of all that can be read.
pub(crate) fn sha256_of(mut from: impl Read) -> std::io::Result<Vec<u8>> {
    let (mut hasher, mut piece) = (Sha256::new(), vec![0; 1 << 18]);
    loop {
        match from.read(&mut piece)? {
            0 => return Ok(hasher.finalize().to_vec()),
            n => hasher.update(&piece[..n]),
        }
    }
}

/// Makes a layer; `time` is the modification time of every entry, in seconds since 1970.
pub(crate) fn layer(entries: &BTreeMap<PathBuf, Entry>, time: u64) -> Result<Layer> {
    let mut tar = Builder::new(Vec::new());
    for (path, entry) in entries {
        let bytes = match &entry.content {
            Content::Folder => Vec::new(),
            Content::File(from) => fs::read(from).map_err(Error::io("cannot read", from))?,
            Content::Bytes(b) => b.clone(),
        };
        let mut header = Header::new_gnu();
        header.set_entry_type(if entry.content == Content::Folder { EntryType::Directory } else { EntryType::Regular });
        header.set_mode(entry.mode);
        header.set_uid(entry.owner.into());
        header.set_gid(entry.owner.into());
        header.set_mtime(time);
        header.set_size(bytes.len() as u64);
        tar.append_data(&mut header, path, bytes.as_slice()).map_err(Error::io("cannot pack", path))?;
    }
    let tar = tar.into_inner().map_err(Error::io("cannot pack", "layer"))?;
    // No name and no time in the gzip header either.
    let mut gzip = GzBuilder::new().write(Vec::new(), Compression::new(6));
    gzip.write_all(&tar).map_err(Error::io("cannot compress", "layer"))?;
    let blob = gzip.finish().map_err(Error::io("cannot compress", "layer"))?;
    Ok(Layer { blob, diff_id: digest(&tar) })
}
