//! Everything that can go wrong, in words that name the file and the next step.

use std::path::PathBuf;

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder could not be read or written.
    #[error("{action} `{}`: {source}", path.display())]
    Io {
        /// What was tried, such as `cannot read`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// `image.toml` is not as expected.
    #[error("`{}`{}: {message}", path.display(), line.map_or(String::new(), |l| format!(", line {l}")))]
    Config {
        /// The file.
        path: PathBuf,
        /// Line, from 1, where it is known.
        line: Option<usize>,
        /// What was found and what was expected.
        message: String,
    },
    /// A program or library cannot go into the image.
    #[error("`{}`: {message}", path.display())]
    Elf {
        /// The ELF file.
        path: PathBuf,
        /// Why, and what to do.
        message: String,
    },
    /// A base image cannot be one.
    #[error("base image `{reference}`: {message}")]
    Base {
        /// As image.toml names it.
        reference: String,
        /// Why, and what to do.
        message: String,
    },
    /// The OCI types refused what was made.
    #[error("cannot write {what}: {message}")]
    Format {
        /// Manifest, configuration, ...
        what: &'static str,
        /// Why.
        message: String,
    },
    /// A key cannot sign. Its text is never told.
    #[error("`{}` {message}", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// Why, and what to do.
        message: String,
    },
    /// A registry did not do what the distribution protocol says.
    #[error("registry, {what}: {message}")]
    Registry {
        /// What was asked of it.
        what: String,
        /// What it answered.
        message: String,
    },
}

impl Error {
    /// Makes an [`Error::Io`]; for `map_err`.
    pub(crate) fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { action, path, source }
    }
}
