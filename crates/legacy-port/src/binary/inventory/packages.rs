//! Which package a file came from: dpkg's own lists, read as they are. A process for each file would take minutes.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use memchr::memchr_iter;
use rayon::prelude::*;

/// The packages of some files, where dpkg knows them. `root` is the system that the files belong to.
pub(super) fn owners(root: &Path, files: &[&Path]) -> HashMap<PathBuf, String> {
    let wanted: HashMap<Vec<u8>, &Path> =
        files.iter().map(|f| (merged(f.strip_prefix(root).unwrap_or(f).as_os_str().as_encoded_bytes()), *f)).collect();
    let lists = fs::read_dir(root.join("var/lib/dpkg/info")).into_iter().flatten().flatten();
    let lists: Vec<PathBuf> = lists.map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == "list")).collect();
    if wanted.is_empty() {
        return HashMap::new();
    }
    let of_list = |list: &PathBuf| -> Vec<(PathBuf, String)> {
        let text = fs::read(list).unwrap_or_default();
        let package = list.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let mut from = 0;
        let lines = memchr_iter(b'\n', &text).map(|end| {
            let line = &text[from..end];
            from = end + 1;
            line
        });
        lines.filter_map(|line| Some(((*wanted.get(&merged(line))?).to_owned(), package.clone()))).collect()
    };
    let mut all: Vec<_> = lists.par_iter().flat_map_iter(of_list).collect();
    all.sort();
    all.into_iter().rev().collect()
}

/// A path from the root on: `/lib` and `/usr/lib` are one folder on Debian today, and the lists name either.
fn merged(path: &[u8]) -> Vec<u8> {
    let path = path.strip_prefix(b"/").unwrap_or(path);
    path.strip_prefix(b"usr/").unwrap_or(path).to_owned()
}
