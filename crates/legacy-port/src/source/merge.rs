//! Two parses of one unit -> its dual tree.
//!
//! Nodes are paired by kind, file and offset, and among equals (several nodes at the use of one macro) by how-manieth. A
//! node without a partner is compiled by one target alone, with everything below it.

use std::collections::{HashMap, VecDeque};

use super::clang::{OneNode, Parsed};
use super::tree::{Kind, Node, On, Place, Region, Tree, TypeId};
use crate::target::Pair;

/// Merges the parses for the old and the new target.
#[must_use]
pub fn merge(old: Parsed, new: Parsed) -> Tree {
    let mut files = old.files;
    // Places of the new parse are told in the file table of the old one.
    let map: Vec<u32> = new
        .files
        .into_iter()
        .map(|f| {
            let id = files.iter().position(|g| g.path == f.path).unwrap_or_else(|| {
                files.push(f);
                files.len() - 1
            });
            u32::try_from(id).unwrap_or(u32::MAX)
        })
        .collect();
    let mut new_side = new.side;
    let mut new_nodes = new.nodes;
    let mut new_errors = new.errors;
    let moved = |p: &mut Place| p.file = map.get(p.file as usize).copied().unwrap_or(p.file);
    for node in &mut new_nodes {
        moved(&mut node.place);
        node.spelled.iter_mut().for_each(moved);
    }
    new_errors.iter_mut().filter_map(|e| e.at.as_mut()).for_each(moved);
    for ty in &mut new_side.types {
        ty.declared.iter_mut().for_each(moved);
    }
    for record in &mut new_side.records {
        record.place.iter_mut().for_each(moved);
        record.fields.iter_mut().for_each(|f| moved(&mut f.place));
    }
    for decl in &mut new_side.decls {
        decl.place.iter_mut().for_each(moved);
    }
    let tree = Tree {
        files,
        nodes: Vec::with_capacity(old.nodes.len()),
        sides: Pair { old: old.side, new: new_side },
        regions: Vec::new(),
        errors: Pair { old: old.errors, new: new_errors },
        flags: Vec::new(),
    };
    let mut merge = Merge { old: &old.nodes, new: &new_nodes, tree };
    if !old.nodes.is_empty() && !new_nodes.is_empty() {
        merge.pair(0, 0, 0);
    }
    merge.tree
}

struct Merge<'a> {
    old: &'a [OneNode],
    new: &'a [OneNode],
    tree: Tree,
}

type Key = (Kind, u32, u32);

fn key(n: &OneNode) -> Key {
    (n.kind, n.place.file, n.place.start)
}

fn children(nodes: &[OneNode], of: u32) -> Vec<u32> {
    let mut list = Vec::new();
    let mut next = of + 1;
    while next < nodes[of as usize].end {
        list.push(next);
        next = nodes[next as usize].end;
    }
    list
}

impl Merge<'_> {
    fn push(&mut self, old: Option<u32>, new: Option<u32>, parent: u32) -> u32 {
        let (o, n) = (old.map(|i| &self.old[i as usize]), new.map(|i| &self.new[i as usize]));
        let Some(any) = o.or(n) else { return parent };
        let id = u32::try_from(self.tree.nodes.len()).unwrap_or(u32::MAX);
        let sides = Pair { old: o, new: n };
        self.tree.nodes.push(Node {
            kind: any.kind,
            op: any.op,
            on: match (o, n) {
                (Some(_), Some(_)) => On::Both,
                (Some(_), None) => On::OldOnly,
                _ => On::NewOnly,
            },
            place: any.place,
            spelled: any.spelled,
            end: 0,
            parent,
            ty: sides.map(|s| s.map_or(TypeId(0), |x| x.ty)),
            conv: sides.map(|s| s.map_or(TypeId(0), |x| x.conv)),
            decl: sides.map(|s| s.and_then(|x| x.decl)),
            value: sides.map(|s| s.and_then(|x| x.value)),
            text: sides.map(|s| s.and_then(|x| x.text)),
        });
        id
    }

    fn close(&mut self, id: u32) {
        self.tree.nodes[id as usize].end = u32::try_from(self.tree.nodes.len()).unwrap_or(u32::MAX);
    }

    /// A node that both targets have.
    fn pair(&mut self, old: u32, new: u32, parent: u32) {
        let id = self.push(Some(old), Some(new), parent);
        let (olds, news) = (children(self.old, old), children(self.new, new));
        let (mut i, mut j) = (0, 0);
        // The fast way: as long as the lists agree. Most do to the end.
        while i < olds.len() && j < news.len() && self.agree(olds[i], news[j]) {
            self.pair(olds[i], news[j], id);
            (i, j) = (i + 1, j + 1);
        }
        if i < olds.len() || j < news.len() {
            self.pair_rest(&olds[i..], &news[j..], id);
        }
        self.close(id);
    }

    fn agree(&self, old: u32, new: u32) -> bool {
        key(&self.old[old as usize]) == key(&self.new[new as usize])
    }

    /// Lists that do not agree from their first element on: each old node takes the next new one of its key.
    fn pair_rest(&mut self, olds: &[u32], news: &[u32], parent: u32) {
        let mut by_key: HashMap<Key, VecDeque<usize>> = HashMap::new();
        for (at, &n) in news.iter().enumerate() {
            by_key.entry(key(&self.new[n as usize])).or_default().push_back(at);
        }
        let mut next = 0;
        for &o in olds {
            let partner = by_key.get_mut(&key(&self.old[o as usize])).and_then(|list| {
                while list.front().is_some_and(|&at| at < next) {
                    list.pop_front();
                }
                list.pop_front()
            });
            if let Some(at) = partner {
                for &n in &news[next..at] {
                    self.alone(None, Some(n), parent, true);
                }
                next = at + 1;
                self.pair(o, news[at], parent);
            } else {
                self.alone(Some(o), None, parent, true);
            }
        }
        for &n in &news[next..] {
            self.alone(None, Some(n), parent, true);
        }
    }

    /// A node that one target alone has; `outermost` when its parent is not one too.
    fn alone(&mut self, old: Option<u32>, new: Option<u32>, parent: u32, outermost: bool) {
        let id = self.push(old, new, parent);
        if outermost {
            let node = &self.tree.nodes[id as usize];
            self.tree.regions.push(Region { place: node.place, on: node.on });
        }
        if let Some(o) = old {
            for child in children(self.old, o) {
                self.alone(Some(child), None, id, false);
            }
        }
        if let Some(n) = new {
            for child in children(self.new, n) {
                self.alone(None, Some(child), id, false);
            }
        }
        self.close(id);
    }
}
