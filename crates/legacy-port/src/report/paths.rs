//! How files are called in a report: as seen from the folder that its reader stands in.

use std::path::{Path, PathBuf};

use crate::finding::Spot;

/// The folder of the project, and the one that files are told from.
#[derive(Clone, Debug, Default)]
pub struct Paths {
    /// What the project's folder is called from there; empty where it is the same.
    prefix: PathBuf,
    base: PathBuf,
}

impl Paths {
    /// Files of the project `root` as seen from `base`. Where the project does not lie in it they are told as seen from
    /// the project: a report does not depend on where on a machine things are.
    #[must_use]
    pub fn new(root: &Path, base: &Path) -> Self {
        match root.strip_prefix(base) {
            Ok(prefix) => Self { prefix: prefix.to_owned(), base: base.to_owned() },
            Err(_) => Self { prefix: PathBuf::new(), base: root.to_owned() },
        }
    }

    /// The name of a file: relative where it lies in the folder, absolute where it does not.
    #[must_use]
    pub fn of(&self, file: &Path) -> String {
        let path = if file.is_absolute() {
            file.strip_prefix(&self.base).unwrap_or(file).to_owned()
        } else {
            self.prefix.join(file)
        };
        path.to_string_lossy().into_owned()
    }

    /// A place as `file:line`; the file alone where there are no lines.
    #[must_use]
    pub fn at(&self, spot: &Spot) -> String {
        let file = self.of(&spot.file);
        spot.place().map_or_else(|| file.clone(), |(line, _)| format!("{file}:{line}"))
    }
}
