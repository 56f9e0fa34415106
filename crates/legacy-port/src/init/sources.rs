//! C files of a folder, and where the headers lie that they include.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::Result;

/// What a look at the tree tells.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The C files, sorted.
    pub(super) sources: Vec<PathBuf>,
    /// Folders to search for headers, sorted.
    pub(super) include: Vec<PathBuf>,
    /// What was not found or had to be chosen, one line each.
    pub(super) notes: Vec<String>,
}

/// Whether a file is C by its name.
pub(super) fn is_c(file: &Path) -> bool {
    file.extension().is_some_and(|e| e == "c")
}

/// The files of a folder, sorted; none where it cannot be read.
pub(super) fn files(dir: &Path) -> Vec<PathBuf> {
    entries(dir, Path::is_file)
}

/// The folders of a folder that may hold sources, sorted: hidden ones and build output are left out, links not followed.
pub(super) fn folders(dir: &Path) -> Vec<PathBuf> {
    const OUTPUT: &[&str] = &["target", "build", "builddir", "_build", "out", "node_modules", "CMakeFiles"];
    entries(dir, |p| {
        let name = p.file_name().unwrap_or_default().to_string_lossy();
        p.is_dir() && !p.is_symlink() && !name.starts_with('.') && !OUTPUT.contains(&&*name)
    })
}

fn entries(dir: &Path, keep: impl Fn(&Path) -> bool) -> Vec<PathBuf> {
    let mut list: Vec<PathBuf> =
        fs::read_dir(dir).into_iter().flatten().flatten().map(|e| e.path()).filter(|p| keep(p)).collect();
    list.sort();
    list
}

/// Looks through the folder.
///
/// `system` are the folders that the compiler searches by itself: what is there is not looked for in the tree, where old
/// programs keep substitutes for systems that lack it.
pub(super) fn find(dir: &Path, system: &[PathBuf]) -> Result<Found> {
    let mut all = Vec::new();
    let mut todo = vec![dir.to_owned()];
    while let Some(folder) = todo.pop() {
        all.extend(files(&folder));
        todo.extend(folders(&folder));
    }
    all.sort();
    let mut headers: BTreeMap<&std::ffi::OsStr, Vec<&PathBuf>> = BTreeMap::new();
    for file in all.iter().filter(|f| !is_c(f)) {
        headers.entry(file.file_name().unwrap_or_default()).or_default().push(file);
    }
    let mut found = Found::default();
    let mut include = BTreeSet::new();
    for file in all.iter().filter(|f| is_c(f) || f.extension().is_some_and(|e| e == "h")) {
        let beside = file.parent().unwrap_or(dir);
        let bytes = fs::read(file).map_err(crate::Error::io("cannot read", file))?;
        for (name, quoted) in included(&bytes) {
            let known = || OWN.contains(&name.as_str()) || system.iter().any(|d| d.join(&name).is_file());
            if !quoted && known() {
                continue;
            }
            if beside.join(&name).is_file() || include.iter().any(|d: &PathBuf| d.join(&name).is_file()) {
                continue;
            }
            let last = Path::new(&name).file_name().unwrap_or_default();
            let there = headers.get(last).into_iter().flatten().filter(|h| h.ends_with(&name));
            // The folder is what is left when the name as written is taken away.
            let parts = Path::new(&name).components().count();
            let folders: BTreeSet<&Path> = there.filter_map(|h| h.ancestors().nth(parts)).collect();
            let Some(first) = folders.iter().next() else { continue };
            include.insert((*first).to_owned());
            if folders.len() > 1 {
                let which = first.strip_prefix(dir).unwrap_or(first).display();
                found.notes.push(format!("`{name}` is in several folders; `{which}` was taken"));
            }
        }
    }
    found.sources = all.into_iter().filter(|f| is_c(f)).collect();
    found.include = include.into_iter().collect();
    found.notes.sort();
    found.notes.dedup();
    Ok(found)
}

/// Headers that the compiler has itself.
const OWN: &[&str] = &["float.h", "iso646.h", "limits.h", "stdarg.h", "stdbool.h", "stddef.h", "stdint.h", "varargs.h"];

/// The names that a file includes, in order, and whether in quotes.
fn included(source: &[u8]) -> Vec<(String, bool)> {
    let names = source.split(|&b| b == b'\n').filter_map(|line| {
        let line = String::from_utf8_lossy(line);
        let rest = line.trim_start().strip_prefix('#')?.trim_start().strip_prefix("include")?.trim_start();
        let end = match rest.chars().next()? {
            '"' => '"',
            '<' => '>',
            _ => return None,
        };
        Some((rest[1..].split(end).next()?.to_owned(), end == '"'))
    });
    names.filter(|(n, _)| !n.is_empty() && !Path::new(n).is_absolute()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_lead_to_their_folders() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        for folder in ["src", "include/app", "build", ".git"] {
            fs::create_dir_all(root.join(folder)).unwrap();
        }
        fs::write(
            root.join("src/a.c"),
            b"/* \xe9 */\n#include \"b.h\"\n #  include <app/c.h>\n#include <stdio.h>\n#include <stdint.h>\n",
        )
        .unwrap();
        fs::write(root.join("src/b.h"), "#include X\n#include\n#include \"\"\n").unwrap();
        fs::write(root.join("include/app/c.h"), "").unwrap();
        fs::write(root.join("build/gen.c"), "").unwrap();
        fs::write(root.join(".git/x.c"), "").unwrap();
        fs::create_dir_all(root.join("msvc")).unwrap();
        fs::create_dir_all(root.join("usr")).unwrap();
        for name in ["msvc/stdio.h", "msvc/stdint.h", "usr/stdio.h"] {
            fs::write(root.join(name), "").unwrap();
        }
        let found = find(root, &[root.join("usr")]).unwrap();
        assert_eq!(found.sources, [root.join("src/a.c")]);
        assert_eq!(found.include, [root.join("include")]);
        assert_eq!(found.notes, [] as [&str; 0]);
    }
}
