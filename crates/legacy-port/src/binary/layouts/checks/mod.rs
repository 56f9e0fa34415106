//! The checks over layouts, one file each. Adding one is its file, its folder of C cases below `tests/layouts/`, and two
//! lines here.

use super::check::Check;
use crate::rule::{self, entries};

mod differing_layout;
mod leaving_layout;
mod padding_by_order;
mod uncertain_layout;

/// A check with its name and its cases.
pub type Entry = rule::Entry<Check>;

/// All checks, sorted by name.
pub const ALL: &[Entry] =
    entries!["layouts", ".c": differing_layout, leaving_layout, padding_by_order, uncertain_layout,];
