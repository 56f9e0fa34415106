//! Everything that can go wrong, in words that name the file and the next step.

use std::path::PathBuf;

/// An error of this crate. Each names the file, the tool or the key it is about, and says what to do.
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
    /// `legacy-port.toml` or `compile_commands.json` is not as expected.
    #[error("`{}`{}: {message}", path.display(), line.map_or(String::new(), |l| format!(", line {l}")))]
    Project {
        /// The project file.
        path: PathBuf,
        /// Line, from 1, where it is known.
        line: Option<usize>,
        /// What was found and what was expected.
        message: String,
    },
    /// A file is not what was audited.
    #[error("`{}` has changed since it was audited; run the command again", path.display())]
    Edited {
        /// The file.
        path: PathBuf,
    },
    /// The compiler or the C library of a target is not there.
    #[error("cannot build for `{triple}`: {message}")]
    Toolchain {
        /// The target.
        triple: String,
        /// What is missing and how to get it.
        message: String,
    },
    /// The compiler refused a unit, or the linker a program.
    #[error("`{what}` does not build for `{triple}`:\n{output}")]
    Build {
        /// The unit or program.
        what: String,
        /// The target.
        triple: String,
        /// What the compiler said.
        output: String,
    },
    /// libclang is not there, or too old.
    #[error("{0}")]
    Libclang(String),
    /// A patch of the series does not apply.
    #[error("patch `{}`: {message}", path.display())]
    Patch {
        /// The patch file.
        path: PathBuf,
        /// Which file of it, and why.
        message: String,
    },
    /// A file is not the object or program that was expected.
    #[error("`{}`: {message}", path.display())]
    Elf {
        /// The object, archive or program.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// A header cannot be taken over into Rust, or its layouts cannot be locked.
    #[error("`{}`: {message}", path.display())]
    Ffi {
        /// The header.
        path: PathBuf,
        /// What stands in the way.
        message: String,
    },
    /// A command of the project (its scenarios, its data) failed.
    #[error("`{command}` failed: {message}")]
    Command {
        /// The command line.
        command: String,
        /// How it ended, and the end of its output.
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
