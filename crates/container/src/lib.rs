//! A minimal 64-bit OCI image from an ELF program, without a daemon.
//!
//! ```text
//! config    image.toml -> what a person wants in the image
//! facts     what was found out about files, kept by their state
//! elf       what an ELF file says of itself (the one door to goblin)
//! loader    where the GNU loader looks for a library; ldcache: the cache it looks into
//! closure   programs -> interpreter, libraries, what they open at run time
//! needs     what glibc looks for besides, each by what calls for it; charset: modules of iconv
//! trace     what a program opens while it runs, by the loader's own word
//! package   which package of Debian a file came from
//! base      an image that ours begins with: its layers looked at once, kept by their digests
//! system    what every glibc program expects
//! plan      all of that -> the entries of each layer, each with its reason
//! explain   a plan for people and programs
//! gate      why a plan must not become an image; secret: what looks like one; evidence: that a program was ported
//! layer     entries -> tar -> blob; compress: in pieces at the same time; cache: layers that were made before
//! time      the time of an image; archive: an image as one file
//! configuration how an image runs, and what its layers are
//! image     layers + settings -> manifest, config, blobs, as an OCI layout on disk
//! sbom      every file with its package, as SPDX; provenance: how the image was made, as SLSA has it
//! signature over an image, as cosign has it
//! registry  an in-process registry, for the occasion; with a switch for each way in which others differ
//! ecr       Amazon ECR's control plane: the registry's user and password, repositories, layers, scans
//! http      the HTTP client that everything here uses
//! transfer  push to and pull from a registry: resumed after a cut, bounded in memory, everything checked
//! rootfs    layers -> a folder that a runtime can start
//! ```

pub mod archive;
pub mod base;
mod cache;
mod charset;
pub mod closure;
pub mod compress;
pub mod config;
mod configuration;
pub mod ecr;
pub mod elf;
mod error;
pub mod evidence;
pub mod explain;
pub mod facts;
pub mod gate;
pub mod http;
pub mod image;
mod layer;
mod ldcache;
pub mod loader;
pub mod needs;
pub mod package;
pub mod plan;
pub mod provenance;
pub mod registry;
pub mod rootfs;
pub mod sbom;
mod secret;
pub mod signature;
mod system;
pub mod time;
pub mod trace;
pub mod transfer;

pub use error::Error;

/// What the functions of this crate return.
pub type Result<T> = std::result::Result<T, Error>;
