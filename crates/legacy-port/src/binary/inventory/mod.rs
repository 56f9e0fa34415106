//! What 32-bit files a folder, a machine or an image has, what they need, and what would be left without them.

mod content;
mod packages;
pub mod rules;
mod walk;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::object::{ElfFile, Found};
use super::{elf, system};

pub use content::{Content, Part};
pub use walk::Entry;

/// What some folders hold.
#[derive(Debug, Default)]
pub struct Inventory {
    /// How many regular files were looked at.
    pub files: usize,
    /// ELF files, archives with ELF members and scripts, sorted by path; each inode once.
    pub entries: Vec<Entry>,
    /// What could not be read or is damaged, with the reason; sorted.
    pub troubles: Vec<(PathBuf, String)>,
    /// File systems of the kernel that were left out.
    pub left_out: Vec<PathBuf>,
    /// The package of each file of 32 bits, where dpkg knows it.
    pub packages: HashMap<PathBuf, String>,
    /// Libraries that the 32-bit files need.
    pub libraries: Vec<Library>,
    /// Scripts that a 32-bit program runs: path, and the program.
    pub scripts: Vec<(PathBuf, PathBuf)>,
    /// 64-bit files that need a library of which there is a 32-bit file alone: path, and library.
    pub broken: Vec<(PathBuf, String)>,
}

/// A library that 32-bit files need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Library {
    /// The name that it is needed by.
    pub name: String,
    /// Which files need it.
    pub by: Vec<PathBuf>,
    /// Where it is, in the folders or on this system.
    pub found: Found,
}

impl Inventory {
    /// The entries that are of 32 bits, whole or in part.
    pub fn of_32_bits(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|e| e.content.has(32))
    }

    /// The ELF files.
    pub fn elf(&self) -> impl Iterator<Item = (&Entry, &ElfFile)> {
        self.entries.iter().filter_map(|e| match &e.content {
            Content::Elf(file) => Some((e, file)),
            _ => None,
        })
    }

    /// 32-bit libraries that no 32-bit file here needs: the first that can go.
    #[must_use]
    pub fn unneeded(&self) -> Vec<&Entry> {
        let needed: HashSet<&str> = self.libraries.iter().map(|l| l.name.as_str()).collect();
        let unneeded = |e: &Entry, file: &ElfFile| {
            let name = e.path.file_name().unwrap_or_default().to_string_lossy();
            let own = file.soname.as_deref().unwrap_or(&name);
            file.bits == 32 && file.kind == super::object::Kind::Library && !needed.contains(own)
        };
        self.elf().filter(|(e, file)| unneeded(e, file)).map(|(e, _)| e).collect()
    }
}

impl Content {
    /// Class, processor and kind, in words.
    #[must_use]
    pub fn kind(&self) -> String {
        match self {
            Self::Elf(file) => format!("{} {}", file.machine, file.kind),
            Self::Archive(parts) => {
                let old = parts.iter().filter(|p| p.bits == 32).count();
                let machine = self.machine(32).unwrap_or_default();
                format!("{machine} archive, {old} of {} objects", parts.len())
            }
            Self::Script { interpreter, .. } => format!("script for {interpreter}"),
        }
    }

    /// The processor of the objects of a class.
    fn machine(&self, bits: u8) -> Option<&str> {
        match self {
            Self::Elf(file) => (file.bits == bits).then_some(&file.machine),
            Self::Archive(parts) => parts.iter().find(|p| p.bits == bits).map(|p| p.machine.as_str()),
            Self::Script { .. } => None,
        }
    }

    /// Whether it is an archive that has each member of 32 bits for 64 bits too.
    fn whole_for_both(&self) -> bool {
        let Self::Archive(parts) = self else { return false };
        let twin = |p: &Part| parts.iter().any(|o| o.bits == 64 && o.name == p.name);
        parts.iter().filter(|p| p.bits == 32).all(twin)
    }

    /// Whether it is, or holds, an object of this class.
    #[must_use]
    pub fn has(&self, bits: u8) -> bool {
        match self {
            Self::Elf(file) => file.bits == bits,
            Self::Archive(parts) => parts.iter().any(|p| p.bits == bits),
            Self::Script { .. } => false,
        }
    }
}

/// Looks at every file below the folders; `progress` is told how many were looked at.
#[must_use]
pub fn take(folders: &[PathBuf], progress: &(dyn Fn(usize) + Sync)) -> Inventory {
    let walk::Seen { mut entries, mut troubles, left_out, files } = walk::walk(folders, progress);
    sort(&mut entries);
    troubles.sort();
    let mut out = Inventory { files, entries: once(entries), troubles, left_out, ..Inventory::default() };
    let root = root_of(folders);
    let old: Vec<&Path> = out.of_32_bits().map(|e| e.path.as_path()).collect();
    out.packages = packages::owners(&root, &old);
    out.libraries = libraries(&out);
    out.scripts = scripts(&out, &root);
    out.broken = broken(&out);
    out
}

/// Every ELF file, archive and script below a folder, by whichever name, sorted by path; and what cannot be read.
pub(super) fn list(folder: &Path, progress: &(dyn Fn(usize) + Sync)) -> (Vec<Entry>, Vec<(PathBuf, String)>) {
    let walk::Seen { mut entries, mut troubles, .. } = walk::walk(&[folder.to_owned()], progress);
    sort(&mut entries);
    troubles.sort();
    (entries, troubles)
}

/// By path, folder by folder.
fn sort(entries: &mut [Entry]) {
    entries.par_sort_by(|a, b| a.path.cmp(&b.path));
}

/// Each inode once: further names are counted.
fn once(entries: Vec<Entry>) -> Vec<Entry> {
    let mut at: FxHashMap<(u64, u64), usize> = FxHashMap::default();
    let mut out: Vec<Entry> = Vec::with_capacity(entries.len());
    for entry in entries {
        if let Some(&first) = at.get(&entry.inode) {
            // The same file by the same path, where a folder was named twice, is no further name.
            if out[first].path != entry.path {
                out[first].links += 1;
            }
        } else {
            at.insert(entry.inode, out.len());
            out.push(entry);
        }
    }
    out
}

/// The system that the folders belong to: an image's root has a dpkg of its own.
fn root_of(folders: &[PathBuf]) -> PathBuf {
    let image = folders.first().filter(|f| folders.len() == 1 && f.join("var/lib/dpkg/info").is_dir());
    image.map_or_else(|| PathBuf::from("/"), Clone::clone)
}

/// Libraries of one class by the names that they are needed by, and their processor.
fn by_name(inventory: &Inventory, bits: u8) -> ByName<'_> {
    let mut all = ByName::default();
    for (e, file) in inventory.elf().filter(|(_, f)| f.bits == bits && f.kind == super::object::Kind::Library) {
        let name = e.path.file_name().unwrap_or_default().to_string_lossy();
        all.entry((name, file.machine.as_str())).or_insert(e.path.as_path());
        if let Some(soname) = &file.soname {
            all.entry((soname.into(), file.machine.as_str())).or_insert(e.path.as_path());
        }
    }
    all
}

/// Name and processor of a library, and where it is.
type ByName<'a> = FxHashMap<(Cow<'a, str>, &'a str), &'a Path>;

/// Who needs a library, and the folders that these name.
type Needed = (Vec<PathBuf>, BTreeSet<PathBuf>);

fn libraries(inventory: &Inventory) -> Vec<Library> {
    let (old, new) = (by_name(inventory, 32), by_name(inventory, 64));
    // Name and processor -> who needs it, and the folders that these name.
    let mut needed: BTreeMap<(&str, &str), Needed> = BTreeMap::new();
    for (e, file) in inventory.elf().filter(|(_, f)| f.bits == 32) {
        for name in &file.needed {
            let (by, folders) = needed.entry((name, &file.machine)).or_default();
            by.push(e.path.clone());
            folders.extend(system::own_folders(file, &e.path));
        }
    }
    let library = |((name, machine), (by, folders)): ((&str, &str), Needed)| {
        let mut found = system::find(name, machine, &folders.into_iter().collect::<Vec<_>>());
        let here = |all: &ByName, machine| all.get(&(name.into(), machine)).map(|p: &&Path| (*p).to_owned());
        found.bits32 = found.bits32.or_else(|| here(&old, machine));
        found.bits64 = found.bits64.or_else(|| here(&new, system::twin(machine)));
        Library { name: name.to_owned(), by, found }
    };
    // The loader has another name for each class.
    needed.into_iter().filter(|((name, _), _)| !name.starts_with("ld-linux")).map(library).collect()
}

/// Scripts whose interpreter, found as the kernel and `env` would, is a 32-bit program.
fn scripts(inventory: &Inventory, root: &Path) -> Vec<(PathBuf, PathBuf)> {
    let mut known: HashMap<String, Option<PathBuf>> = HashMap::new();
    let mut out = Vec::new();
    for e in &inventory.entries {
        let Content::Script { interpreter, argument } = &e.content else { continue };
        let env = interpreter.ends_with("/env");
        let name = if env { argument.split(' ').find(|a| !a.starts_with('-')).unwrap_or("") } else { interpreter };
        let of_32_bits = known.entry(name.to_owned()).or_insert_with(|| {
            let folders: &[&str] = if env { &["usr/local/bin", "usr/bin", "bin", "usr/sbin", "sbin"] } else { &[""] };
            let path = folders.iter().map(|f| root.join(f).join(name.trim_start_matches('/'))).find(|p| p.is_file())?;
            elf::read(&path).ok().filter(|file| file.bits == 32).map(|_| path)
        });
        out.extend(of_32_bits.clone().map(|program| (e.path.clone(), program)));
    }
    out
}

/// 64-bit files that need what is there for 32 bits alone.
fn broken(inventory: &Inventory) -> Vec<(PathBuf, String)> {
    let (old, new) = (by_name(inventory, 32), by_name(inventory, 64));
    let names: FxHashSet<&str> = old.keys().map(|(name, _)| &**name).collect();
    let mut known: HashMap<(&str, &str), bool> = HashMap::new();
    let mut out = Vec::new();
    for (e, file) in inventory.elf().filter(|(_, f)| f.bits == 64) {
        let machine = file.machine.as_str();
        let lacks = |n: &&String| names.contains(n.as_str()) && !new.contains_key(&(n.as_str().into(), machine));
        for name in file.needed.iter().filter(lacks) {
            let own = system::own_folders(file, &e.path);
            let missing =
                known.entry((name, machine)).or_insert_with(|| system::find(name, machine, &own).bits64.is_none());
            if *missing {
                out.push((e.path.clone(), name.clone()));
            }
        }
    }
    out
}

/// Where a file came from: its package, else its folder.
#[must_use]
pub fn origin(inventory: &Inventory, path: &Path) -> String {
    let folder = || path.parent().unwrap_or(Path::new("/")).display().to_string();
    inventory.packages.get(path).cloned().unwrap_or_else(folder)
}

/// The folders as they are named, absolute: links in them are followed, those below are not.
///
/// # Errors
/// What the system says of one that is not there.
pub fn folders(named: &[PathBuf]) -> crate::Result<Vec<PathBuf>> {
    let real = |f: &PathBuf| fs::canonicalize(f).map_err(crate::Error::io("cannot open", f));
    let mut all = named.iter().map(real).collect::<crate::Result<Vec<_>>>()?;
    all.sort();
    // One that lies in another is looked at with it.
    all.dedup_by(|below, above| below.starts_with(above));
    Ok(all)
}
