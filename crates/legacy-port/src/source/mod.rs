//! Source as two targets see it: parsed by libclang once per target, merged into one dual tree of plain data.
//!
//! Invariants: libclang is named in `clang` alone; everything else here is values in, values out. Nothing of libclang
//! outlives a parse.

pub mod address;
pub mod clang;
pub mod expr;
pub mod flow;
pub mod format;
mod gather;
pub mod merge;
pub mod origin;
pub mod program;
pub mod range;
pub mod slot;
pub mod tree;
pub mod uses;
