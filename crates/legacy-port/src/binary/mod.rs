//! Objects and programs as the linker and the loader see them.
//!
//! ```text
//! elf      the one door to goblin: bytes -> what the file says of itself
//! object   that, as plain data
//! check    the shape of a check over one object or two; checks: the sorted list
//! audit    objects -> checks -> findings, in the words of the source audit's reports
//! abi      how targets lay out scalars; dwarf: debug information -> records; predict: those of the 64-bit build
//! compare  records of two builds -> what differs
//! ```

pub mod abi;
pub mod audit;
pub mod check;
pub mod checks;
pub mod compare;
pub mod dwarf;
pub mod elf;
pub mod object;
pub mod predict;
