//! The checks over headers, one file each. Adding one is its file, its folder of C cases below `tests/ffi/`, and two lines
//! here.

use super::check::Check;
use crate::rule::{self, entries};

mod ffi_constant;
mod ffi_record;
mod ffi_signature;

/// A check with its name and its cases.
pub type Entry = rule::Entry<Check>;

/// All checks, sorted by name.
pub const ALL: &[Entry] = entries!["ffi", ".h": ffi_constant, ffi_record, ffi_signature,];
