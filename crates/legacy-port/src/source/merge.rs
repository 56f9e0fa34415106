//! Two parses of one unit -> its dual tree.
//!
//! Nodes are paired by kind, file and offset, and among equals (several nodes at the use of one macro) by how-manieth. A
//! node without a partner is compiled by one target alone, with everything below it.

use std::collections::{HashMap, VecDeque};

use rustc_hash::FxHashSet;

use super::clang::{OneNode, Parsed};
use super::tree::{Expr, Kind, NONE, Node, On, Place, Region, Tree, TypeId};
use crate::target::Pair;

/// Merges the parses for the old and the new target.
#[must_use]
pub fn merge(mut old: Parsed, mut new: Parsed) -> Tree {
    let mut files = std::mem::take(&mut old.files);
    // Places of the new parse are told in the file table of the old one.
    let map: Vec<u32> = std::mem::take(&mut new.files)
        .into_iter()
        .map(|f| {
            let id = files.iter().position(|g| g.path == f.path).unwrap_or_else(|| {
                files.push(f);
                files.len() - 1
            });
            u32::try_from(id).unwrap_or(u32::MAX)
        })
        .collect();
    let (old_side, mut new_side) = (std::mem::take(&mut old.side), std::mem::take(&mut new.side));
    let (old_errors, mut new_errors) = (std::mem::take(&mut old.errors), std::mem::take(&mut new.errors));
    let moved = |p: &mut Place| p.file = map.get(p.file as usize).copied().unwrap_or(p.file);
    new.spelled.iter_mut().for_each(moved);
    if map.iter().enumerate().any(|(i, &to)| to as usize != i) {
        new.nodes.iter_mut().for_each(|n| moved(&mut n.place));
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
        file_keys: std::sync::OnceLock::new(),
        nodes: Vec::with_capacity(old.nodes.len()),
        kinds: Vec::with_capacity(old.nodes.len()),
        defines: FxHashSet::default(),
        spelled: Pair { old: std::mem::take(&mut old.spelled), new: std::mem::take(&mut new.spelled) },
        values: Pair { old: std::mem::take(&mut old.values), new: std::mem::take(&mut new.values) },
        sides: Pair { old: old_side, new: new_side },
        regions: Vec::new(),
        errors: Pair { old: old_errors, new: new_errors },
        flags: Vec::new(),
    };
    let mut merge = Merge { old: &old, new: &new, tree };
    if !old.nodes.is_empty() && !new.nodes.is_empty() {
        merge.pair(0, 0, 0);
    }
    let mut tree = merge.tree;
    let defined = tree.nodes.first().map(|_| tree.at(0)).into_iter().flat_map(Expr::children);
    let defined = defined.filter(|e| e.is_definition()).filter_map(|e| e.decl_id().new);
    tree.defines = defined.map(|decl| decl.0).collect();
    tree
}

struct Merge<'a> {
    old: &'a Parsed,
    new: &'a Parsed,
    tree: Tree,
}

type Key = (Kind, u32, u32);

fn key(n: &OneNode) -> Key {
    (n.kind, n.place.file, n.place.start)
}

/// The nodes from `next` on that follow each other up to `end`.
fn siblings(nodes: &[OneNode], mut next: u32, end: u32) -> Vec<u32> {
    let mut list = Vec::new();
    while next < end {
        list.push(next);
        next = nodes[next as usize].end;
    }
    list
}

fn children(nodes: &[OneNode], of: u32) -> Vec<u32> {
    siblings(nodes, of + 1, nodes[of as usize].end)
}

impl Merge<'_> {
    fn push(&mut self, old: Option<u32>, new: Option<u32>, parent: u32) -> u32 {
        let (o, n) = (old.map(|i| &self.old.nodes[i as usize]), new.map(|i| &self.new.nodes[i as usize]));
        let Some(any) = o.or(n) else { return parent };
        let sides = Pair { old: o, new: n };
        let id = u32::try_from(self.tree.nodes.len()).unwrap_or(u32::MAX);
        self.tree.kinds.push(any.kind);
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
            decl: sides.map(|s| s.map_or(NONE, |x| x.decl)),
            value: sides.map(|s| s.map_or(NONE, |x| x.value)),
            text: sides.map(|s| s.map_or(NONE, |x| x.text)),
        });
        id
    }

    fn close(&mut self, id: u32) {
        self.tree.nodes[id as usize].end = u32::try_from(self.tree.nodes.len()).unwrap_or(u32::MAX);
    }

    /// A node that both targets have.
    fn pair(&mut self, old: u32, new: u32, parent: u32) {
        let id = self.push(Some(old), Some(new), parent);
        let ends = (self.old.nodes[old as usize].end, self.new.nodes[new as usize].end);
        let (mut i, mut j) = (old + 1, new + 1);
        // The fast way: as long as the lists agree. Most do to the end.
        while i < ends.0 && j < ends.1 && self.agree(i, j) {
            self.pair(i, j, id);
            (i, j) = (self.old.nodes[i as usize].end, self.new.nodes[j as usize].end);
        }
        if i < ends.0 || j < ends.1 {
            self.pair_rest(&siblings(&self.old.nodes, i, ends.0), &siblings(&self.new.nodes, j, ends.1), id);
        }
        self.close(id);
    }

    fn agree(&self, old: u32, new: u32) -> bool {
        key(&self.old.nodes[old as usize]) == key(&self.new.nodes[new as usize])
    }

    /// Lists that do not agree from their first element on: each old node takes the next new one of its key.
    fn pair_rest(&mut self, olds: &[u32], news: &[u32], parent: u32) {
        let mut by_key: HashMap<Key, VecDeque<usize>> = HashMap::new();
        for (at, &n) in news.iter().enumerate() {
            by_key.entry(key(&self.new.nodes[n as usize])).or_default().push_back(at);
        }
        let mut next = 0;
        for &o in olds {
            let partner = by_key.get_mut(&key(&self.old.nodes[o as usize])).and_then(|list| {
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
            for child in children(&self.old.nodes, o) {
                self.alone(Some(child), None, id, false);
            }
        }
        if let Some(n) = new {
            for child in children(&self.new.nodes, n) {
                self.alone(None, Some(child), id, false);
            }
        }
        self.close(id);
    }
}
