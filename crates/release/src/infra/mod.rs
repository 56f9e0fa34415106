//! The stacks that a release needs, out of `release.toml` and the templates of this crate.
//!
//! ```text
//! settings  `infrastructure` in release.toml           template  the templates, and what of one has to be known
//! stack     which stacks, in which order, with which parameters         render  those, printed: needs no account
//! ```

pub mod render;
pub mod seen;
pub mod settings;
pub mod stack;
pub mod template;
