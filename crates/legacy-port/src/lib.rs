//! Finds what changes meaning when a C program goes from 32 to 64 bit.
//!
//! A program breaks where its meaning differs between two data models (ILP32 and LP64). Nothing here guesses from
//! style: every unit is looked at twice, once per target, and a finding is a difference.
//!
//! ```text
//! project  legacy-port.toml or compile_commands.json -> units, flags, the pair of targets
//! init     a project file for a project that has none, from its Makefile too
//! step     the patch series of a port, applied into a folder of its own
//! compile  both builds, through the C compiler that the `cc` crate finds
//! source   libclang, once per target -> one dual tree per unit (plain data)
//! checks   functions over the dual tree -> problems
//! audit    project -> trees -> checks -> findings, sorted by place
//! cache    what was worked out before, by the digest of all that went in
//! units    what each unit contributes, in parallel, from the cache or from two parses
//! binary   goblin: what was built, the same checks and reports over it
//! ffi      bindgen, once per target: what Rust takes the headers for; layouts that are locked
//! rule     what is said of a check, of source or of what was built
//! excerpt  the source lines around findings
//! layout   records as plain data, to be drawn
//! settings which checks at which level, what is left out, what fails: project file and command line
//! baseline findings accepted for now, each with its reason; suppression: the same in a comment of the source
//! evidence an audit as an in-toto statement, with the digests of all that was read
//! report   findings -> text, JSON, SARIF, HTML, Markdown, what GitHub and GitLab read
//! ```
//!
//! Only `project`, `step`, `compile`, `cache`, `source::clang`, `excerpt`, `acceptance`, `baseline`, `evidence`, `ffi`, `init`
//! and the command touch the disk; the rest takes values and returns
//! values.

pub mod acceptance;
pub mod audit;
pub mod baseline;
pub mod binary;
pub mod cache;
pub mod check;
pub mod checks;
pub mod compile;
pub mod edit;
mod error;
pub mod evidence;
pub mod excerpt;
pub mod ffi;
pub mod finding;
pub mod fix;
pub mod init;
pub mod layout;
pub mod project;
mod replace;
pub mod report;
pub mod rule;
pub mod scenario;
pub mod settings;
pub mod source;
pub mod step;
pub mod suppression;
pub mod target;
pub mod units;

pub use error::Error;
pub use replace::replace;

/// What the functions of this crate return.
pub type Result<T> = std::result::Result<T, Error>;
