//! A minimal 64-bit OCI image from an ELF program, without a daemon: the straight way through.
//!
//! ```text
//! config    image.toml -> what a person wants in the image
//! closure   an ELF program -> interpreter and libraries, by the loader's rules (the one door to goblin)
//! plan      config + closure -> the entries of each layer, each with its reason
//! layer     entries -> tar -> gzip; the same entries give the same bytes
//! image     layers + settings -> manifest, config, blobs; written as an OCI layout
//! registry  an in-process registry, for the occasion
//! ecr       the user and password of Amazon ECR's registry
//! http      the HTTP client that everything here uses
//! transfer  push to and pull from a registry
//! rootfs    layers -> a folder that a runtime can start
//! ```

pub mod closure;
pub mod config;
pub mod ecr;
mod error;
pub mod http;
pub mod image;
mod layer;
pub mod plan;
pub mod registry;
pub mod rootfs;
pub mod transfer;

pub use error::Error;

/// What the functions of this crate return.
pub type Result<T> = std::result::Result<T, Error>;
