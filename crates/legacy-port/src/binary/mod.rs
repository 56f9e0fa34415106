//! Objects and programs as the linker and the loader see them.

pub mod elf;
