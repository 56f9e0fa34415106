//! The one door to goblin: what of an ELF file matters to an image.

mod bytes;

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Seek;
use std::path::Path;

use goblin::elf::Elf as Parsed;
use goblin::elf::dynamic::{DF_1_NODEFLIB, DT_RPATH, DT_RUNPATH};
use goblin::elf::header::{ELFCLASS64, ELFMAG, machine_to_str};
use goblin::elf::sym::STB_WEAK;
use serde::{Deserialize, Serialize};

use crate::{Error, Result};
use bytes::{library_names, names_in, sparse, system_folders};

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

#[cfg(test)]
mod tests {
    use super::bytes::SMALL;
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
