//! The checks over headers, one file each. Adding one is its file, its folder of C cases below `tests/ffi/`, and two lines
//! here.

use super::check::Check;

mod ffi_constant;
mod ffi_record;
mod ffi_signature;

/// A check with its name and its C cases, which are documentation and test at once.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The name: of the file, the folder, the rule in every report.
    pub name: &'static str,
    /// The check.
    pub check: &'static Check,
    /// A header with what it finds.
    pub bad: &'static str,
    /// A header that looks alike and is right.
    pub good: &'static str,
}

macro_rules! entries {
    ($($name:ident,)*) => {
        &[$(Entry {
            name: stringify!($name),
            check: &$name::CHECK,
            bad: include_str!(concat!("../../../tests/ffi/", stringify!($name), "/bad.h")),
            good: include_str!(concat!("../../../tests/ffi/", stringify!($name), "/good.h")),
        }),*]
    };
}

/// All checks, sorted by name.
pub const ALL: &[Entry] = entries![ffi_constant, ffi_record, ffi_signature,];
