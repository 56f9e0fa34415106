//! Where libraries are on this system, for either class: ld.so(8) and ldconfig(8).

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::object::{ElfFile, Found, Library, Object};
use super::open;

/// Folders that loaders search without being told, of Debian's and of other systems.
const DEFAULTS: [&str; 10] = [
    "/lib",
    "/usr/lib",
    "/lib64",
    "/usr/lib64",
    "/lib32",
    "/usr/lib32",
    "/libx32",
    "/usr/libx32",
    "/usr/local/lib",
    "/libexec",
];

/// Processors that have both classes: the 32-bit one and the 64-bit one.
const TWINS: [(&str, &str); 6] = [
    ("i386", "x86_64"),
    ("arm", "aarch64"),
    ("ppc", "ppc64"),
    ("mips", "mips"),
    ("riscv", "riscv"),
    ("sparc", "sparcv9"),
];

/// The 64-bit processor that programs for this one go to.
#[must_use]
pub fn twin(machine: &str) -> &str {
    TWINS.iter().find(|(old, _)| *old == machine).map_or(machine, |(_, new)| new)
}

fn folders() -> &'static [PathBuf] {
    static FOLDERS: OnceLock<Vec<PathBuf>> = OnceLock::new();
    FOLDERS.get_or_init(|| {
        let mut all = Vec::new();
        configured(Path::new("/etc/ld.so.conf"), &mut all, &mut BTreeSet::new());
        for base in ["/lib", "/usr/lib"] {
            // Debian's folders, one a processor and system: `i386-linux-gnu`
            let entries = fs::read_dir(base).into_iter().flatten().flatten().map(|e| e.path());
            let mut multiarch: Vec<_> =
                entries.filter(|p| p.to_string_lossy().contains("-linux-gnu") && p.is_dir()).collect();
            multiarch.sort();
            all.extend(multiarch);
        }
        all.extend(DEFAULTS.iter().map(PathBuf::from));
        let mut seen = BTreeSet::new();
        all.retain(|folder| folder.is_dir() && fs::canonicalize(folder).is_ok_and(|real| seen.insert(real)));
        all
    })
}

/// The folders that a configuration file names, and those that it includes.
fn configured(file: &Path, out: &mut Vec<PathBuf>, seen: &mut BTreeSet<PathBuf>) {
    if !seen.insert(file.to_owned()) {
        return;
    }
    for line in fs::read_to_string(file).unwrap_or_default().lines() {
        let line = line.split('#').next().unwrap_or_default().trim();
        match line.strip_prefix("include") {
            Some(pattern) => {
                let pattern = Path::new("/etc").join(pattern.trim());
                let files = glob::glob(&pattern.to_string_lossy()).into_iter().flatten().flatten();
                files.for_each(|file| configured(&file, out, seen));
            }
            None if line.starts_with('/') => out.push(line.into()),
            None => {}
        }
    }
}

/// Looks for a library: by its path, or by its name in these folders and then in those of the system.
#[must_use]
pub fn find(name: &str, machine: &str, first: &[PathBuf]) -> Found {
    let mut found = Found::default();
    let (old, new) =
        TWINS.iter().find(|(old, new)| [*old, *new].contains(&machine)).copied().unwrap_or((machine, machine));
    let mut at = |path: PathBuf| match open::read(&path) {
        Ok(file) if file.bits == 32 && file.machine == old => found.bits32 = found.bits32.take().or(Some(path)),
        Ok(file) if file.bits == 64 && file.machine == new => found.bits64 = found.bits64.take().or(Some(path)),
        _ => {}
    };
    if name.contains('/') {
        at(name.into());
    } else {
        first.iter().map(PathBuf::as_path).chain(folders().iter().map(PathBuf::as_path)).for_each(|f| at(f.join(name)));
    }
    found
}

/// The folders that an object itself says are to be searched.
#[must_use]
pub fn own_folders(file: &ElfFile, path: &Path) -> Vec<PathBuf> {
    let origin = path.parent().unwrap_or(Path::new("/")).to_string_lossy().into_owned();
    let written = if file.runpath.is_empty() { &file.rpath } else { &file.runpath };
    let lib = if file.bits == 64 { "lib64" } else { "lib" };
    let folder = |s: &String| {
        let s = s.replace("${ORIGIN}", &origin).replace("$ORIGIN", &origin);
        PathBuf::from(s.replace("${LIB}", lib).replace("$LIB", lib))
    };
    written.iter().map(folder).filter(|f| f.is_absolute()).collect()
}

/// Fills in where the libraries of an object are.
pub(super) fn look_for_libraries(object: &mut Object) {
    let own = own_folders(&object.file, &object.path);
    let look = |name: &String| Library { name: name.clone(), found: find(name, &object.file.machine, &own) };
    object.libraries = object.file.needed.iter().map(look).collect();
    if object.imports_any(&["dlopen", "dlmopen"]) {
        object.loaded = object.strings.iter().filter(|s| names_library(s)).map(look).collect();
    }
}

/// Whether a string is the name of a shared library, or a path to one: `libm.so.6`, `/opt/ledger/tape.so`.
fn names_library(s: &str) -> bool {
    let file = s.rsplit('/').next().unwrap_or(s);
    let versions = file.rsplit_once(".so").filter(|(stem, _)| !stem.is_empty()).map(|(_, versions)| versions);
    versions.is_some_and(|v| v.bytes().all(|b| b == b'.' || b.is_ascii_digit()))
        && (s.starts_with('/') || !s.contains('/'))
        && !s.contains(|c: char| c.is_whitespace() || c == '%' || c == ':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_libraries() {
        for yes in ["libm.so.6", "libx.so", "/opt/a/tape.so.1.2", "ld-linux.so.2"] {
            assert!(names_library(yes), "{yes}");
        }
        for no in [".so", "lib%s.so", "cannot load libm.so.6", "a.sort", "../x.so", "libm.so.x"] {
            assert!(!names_library(no), "{no}");
        }
    }

    #[test]
    fn the_c_library_is_found() {
        let found = find("libc.so.6", std::env::consts::ARCH, &[]);
        assert!(found.bits64.is_some(), "{found:?} in {:?}", folders());
    }
}
