//! The checks, one file each. Adding one is its file, its folder of C cases below `tests/checks/`, and two lines here.

use crate::check::Check;
use crate::rule::{self, entries};

mod accumulates_past_32_bits;
mod argument_width;
mod array_as_record;
mod bit_set_words;
mod build_flags;
mod bytes_as_words;
mod comparison_decided;
mod constant_differs;
mod element_size_pun;
mod explicit_narrowing;
mod floating_evaluation;
mod format_width;
mod function_type_pun;
mod hardcoded_size;
mod implicit_function;
mod implicit_narrowing;
mod inline_assembler;
mod integer_to_pointer;
mod magic_pointer;
mod mask_constant;
mod new_target_error;
mod number_conversion;
mod one_target_only;
mod out_parameter_width;
mod persisted_layout;
mod pointer_alignment;
mod pointer_difference;
mod pointer_size_for_object;
mod pointer_truncation;
mod prototype_mismatch;
mod record_layout;
mod record_pun;
mod scan_width;
mod shift_width;
mod sign_extension;
mod size_arithmetic;
mod stack_growth;
mod stack_walk;
mod system_interface;
mod text_buffer;
mod union_pun;
mod unprototyped_argument;
mod va_list_copy;
mod variadic_sentinel;
mod word_alias;
mod word_typedef;
mod wraps_at_32_bits;

pub(crate) use persisted_layout::leaving as leaving_records;

/// A check with its name and its cases.
pub type Entry = rule::Entry<Check>;

/// All checks, sorted by name.
pub const ALL: &[Entry] = entries!["checks", ".c":
    accumulates_past_32_bits,
    argument_width,
    array_as_record,
    bit_set_words,
    build_flags,
    bytes_as_words,
    comparison_decided,
    constant_differs,
    element_size_pun,
    explicit_narrowing,
    floating_evaluation,
    format_width,
    function_type_pun,
    hardcoded_size,
    implicit_function,
    implicit_narrowing,
    inline_assembler,
    integer_to_pointer,
    magic_pointer,
    mask_constant,
    new_target_error,
    number_conversion,
    one_target_only,
    out_parameter_width,
    persisted_layout,
    pointer_alignment,
    pointer_difference,
    pointer_size_for_object,
    pointer_truncation,
    prototype_mismatch,
    record_layout,
    record_pun,
    scan_width,
    shift_width,
    sign_extension,
    size_arithmetic,
    stack_growth,
    stack_walk,
    system_interface,
    text_buffer,
    union_pun,
    unprototyped_argument,
    va_list_copy,
    variadic_sentinel,
    word_alias,
    word_typedef,
    wraps_at_32_bits,
];

/// A check by its name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Entry> {
    ALL.iter().find(|e| e.name == name)
}
