//! Layers that were made before, by what went into them, so that nothing is read, hashed or compressed when nothing changed.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::compress::{Compression, LIBRARIES};
use crate::facts::state;
use crate::image::{hex_of, write};
use crate::layer::{Layer, hex};
use crate::plan::{Content, Entries};
use crate::{Error, Result};

/// A change of how layers are made is a new number.
const FORMAT: u32 = 1;

pub(crate) struct Cache {
    dir: PathBuf,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kept {
    digest: String,
    size: u64,
    diff_id: String,
}

impl Cache {
    pub(crate) fn open(dir: &Path) -> Result<Self> {
        fs::create_dir_all(dir).map_err(Error::io("cannot create", dir))?;
        Ok(Self { dir: dir.to_owned() })
    }

    /// What the bytes of a layer depend on; `None` where that cannot be told for sure.
    #[allow(clippy::unused_self)] // without a cache there is no key
    pub(crate) fn key(&self, entries: &Entries, time: u64, compression: Compression) -> Option<String> {
        let mut hasher = Sha256::new();
        let mut put = |bytes: &[u8]| {
            hasher.update((bytes.len() as u64).to_le_bytes());
            hasher.update(bytes);
        };
        put(format!("{FORMAT} {time} {compression:?} {LIBRARIES:?}").as_bytes());
        for (path, entry) in entries {
            put(path.as_os_str().as_encoded_bytes());
            put(format!("{:o} {}", entry.mode, entry.owner).as_bytes());
            match &entry.content {
                Content::Folder => put(b"folder"),
                Content::Bytes(bytes) => put(bytes),
                Content::File(from) => {
                    put(state(from)?.as_bytes());
                }
            }
        }
        Some(hex(&hasher.finalize()))
    }

    /// A layer that is remembered and still there.
    pub(crate) fn get(&self, key: &str, blobs: &Path) -> Option<Layer> {
        let kept: Kept = serde_json::from_slice(&fs::read(self.dir.join(key)).ok()?).ok()?;
        let blob = blobs.join(hex_of(&kept.digest)?);
        let there = fs::metadata(blob).is_ok_and(|m| m.len() == kept.size);
        there.then_some(Layer { digest: kept.digest, size: kept.size, diff_id: kept.diff_id })
    }

    pub(crate) fn put(&self, key: &str, layer: &Layer) -> Result<()> {
        let path = self.dir.join(key);
        if path.exists() {
            return Ok(());
        }
        let kept = Kept { digest: layer.digest.clone(), size: layer.size, diff_id: layer.diff_id.clone() };
        let text = serde_json::to_vec(&kept).map_err(crate::image::format("cache"))?;
        write(&path, &text)
    }
}
