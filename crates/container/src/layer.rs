//! Entries -> tar -> compressed blob. The same entries give the same bytes: names in order, no clock, no user names.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use sha2::{Digest, Sha256};
use tar::{Builder, EntryType, Header};

use crate::compress::{Compression, compress};
use crate::plan::{Content, Entries, Entry};
use crate::{Error, Result};

/// A layer that is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Layer {
    /// Digest of the blob.
    pub(crate) digest: String,
    /// Bytes of the blob.
    pub(crate) size: u64,
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
pub(crate) fn sha256_of(mut from: impl Read) -> io::Result<Vec<u8>> {
    let (mut hasher, mut piece) = (Sha256::new(), vec![0; 1 << 18]);
    loop {
        match from.read(&mut piece)? {
            0 => return Ok(hasher.finalize().to_vec()),
            n => hasher.update(&piece[..n]),
        }
    }
}

/// Makes a layer in the folder of blobs; `time` is the modification time of every entry, in seconds since 1970.
pub(crate) fn layer(
    entries: &Entries,
    time: u64,
    compression: Compression,
    threads: usize,
    blobs: &Path,
) -> Result<Layer> {
    let mut blob = tempfile::NamedTempFile::new_in(blobs).map_err(Error::io("cannot write in", blobs))?;
    let mut failed = None;
    let sums = compress(compression, threads, blob.as_file_mut(), |out| {
        let mut tar = Builder::new(out);
        for (path, entry) in entries {
            if let Err(e) = append(&mut tar, path, entry, time) {
                failed = Some(path);
                return Err(e);
            }
        }
        tar.finish()
    });
    let sums = sums.map_err(|e| match failed {
        Some(path) => Error::io("cannot pack", Path::new("/").join(path))(e),
        None => Error::io("cannot write in", blobs)(e),
    })?;
    let packed = hex(&sums.packed);
    let to = blobs.join(&packed);
    crate::image::keep(blob, &to)?;
    Ok(Layer { digest: format!("sha256:{packed}"), size: sums.size, diff_id: format!("sha256:{}", hex(&sums.plain)) })
}

fn append(tar: &mut Builder<&mut dyn Write>, path: &Path, entry: &Entry, time: u64) -> io::Result<()> {
    let mut header = Header::new_gnu();
    header.set_entry_type(if entry.content == Content::Folder { EntryType::Directory } else { EntryType::Regular });
    header.set_mode(entry.mode);
    header.set_uid(entry.owner.into());
    header.set_gid(entry.owner.into());
    header.set_mtime(time);
    match &entry.content {
        Content::Folder => {
            header.set_size(0);
            // A folder ends with a slash, as tar writes it.
            tar.append_data(&mut header, path.join(""), io::empty())
        }
        Content::Bytes(bytes) => {
            header.set_size(bytes.len() as u64);
            tar.append_data(&mut header, path, bytes.as_slice())
        }
        Content::File(from) => {
            let file = File::open(from)?;
            let size = file.metadata()?.len();
            header.set_size(size);
            tar.append_data(&mut header, path, Exactly { file, left: size })
        }
    }
}

/// A file that must have the size it had when it was opened: the archive has it written down already.
struct Exactly {
    file: File,
    left: u64,
}

impl Read for Exactly {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(out.len());
        if most == 0 {
            return Ok(0);
        }
        let read = self.file.read(&mut out[..most])?;
        if read == 0 {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "became shorter while it was read"));
        }
        self.left -= read as u64;
        Ok(read)
    }
}
