//! Finds what changes meaning when a C program goes from 32 to 64 bit.
//!
//! A program breaks where its meaning differs between two data models (ILP32 and LP64). Nothing here guesses from
//! style: every unit is looked at twice, once per target, and a finding is a difference.
//!
//! ```text
//! project  legacy-port.toml or compile_commands.json -> units, flags, the pair of targets
//! step     the patch series of a port, applied into a folder of its own
//! compile  both builds, through the C compiler that the `cc` crate finds
//! source   libclang, once per target -> one dual tree per unit (plain data)
//! checks   functions over the dual tree -> problems
//! audit    project -> trees -> checks -> findings, sorted by place
//! cache    what was worked out before, by the digest of all that went in
//! units    what each unit contributes, in parallel, from the cache or from two parses
//! binary   goblin: class, machine, interpreter and needed libraries of what was built
//! report   findings -> text
//! ```
//!
//! Only `project`, `step`, `compile`, `cache`, `source::clang` and the command touch the disk; the rest takes values and returns
//! values.

pub mod audit;
pub mod binary;
pub mod cache;
pub mod check;
pub mod checks;
pub mod compile;
mod error;
pub mod finding;
pub mod project;
pub mod report;
pub mod scenario;
pub mod source;
pub mod step;
pub mod target;
pub mod units;

pub use error::Error;

/// What the functions of this crate return.
pub type Result<T> = std::result::Result<T, Error>;
