//! What an audit of what was built would have found: nothing else is gone because it was not found.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::checks::OF_TWO;
use super::object::archive_of;
use crate::audit::Audit;

/// The files, archives and folders that were looked at.
pub(crate) struct Looked<'a> {
    files: BTreeSet<&'a Path>,
    /// Those of the old build, where two are compared.
    old: BTreeSet<&'a Path>,
    root: &'a Path,
}

impl<'a> Looked<'a> {
    pub(crate) fn at(audit: &'a Audit, root: &'a Path) -> Self {
        let set = |all: &'a [PathBuf]| all.iter().map(PathBuf::as_path).collect();
        Self { files: set(&audit.files), old: set(&audit.compared), root }
    }

    /// Whether a check has looked at a file, or for one that is not there any more. Of two builds those that look at one
    /// look at the new one; of a build alone those that compare look at nothing.
    pub(crate) fn by(&self, check: &str, file: &Path) -> bool {
        let of_two = OF_TWO.contains(&check);
        let asked = if self.old.is_empty() { !of_two } else { of_two || !self.holds(&self.old, file) };
        asked && self.holds(&self.files, file)
    }

    /// A file that is gone was looked for where its folder was looked at, a member where its archive was.
    fn holds(&self, these: &BTreeSet<&Path>, file: &Path) -> bool {
        let archive = archive_of(file);
        let gone = || !self.root.join(archive.unwrap_or(file)).exists();
        these.contains(file)
            || archive.is_some_and(|a| these.contains(a))
            || file.ancestors().any(|folder| these.contains(folder)) && gone()
    }
}
