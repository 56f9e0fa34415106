//! The checks over layouts, one file each. Adding one is its file, its folder of C cases below `tests/layouts/`, and two
//! lines here.

use super::check::Check;

mod differing_layout;
mod leaving_layout;
mod padding_by_order;
mod uncertain_layout;

/// A check with its name and its C cases, which are documentation and test at once.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The name: of the file, the folder, the rule in every report.
    pub name: &'static str,
    /// The check.
    pub check: &'static Check,
    /// C code with what it finds.
    pub bad: &'static str,
    /// C code that looks alike and is right.
    pub good: &'static str,
}

macro_rules! entries {
    ($($name:ident,)*) => {
        &[$(Entry {
            name: stringify!($name),
            check: &$name::CHECK,
            bad: include_str!(concat!("../../../../tests/layouts/", stringify!($name), "/bad.c")),
            good: include_str!(concat!("../../../../tests/layouts/", stringify!($name), "/good.c")),
        }),*]
    };
}

/// All checks, sorted by name.
pub const ALL: &[Entry] = entries![differing_layout, leaving_layout, padding_by_order, uncertain_layout,];
