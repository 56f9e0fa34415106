//! Runs the image of a ported program and asks it whether it is well: the embedded default of a release, without an
//! account.
//!
//! ```text
//! spec      image configuration -> OCI runtime configuration: read-only, non-root, no capabilities, a network of its own
//! runtime   runc, crun or youki: start, ask, stop, and nothing left behind
//! probe     one HTTP request, from within the container's network
//! ```
//!
//! No `CodePipeline`, `CodeDeploy` or load balancer is part of this.

mod error;
pub mod probe;
pub mod runtime;
pub mod spec;

pub use error::Error;

/// What the functions of this crate return.
pub type Result<T> = std::result::Result<T, Error>;
