//! Findings -> bytes, one file per format. A format knows nothing but the data it is given.

pub mod github;
pub mod gitlab;
pub mod html;
pub mod json;
pub mod layout;
pub mod markdown;
mod paths;
mod plain;
pub mod sarif;
pub mod text;

pub use paths::Paths;
pub use plain::plain;

/// Text for a terminal, without characters that do something instead of being shown; lines stay.
#[must_use]
pub fn shown(text: &str) -> String {
    text.lines().flat_map(|line| [plain::plain(line).into_owned(), "\n".into()]).collect()
}
