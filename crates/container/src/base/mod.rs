//! A base image: what an image of ours begins with. Its layers are looked at once, and what was seen is kept by their digests.
//!
//! ```text
//! reference where it is
//! fetch     reference -> manifest of the platform, configuration, layers
//! look      a layer -> its files, with what the gate asks of them
//! over      plan -> what of it is stored over a base
//! tree      layers -> the files of the whole
//! ```

mod fetch;
mod look;
mod over;
mod reference;
mod tree;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use oci_spec::image::ImageConfiguration;

use crate::facts::Facts;
use crate::image::{Blob, Image, hex_of, keep};
use crate::layer::{hex, sha256_of};
use crate::plan::{Content, Entries, Entry};
use crate::transfer::{Lender, Remote, blob_to};
use crate::{Error, Result};
pub(crate) use look::{Item, Kind};
pub use reference::Reference;
use tree::Tree;

/// The digest of the base, as OCI's annotations name it.
pub(crate) const BASE_DIGEST: &str = "org.opencontainers.image.base.digest";
/// The reference of the base, as OCI's annotations name it.
pub(crate) const BASE_NAME: &str = "org.opencontainers.image.base.name";

/// A base image that was fetched and looked at.
#[derive(Clone, Debug)]
pub struct Base {
    /// As image.toml names it.
    pub reference: Reference,
    /// Digest that the reference has or was resolved to: of an index where it names one.
    pub wanted: String,
    /// Digest of the manifest of the platform.
    pub digest: String,
    /// Its layers, the lowest first, with OCI's media types.
    pub layers: Vec<Blob>,
    pub(crate) configuration: ImageConfiguration,
    tree: Tree,
    remote: Remote,
    /// Folder of the blobs that were fetched.
    blobs: PathBuf,
}

/// What becomes of an entry of ours over a base.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// The base has it as it is.
    There,
    /// It goes to this path; whether it hides another file of the base there.
    At(PathBuf, bool),
}

impl Base {
    fn fail(&self, message: String) -> Error {
        Error::Base { reference: self.reference.to_string(), message }
    }

    /// Where an entry of ours goes. Links of the base are followed, as a runtime may and may not do: a folder over the link
    /// `/lib` would take all of the base's libraries away.
    ///
    /// # Errors
    /// When there is no such place.
    pub(crate) fn fate(&self, path: &Path, entry: &Entry, facts: &Facts) -> Result<Fate> {
        let shown = path.display();
        let folder = entry.content == Content::Folder;
        let ring = || self.fail(format!("`/{shown}` is behind a ring of its links"));
        let to = self.tree.walk(path, folder).ok_or_else(ring)?;
        let no_folder = |p: &&Path| self.tree.get(p).is_some_and(|i| i.kind != Kind::Folder);
        if let Some(other) = to.ancestors().skip(1).find(no_folder) {
            return Err(self.fail(format!("`/{shown}` cannot go in: `/{}` is no folder there", other.display())));
        }
        let there = self.tree.get(&to);
        if folder {
            return Ok(match there {
                Some(i) if i.kind == Kind::Folder => {
                    // Of folders that image.toml does not name the base knows better.
                    let as_it_is = (i.mode, i.owner, i.group) == (entry.mode, entry.owner.into(), entry.owner.into());
                    if as_it_is || entry.why != "image.toml" { Fate::There } else { Fate::At(to, false) }
                }
                Some(_) => return Err(self.fail(format!("`/{shown}` is a folder here and none there"))),
                None => Fate::At(to, false),
            });
        }
        if there.is_some_and(|i| i.kind == Kind::Folder) {
            return Err(self.fail(format!("`/{shown}` is a file here and a folder there")));
        }
        let Some(Item { kind: Kind::File { sha256, .. }, mode, owner, group, .. }) = self.tree.at(&to) else {
            return Ok(Fate::At(to, there.is_some()));
        };
        let ours = match &entry.content {
            Content::File(from) => facts.sha256(from)?,
            Content::Bytes(bytes) => hex(&sha256_of(&bytes[..]).map_err(Error::io("cannot read", path))?),
            Content::Folder => String::new(),
        };
        let owned = (*owner, *group) == (entry.owner.into(), entry.owner.into());
        // A library need not be executable, which Debian's are not.
        let readable = mode & 0o444 == 0o444 && mode & 0o6022 == 0;
        let same = *mode == entry.mode || (readable && library(path) && entry.why != "image.toml");
        if *sha256 == ours && owned && same { Ok(Fate::There) } else { Ok(Fate::At(to, true)) }
    }

    /// The entries of a layer that the base has not got, where they go.
    ///
    /// # Errors
    /// When there is no such place.
    pub(crate) fn without(&self, entries: &Entries, facts: &Facts) -> Result<Entries> {
        let mut left = Entries::new();
        for (path, entry) in entries {
            if let Fate::At(to, _) = self.fate(path, entry, facts)? {
                left.insert(to, entry.clone());
            }
        }
        Ok(left)
    }

    /// Its files, folders and links.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&PathBuf, &Item)> {
        self.tree.iter()
    }

    /// Whether it has a file at a path, through links or not.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.tree.at(Path::new(path)).is_some()
    }

    /// The text of a file, of those whose text is kept.
    pub(crate) fn text(&self, path: &Path) -> Option<&str> {
        match &self.tree.at(path)?.kind {
            Kind::File { text, .. } => text.as_deref(),
            _ => None,
        }
    }

    /// Its environment.
    #[must_use]
    pub fn env(&self) -> BTreeMap<String, String> {
        let all = self.configuration.config().as_ref().and_then(|c| c.env().as_ref());
        let pair = |v: &String| v.split_once('=').map(|(n, v)| (n.to_owned(), v.to_owned()));
        all.into_iter().flatten().filter_map(pair).collect()
    }

    /// Its labels.
    #[must_use]
    pub fn labels(&self) -> BTreeMap<String, String> {
        let all = self.configuration.config().as_ref().and_then(|c| c.labels().as_ref());
        all.into_iter().flatten().map(|(n, v)| (n.clone(), v.clone())).collect()
    }

    /// What a push needs to know of it.
    #[must_use]
    pub fn lender(&self) -> Lender {
        let layers = self.layers.iter().map(|l| l.digest.clone()).collect();
        Lender { remote: self.remote.clone(), repository: self.reference.repository.clone(), layers }
    }

    /// Puts those of its layers into a folder of blobs that were fetched already.
    pub(crate) fn link(&self, blobs: &Path) -> Result<()> {
        for layer in &self.layers {
            let Some(name) = hex_of(&layer.digest) else { continue };
            let (from, to) = (self.blobs.join(name), blobs.join(name));
            let whole = |path: &Path| fs::metadata(path).is_ok_and(|m| m.len() == layer.size);
            if whole(&to) || !whole(&from) {
                continue;
            }
            // One file with two names takes no room; file systems that differ need two.
            if fs::hard_link(&from, &to).is_err() {
                let copy = tempfile::NamedTempFile::new_in(blobs).map_err(Error::io("cannot write in", blobs))?;
                fs::copy(&from, copy.path()).map_err(Error::io("cannot copy", &from))?;
                keep(copy, &to)?;
            }
        }
        Ok(())
    }

    /// Fetches the layers that the layout of an image lacks, so that it can be run, archived, or copied by others.
    ///
    /// # Errors
    /// When a layer cannot be had or is not what it should be.
    pub async fn complete(&self, image: &Image) -> Result<()> {
        for layer in self.layers.iter().filter(|l| !image.path(l).exists()) {
            fs::create_dir_all(&self.blobs).map_err(Error::io("cannot create", &self.blobs))?;
            blob_to(&self.remote, &self.reference.repository, layer, &self.blobs).await?;
        }
        self.link(&image.layout.join("blobs/sha256"))
    }
}

/// The kernel wants a program interpreter to be executable.
fn library(path: &Path) -> bool {
    path.file_name().and_then(|n| n.to_str()).is_some_and(|n| n.contains(".so") && !n.starts_with("ld-"))
}
