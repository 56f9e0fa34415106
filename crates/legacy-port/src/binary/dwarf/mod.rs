//! Debug information -> records as the compiler laid them out.
//!
//! ```text
//! links     where it is, when it is not in the file: split, by link, by build id, shared
//! sections  the one door to `object`: a file -> its sections, whole
//! units     the one door to gimli: units -> nodes
//! graph     nodes as plain data: types that refer to each other
//! fit       the rules of layout, and what a layout tells of attributes
//! shape     sizes and alignments of types, layouts of records
//! merge     the records of all units, each once
//! ```
//!
//! DWARF 2 to 5, of 32 and 64 bit, is read as far as it says something of types.

mod collect;
pub(crate) mod fit;
pub(crate) mod graph;
mod links;
mod merge;
mod sections;
pub(crate) mod shape;
mod units;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ::object::ReadCache;

use super::abi::Machine;
use super::predict::{Asked, Predicted};
use crate::layout::Layout;
use crate::report::plain;
use crate::{Error, Result};

/// What a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `struct`
    Struct,
    /// C++ `class`
    Class,
    /// `union`
    Union,
    /// `enum`; it has a size and no members.
    Enum,
    /// A typedef of a number, an enumeration or an array; it has a size and no members.
    Typedef,
}

/// Something with a name whose size or members can differ between two builds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// What it is.
    pub kind: Kind,
    /// Name, size, alignment, and members of all depths.
    pub layout: Layout,
    /// File and line of the declaration, where they are told.
    pub place: Option<(String, u32)>,
    /// Whether a pointer lies in it: then its bytes mean nothing outside of the process.
    pub pointers: bool,
    /// The layout that is to be expected under `LP64`, where it was asked for.
    pub predicted: Option<Predicted>,
    /// The order of members that makes it smaller, where there is one and the program may choose it.
    pub reordered: Option<Reordered>,
}

/// A record with its members in another order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reordered {
    /// Bytes.
    pub size: u64,
    /// Names of its members, those with the largest alignment first.
    pub order: Vec<String>,
}

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Whether layouts under `LP64` are predicted, of what was built for i386.
    pub predict: bool,
    /// Predictions ask the source for what was chosen for the target, where it still is as debug information names it: from
    /// this folder, where it names no absolute path. Without a folder no source is read.
    pub sources: Option<PathBuf>,
    /// What a parse of that source for both targets says, for predictions that lines of source leave uncertain.
    pub asked: Option<Arc<Asked>>,
    /// Where debug information is kept apart from programs, by build id and by path; without it `/usr/lib/debug`, as GDB's
    /// manual has it ("Debugging Information in Separate Files").
    pub debug_dir: Option<PathBuf>,
}

/// The debug information of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Debug {
    /// What it was built for.
    pub machine: Machine,
    /// Records, sorted by name; those of one name that differ by where they are declared.
    pub records: Vec<Record>,
    /// What could not be read, each in a sentence.
    pub missing: Vec<String>,
}

/// Reads the debug information of an object, a library, a program or an archive, and of the files that it was moved to.
///
/// # Errors
/// When the file cannot be read, is not ELF, or has no debug information.
pub fn read(path: &Path, options: Options) -> Result<Debug> {
    let file = std::fs::File::open(path).map_err(Error::io("cannot read", path))?;
    let cache = ReadCache::new(file);
    let fail = |reason: String| Error::Elf { path: path.to_owned(), message: plain(&reason).into_owned() };
    collect::all(&cache, Some(path), options).map_err(fail)
}

/// Reads the debug information of a file that is in memory; what was moved to other files is missing.
///
/// # Errors
/// What is wrong with it.
pub fn parse(bytes: &[u8], options: Options) -> std::result::Result<Debug, String> {
    collect::all(bytes, None, options).map_err(|reason| plain(&reason).into_owned())
}
