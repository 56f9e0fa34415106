//! The checks over what was built, one file each. Adding one is its file, its folder of C cases below `tests/binary/`, and
//! two lines here.

use super::check::Check;

mod executable_stack;

/// A check with its name and its C cases, which are documentation and test at once.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The name: of the file, the folder, the rule in every report.
    pub name: &'static str,
    /// The check.
    pub check: &'static Check,
    /// C code with what it finds; the first line says how it is built.
    pub bad: &'static str,
    /// C code, or a way to build it, that looks alike and is right.
    pub good: &'static str,
}

macro_rules! entries {
    ($($name:ident,)*) => {
        &[$(Entry {
            name: stringify!($name),
            check: &$name::CHECK,
            bad: include_str!(concat!("../../../tests/binary/", stringify!($name), "/bad.c")),
            good: include_str!(concat!("../../../tests/binary/", stringify!($name), "/good.c")),
        }),*]
    };
}

/// All checks, sorted by name.
pub const ALL: &[Entry] = entries![executable_stack,];
