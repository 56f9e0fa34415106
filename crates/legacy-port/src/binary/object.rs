//! What an object, a library or a program says of itself, as plain data.

use std::path::PathBuf;

use super::elf::ElfFile;

/// One ELF file that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// The file, as it was named.
    pub path: PathBuf,
    /// Class, machine, interpreter and needed libraries.
    pub file: ElfFile,
    /// Whether `PT_GNU_STACK` has the flag `PF_X`; `None` where there is no such header.
    pub executable_stack: Option<bool>,
}
