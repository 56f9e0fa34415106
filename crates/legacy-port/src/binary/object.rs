//! What an object, a library or a program says of itself, as plain data.
//!
//! Terms as in the System V ABI, chapters 4 and 5, and in the Linux Standard Base for what GNU added.

use std::fmt;
use std::path::{Path, PathBuf};

pub use super::beside::Beside;
use super::code::Instruction;
use crate::target::Pair;

/// The least that an ELF file says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ElfFile {
    /// 32 or 64.
    pub bits: u8,
    /// Processor, such as `i386` or `x86_64`.
    pub machine: String,
    /// What it is for.
    pub kind: Kind,
    /// Path of the loader, where the file asks for one.
    pub interpreter: Option<String>,
    /// Libraries the loader has to find, in order (`DT_NEEDED`).
    pub needed: Vec<String>,
    /// The name that others need it by (`DT_SONAME`).
    pub soname: Option<String>,
    /// Folders to search (`DT_RPATH`), as they are written.
    pub rpath: Vec<String>,
    /// Folders to search (`DT_RUNPATH`), as they are written.
    pub runpath: Vec<String>,
}

impl fmt::Display for ElfFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-bit {}", self.bits, self.machine)?;
        if let Some(i) = &self.interpreter {
            write!(f, ", interpreter {i}")?;
        }
        if !self.needed.is_empty() {
            write!(f, ", needs {}", self.needed.join(", "))?;
        }
        Ok(())
    }
}

/// What a file is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// For the linker: `ET_REL`.
    #[default]
    Relocatable,
    /// A program at an address of its own: `ET_EXEC`.
    Program,
    /// A program that runs at any address (PIE): `ET_DYN`.
    Pie,
    /// A shared library: `ET_DYN`.
    Library,
    /// Memory of a process that ended: `ET_CORE`.
    Core,
    /// None of these.
    Other,
}

impl Kind {
    /// Whether the linker made it, and the loader takes it.
    #[must_use]
    pub fn linked(self) -> bool {
        matches!(self, Self::Program | Self::Pie | Self::Library)
    }

    /// Whether it is started by itself.
    #[must_use]
    pub fn program(self) -> bool {
        matches!(self, Self::Program | Self::Pie)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Relocatable => "relocatable object",
            Self::Program => "program at a fixed address",
            Self::Pie => "program",
            Self::Library => "shared library",
            Self::Core => "core dump",
            Self::Other => "other",
        })
    }
}

/// The kind of a segment that is mapped: `PT_LOAD`.
pub const PT_LOAD: u32 = 1;

/// A program header: a stretch of the file as the loader maps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// `p_type`.
    pub kind: u32,
    /// Whether it is readable, writable, executable.
    pub flags: Access,
    /// Where in the file.
    pub offset: u64,
    /// Where in memory.
    pub address: u64,
    /// Bytes in the file.
    pub file_size: u64,
    /// Bytes in memory.
    pub memory_size: u64,
}

/// What may be done with a stretch of memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// Read.
    pub read: bool,
    /// Written.
    pub write: bool,
    /// Executed.
    pub execute: bool,
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (is, c) in [(self.read, 'R'), (self.write, 'W'), (self.execute, 'E')] {
            write!(f, "{}", if is { c } else { '-' })?;
        }
        Ok(())
    }
}

/// A section, as the linker knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Its name, such as `.rodata`.
    pub name: String,
    /// `sh_type`.
    pub kind: u32,
    /// Whether it is in memory when the program runs.
    pub allocated: bool,
    /// What may be done with it there.
    pub access: Access,
    /// Where in the file.
    pub offset: u64,
    /// Where in memory.
    pub address: u64,
    /// Bytes.
    pub size: u64,
    /// Index of the section that this one belongs with.
    pub link: u32,
}

/// What a symbol names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SymbolKind {
    /// Code: `STT_FUNC`, `STT_GNU_IFUNC`.
    Function,
    /// Data: `STT_OBJECT`, `STT_COMMON`.
    Data,
    /// Data of each thread: `STT_TLS`.
    ThreadData,
    /// Anything else, or not said.
    Other,
}

/// A symbol that other objects see, or that this one needs of them.
#[allow(clippy::struct_excessive_bools)] // each is a bit of the format
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// Its name.
    pub name: String,
    /// What it names.
    pub kind: SymbolKind,
    /// Its bytes; 0 where that is not said.
    pub size: u64,
    /// Where it is.
    pub address: u64,
    /// Whether it is defined here.
    pub defined: bool,
    /// Whether it may be missing, or be replaced.
    pub weak: bool,
    /// Whether other objects see it, by its visibility.
    pub visible: bool,
    /// The version that it has or must have, such as `GLIBC_2.34`.
    pub version: Option<String>,
    /// Where it is defined: whether this version is the one that the linker takes, `@@`.
    pub default: bool,
}

/// A library that the loader has to find, and where it is on this system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Library {
    /// As it is asked for.
    pub name: String,
    /// The file for this class, and the one for 64 bits.
    pub found: Found,
}

/// Where a library is on this system.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The file of 32 bits.
    pub bits32: Option<PathBuf>,
    /// The file of 64 bits.
    pub bits64: Option<PathBuf>,
}

/// A version of glibc.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Glibc(pub u32, pub u32, pub u32);

impl Glibc {
    /// Out of a symbol's version such as `GLIBC_2.3.4`; others are none.
    #[must_use]
    pub fn of(version: &str) -> Option<Self> {
        let mut numbers = version.strip_prefix("GLIBC_")?.split('.').map(str::parse);
        let (major, minor) = (numbers.next()?.ok()?, numbers.next()?.ok()?);
        Some(Self(major, minor, numbers.next().and_then(std::result::Result::ok).unwrap_or(0)))
    }
}

impl fmt::Display for Glibc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)?;
        if self.2 > 0 { write!(f, ".{}", self.2) } else { Ok(()) }
    }
}

/// What the linker and the loader were told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // each is a flag of the format
pub struct Flags {
    /// All symbols are resolved when it is loaded: `DT_BIND_NOW`, `DF_BIND_NOW` or `DF_1_NOW`.
    pub bind_now: bool,
    /// The loader writes into code: `DT_TEXTREL` or `DF_TEXTREL`.
    pub text_relocations: bool,
    /// Part of its data is made read-only when it is relocated: `PT_GNU_RELRO`.
    pub relro: bool,
    /// It has a table for lazy binding, which bind-now would let go: `DT_JMPREL`.
    pub lazy_table: bool,
    /// It has a dynamic section.
    pub dynamic: bool,
    /// Indirect branches land on marked places only (x86: `IBT`; ARM: `BTI`).
    pub branch_targets: bool,
    /// Return addresses are kept a second time (x86: `SHSTK`) or signed (ARM: `PAC`).
    pub return_addresses: bool,
}

/// One ELF file, or member of an archive, with all that checks ask for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Object {
    /// The file, as it was named.
    pub path: PathBuf,
    /// The member of an archive; where several have one name, `x.o:2` is the second.
    pub member: Option<String>,
    /// What the other build has of it, where archives or folders are compared.
    pub beside: Beside,
    /// Class, machine, kind, interpreter, needed libraries.
    pub file: ElfFile,
    /// Whether numbers in it begin with their highest byte.
    pub big_endian: bool,
    /// Flags of the dynamic section and of GNU properties.
    pub flags: Flags,
    /// Whether `PT_GNU_STACK` has the flag `PF_X`; `None` where there is no such header.
    pub executable_stack: Option<bool>,
    /// What the loader maps.
    pub segments: Vec<Segment>,
    /// What the linker knows; empty where that was taken out.
    pub sections: Vec<Section>,
    /// Symbols between this object and others: of the dynamic table where it is linked with others at run time, else of the
    /// linker's.
    pub symbols: Vec<Symbol>,
    /// The oldest glibc that has all versions which it needs.
    pub glibc: Option<Glibc>,
    /// Strings in read-only data that name a file or a library.
    pub strings: Vec<String>,
    /// Instructions that mean something else under 64 bits, or nothing.
    pub instructions: Vec<Instruction>,
    /// The needed libraries, and those named in strings where it loads some at run time; looked for on this system.
    pub libraries: Vec<Library>,
    /// The same for names in strings.
    pub loaded: Vec<Library>,
}

impl Object {
    /// Its file as findings name it, as seen from a folder: `libx.a(x.o)` of a member.
    #[must_use]
    pub fn shown(&self, root: &Path) -> PathBuf {
        let file = self.path.strip_prefix(root).unwrap_or(&self.path);
        let Some(member) = &self.member else { return file.to_owned() };
        let mut name = file.as_os_str().to_owned();
        name.push(format!("({member})"));
        name.into()
    }

    /// The symbols that others see.
    pub fn exports(&self) -> impl Iterator<Item = &Symbol> {
        self.symbols.iter().filter(|s| s.defined && s.visible)
    }

    /// The symbols that it needs of others.
    pub fn imports(&self) -> impl Iterator<Item = &Symbol> {
        self.symbols.iter().filter(|s| !s.defined)
    }

    /// Whether it needs one of these functions of others.
    #[must_use]
    pub fn imports_any(&self, names: &[&str]) -> bool {
        self.imports().any(|s| names.contains(&s.name.as_str()))
    }
}

/// The 32-bit object of what is looked at, where it is not followed by a 64-bit build, and which of the two it is.
#[must_use]
pub fn last_of_32_bits(objects: Pair<Option<&Object>>) -> Option<(&Object, crate::target::Which)> {
    last(objects).filter(|(o, _)| o.file.bits == 32)
}

/// The newest of what is looked at, and which of the two it is.
#[must_use]
pub fn last(objects: Pair<Option<&Object>>) -> Option<(&Object, crate::target::Which)> {
    use crate::target::Which;
    // What the new build does not have any more is no matter of the new system.
    let old = objects.old.filter(|o| !o.beside.alone);
    objects.new.map(|o| (o, Which::New)).or(old.map(|o| (o, Which::Old)))
}

/// The archive of `libx.a(x.o)`, as findings name members.
#[must_use]
pub fn archive_of(shown: &Path) -> Option<&Path> {
    let name = shown.to_str()?.strip_suffix(')')?;
    name.find(".a(").map(|at| Path::new(&name[..at + 2]))
}
