//! The files of a base image: its layers, one over the other, as a runtime sees them.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

use super::look::{Item, Kind, Look};

/// Links that are followed one after the other (Linux has the same limit).
const HOPS: usize = 40;

#[derive(Clone, Debug, Default)]
pub(crate) struct Tree {
    items: BTreeMap<PathBuf, Item>,
}

impl Tree {
    /// Puts a layer over what is there.
    pub(super) fn add(&mut self, layer: Look) -> Result<(), String> {
        let mut items = Vec::with_capacity(layer.items.len());
        for (path, mut item) in layer.items {
            if let Kind::Same(to) = &item.kind {
                let known = self.walk(Path::new(to), false).and_then(|to| self.items.get(&to));
                let known = known.ok_or_else(|| format!("has `{path}`, a hard link to `{to}`, which is not there"))?;
                let mode = known.mode | item.mode & 0o6000;
                item = Item { mode, capable: known.capable || item.capable, ..known.clone() };
            }
            items.push((PathBuf::from(path), item));
        }
        for folder in &layer.emptied {
            if let Some(folder) = self.walk(Path::new(folder), false) {
                self.remove_below(&folder);
            }
        }
        for path in &layer.removed {
            if let Some(path) = self.walk(Path::new(path), false) {
                self.items.remove(&path);
                self.remove_below(&path);
            }
        }
        for (path, item) in items {
            let path =
                self.walk(&path, false).ok_or_else(|| format!("has `{}` behind a ring of links", path.display()))?;
            if item.kind != Kind::Folder {
                self.remove_below(&path);
            }
            for parent in path.ancestors().skip(1).take_while(|p| !p.as_os_str().is_empty()) {
                let folder = Item { kind: Kind::Folder, mode: 0o755, owner: 0, group: 0, capable: false };
                self.items.entry(parent.to_owned()).or_insert(folder);
            }
            self.items.insert(path, item);
        }
        Ok(())
    }

    fn remove_below(&mut self, folder: &Path) {
        let below = self.items.range(folder.to_owned()..).map(|(p, _)| p).take_while(|p| p.starts_with(folder));
        let below: Vec<PathBuf> = below.filter(|p| *p != folder).cloned().collect();
        for path in below {
            self.items.remove(&path);
        }
    }

    /// Where a path really is, without the leading slash: links on the way are followed, the last one where `last` says so.
    /// `None` for a ring of links.
    pub(crate) fn walk(&self, path: &Path, last: bool) -> Option<PathBuf> {
        let parts = |path: &Path| -> Vec<OsString> {
            let of = |c: Component<'_>| match c {
                Component::Normal(name) => Some(name.to_owned()),
                Component::ParentDir => Some("..".into()),
                _ => None,
            };
            path.components().rev().filter_map(of).collect()
        };
        let (mut rest, mut at, mut hops) = (parts(path), PathBuf::new(), 0);
        while let Some(part) = rest.pop() {
            if part == ".." {
                at.pop();
                continue;
            }
            let next = at.join(&part);
            match self.items.get(&next) {
                Some(Item { kind: Kind::Link(to), .. }) if last || !rest.is_empty() => {
                    hops += 1;
                    if hops > HOPS {
                        return None;
                    }
                    if to.starts_with('/') {
                        at = PathBuf::new();
                    }
                    rest.extend(parts(Path::new(to)));
                }
                _ => at = next,
            }
        }
        Some(at)
    }

    /// What is at a path that [`Self::walk`] gave.
    pub(crate) fn get(&self, path: &Path) -> Option<&Item> {
        self.items.get(path)
    }

    /// What a path leads to, all links followed.
    pub(crate) fn at(&self, path: &Path) -> Option<&Item> {
        self.items.get(&self.walk(path, true)?)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&PathBuf, &Item)> {
        self.items.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(kind: Kind) -> Item {
        Item { kind, mode: 0o755, owner: 0, group: 0, capable: false }
    }

    fn layer(items: &[(&str, Kind)], removed: &[&str], emptied: &[&str]) -> Look {
        let set = |all: &[&str]| all.iter().map(|p| (*p).to_owned()).collect();
        let items = items.iter().map(|(p, k)| ((*p).to_owned(), item(k.clone()))).collect();
        Look { items, removed: set(removed), emptied: set(emptied), ..Look::default() }
    }

    fn link(to: &str) -> Kind {
        Kind::Link(to.into())
    }

    #[test]
    fn layers_lie_one_over_the_other() {
        let mut tree = Tree::default();
        let first = layer(
            &[
                ("usr/lib/a", Kind::Other),
                ("lib", link("usr/lib")),
                ("d/x", Kind::Other),
                ("d/y/z", Kind::Other),
                ("e/f", Kind::Other),
            ],
            &[],
            &[],
        );
        tree.add(first).unwrap();
        assert_eq!(tree.walk(Path::new("/lib/a"), true), Some("usr/lib/a".into()));
        tree.add(layer(
            &[("lib/b", Kind::Other), ("e", Kind::Other), ("d/new", Kind::Same("lib/a".into()))],
            &["lib/a"],
            &["d"],
        ))
        .unwrap();
        let paths: Vec<String> = tree.iter().map(|(p, _)| p.display().to_string()).collect();
        assert_eq!(paths, ["d", "d/new", "e", "lib", "usr", "usr/lib", "usr/lib/b"]);
        let error = tree.add(layer(&[("x", Kind::Same("nosuch".into()))], &[], &[])).unwrap_err();
        assert!(error.contains("hard link to `nosuch`"), "{error}");
    }

    #[test]
    fn links_are_followed_as_far_as_they_lead() {
        let mut tree = Tree::default();
        let links = [
            ("a", link("b")),
            ("b", link("/c/../c/d")),
            ("c/d/f", Kind::Other),
            ("r", link("s")),
            ("s", link("r")),
            ("o", link("../../../c")),
        ];
        tree.add(layer(&links, &[], &[])).unwrap();
        assert_eq!(tree.walk(Path::new("a/f"), true), Some("c/d/f".into()));
        assert_eq!(tree.walk(Path::new("a"), false), Some("a".into()));
        assert_eq!(tree.walk(Path::new("o/d/f"), true), Some("c/d/f".into()));
        assert_eq!(tree.walk(Path::new("r"), true), None);
        assert!(tree.add(layer(&[("r/x", Kind::Other)], &[], &[])).unwrap_err().contains("ring"));
    }
}
