//! Bytes -> objects: which tables are read, and what is made of them.

use super::archive;
use super::bytes::{Bytes, Result, Strings};
use super::elf::{self, Image};
use super::object::{ElfFile, Flags, Kind, Object, Section, Segment};
use super::thin::Place;
use super::{code, strings, symbols};

/// The dynamic section: tags with their values.
pub(super) struct Dynamic(Vec<(u64, u64)>);

impl Dynamic {
    pub(super) fn get(&self, tag: u64) -> Option<u64> {
        self.all(tag).next()
    }

    fn all(&self, tag: u64) -> impl Iterator<Item = u64> {
        self.0.iter().filter(move |(t, _)| *t == tag).map(|(_, value)| *value)
    }

    fn flag(&self, tag: u64, bit: u64) -> bool {
        self.get(tag).is_some_and(|flags| flags & bit != 0)
    }
}

/// Where something in memory lies in the file, and how many bytes of its segment follow.
pub(super) fn in_file(segments: &[Segment], address: u64) -> Option<(u64, u64)> {
    segments.iter().filter(|s| s.kind == elf::PT_LOAD).find_map(|s| {
        let within = address.checked_sub(s.address).filter(|&w| w < s.file_size)?;
        Some((s.offset.checked_add(within)?, s.file_size - within))
    })
}

/// The least of an ELF file: a few hundred bytes are read for it.
pub(super) fn brief(bytes: &Bytes) -> Result<ElfFile> {
    let image = Image::new(bytes)?;
    let segments = image.segments()?;
    let dynamic = dynamic(&image, &segments)?;
    file(&image, &segments, &dynamic, false)
}

fn dynamic(image: &Image, segments: &[Segment]) -> Result<Dynamic> {
    let segment = segments.iter().find(|s| s.kind == elf::PT_DYNAMIC);
    // Where debug information was split off, the headers stay and the content is gone.
    let held = segment.filter(|s| s.file_size > 0 && s.offset.saturating_add(s.file_size) <= image.bytes.len());
    match (segment, held) {
        (_, Some(held)) => Ok(Dynamic(image.dynamic(held)?)),
        (Some(segment), None) if segment.file_size > 0 => image.dynamic(segment).map(Dynamic),
        _ => Ok(Dynamic(Vec::new())),
    }
}

fn file(image: &Image, segments: &[Segment], dynamic: &Dynamic, whole: bool) -> Result<ElfFile> {
    let interpreter = match segments.iter().find(|s| s.kind == elf::PT_INTERP) {
        Some(s) if s.file_size > 0 => {
            let path = image.bytes.read("the interpreter's path", s.offset, s.file_size.min(4096));
            let path = path.map_err(|e| format!("damaged ELF file: {e}"))?;
            let path = path.split(|&b| b == 0).next().unwrap_or_default();
            Some(String::from_utf8_lossy(path).into_owned())
        }
        _ => None,
    };
    let (start, len) = string_table(segments, dynamic);
    let mut names =
        if whole { Strings::whole(image.bytes, start, len)? } else { Strings::new(image.bytes, start, len) };
    let mut list = |tag| -> Result<Vec<String>> {
        dynamic.all(tag).map(|at| names.get(at).map_err(|e| format!("damaged ELF file: {e}"))).collect()
    };
    let folders = |all: Vec<String>| all.iter().flat_map(|s| s.split(':')).map(str::to_owned).collect();
    let (needed, soname) = (list(elf::DT_NEEDED)?, list(elf::DT_SONAME)?.pop());
    let (rpath, runpath) = (folders(list(elf::DT_RPATH)?), folders(list(elf::DT_RUNPATH)?));
    let pie = dynamic.flag(elf::DT_FLAGS_1, elf::DF_1_PIE) || interpreter.is_some() && soname.is_none();
    let kind = match image.header.e_type {
        elf::ET_REL => Kind::Relocatable,
        elf::ET_EXEC => Kind::Program,
        elf::ET_DYN if pie => Kind::Pie,
        elf::ET_DYN => Kind::Library,
        elf::ET_CORE => Kind::Core,
        _ => Kind::Other,
    };
    let bits = if image.is_64() { 64 } else { 32 };
    Ok(ElfFile { bits, machine: image.machine(), kind, interpreter, needed, soname, rpath, runpath })
}

/// Where the dynamic string table lies, and its size.
pub(super) fn string_table(segments: &[Segment], dynamic: &Dynamic) -> (u64, u64) {
    let at = dynamic.get(elf::DT_STRTAB).and_then(|address| in_file(segments, address));
    let (start, room) = at.unwrap_or_default();
    (start, dynamic.get(elf::DT_STRSZ).unwrap_or(room).min(room))
}

/// Every ELF file that the bytes are or, as an archive, hold or name; and which of them cannot be read.
pub(super) fn objects(bytes: &Bytes, place: Option<Place>) -> Result<(Vec<Object>, Vec<String>)> {
    let mut out = Vec::new();
    let troubles = archive::each(bytes, place, &mut |name, part| {
        if &*part.up_to("the header", 0, 4)? == elf::ELFMAG {
            out.push(Object { member: Some(name.to_owned()), ..object(part)? });
        }
        Ok(())
    })?;
    match troubles {
        Some(troubles) => Ok((out, troubles)),
        None => Ok((vec![object(bytes)?], Vec::new())),
    }
}

/// All that checks ask for.
pub(super) fn object(bytes: &Bytes) -> Result<Object> {
    let image = Image::new(bytes)?;
    let segments = image.segments()?;
    let dynamic = dynamic(&image, &segments)?;
    let file = file(&image, &segments, &dynamic, true)?;
    let sections = image.sections()?;
    let symbols::Found { symbols, functions, glibc } = symbols::read(&image, &segments, &sections, &dynamic)?;
    let segment = |kind| segments.iter().find(|s| s.kind == kind);
    let properties = properties(&image, &segments, &sections)?;
    let (features, branch, returns) = match image.header.e_machine {
        elf::EM_AARCH64 => (0xc000_0000, 1, 2),
        _ => (0xc000_0002, 1, 2),
    };
    let has = |bit| properties.iter().any(|&(kind, value)| kind == features && value & bit != 0);
    let flags = Flags {
        bind_now: dynamic.get(elf::DT_BIND_NOW).is_some()
            || dynamic.flag(elf::DT_FLAGS, elf::DF_BIND_NOW)
            || dynamic.flag(elf::DT_FLAGS_1, elf::DF_1_NOW),
        text_relocations: dynamic.get(elf::DT_TEXTREL).is_some() || dynamic.flag(elf::DT_FLAGS, elf::DF_TEXTREL),
        relro: segment(elf::PT_GNU_RELRO).is_some(),
        lazy_table: dynamic.get(elf::DT_JMPREL).is_some(),
        dynamic: segment(elf::PT_DYNAMIC).is_some(),
        branch_targets: has(branch),
        return_addresses: has(returns),
    };
    Ok(Object {
        big_endian: image.big_endian(),
        flags,
        executable_stack: segment(elf::PT_GNU_STACK).map(|s| s.flags.execute),
        strings: strings::read(&image, &sections)?,
        instructions: code::read(&image, &sections, &functions)?,
        file,
        segments,
        sections,
        symbols,
        glibc,
        ..Object::default()
    })
}

/// GNU properties: of the segment for them, else of the section.
fn properties(image: &Image, segments: &[Segment], sections: &[Section]) -> Result<Vec<(u32, u32)>> {
    let segment = segments.iter().find(|s| s.kind == elf::PT_GNU_PROPERTY).map(|s| (s.offset, s.file_size));
    let section = || sections.iter().find(|s| s.name == ".note.gnu.property").map(|s| (s.offset, s.size));
    let Some((offset, len)) = segment.or_else(section) else { return Ok(Vec::new()) };
    let bytes = image.bytes.up_to("the GNU properties", offset, len.min(1 << 16))?;
    Ok(image.properties(&bytes, if image.is_64() { 8 } else { 4 }))
}
