//! What of two builds belongs together, by its name.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Component, Path, PathBuf};

use crate::target::Pair;

/// A file of one build.
#[derive(Clone, Copy, Debug)]
pub(super) struct Named<'a> {
    /// Its path below the folder of the build.
    pub(super) place: &'a Path,
    /// The name that others need it by.
    pub(super) soname: Option<&'a str>,
    /// Its class; 0 where it has none.
    pub(super) bits: u8,
    /// Whether it is an archive: those are compared with archives alone.
    pub(super) archive: bool,
}

/// Indices of what belongs together, and of what one build alone has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Matched {
    pub(super) pairs: Vec<(usize, usize)>,
    pub(super) only: Pair<Vec<usize>>,
}

/// What a file is known by; `None` where that does not speak of it.
type Key = fn(&Named) -> Option<PathBuf>;

/// From what is surest on: what one finds, the next are not asked about.
const KEYS: [Key; 4] = [
    |n| Some(n.place.to_owned()),
    |n| Some(folder(n.place).join(n.place.file_name()?)),
    |n| Some(folder(n.place).join(n.soname?)),
    |n| Some(folder(n.place).join(unversioned(n.place)?)),
];

/// Pairs files by their path; then by their path without what names a class or processor in it; then by that and the name
/// that others need a library by; then without that name's version. Where several may be meant, the one of 32 bits in the
/// old build and the one of 64 bits in the new are; else none is.
pub(super) fn matched(old: &[Named], new: &[Named]) -> Matched {
    let mut out = Matched { pairs: Vec::new(), only: Pair { old: all(old), new: all(new) } };
    for key in KEYS {
        let mut groups: BTreeMap<(PathBuf, bool), Pair<Vec<usize>>> = BTreeMap::new();
        for &i in &out.only.old {
            if let Some(path) = key(&old[i]) {
                groups.entry((path, old[i].archive)).or_default().old.push(i);
            }
        }
        for &i in &out.only.new {
            if let Some(path) = key(&new[i]) {
                groups.entry((path, new[i].archive)).or_default().new.push(i);
            }
        }
        for group in groups.values() {
            let of = |files: &[Named], at: &[usize], bits| -> Vec<usize> {
                at.iter().copied().filter(|&i| files[i].bits == bits).collect()
            };
            let pair = match (&group.old[..], &group.new[..]) {
                ([o], [n]) => Some((*o, *n)),
                (o, n) => match (&of(old, o, 32)[..], &of(new, n, 64)[..]) {
                    ([o], [n]) => Some((*o, *n)),
                    _ => None,
                },
            };
            out.pairs.extend(pair);
        }
        let taken: Pair<BTreeSet<usize>> =
            Pair { old: out.pairs.iter().map(|p| p.0).collect(), new: out.pairs.iter().map(|p| p.1).collect() };
        out.only.old.retain(|i| !taken.old.contains(i));
        out.only.new.retain(|i| !taken.new.contains(i));
    }
    out.pairs.sort_unstable();
    out
}

/// For each of some files the one of others that is called as it, by what is surest; several may have the same.
pub(super) fn nearest(files: &[Named], others: &[Named]) -> Vec<Option<usize>> {
    let mut out = vec![None; files.len()];
    for key in KEYS {
        let mut by_key: HashMap<(PathBuf, bool), usize> = HashMap::new();
        for (i, other) in others.iter().enumerate() {
            if let Some(path) = key(other) {
                by_key.entry((path, other.archive)).or_insert(i);
            }
        }
        for (file, found) in files.iter().zip(&mut out).filter(|(_, found)| found.is_none()) {
            *found = key(file).and_then(|path| by_key.get(&(path, file.archive)).copied());
        }
    }
    out
}

fn all(files: &[Named]) -> Vec<usize> {
    (0..files.len()).collect()
}

/// The folder of a file without what names a class or a processor in it: `usr/lib64`, `usr/lib/i386-linux-gnu` and
/// `usr/lib32` are all `usr/lib`.
fn folder(place: &Path) -> PathBuf {
    let parts = place.parent().into_iter().flat_map(Path::components);
    parts
        .filter_map(|part| {
            let Component::Normal(name) = part else { return Some(part.as_os_str().to_owned()) };
            let Some(text) = name.to_str() else { return Some(name.to_owned()) };
            if PROCESSORS.contains(&text) || ["-linux-gnu", "-linux-musl"].iter().any(|s| text.contains(s)) {
                return None;
            }
            let plain = text.strip_suffix("x32").or(text.strip_suffix("32")).or(text.strip_suffix("64"));
            let plain = plain.filter(|p| p.bytes().all(|b| b.is_ascii_alphabetic())).unwrap_or(text);
            (!plain.is_empty()).then(|| plain.into())
        })
        .collect()
}

/// Folders that are called by a processor alone, as Java and others have them.
const PROCESSORS: [&str; 10] = ["i386", "i486", "i586", "i686", "x86", "x86_64", "amd64", "x64", "arm", "aarch64"];

/// `libssl.so` of `libssl.so.1.0.0`.
fn unversioned(place: &Path) -> Option<&str> {
    let name = place.file_name()?.to_str()?;
    // The loader has another name for each processor.
    if name.starts_with("ld-linux") {
        return Some("ld-linux.so");
    }
    let at = name.find(".so").filter(|at| matches!(name.as_bytes().get(at + 3), None | Some(b'.')))?;
    Some(&name[..at + 3])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `path` or `path=soname`, with the class.
    fn named<'a>(files: &[(&'a str, u8)]) -> Vec<Named<'a>> {
        let one = |&(text, bits): &(&'a str, u8)| {
            let (place, soname) = text.split_once('=').map_or((text, None), |(p, s)| (p, Some(s)));
            let place = Path::new(place);
            Named { place, soname, bits, archive: place.extension().is_some_and(|e| e == "a") }
        };
        files.iter().map(one).collect()
    }

    fn pairs(old: &[(&str, u8)], new: &[(&str, u8)]) -> Vec<(String, String)> {
        let (old, new) = (named(old), named(new));
        let found = matched(&old, &new);
        assert_eq!(found.pairs.len() + found.only.old.len(), old.len());
        assert_eq!(found.pairs.len() + found.only.new.len(), new.len());
        let text = |n: &Named| n.place.display().to_string();
        found.pairs.iter().map(|&(o, n)| (text(&old[o]), text(&new[n]))).collect()
    }

    fn paired(old: &str, new: &str) -> bool {
        pairs(&[(old, 32)], &[(new, 64)]).len() == 1
    }

    #[test]
    fn folders_of_either_class_are_one() {
        for new in ["lib64/libz.so.1", "lib/x86_64-linux-gnu/libz.so.1", "lib/libz.so.1", "lib/amd64/libz.so.1"] {
            for old in ["lib32/libz.so.1", "lib/i386-linux-gnu/libz.so.1", "lib/libz.so.1", "libx32/libz.so.1"] {
                assert!(paired(old, new), "{old} {new}");
            }
        }
        assert!(paired("gcc/12/32/libgcc.a", "gcc/12/libgcc.a"));
        assert!(!paired("lib/a/libz.so.1", "lib/b/libz.so.1"));
        assert!(!paired("lib/base32/x", "lib/base64/y"));
        assert!(!paired("a.a", "a"), "an archive and a program");
    }

    #[test]
    fn versions_of_a_library_are_one_where_one_is_meant() {
        assert!(paired("libssl.so.1.0.0", "libssl.so.3"));
        assert!(!paired("libssl.so.1", "libcrypto.so.1"));
        assert!(!paired("a.sort", "a.so"));
        assert!(paired("lib/ld-linux.so.2", "lib64/ld-linux-x86-64.so.2"));
        assert_eq!(pairs(&[("libssl.so.1.0", 32)], &[("libssl.so.1.1", 64), ("libssl.so.3", 64)]), []);
        // The name that others need it by decides.
        let new = [("libz.so.1.3=libz.so.1", 64), ("libz.so.0.9=libz.so.0", 64)];
        let want = ("libz.so.1.2".to_owned(), "libz.so.1.3".to_owned());
        assert_eq!(pairs(&[("libz.so.1.2=libz.so.1", 32)], &new), [want]);
    }

    #[test]
    fn several_may_have_one_twin() {
        let old = named(&[("lib32/x", 32), ("libx32/x", 32), ("lib64/x", 32), ("y", 32)]);
        let new = named(&[("lib/x", 64), ("lib64/x", 64)]);
        assert_eq!(nearest(&old, &new), [Some(0), Some(0), Some(1), None]);
    }

    #[test]
    fn the_same_path_comes_first_and_then_the_class() {
        let both = [("lib/x", 32), ("lib64/x", 64)];
        let same = [("lib/x".to_owned(), "lib/x".to_owned()), ("lib64/x".to_owned(), "lib64/x".to_owned())];
        assert_eq!(pairs(&both, &both), same);
        let want = ("lib32/x".to_owned(), "lib64/x".to_owned());
        assert_eq!(pairs(&[("lib32/x", 32)], &[("lib/x", 32), ("lib64/x", 64)]), [want]);
    }
}
