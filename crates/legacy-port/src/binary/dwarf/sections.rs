//! The one door to `object`: ELF files and archives -> sections of debug information, decompressed, relocations applied.

use std::borrow::Cow;
use std::io::Read;

use ::object::read::archive::ArchiveFile;
use ::object::{
    CompressionFormat, File, Object as _, ObjectKind, ObjectSection as _, ObjectSymbol as _, ReadRef, RelocationKind,
    RelocationTarget, SectionIndex,
};

use crate::binary::abi::{Arch, Machine};

/// What can be wrong, in a sentence that goes behind the name of the file.
pub(super) type Wrong = String;

/// One ELF file, or one member of an archive.
pub(super) struct Image<'d, R: ReadRef<'d>> {
    file: File<'d, R>,
    /// Processor, class and byte order.
    pub(super) machine: Machine,
    /// Sections of debug information by name. A relocatable object has one for each group of shared types.
    named: Vec<(&'d [u8], SectionIndex)>,
}

impl<'d, R: ReadRef<'d>> Image<'d, R> {
    pub(super) fn parse(data: R) -> Result<Self, Wrong> {
        let magic = data.read_bytes_at(0, 4).unwrap_or_default();
        if magic != b"\x7fELF" {
            return Err("not an ELF file".into());
        }
        let file = File::parse(data).map_err(|e| format!("damaged ELF file: {e}"))?;
        let bits = if file.is_64() { 64 } else { 32 };
        let arch = match file.architecture() {
            ::object::Architecture::I386 => Arch::I386,
            ::object::Architecture::X86_64 => Arch::X86_64,
            ::object::Architecture::X86_64_X32 => Arch::X32,
            ::object::Architecture::Aarch64 => Arch::Aarch64,
            ::object::Architecture::Arm => Arch::Arm,
            _ => Arch::Other,
        };
        let machine = Machine { arch, bits, little: file.is_little_endian() };
        let named = |s: ::object::Section<'d, '_, R>| s.name_bytes().ok().map(|name| (name, s.index()));
        let kept = |(name, _): &(&[u8], SectionIndex)| {
            [&b".debug_"[..], b".zdebug_", b".gnu_debug"].iter().any(|p| name.starts_with(p))
        };
        let named = file.sections().filter_map(named).filter(kept).collect();
        Ok(Self { file, machine, named })
    }

    /// Whether there is a section of this name, compressed or not.
    pub(super) fn has(&self, name: &str) -> bool {
        self.indexes(name).next().is_some()
    }

    fn indexes(&self, name: &str) -> impl Iterator<Item = SectionIndex> {
        let short = name.strip_prefix(".debug_").unwrap_or(name).as_bytes();
        self.named.iter().filter_map(move |(n, i)| {
            let same = *n == name.as_bytes() || n.strip_prefix(b".zdebug_").is_some_and(|n| n == short);
            same.then_some(*i)
        })
    }

    /// What all sections of this name hold; nothing where there is none.
    pub(super) fn section(&self, name: &str) -> Result<Cow<'d, [u8]>, Wrong> {
        let mut all: Cow<'d, [u8]> = Cow::Borrowed(&[]);
        for index in self.indexes(name) {
            let one = self.one(index).map_err(|e| format!("section `{name}`: {e}"))?;
            if all.is_empty() { all = one } else { all.to_mut().extend_from_slice(&one) }
        }
        Ok(all)
    }

    fn one(&self, index: SectionIndex) -> Result<Cow<'d, [u8]>, Wrong> {
        let section = self.file.section_by_index(index).map_err(|e| e.to_string())?;
        let compressed = section.compressed_data().map_err(|e| e.to_string())?;
        let mut data = match compressed.format {
            CompressionFormat::None => Cow::Borrowed(compressed.data),
            CompressionFormat::Zlib => {
                inflate(flate2::read::ZlibDecoder::new(compressed.data), compressed.data, compressed.uncompressed_size)?
            }
            CompressionFormat::Zstandard => {
                let decoder = ruzstd::decoding::StreamingDecoder::new(compressed.data).map_err(|e| e.to_string())?;
                inflate(decoder, compressed.data, compressed.uncompressed_size)?
            }
            _ => return Err("compressed in a way that is not known; decompress it with `objcopy`".into()),
        };
        if self.file.kind() == ObjectKind::Relocatable {
            self.relocate(&section, &mut data);
        }
        Ok(data)
    }

    /// What the linker would write; sections begin at 0, as debug information expects of an object by itself.
    fn relocate(&self, section: &::object::Section<'d, '_, R>, data: &mut Cow<'d, [u8]>) {
        let little = self.machine.little;
        for (offset, r) in section.relocations() {
            if !matches!(r.kind(), RelocationKind::Absolute | RelocationKind::SectionOffset) {
                continue;
            }
            let width = usize::from(r.size() / 8);
            let Some(at) = usize::try_from(offset).ok().filter(|_| matches!(width, 4 | 8)) else { continue };
            let symbol = match r.target() {
                RelocationTarget::Symbol(i) => self.file.symbol_by_index(i).map_or(0, |s| s.address()),
                _ => 0,
            };
            let Some(place) = at.checked_add(width).and_then(|end| data.to_mut().get_mut(at..end)) else { continue };
            let mut was = [0; 8];
            let part = if little { &mut was[..width] } else { &mut was[8 - width..] };
            part.copy_from_slice(place);
            let was = if little { u64::from_le_bytes(was) } else { u64::from_be_bytes(was) };
            let addend = r.addend().cast_unsigned();
            let value = symbol.wrapping_add(addend).wrapping_add(if r.has_implicit_addend() { was } else { 0 });
            if little {
                place.copy_from_slice(&value.to_le_bytes()[..width]);
            } else {
                place.copy_from_slice(&value.to_be_bytes()[8 - width..]);
            }
        }
    }

    /// The file name and checksum in `.gnu_debuglink`: where the debug information was moved to.
    pub(super) fn link(&self) -> Option<(&'d [u8], u32)> {
        self.file.gnu_debuglink().ok()?
    }

    /// The file name in `.gnu_debugaltlink`: what several files share.
    pub(super) fn alternate(&self) -> Option<&'d [u8]> {
        Some(self.file.gnu_debugaltlink().ok()??.0)
    }

    /// The build's number, under which debug information is kept elsewhere.
    pub(super) fn build_id(&self) -> Option<&'d [u8]> {
        self.file.build_id().ok()?
    }
}

/// Decompresses at most as much as is told, and no more than such compression can give: a file cannot ask for memory that
/// is not behind it.
fn inflate<'d>(from: impl Read, data: &[u8], size: u64) -> Result<Cow<'d, [u8]>, Wrong> {
    let most = (data.len() as u64).saturating_mul(1100).saturating_add(1 << 16);
    if size > most {
        return Err(format!("says that {} bytes become {size}, which no compression does", data.len()));
    }
    let mut out = Vec::with_capacity(usize::try_from(size.min(1 << 26)).unwrap_or(0));
    from.take(size).read_to_end(&mut out).map_err(|e| format!("does not decompress: {e}"))?;
    if out.len() as u64 != size {
        return Err("is compressed and cut off".into());
    }
    Ok(Cow::Owned(out))
}

/// The name of a member, its place in the file and its size.
pub(super) type Within = (String, (u64, u64));

/// The ELF members of an archive: name and place in the file. `None` for what is no archive.
pub(super) fn members<'d, R: ReadRef<'d>>(data: R) -> Option<Result<Vec<Within>, Wrong>> {
    let magic = data.read_bytes_at(0, 8).ok()?;
    if magic != b"!<arch>\n" && magic != b"!<thin>\n" {
        return None;
    }
    let wrong = |e| format!("damaged archive: {e}");
    Some(ArchiveFile::parse(data).map_err(wrong).and_then(|archive| {
        if archive.is_thin() {
            return Err("a thin archive has no members in it; name the objects themselves".into());
        }
        let member = |m: ::object::read::Result<::object::read::archive::ArchiveMember<'d>>| {
            let m = m.map_err(wrong)?;
            Ok((String::from_utf8_lossy(m.name()).into_owned(), m.file_range()))
        };
        archive.members().map(member).collect()
    }))
}
