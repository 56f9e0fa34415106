//! Everything that can go wrong, in words that say what to do.

use std::path::PathBuf;

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder could not be read or written.
    #[error("{action} `{}`", path.display())]
    Io {
        /// What was tried, such as `cannot read`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// The image could not be unpacked.
    #[error(transparent)]
    Image(#[from] container::Error),
    /// A file is not as expected.
    #[error("`{}`{}: {message}", path.display(), line.map_or(String::new(), |l| format!(", line {l}")))]
    File {
        /// The file.
        path: PathBuf,
        /// Line, from 1, where it is known.
        line: Option<usize>,
        /// What was found and what was expected.
        message: String,
    },
    /// The archive of a bundle could not be made.
    #[error("the archive of the bundle: {0}")]
    Archive(#[from] zip::result::ZipError),
    /// The archive of a bundle is larger than `CodeDeployToECS` takes.
    #[error(
        "the archive of the bundle has {size} bytes; all input artifacts of `CodeDeployToECS` together may have 3 MiB"
    )]
    TooLarge {
        /// Its size in bytes.
        size: usize,
    },
    /// No OCI runtime on this machine.
    #[error("no OCI runtime: none of {tried} runs here; on Debian install `runc`")]
    NoRuntime {
        /// The names that were tried.
        tried: String,
    },
    /// The container did not start, or ended by itself.
    #[error("the container {what}{}", if log.is_empty() { String::new() } else { format!("; it said:\n{log}") })]
    Container {
        /// What happened.
        what: String,
        /// The end of its output.
        log: String,
    },
    /// AWS refuses a call.
    #[error("{0}")]
    Aws(crate::aws::Refusal),
    /// Another deployment of the group is under way; its id, or AWS's words about it.
    #[error(
        "another release is under way ({0}), and there can be one at a time: `release watch` follows it, `release finish-now` ends its last wait, `release abort` undoes it"
    )]
    Busy(String),
    /// A release cannot be done, or not further.
    #[error("{0}")]
    Release(String),
    /// The service did not answer as it should.
    #[error("{url}: {message}")]
    Answer {
        /// What was asked.
        url: String,
        /// What came back instead.
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
