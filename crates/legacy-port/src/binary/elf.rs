//! The one door to goblin: bytes of an ELF file -> its tables, as plain data.
//!
//! goblin reads the records, of either class and byte order. How many of them there are and where they lie is looked at
//! here, before anything is read: it is what a damaged file lies about.

use std::borrow::Cow;

use goblin::container::Ctx;
use goblin::elf::{
    Dynamic, Elf, ProgramHeader, SectionHeader, Sym, dynamic, header, program_header, section_header, sym,
};
use goblin::elf::{VerdefSection, VerneedSection, note};

use super::bytes::{Bytes, Result, Strings};
pub use super::object::ElfFile;
pub(super) use super::object::PT_LOAD;
use super::object::{Access, Section, Segment, SymbolKind};
pub use super::open::{expect_class, object, objects_in, read};

pub(super) use dynamic::{
    DF_1_NOW, DF_1_PIE, DF_BIND_NOW, DF_TEXTREL, DT_BIND_NOW, DT_FLAGS, DT_FLAGS_1, DT_GNU_HASH, DT_HASH, DT_JMPREL,
    DT_NEEDED, DT_RPATH, DT_RUNPATH, DT_SONAME, DT_STRSZ, DT_STRTAB, DT_SYMTAB, DT_TEXTREL, DT_VERDEF, DT_VERDEFNUM,
    DT_VERNEED, DT_VERNEEDNUM, DT_VERSYM,
};
pub(super) use header::{ELFMAG, EM_386, EM_AARCH64, EM_X86_64, ET_CORE, ET_DYN, ET_EXEC, ET_REL};
pub(super) use program_header::{PT_DYNAMIC, PT_GNU_PROPERTY, PT_GNU_RELRO, PT_GNU_STACK, PT_INTERP};
pub(super) use section_header::{SHT_DYNSYM, SHT_PROGBITS, SHT_SYMTAB};

/// A file whose header was read.
pub(super) struct Image<'b, 'a> {
    pub(super) bytes: &'b Bytes<'a>,
    pub(super) header: header::Header,
    ctx: Ctx,
}

fn damaged(e: impl std::fmt::Display) -> String {
    format!("damaged ELF file: {e}")
}

impl<'b, 'a> Image<'b, 'a> {
    pub(super) fn new(bytes: &'b Bytes<'a>) -> Result<Self> {
        let head = bytes.up_to("the header", 0, 64)?;
        if !head.starts_with(ELFMAG) {
            return Err("not an ELF file".into());
        }
        let header = Elf::parse_header(&head).map_err(damaged)?;
        let container = header.container().map_err(damaged)?;
        let ctx = Ctx::new(container, header.endianness().map_err(damaged)?);
        Ok(Self { bytes, header, ctx })
    }

    pub(super) fn is_64(&self) -> bool {
        self.ctx.is_big()
    }

    pub(super) fn big_endian(&self) -> bool {
        self.header.e_ident[header::EI_DATA] == header::ELFDATA2MSB
    }

    pub(super) fn machine(&self) -> String {
        match self.header.e_machine {
            EM_386 => "i386".into(),
            EM_X86_64 => "x86_64".into(),
            EM_AARCH64 => "aarch64".into(),
            header::EM_ARM => "arm".into(),
            other => match header::machine_to_str(other) {
                "EM_UNKNOWN" => format!("machine {other}"),
                name => name.trim_start_matches("EM_").to_lowercase(),
            },
        }
    }

    fn table(&self, what: &str, offset: u64, count: u64, entry: usize, said: u16) -> Result<Cow<'a, [u8]>> {
        if usize::from(said) != entry {
            return Err(damaged(format!("entries of {what} have {said} bytes, not {entry}")));
        }
        let len = count.checked_mul(entry as u64).ok_or_else(|| damaged(format!("{what} has {count} entries")))?;
        self.bytes.read(what, offset, len).map_err(damaged)
    }

    /// The first section header, which holds counts that have no room in the header.
    fn first_section(&self) -> Result<Option<SectionHeader>> {
        if self.header.e_shoff == 0 {
            return Ok(None);
        }
        let size = SectionHeader::size(self.ctx);
        let bytes = self.table("the section table", self.header.e_shoff, 1, size, self.header.e_shentsize)?;
        Ok(SectionHeader::parse_from(&bytes, 0, 1, self.ctx).map_err(damaged)?.pop())
    }

    pub(super) fn segments(&self) -> Result<Vec<Segment>> {
        let mut count = u64::from(self.header.e_phnum);
        if self.header.e_phnum == u16::MAX {
            count = self.first_section()?.map_or(count, |s| u64::from(s.sh_info));
        }
        if count == 0 || self.header.e_phoff == 0 {
            return Ok(Vec::new());
        }
        let size = ProgramHeader::size(self.ctx);
        let what = "the program header table";
        let bytes = self.table(what, self.header.e_phoff, count, size, self.header.e_phentsize)?;
        let all = ProgramHeader::parse(&bytes, 0, bytes.len() / size, self.ctx).map_err(damaged)?;
        let plain = |p: &ProgramHeader| Segment {
            kind: p.p_type,
            flags: Access { read: p.is_read(), write: p.is_write(), execute: p.is_executable() },
            offset: p.p_offset,
            address: p.p_vaddr,
            file_size: p.p_filesz,
            memory_size: p.p_memsz,
        };
        Ok(all.iter().map(plain).collect())
    }

    pub(super) fn sections(&self) -> Result<Vec<Section>> {
        let Some(first) = self.first_section()? else { return Ok(Vec::new()) };
        let count = if self.header.e_shnum == 0 { first.sh_size } else { u64::from(self.header.e_shnum) };
        if count == 0 {
            return Ok(Vec::new());
        }
        let size = SectionHeader::size(self.ctx);
        let bytes = self.table("the section table", self.header.e_shoff, count, size, self.header.e_shentsize)?;
        let all = SectionHeader::parse_from(&bytes, 0, bytes.len() / size, self.ctx).map_err(damaged)?;
        // SHN_XINDEX
        let names = if self.header.e_shstrndx == u16::MAX { first.sh_link } else { self.header.e_shstrndx.into() };
        let mut names = match all.get(names as usize) {
            Some(s) if names > 0 => Strings::whole(self.bytes, s.sh_offset, s.sh_size).map_err(damaged)?,
            _ => Strings::new(self.bytes, 0, 0),
        };
        let plain = |s: &SectionHeader| Section {
            // A section without a name is as good as any other.
            name: names.get(s.sh_name as u64).unwrap_or_default(),
            kind: s.sh_type,
            allocated: s.is_alloc(),
            access: Access { read: s.is_alloc(), write: s.is_writable(), execute: s.is_executable() },
            offset: s.sh_offset,
            address: s.sh_addr,
            size: s.sh_size,
            link: s.sh_link,
        };
        Ok(all.iter().map(plain).collect())
    }

    /// Tags and values of the dynamic section.
    pub(super) fn dynamic(&self, segment: &Segment) -> Result<Vec<(u64, u64)>> {
        let what = "the dynamic section";
        let bytes = self.bytes.read(what, segment.offset, segment.file_size).map_err(damaged)?;
        let here = ProgramHeader { p_type: PT_DYNAMIC, p_filesz: bytes.len() as u64, ..ProgramHeader::default() };
        let all = Dynamic::parse(&bytes, &[here], self.ctx).map_err(damaged)?;
        Ok(all.map_or_else(Vec::new, |d| d.dyns.iter().map(|d| (d.d_tag, d.d_val)).collect()))
    }

    pub(super) fn symbols(&self, offset: u64, count: u64) -> Result<Vec<RawSymbol>> {
        let size = Sym::size(self.ctx.container);
        let len = count.checked_mul(size as u64).ok_or_else(|| damaged(format!("{count} symbols")))?;
        let bytes = self.bytes.read("the symbol table", offset, len).map_err(damaged)?;
        let all = Sym::parse(&bytes, 0, bytes.len() / size, self.ctx).map_err(damaged)?;
        Ok(all.iter().map(RawSymbol::from).collect())
    }

    /// The bytes of one symbol in the table.
    pub(super) fn symbol_size(&self) -> u64 {
        Sym::size(self.ctx.container) as u64
    }

    /// Versions that are needed of other files: index, and place of the name in the string table.
    pub(super) fn needed_versions(&self, bytes: &[u8], count: u64) -> Vec<(u16, u64)> {
        let here = section(section_header::SHT_GNU_VERNEED, bytes, count);
        let all = VerneedSection::parse(bytes, &[here], self.ctx).ok().flatten();
        let mut out = Vec::new();
        // Entries may overlap: there are not more than have room side by side.
        let most = bytes.len() / 16;
        for need in all.iter().flat_map(VerneedSection::iter) {
            for aux in &need {
                if out.len() >= most {
                    return out;
                }
                out.push((aux.vna_other, aux.vna_name as u64));
            }
        }
        out
    }

    /// Versions that are defined here: the same.
    pub(super) fn defined_versions(&self, bytes: &[u8], count: u64) -> Vec<(u16, u64)> {
        let here = section(section_header::SHT_GNU_VERDEF, bytes, count);
        let all = VerdefSection::parse(bytes, &[here], self.ctx).ok().flatten();
        let first = |d: goblin::elf::symver::Verdef<'_>| d.iter().next().map(|aux| (d.vd_ndx, aux.vda_name as u64));
        all.iter().flat_map(VerdefSection::iter).take(bytes.len() / 20).filter_map(first).collect()
    }

    /// What the GNU property notes in these bytes say, by their type.
    pub(super) fn properties(&self, bytes: &[u8], align: usize) -> Vec<(u32, u32)> {
        let notes = note::NoteDataIterator { data: bytes, size: bytes.len(), offset: 0, ctx: (align.max(4), self.ctx) };
        let notes = notes.map_while(std::result::Result::ok);
        let mut out = Vec::new();
        for note in notes.filter(|n| n.name == "GNU" && n.n_type == note::NT_GNU_PROPERTY_TYPE_0) {
            let mut rest = note.desc;
            while let (Some(kind), Some(len)) = (self.word(rest, 0), self.word(rest, 4)) {
                if len == 4 {
                    out.extend(self.word(rest, 8).map(|value| (kind, value)));
                }
                let step = 8 + (len as usize).next_multiple_of(if self.is_64() { 8 } else { 4 });
                rest = rest.get(step..).unwrap_or_default();
            }
        }
        out
    }

    /// The 4 bytes at an offset as a number.
    pub(super) fn word(&self, bytes: &[u8], at: usize) -> Option<u32> {
        let word = *bytes.get(at..)?.first_chunk()?;
        Some(if self.big_endian() { u32::from_be_bytes(word) } else { u32::from_le_bytes(word) })
    }

    /// The 2 bytes at an offset as a number.
    pub(super) fn half(&self, bytes: &[u8], at: usize) -> Option<u16> {
        let half = *bytes.get(at..)?.first_chunk()?;
        Some(if self.big_endian() { u16::from_be_bytes(half) } else { u16::from_le_bytes(half) })
    }
}

fn section(kind: u32, bytes: &[u8], count: u64) -> SectionHeader {
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    SectionHeader { sh_type: kind, sh_size: bytes.len() as u64, sh_info: count, ..SectionHeader::default() }
}

/// A symbol as it stands in the table.
#[allow(clippy::struct_excessive_bools)] // each is a bit of the format
pub(super) struct RawSymbol {
    pub(super) name: u64,
    pub(super) kind: SymbolKind,
    pub(super) local: bool,
    pub(super) weak: bool,
    pub(super) visible: bool,
    pub(super) defined: bool,
    pub(super) section: usize,
    pub(super) address: u64,
    pub(super) size: u64,
}

impl From<&Sym> for RawSymbol {
    fn from(s: &Sym) -> Self {
        Self {
            name: s.st_name as u64,
            kind: match s.st_type() {
                sym::STT_FUNC | sym::STT_GNU_IFUNC => SymbolKind::Function,
                sym::STT_OBJECT | sym::STT_COMMON => SymbolKind::Data,
                sym::STT_TLS => SymbolKind::ThreadData,
                _ => SymbolKind::Other,
            },
            local: s.st_bind() == sym::STB_LOCAL,
            weak: s.st_bind() == sym::STB_WEAK,
            visible: matches!(s.st_visibility(), sym::STV_DEFAULT | sym::STV_PROTECTED),
            defined: s.st_shndx != 0,
            section: s.st_shndx,
            address: s.st_value,
            size: s.st_size,
        }
    }
}
