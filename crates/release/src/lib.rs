//! Runs the image of a ported program and asks it whether it is well: the embedded default of a release, without an
//! account. And the files of a release on AWS: templates, settings, bundle, and rules over all of them together.
//!
//! ```text
//! config    release.toml: environments, read once and checked       setting   values: known, a variable, a stack's output
//! bundle    an environment -> taskdef.json, appspec.yaml, archive   doc       YAML and JSON with the line of every value
//! world     the files of a release, other people's too              verify    rules over them: rules/<name>.rs each
//! spec      image configuration -> OCI runtime configuration: read-only, non-root, no capabilities, a network of its own
//! memory    the memory limit of a container: put, read back, and why it is not enforced
//! runtime   runc, crun or youki: start, ask, stop, and nothing left behind
//! trial     the image of a release, run here and asked what its target groups will ask it
//! probe     one HTTP request, from within the container's network
//! flow      one release on AWS: begun, followed, undone      aws    the account, as far as that needs it
//! infra     the stacks that a release needs: planned, made, watched, taken away
//! preflight what must be so in an account before a release: items over a picture of it
//! ```
//!
pub mod aws;
pub mod bundle;
pub mod config;
pub mod doc;
mod error;
pub mod fargate;
pub mod flow;
pub mod infra;
pub mod memory;
pub mod preflight;
pub mod probe;
mod resolve;
pub mod rules;
pub mod runtime;
pub mod setting;
pub mod spec;
pub mod trial;
pub mod verify;
pub mod world;

pub use error::Error;

/// What the functions of this crate return.
pub type Result<T> = std::result::Result<T, Error>;
