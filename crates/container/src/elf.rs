//! The one door to goblin: what of an ELF file matters to an image.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use goblin::elf::Elf as Parsed;
use goblin::elf::dynamic::{DF_1_NODEFLIB, DT_RPATH, DT_RUNPATH};
use goblin::elf::header::{ELFCLASS64, ELFMAG, machine_to_str};
use goblin::elf::sym::STB_WEAK;
use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// AMD x86-64, as `e_machine` has it.
pub const X86_64: u16 = goblin::elf::header::EM_X86_64;
/// Arm 64-bit.
pub const AARCH64: u16 = goblin::elf::header::EM_AARCH64;

/// A symbol version that a file wants of a library.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Version {
    /// The library, by its `DT_SONAME`.
    pub library: String,
    /// Such as `GLIBC_2.34`.
    pub name: String,
}

/// An entry of a `.note.dlopen` section: what the file opens by itself at run time (UAPI group, "ELF dlopen metadata").
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dlopen {
    /// Names of which the first that is there is opened.
    pub soname: Vec<String>,
    /// What it is for.
    #[serde(default)]
    pub feature: String,
    /// `required`, `recommended` or `suggested`.
    #[serde(default)]
    pub priority: String,
}

/// What one ELF file says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Elf {
    /// 32 or 64.
    pub bits: u8,
    /// `e_machine`.
    pub machine: u16,
    /// `PT_INTERP`.
    pub interpreter: Option<String>,
    /// `DT_SONAME`.
    pub soname: Option<String>,
    /// `DT_NEEDED`, in order.
    pub needed: Vec<String>,
    /// Folders of `DT_RPATH`; empty where there is a `DT_RUNPATH`, which then counts alone.
    pub rpath: Vec<String>,
    /// Folders of `DT_RUNPATH`.
    pub runpath: Vec<String>,
    /// `DF_1_NODEFLIB`: the folders of the system are not searched.
    pub no_default: bool,
    /// Whether it has a dynamic section, so that the loader has to do with it.
    pub dynamic: bool,
    /// Symbol versions it wants; weak ones are left out, as the loader does without them.
    pub wants: BTreeSet<Version>,
    /// Symbol versions it has.
    pub versions: BTreeSet<String>,
    /// Functions that it calls and does not have; of a static program those that are linked into it.
    pub calls: BTreeSet<String>,
    /// From `.note.dlopen`.
    pub dlopen: Vec<Dlopen>,
    /// Text in it that looks like the name of a library.
    pub names: BTreeSet<String>,
    /// Of a program interpreter: the folders that it searches without being told.
    pub system: Vec<String>,
}

/// Whether a file begins as an ELF file does.
#[must_use]
pub fn is_elf(bytes: &[u8]) -> bool {
    bytes.starts_with(ELFMAG)
}

/// A machine's name, as in `X86_64`.
#[must_use]
pub fn machine_name(machine: u16) -> &'static str {
    machine_to_str(machine).trim_start_matches("EM_")
}

/// Class (32 or 64) and machine of a file that begins with these bytes; `None` where it is no ELF file.
#[must_use]
pub fn kind(head: &[u8]) -> Option<(u8, u16)> {
    let machine = head.get(18..20).filter(|_| is_elf(head))?;
    let machine = if head[5] == 2 { u16::from_be_bytes } else { u16::from_le_bytes }([machine[0], machine[1]]);
    Some((if head[4] == ELFCLASS64 { 64 } else { 32 }, machine))
}

impl Elf {
    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read, is no ELF file or a damaged one.
    pub fn read(path: &Path) -> Result<Self> {
        let fail = |message| Error::Elf { path: path.to_owned(), message };
        let mut file = File::open(path).map_err(Error::io("cannot read", path))?;
        let size = file.metadata().map_err(Error::io("cannot read", path))?.len();
        let Some(sparse) = sparse(&mut file, size).map_err(Error::io("cannot read", path))? else {
            let bytes = fs::read(path).map_err(Error::io("cannot read", path))?;
            return Self::parse(&bytes).map_err(fail);
        };
        let mut found = Self::parse(&sparse).map_err(fail)?;
        drop(sparse);
        // What an interpreter has to say is not in its tables alone.
        if found.soname.as_ref().is_some_and(|s| s.starts_with("ld-")) {
            let bytes = fs::read(path).map_err(Error::io("cannot read", path))?;
            return Self::parse(&bytes).map_err(fail);
        }
        if found.opens() {
            file.rewind().map_err(Error::io("cannot read", path))?;
            found.names = names_in(&mut file).map_err(Error::io("cannot read", path))?;
            found.drop_known_names();
        }
        Ok(found)
    }

    /// Whether it calls dlopen.
    fn opens(&self) -> bool {
        self.calls.contains("dlopen") || self.calls.contains("dlmopen")
    }

    fn drop_known_names(&mut self) {
        let Self { names, needed, soname, .. } = self;
        names.retain(|n| !needed.contains(n) && soname.as_ref() != Some(n));
    }

    /// Reads the bytes of a file.
    ///
    /// # Errors
    /// In words, when they are no ELF file or a damaged one.
    pub fn parse(bytes: &[u8]) -> std::result::Result<Self, String> {
        let Some((bits, machine)) = kind(bytes) else { return Err("is not an ELF program".into()) };
        let elf = Parsed::parse(bytes).map_err(|e| format!("damaged ELF file: {e}"))?;
        let owned = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        let entries = elf.dynamic.as_ref().map(|d| d.dyns.as_slice()).unwrap_or_default();
        let folders = |tag| {
            let lists = entries.iter().filter(move |d| d.d_tag == tag);
            let lists = lists.filter_map(|d| elf.dynstrtab.get_at(usize::try_from(d.d_val).ok()?));
            lists.flat_map(|s| s.split(':')).map(str::to_owned).collect::<Vec<_>>()
        };
        let runpath = folders(DT_RUNPATH);
        let has_runpath = entries.iter().any(|d| d.d_tag == DT_RUNPATH);
        let mut found = Self {
            bits,
            machine,
            interpreter: elf.interpreter.map(str::to_owned),
            soname: elf.soname.map(str::to_owned),
            needed: owned(&elf.libraries),
            rpath: if has_runpath { Vec::new() } else { folders(DT_RPATH) },
            runpath,
            no_default: elf.dynamic.as_ref().is_some_and(|d| d.info.flags_1 & DF_1_NODEFLIB != 0),
            dynamic: elf.dynamic.is_some(),
            dlopen: dlopen_notes(&elf, bytes),
            ..Self::default()
        };
        versions(&elf, &mut found);
        let called = elf.dynsyms.iter().filter(|s| s.is_import() && s.is_function());
        found.calls = called.filter_map(|s| elf.dynstrtab.get_at(s.st_name)).map(str::to_owned).collect();
        if found.needed.is_empty() && found.interpreter.is_none() {
            let linked = elf.syms.iter().filter(|s| s.is_function() && s.st_bind() != STB_WEAK);
            found.calls.extend(linked.filter_map(|s| elf.strtab.get_at(s.st_name)).map(str::to_owned));
        }
        if found.opens() {
            found.names = library_names(bytes);
            found.drop_known_names();
        }
        // Only interpreters: it would be a long look for nothing in a large program.
        if found.soname.as_ref().is_some_and(|s| s.starts_with("ld-")) {
            found.system = system_folders(bytes);
        }
        Ok(found)
    }
}

fn versions(elf: &Parsed, found: &mut Elf) {
    const WEAK: u16 = 2;
    let text = |at: usize| elf.dynstrtab.get_at(at).unwrap_or_default().to_owned();
    for need in elf.verneed.iter().flat_map(goblin::elf::symver::VerneedSection::iter) {
        let names = need.iter().filter(|v| v.vna_flags & WEAK == 0).map(|v| text(v.vna_name));
        found.wants.extend(names.map(|name| Version { library: text(need.vn_file), name }));
    }
    for def in elf.verdef.iter().flat_map(goblin::elf::symver::VerdefSection::iter) {
        found.versions.extend(def.iter().next().map(|v| text(v.vda_name)));
    }
}

fn dlopen_notes(elf: &Parsed, bytes: &[u8]) -> Vec<Dlopen> {
    const DLOPEN: u32 = 0x407c_0c0a;
    let mut found: Vec<Dlopen> = Vec::new();
    for note in elf.iter_note_sections(bytes, Some(".note.dlopen")).into_iter().flatten().flatten() {
        if note.n_type == DLOPEN && note.name.trim_end_matches('\0') == "FDO" {
            let end = note.desc.iter().rposition(|b| *b != 0).map_or(0, |p| p + 1);
            // A note that is not what the note says it is tells nothing.
            found.extend(serde_json::from_slice::<Vec<Dlopen>>(&note.desc[..end]).unwrap_or_default());
        }
    }
    found
}

/// `lib[A-Za-z0-9_+.-]+\.so(\.[0-9]+)*`, as whole strings that end with a zero byte.
fn library_names(bytes: &[u8]) -> BTreeSet<String> {
    let part = |b: &u8| b.is_ascii_alphanumeric() || b"_+.-".contains(b);
    let mut found = BTreeSet::new();
    for at in memchr::memmem::find_iter(bytes, b".so") {
        let begin = bytes[..at].iter().rposition(|b| !part(b)).map_or(0, |p| p + 1);
        let end = bytes[at..].iter().position(|b| !part(b)).map_or(bytes.len(), |p| at + p);
        let Ok(name) = std::str::from_utf8(&bytes[begin..end]) else { continue };
        let number =
            name[at - begin + 3..].split('.').skip(1).all(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
        let after = name.as_bytes().get(at - begin + 3).is_none_or(|b| *b == b'.');
        if name.len() < 128
            && begin < at
            && name.starts_with("lib")
            && at - begin > 3
            && after
            && number
            && bytes.get(end) == Some(&0)
        {
            found.insert(name.to_owned());
        }
    }
    found
}

/// glibc keeps the folders that it searches in the end as a row of strings, each with a slash at both ends.
fn system_folders(bytes: &[u8]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for text in bytes.split(|b| *b == 0) {
        let plain = (5..64).contains(&text.len())
            && text[0] == b'/'
            && text.ends_with(b"/")
            && text.iter().all(|b| b.is_ascii_alphanumeric() || b"/_-.".contains(b));
        if let Some(text) = std::str::from_utf8(text).ok().filter(|t| plain && t.contains("lib")) {
            let folder = text.trim_end_matches('/').to_owned();
            if !found.contains(&folder) {
                found.push(folder);
            }
        }
    }
    found
}

/// Files up to this size are read as a whole.
const SMALL: u64 = 16 << 20;

/// A large file of which only the parts are read that say something of it: the others are zero, and memory that is zero and
/// never touched takes no room. `None` where the whole must be read.
fn sparse(file: &mut File, size: u64) -> io::Result<Option<Vec<u8>>> {
    let mut head = [0; 64];
    if size <= SMALL || file.read_exact(&mut head).is_err() || !is_elf(&head) || head[4] != ELFCLASS64 || head[5] != 1 {
        return Ok(None);
    }
    let Ok(length) = usize::try_from(size) else { return Ok(None) };
    let mut bytes = vec![0; length];
    let mut load = |bytes: &mut Vec<u8>, from: u64, count: u64| -> io::Result<()> {
        let from = from.min(size);
        let to = from.saturating_add(count).min(size);
        let (Ok(a), Ok(b)) = (usize::try_from(from), usize::try_from(to)) else { return Ok(()) };
        file.seek(SeekFrom::Start(from))?;
        file.read_exact(&mut bytes[a..b])
    };
    let number = |bytes: &[u8], at: u64, count: usize| {
        let at = usize::try_from(at).unwrap_or(usize::MAX);
        let part = at.checked_add(count).and_then(|end| bytes.get(at..end)).unwrap_or(&[]);
        part.iter().rev().fold(0_u64, |n, b| n << 8 | u64::from(*b))
    };
    load(&mut bytes, 0, 64)?;
    let (programs, sections) = (number(&bytes, 32, 8), number(&bytes, 40, 8));
    let (program_count, section_count) = (number(&bytes, 56, 2), number(&bytes, 60, 2));
    load(&mut bytes, programs, program_count * 56)?;
    load(&mut bytes, sections, section_count * 64)?;
    let mut dynamic = false;
    for i in 0..program_count {
        let at = programs.saturating_add(i * 56);
        let kind = number(&bytes, at, 4);
        // PT_DYNAMIC, PT_INTERP, PT_NOTE
        if matches!(kind, 2..=4) {
            dynamic |= kind == 2;
            let (from, count) = (number(&bytes, at.saturating_add(8), 8), number(&bytes, at.saturating_add(32), 8));
            load(&mut bytes, from, count)?;
        }
    }
    for i in 0..section_count {
        let at = sections.saturating_add(i * 64);
        let (kind, flags) = (number(&bytes, at.saturating_add(4), 4), number(&bytes, at.saturating_add(8), 8));
        // Tables of the loader; names of sections; notes; the linker's symbols only where there are no others.
        let wanted = match kind {
            2 => !dynamic,
            3 => !dynamic || flags & 2 != 0 || i == number(&bytes, 62, 2),
            // What is to be relocated tells how many symbols there are, where the hash table does not.
            4 | 9 => flags & 2 != 0,
            5..=7 | 11 | 0x6fff_fff6 | 0x6fff_fffd..=0x6fff_ffff => true,
            _ => false,
        };
        if wanted {
            let (from, count) = (number(&bytes, at.saturating_add(24), 8), number(&bytes, at.saturating_add(32), 8));
            load(&mut bytes, from, count)?;
        }
    }
    Ok(Some(bytes))
}

/// [`library_names`] of a file that is read in pieces.
fn names_in(file: &mut File) -> io::Result<BTreeSet<String>> {
    const PIECE: u64 = 1 << 20;
    const LONGEST: usize = 256;
    let (mut piece, mut found) = (Vec::new(), BTreeSet::new());
    loop {
        let read = file.by_ref().take(PIECE).read_to_end(&mut piece)?;
        found.extend(library_names(&piece));
        if read == 0 {
            return Ok(found);
        }
        // What the next piece continues, from the beginning of a string on.
        let keep = piece.len().saturating_sub(LONGEST);
        let begin = piece[keep..].iter().position(|b| *b == 0).map_or(keep, |p| keep + p);
        piece.drain(..begin);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reading a file by its parts tells the same as reading the whole.
    #[test]
    fn large_files_are_read_by_their_parts() {
        let dir = tempfile::tempdir().unwrap();
        let whole = fs::read("/proc/self/exe").unwrap();
        let mut compared = 0;
        for name in ["/proc/self/exe", "/lib/x86_64-linux-gnu/libc.so.6", "/lib64/ld-linux-x86-64.so.2", "/bin/sh"] {
            let bytes = fs::read(name).unwrap();
            // Something after the end makes it large without saying anything.
            let file = dir.path().join("large");
            let mut large = bytes.clone();
            large.resize(usize::try_from(SMALL).unwrap() + bytes.len(), 0);
            fs::write(&file, &large).unwrap();
            assert!(sparse(&mut File::open(&file).unwrap(), large.len() as u64).unwrap().is_some());
            let (parts, whole) = (Elf::read(&file).unwrap(), Elf::parse(&bytes).unwrap());
            assert_eq!(parts.names, whole.names, "{name}");
            assert_eq!(parts, whole, "{name}");
            compared += 1;
        }
        assert_eq!(compared, 4);
        for cut in [65, 200, 5000] {
            let mut damaged = whole[..cut].to_vec();
            damaged.resize(usize::try_from(SMALL).unwrap() + 1, 0xff);
            let file = dir.path().join("damaged");
            fs::write(&file, &damaged).unwrap();
            let _ = Elf::read(&file); // whatever it says, it does not panic
        }
    }

    #[test]
    fn names_of_libraries_in_text() {
        let text = b"\0libssl.so.3\0/x/libz.so\0lib%s.so\0libfoo.source\0xlibbar.so.1\0lib.so\0libc++.so.1.0\0libq.so.a\0tail libp.so";
        let found: Vec<String> = library_names(text).into_iter().collect();
        assert_eq!(found, ["libc++.so.1.0", "libssl.so.3", "libz.so"]);
    }

    #[test]
    fn damaged_files_are_told() {
        for bytes in [&b""[..], b"\x7fELF", b"#!/bin/sh\n", &[0x7f; 64]] {
            assert!(Elf::parse(bytes).is_err());
        }
        let whole = fs::read("/proc/self/exe").unwrap();
        for cut in [20, 64, 200, 4096, 100_000] {
            let _ = Elf::parse(&whole[..cut.min(whole.len())]); // whatever it says, it does not panic
        }
        assert!(Elf::parse(&whole).unwrap().needed.iter().any(|n| n == "libc.so.6"));
    }
}
