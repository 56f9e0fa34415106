//! Where uploads are, on disk, so that one that was cut goes on in the next run. A file for each, by registry, repository and
//! digest.

use std::fs;
use std::path::{Path, PathBuf};

use crate::http::Url;
use sha2::{Digest, Sha256};

use crate::layer::hex;
use crate::{Error, Result};

/// The folder of uploads, or nothing, where a cut upload begins anew in the next run.
#[derive(Clone, Debug)]
pub(super) struct State {
    dir: Option<PathBuf>,
}

impl State {
    pub(super) fn open(dir: Option<&Path>) -> Result<Self> {
        if let Some(dir) = dir {
            fs::create_dir_all(dir).map_err(Error::io("cannot create", dir))?;
        }
        Ok(Self { dir: dir.map(Path::to_owned) })
    }

    fn path(&self, base: &Url, repository: &str, digest: &str) -> Option<PathBuf> {
        let name = hex(&Sha256::digest(format!("{base}\n{repository}\n{digest}")));
        Some(self.dir.as_ref()?.join(name))
    }

    /// Where the upload of a blob was, if the file is whole and names a place.
    pub(super) fn get(&self, base: &Url, repository: &str, digest: &str) -> Option<Url> {
        let text = fs::read_to_string(self.path(base, repository, digest)?).ok()?;
        // The last line says that the file was written to its end.
        let url = text.strip_suffix("\nend\n")?;
        Url::parse(url).ok()
    }

    /// Only for us: the place may have a token in it.
    pub(super) fn put(&self, base: &Url, repository: &str, digest: &str, location: &Url) -> Result<()> {
        let Some(path) = self.path(base, repository, digest) else { return Ok(()) };
        let dir = path.parent().unwrap_or(Path::new("."));
        let mut file = tempfile::NamedTempFile::new_in(dir).map_err(Error::io("cannot write in", dir))?;
        let text = format!("{location}\nend\n");
        std::io::Write::write_all(&mut file, text.as_bytes()).map_err(Error::io("cannot write", &path))?;
        file.persist(&path).map_err(|e| Error::io("cannot write", &path)(e.error))?;
        Ok(())
    }

    pub(super) fn remove(&self, base: &Url, repository: &str, digest: &str) {
        if let Some(path) = self.path(base, repository, digest) {
            // What is not there need not go.
            let _ = fs::remove_file(path);
        }
    }
}
