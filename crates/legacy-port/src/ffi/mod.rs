//! The headers of a program as other languages take them over, and layouts that are not to move.
//!
//! ```text
//! bindings the one door to bindgen; signature: its types as wide as they are
//! headers  those that a project names, for both targets
//! check    the shape of a check over two bindings; checks: the sorted list
//! lock     records that must not move -> a C header and a module of Rust that do not compile when one does
//! audit    headers -> checks -> findings, in the words of the source audit's reports
//! ```

use std::path::{Path, PathBuf};

use glob::Pattern;
use serde::Deserialize;
use toml::Spanned;

use self::lock::For;
use crate::settings::{self, Wrong};

pub mod audit;
pub mod bindings;
pub mod check;
pub mod checks;
pub mod headers;
pub mod lock;
mod signature;

/// `[ffi]` of a project, understood.
#[derive(Clone, Debug)]
pub struct Choice {
    /// The headers, absolute; each may rely on those before it.
    pub headers: Vec<PathBuf>,
    /// Names of records that must not move, without `struct`; `None` where nothing is said of them.
    pub records: Option<Vec<Pattern>>,
    /// The folder for the lock, relative to the project.
    pub lock: Option<PathBuf>,
    /// The targets that it is for.
    pub targets: For,
}

impl Choice {
    /// Whether the project says of a record, named with or without `struct`, that it must not move.
    #[must_use]
    pub fn names(&self, record: &str) -> bool {
        self.records.iter().flatten().any(|p| p.matches(bare(record)))
    }
}

/// The name of a record without `struct` or `union`.
#[must_use]
pub fn bare(record: &str) -> &str {
    record.strip_prefix("struct ").or_else(|| record.strip_prefix("union ")).unwrap_or(record)
}

/// `[ffi]` as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Table {
    headers: Spanned<Vec<Spanned<PathBuf>>>,
    records: Option<Vec<Spanned<String>>>,
    lock: Option<PathBuf>,
    #[serde(default)]
    targets: For,
}

impl Table {
    /// What it says, for a project in the folder `root`.
    pub(crate) fn choice(&self, root: &Path) -> Result<Choice, Wrong> {
        if self.headers.as_ref().is_empty() {
            return Err((self.headers.span(), "`headers`: names none".into()));
        }
        let header = |s: &Spanned<PathBuf>| {
            let path = root.join(s.as_ref());
            let missing = || (s.span(), format!("`headers`: `{}` is not a file", s.as_ref().display()));
            path.is_file().then_some(path).ok_or_else(missing)
        };
        let pattern =
            |s: &Spanned<String>| settings::glob(bare(s.as_ref())).map_err(|e| (s.span(), format!("`records`: {e}")));
        Ok(Choice {
            headers: self.headers.as_ref().iter().map(header).collect::<Result<_, _>>()?,
            records: self.records.as_ref().map(|list| list.iter().map(pattern).collect()).transpose()?,
            lock: self.lock.clone(),
            targets: self.targets,
        })
    }
}
