//! The stacks that a release needs, out of `release.toml` and the templates of this crate.
//!
//! ```text
//! settings  `infrastructure` in release.toml           template  the templates, and what of one has to be known
//! stack     which stacks, in which order, with which parameters         render  those, printed: needs no account
//! seen      what AWS tells, as plain data              kinds     what holds data, what the service runs through
//! prepare   change sets made and read                  change    one of them in words      plan   all of them
//! guard     whether it may be done now                 state     what a status means
//! parameters  their values, some of them of other stacks
//! event     what is told      follow  a stack to its end      cause     why it failed
//! apply     a plan, done      status  how things are          drift     what is not as it should be      destroy  taken away
//! lint      the rules of `release verify` over all that is sent
//! ```

pub mod apply;
pub mod cause;
pub mod change;
pub mod destroy;
pub mod drift;
pub mod event;
pub mod follow;
pub mod guard;
pub mod kinds;
pub mod lint;
mod parameters;
pub mod plan;
pub mod prepare;
pub mod render;
pub mod seen;
pub mod settings;
pub mod stack;
pub mod state;
pub mod status;
pub mod template;
