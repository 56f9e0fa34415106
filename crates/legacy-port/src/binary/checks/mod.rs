//! The checks over what was built, one file each. Adding one is its file, its folder of C cases below `tests/binary/`, and
//! two lines here.

use super::check::Check;
use crate::rule::{self, entries};

mod changed_size_of_data;
mod changed_symbol_version;
mod ends_at_2_gib;
mod ends_in_2038;
mod executable_stack;
mod insecure_search_path;
mod instruction_of_32_bit;
mod kernel_by_interrupt;
mod library_gained_or_lost;
mod library_without_twin;
mod loads_32_bit_only;
mod missing_export;
mod missing_object;
mod no_control_flow_protection;
mod no_stack_protector;
mod not_fortified;
mod not_pie;
mod path_to_32_bit;
mod relro_not_full;
mod still_32_bit;
mod text_relocations;
mod writable_code;
mod wrong_machine;

/// A check with its name and its cases.
pub type Entry = rule::Entry<Check>;

/// All checks, sorted by name.
pub const ALL: &[Entry] = entries!["binary", ".c":
    changed_size_of_data,
    changed_symbol_version,
    ends_at_2_gib,
    ends_in_2038,
    executable_stack,
    insecure_search_path,
    instruction_of_32_bit,
    kernel_by_interrupt,
    library_gained_or_lost,
    library_without_twin,
    loads_32_bit_only,
    missing_export,
    missing_object,
    no_control_flow_protection,
    no_stack_protector,
    not_fortified,
    not_pie,
    path_to_32_bit,
    relro_not_full,
    still_32_bit,
    text_relocations,
    writable_code,
    wrong_machine,
];

/// The checks that have nothing to say of a build by itself, sorted by name.
pub const OF_TWO: [&str; 7] = [
    "changed_size_of_data",
    "changed_symbol_version",
    "library_gained_or_lost",
    "missing_export",
    "missing_object",
    "still_32_bit",
    "wrong_machine",
];
