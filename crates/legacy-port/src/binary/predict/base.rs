//! The scalar types of C by the names that compilers give them in debug information.

use crate::binary::abi::Machine;
use crate::binary::dwarf::shape::{self, Shape};

/// Types that have one size on both.
const AS_THEY_ARE: [&str; 20] = [
    "double",
    "float",
    "short",
    "char",
    "_Bool",
    "bool",
    "wchar_t",
    "char8_t",
    "char16_t",
    "char32_t",
    "__int128",
    "__float128",
    "_Float128",
    "_Float16",
    "_Float32",
    "_Float64",
    "_Float32x",
    "_Decimal32",
    "_Decimal64",
    "_Decimal128",
];

/// A scalar of i386 under `LP64`; `None` for what is no type of C. Sizes that compiler flags change (`-mlong-double-64`)
/// stay what they are.
pub(super) fn scalar(name: &[u8], encoding: u8, size: Option<u64>) -> Option<Shape> {
    let name = std::str::from_utf8(name).ok()?;
    let size = size?;
    let of = |size| Some(shape::scalar(Machine::X86_64, encoding, Some(size)));
    let mut longs = 0;
    let mut complex = false;
    let mut rest = None;
    for word in name.split_ascii_whitespace() {
        match word {
            "long" => longs += 1,
            "complex" | "_Complex" => complex = true,
            "unsigned" | "signed" | "int" => rest = rest.or(Some("int")),
            other => rest = Some(other),
        }
    }
    match (rest.unwrap_or("int"), longs) {
        // Parts of complex numbers are aligned as they are by themselves.
        ("double", 1) => {
            let part = if complex { size / 2 } else { size };
            let part = if part == 12 { 16 } else { part };
            of(if complex { part * 2 } else { part })
        }
        ("int", 1) => of(if complex { 16 } else { 8 }),
        ("int", 0 | 2) => of(size),
        (name, 0) if AS_THEY_ARE.contains(&name) => of(size),
        ("_Float64x", 0) => of(16),
        ("sizetype" | "ssizetype" | "bitsizetype" | "decltype(nullptr)", 0) => of(8),
        _ => None,
    }
}

/// Whether it is `long` or `unsigned long`.
pub(super) fn is_long(name: &[u8]) -> bool {
    let words: Vec<&[u8]> = name.split(|b| *b == b' ').collect();
    words.iter().filter(|w| **w == b"long").count() == 1 && !words.contains(&&b"double"[..])
}

/// Whether it is a floating point type (`DW_ATE_*`, DWARF 5 table 7.11).
pub(super) fn is_float(encoding: u8) -> bool {
    matches!(encoding, 0x03 | 0x04 | 0x09 | 0x0f | 0x80)
}
