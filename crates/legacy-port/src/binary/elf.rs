//! The one door to goblin: class, machine, interpreter and needed libraries of ELF files.
//!
//! Terms as in the System V ABI, chapters 4 and 5: class (32 or 64 bit), machine, interpreter (`PT_INTERP`), needed
//! libraries (`DT_NEEDED`).

use std::fmt;
use std::fs;
use std::path::Path;

use goblin::archive::Archive;
use goblin::elf::{Elf, ProgramHeader, header, program_header};

use super::object::Object;
use crate::target::{DataModel, Target};
use crate::{Error, Result};

/// What an ELF file says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElfFile {
    /// 32 or 64.
    pub bits: u8,
    /// Processor, such as `i386` or `x86_64`.
    pub machine: String,
    /// Path of the loader, where the file asks for one.
    pub interpreter: Option<String>,
    /// Libraries the loader has to find, in order.
    pub needed: Vec<String>,
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

/// Reads one ELF file.
///
/// # Errors
/// When it cannot be read, or is not ELF.
pub fn read(path: &Path) -> Result<ElfFile> {
    object(path).map(|o| o.file)
}

/// Reads one ELF file with all that checks ask for.
///
/// # Errors
/// As [`read`].
pub fn object(path: &Path) -> Result<Object> {
    let bytes = fs::read(path).map_err(Error::io("cannot read", path))?;
    let fail = |message| Error::Elf { path: path.to_owned(), message };
    let elf = elf(&bytes).map_err(fail)?;
    let stack = elf.program_headers.iter().find(|p| p.p_type == program_header::PT_GNU_STACK);
    Ok(Object { path: path.to_owned(), file: file(&elf), executable_stack: stack.map(ProgramHeader::is_executable) })
}

fn elf(bytes: &[u8]) -> std::result::Result<Elf<'_>, String> {
    if !bytes.starts_with(header::ELFMAG) {
        return Err("not an ELF file".into());
    }
    Elf::parse(bytes).map_err(|e| format!("damaged ELF file: {e}"))
}

fn parse(bytes: &[u8]) -> std::result::Result<ElfFile, String> {
    elf(bytes).map(|e| file(&e))
}

fn file(elf: &Elf) -> ElfFile {
    ElfFile {
        bits: if elf.is_64 { 64 } else { 32 },
        machine: match elf.header.e_machine {
            header::EM_386 => "i386".into(),
            header::EM_X86_64 => "x86_64".into(),
            header::EM_AARCH64 => "aarch64".into(),
            header::EM_ARM => "arm".into(),
            other => header::machine_to_str(other).trim_start_matches("EM_").to_lowercase(),
        },
        interpreter: elf.interpreter.map(str::to_owned),
        needed: elf.libraries.iter().map(|&l| l.to_owned()).collect(),
    }
}

/// Checks that an object, a program or every member of an archive is of the target's class and machine.
///
/// # Errors
/// [`Error::Elf`] that names the file (and the member) and both classes.
pub fn expect_class(path: &Path, target: &Target) -> Result<()> {
    let bytes = fs::read(path).map_err(Error::io("cannot read", path))?;
    let fail = |message| Error::Elf { path: path.to_owned(), message };
    let check = |what: &str, bytes: &[u8]| {
        let file = parse(bytes).map_err(|m| fail(format!("{what}{m}")))?;
        let bits = if target.model() == Some(DataModel::Ilp32) { 32 } else { 64 };
        if file.bits == bits && file.machine == target.short() {
            return Ok(());
        }
        Err(fail(format!(
            "{what}is a {}-bit object for {}, the target `{}` needs {bits} bits and {}; build it anew from source, \
             or leave it out",
            file.bits,
            file.machine,
            target.triple,
            target.short()
        )))
    };
    if !bytes.starts_with(b"!<arch>\n") {
        return check("", &bytes);
    }
    let archive = Archive::parse(&bytes).map_err(|e| fail(format!("damaged archive: {e}")))?;
    for member in archive.members() {
        let content = archive.extract(member, &bytes).map_err(|e| fail(format!("member `{member}`: {e}")))?;
        check(&format!("member `{member}` "), content)?;
    }
    Ok(())
}
