//! What a file is, by its first bytes: an ELF file, an archive of them, or a script with the interpreter that it names.

use std::fs::File;

use crate::binary::archive;
use crate::binary::bytes::{Bytes, HEAD as WHOLE_HEAD};
use crate::binary::elf::ELFMAG;
use crate::binary::object::ElfFile;
use crate::binary::read;
use crate::binary::thin::Place;

/// Bytes that are read of every file: as long as the kernel looks for an interpreter (`BINPRM_BUF_SIZE`).
pub(super) const HEAD: usize = 256;

/// What an inventory tells of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// An ELF file.
    Elf(ElfFile),
    /// An archive with ELF members.
    Archive(Vec<Part>),
    /// A script: interpreter, and what it is given.
    Script {
        /// Path of the interpreter.
        interpreter: String,
        /// The rest of the line.
        argument: String,
    },
}

/// An ELF member of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its name in the archive.
    pub name: String,
    /// 32 or 64.
    pub bits: u8,
    /// Processor.
    pub machine: String,
}

pub(super) fn interesting(head: &[u8]) -> bool {
    head.starts_with(ELFMAG) || head.starts_with(b"#!") || archive::begins(head)
}

/// What a file is whose first bytes are interesting; of a thin archive also which members cannot be read.
pub(super) fn of(file: &File, size: u64, head: &[u8], place: Place) -> Result<(Content, Vec<String>), String> {
    if let Some(line) = head.strip_prefix(b"#!") {
        let line = String::from_utf8_lossy(line.split(|&b| b == b'\n').next().unwrap_or_default());
        let (interpreter, argument) = line.trim().split_once([' ', '\t']).unwrap_or((line.trim(), ""));
        let script = Content::Script { interpreter: interpreter.into(), argument: argument.trim().into() };
        return Ok((script, Vec::new()));
    }
    if head.starts_with(ELFMAG) {
        let mut more = [0; WHOLE_HEAD];
        let count = std::os::unix::fs::FileExt::read_at(file, &mut more, 0).map_err(|e| e.to_string())?;
        return Ok((Content::Elf(read::brief(&Bytes::file(file, size, &more[..count]))?), Vec::new()));
    }
    let mut parts = Vec::new();
    let troubles = archive::each(&Bytes::file(file, size, &[]), Some(place), &mut |name, member| {
        if &*member.up_to("the header", 0, 4)? == ELFMAG {
            let file = read::brief(member)?;
            parts.push(Part { name: name.to_owned(), bits: file.bits, machine: file.machine });
        }
        Ok(())
    })?;
    Ok((Content::Archive(parts), troubles.unwrap_or_default()))
}
