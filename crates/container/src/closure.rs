//! The one door to goblin: which files the loader needs to start an ELF program.
//!
//! Rules of the GNU loader, ld.so(8): `DT_RPATH` where there is no `DT_RUNPATH`, then `DT_RUNPATH` (both with `$ORIGIN`),
//! then the folders that every Debian system has. A library of another class or machine is passed over.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use goblin::elf::Elf;
use goblin::elf::header::{ELFCLASS64, ELFMAG, machine_to_str};

use crate::{Error, Result};

/// A file that the loader needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needed {
    /// The file on this machine.
    pub file: PathBuf,
    /// Who needs it.
    pub by: String,
}

/// Folders that glibc searches without being told, with Debian's multiarch ones first.
fn default_folders(machine: u16) -> Vec<PathBuf> {
    let arch = if machine == goblin::elf::header::EM_AARCH64 { "aarch64-linux-gnu" } else { "x86_64-linux-gnu" };
    [
        format!("/lib/{arch}"),
        format!("/usr/lib/{arch}"),
        "/lib64".into(),
        "/usr/lib64".into(),
        "/lib".into(),
        "/usr/lib".into(),
    ]
    .into_iter()
    .map(PathBuf::from)
    .collect()
}

/// All that `program` needs at run time, by the path it has in the image.
///
/// # Errors
/// When the program is not a 64-bit ELF file, or a library is not on this machine.
pub fn closure(program: &Path) -> Result<BTreeMap<PathBuf, Needed>> {
    let mut found = BTreeMap::new();
    let mut todo = vec![(program.to_owned(), program.file_name().unwrap_or_default().to_string_lossy().into_owned())];
    let mut machine = None;
    while let Some((file, shown)) = todo.pop() {
        let bytes = fs::read(&file).map_err(Error::io("cannot read", &file))?;
        let fail = |message: String| Error::Elf { path: file.clone(), message };
        if !bytes.starts_with(ELFMAG) {
            return Err(fail("is not an ELF program".into()));
        }
        let elf = Elf::parse(&bytes).map_err(|e| fail(format!("damaged ELF file: {e}")))?;
        if elf.header.e_ident[4] != ELFCLASS64 {
            let name = machine_to_str(elf.header.e_machine).trim_start_matches("EM_");
            return Err(fail(format!("is a 32-bit program ({name}); build it for the new target first")));
        }
        let machine = *machine.get_or_insert(elf.header.e_machine);
        if let Some(interpreter) = elf.interpreter {
            // The kernel wants it at exactly this path.
            let path = PathBuf::from(interpreter);
            let real = fs::canonicalize(&path).map_err(Error::io("the interpreter is missing", &path))?;
            found.entry(path).or_insert(Needed { file: real, by: shown.clone() });
        }
        let origin = file.parent().unwrap_or(Path::new("/"));
        let search = if elf.runpaths.is_empty() { &elf.rpaths } else { &elf.runpaths };
        let mut folders: Vec<PathBuf> = search
            .iter()
            .flat_map(|s| s.split(':'))
            .map(|s| PathBuf::from(s.replace("$ORIGIN", &origin.to_string_lossy())))
            .collect();
        folders.extend(default_folders(machine));
        for &library in &elf.libraries {
            let path = folders.iter().map(|f| f.join(library)).find(|p| is_for(p, machine)).ok_or_else(|| {
                fail(format!("needs `{library}`, which is not on this machine; install the package that has it"))
            })?;
            if !found.contains_key(&path) && !found.keys().any(|k| k.file_name() == path.file_name()) {
                let real = fs::canonicalize(&path).map_err(Error::io("cannot open", &path))?;
                found.insert(path, Needed { file: real.clone(), by: shown.clone() });
                todo.push((real, library.to_owned()));
            }
        }
    }
    if !found.is_empty() {
        // glibc loads it by name for pthread_cancel and pthread_exit; nothing in the file says so.
        let name = "libgcc_s.so.1";
        let path = default_folders(machine.unwrap_or_default()).into_iter().map(|f| f.join(name)).find(|p| p.exists());
        if let Some(path) = path.filter(|p| !found.contains_key(p)) {
            let real = fs::canonicalize(&path).map_err(Error::io("cannot open", &path))?;
            found.insert(path, Needed { file: real, by: "libc.so.6, by dlopen".into() });
        }
    }
    Ok(found)
}

fn is_for(path: &Path, machine: u16) -> bool {
    fs::read(path).is_ok_and(|bytes| {
        bytes.get(..4).is_some_and(|m| m == ELFMAG)
            && bytes.get(4) == Some(&ELFCLASS64)
            && bytes.get(18..20).is_some_and(|m| u16::from_le_bytes([m[0], m[1]]) == machine)
    })
}
