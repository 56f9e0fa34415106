//! Objects and programs as the linker and the loader see them.
//!
//! ```text
//! elf      the one door to goblin: tables of a file -> plain data; code: the same for iced-x86 and instructions
//! bytes    of a file, read where they are asked for; archive: its members; thin: those that are other files
//! read     bytes -> object, with symbols, strings; open: path -> object; system: where its libraries are
//! object   what a file says of itself, as plain data
//! libc32, fortify, pairs  what checks know of the C library and of symbols
//! check    the shape of a check over one object or two; checks: the sorted list
//! inventory  every such file below some folders
//! audit    objects -> checks -> findings, in the words of the source audit's reports
//! gather   a file or folder -> what is to be audited; matching: what of two builds belongs together; several: all of it;
//!          looked: what of it a check has seen
//! abi      how targets lay out scalars; dwarf: debug information -> records; predict: those of the 64-bit build
//! compare  records of two builds -> what differs; layouts: the same as findings
//! ```

pub mod abi;
mod archive;
pub mod audit;
mod beside;
mod bytes;
pub mod check;
pub mod checks;
pub mod code;
pub mod compare;
pub mod dwarf;
pub mod elf;
mod fortify;
pub mod gather;
pub mod inventory;
pub mod layouts;
mod libc32;
pub(crate) mod looked;
mod matching;
pub mod object;
mod open;
mod pairs;
pub mod predict;
mod read;
pub mod several;
mod strings;
mod symbols;
pub mod system;
mod thin;
