//! What is to be audited: a file, or every ELF file and archive below a folder.

use std::fs;
use std::path::{Path, PathBuf};

use super::inventory::{self, Content};
use super::matching::Named;
use super::open;
use crate::{Error, Result};

/// A file that was named, or what a folder that was named holds.
#[derive(Clone, Debug)]
pub struct Collection {
    /// The file or folder, as it was named.
    pub root: PathBuf,
    /// Whether it is a folder.
    pub folder: bool,
    /// The files, sorted by path.
    pub(super) files: Vec<Member>,
    /// What cannot be read or is damaged, with the reason.
    pub(super) troubles: Vec<(PathBuf, String)>,
}

/// An ELF file or an archive.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) path: PathBuf,
    /// Where it is below the folder.
    place: PathBuf,
    soname: Option<String>,
    bits: u8,
    pub(super) archive: bool,
    /// The folder that members of a thin archive must lie below, where one was named.
    pub(super) below: Option<PathBuf>,
}

impl Member {
    pub(super) fn named(&self) -> Named<'_> {
        Named { place: &self.place, soname: self.soname.as_deref(), bits: self.bits, archive: self.archive }
    }
}

impl Collection {
    /// What there is at a path; of a folder every file is opened, and no link is followed. `progress` is told how many
    /// files were looked at.
    ///
    /// # Errors
    /// When it is not there, or is a file and neither ELF nor an archive.
    pub fn of(path: &Path, progress: &(dyn Fn(usize) + Sync)) -> Result<Self> {
        let root = path.to_owned();
        if !fs::metadata(path).map_err(Error::io("cannot read", path))?.is_dir() {
            let member = |archive, bits| Member {
                path: root.clone(),
                place: PathBuf::new(),
                soname: None,
                bits,
                archive,
                below: None,
            };
            let one = if open::is_archive(path)? { member(true, 0) } else { member(false, open::read(path)?.bits) };
            return Ok(Self { root, folder: false, files: vec![one], troubles: Vec::new() });
        }
        let (entries, troubles) = inventory::list(path, progress);
        let member = |e: inventory::Entry| {
            let place = e.path.strip_prefix(path).unwrap_or(&e.path).to_owned();
            let (soname, bits, archive) = match e.content {
                Content::Elf(file) => (file.soname, file.bits, false),
                Content::Archive(parts) => (None, parts.first().map_or(0, |p| p.bits), true),
                Content::Script { .. } => return None,
            };
            Some(Member { path: e.path, place, soname, bits, archive, below: archive.then(|| path.to_owned()) })
        };
        Ok(Self { root, folder: true, files: entries.into_iter().filter_map(member).collect(), troubles })
    }

    /// What it is, in a word.
    pub(super) fn kind(&self) -> &'static str {
        match (self.folder, self.files.first()) {
            (true, _) => "a folder",
            (false, Some(file)) if file.archive => "an archive",
            (false, _) => "an ELF file",
        }
    }
}
