//! Graphs of many units -> records, each once.

use std::hash::{Hash, Hasher};

use rustc_hash::{FxHashMap, FxHasher};

use super::graph::{Graph, Id, NONE, Node, Tag, UNSAID};
use super::shape::{DEEP, Shapes};
use super::{Kind, Record};
use crate::binary::abi::{Arch, Machine};
use crate::binary::predict::{Predictor, Sources};

/// Records by what they consist of, with the number of the unit that each was first seen in.
pub(super) type Found = FxHashMap<u64, (u32, Record)>;

/// Adds what `other` has, of two alike the one of the earlier unit.
pub(super) fn merge(mut into: Found, other: Found) -> Found {
    for (key, (unit, record)) in other {
        match into.entry(key) {
            std::collections::hash_map::Entry::Occupied(mut e) if e.get().0 > unit => {
                e.insert((unit, record));
            }
            std::collections::hash_map::Entry::Occupied(_) => {}
            std::collections::hash_map::Entry::Vacant(e) => {
                e.insert((unit, record));
            }
        }
    }
    into
}

/// Adds the records of a graph. `file` tells the path of a file by the numbers of its unit and in its unit. Layouts are predicted where
/// `sources` are given. `room` is how many bytes of layouts are still kept: a small file must not become a large one.
pub(super) fn records(
    graph: &Graph,
    file: &dyn Fn(u32, u32) -> Option<String>,
    machine: Machine,
    sources: Option<&Sources>,
    found: &mut Found,
    room: &mut usize,
) {
    let mut prints = Prints { graph, thin: vec![0; graph.nodes.len()], deep: vec![0; graph.nodes.len()] };
    let mut shapes = Shapes::new(graph, machine);
    let mut predictor = sources.filter(|_| machine.arch == Arch::I386).map(|sources| Predictor::new(graph, sources));
    for (id, node) in (0..).zip(&graph.nodes) {
        let Some(kind) = kind(graph, id, node) else { continue };
        let print = prints.deep(id, 0);
        if found.contains_key(&print) || *room == 0 {
            continue;
        }
        let Some(layout) = shapes.layout(id) else { continue };
        *room = room.saturating_sub(weight(&layout.members) + layout.name.len() + 200);
        let named = if node.line > 0 { node } else { graph.get(graph.named_by[id as usize]).unwrap_or(node) };
        let path = if named.line > 0 { file(named.unit, named.file) } else { None };
        let record = Record {
            kind,
            pointers: shapes.has_pointer(id),
            place: path.map(|f| (f, named.line)),
            predicted: predictor.as_mut().map(|p| p.record(&mut shapes, id, file)),
            reordered: shapes.reordered(id),
            layout,
        };
        found.insert(print, (node.unit, record));
    }
}

fn weight(members: &[crate::layout::Member]) -> usize {
    let one = |m: &crate::layout::Member| size_of_val(m) + m.name.len() + m.ty.len() + weight(&m.members);
    members.iter().map(one).sum()
}

/// What of a graph is told by itself: what is defined and has a name.
fn kind(graph: &Graph, id: Id, node: &Node) -> Option<Kind> {
    let named = !node.name.is_empty() || graph.named_by.get(id as usize).is_some_and(|n| *n != NONE);
    if !named || node.declared {
        return None;
    }
    match node.tag {
        Tag::Struct => Some(Kind::Struct),
        Tag::Class => Some(Kind::Class),
        Tag::Union => Some(Kind::Union),
        Tag::Enum => Some(Kind::Enum),
        Tag::Typedef => {
            // A typedef of a record is told with the record; one of a pointer says nothing that pointers do not.
            let of = graph.get(graph.bare(node.ty))?;
            matches!(of.tag, Tag::Base | Tag::Enum | Tag::Array).then_some(Kind::Typedef)
        }
        _ => None,
    }
}

/// Numbers that are the same for what is the same.
struct Prints<'g, 'd> {
    graph: &'g Graph<'d>,
    thin: Vec<u64>,
    deep: Vec<u64>,
}

impl<'d> Prints<'_, 'd> {
    /// Of a type as it is written, which pointers to it see.
    fn thin(&mut self, id: Id, depth: usize) -> u64 {
        let id = self.graph.defined(id);
        match self.thin.get(id as usize) {
            Some(0) if depth <= DEEP => {}
            Some(known) => return *known,
            None => return 1,
        }
        self.thin[id as usize] = 1;
        let mut h = FxHasher::default();
        if let Some(node) = self.graph.get(id) {
            let node = *node;
            node.tag.hash(&mut h);
            self.name(id, &node).hash(&mut h);
            if node.name.is_empty() && !node.is_record() && node.tag != Tag::Enum {
                self.thin(node.ty, depth + 1).hash(&mut h);
                let graph = self.graph;
                for (_, child) in graph.children(id) {
                    (child.tag, child.size).hash(&mut h);
                    if child.tag == Tag::Parameter {
                        self.thin(child.ty, depth + 1).hash(&mut h);
                    }
                }
            }
        }
        let print = h.finish().max(2);
        self.thin[id as usize] = print;
        print
    }

    /// Of all that a type's layout depends on, on any target.
    fn deep(&mut self, id: Id, depth: usize) -> u64 {
        let id = self.graph.defined(id);
        match self.deep.get(id as usize) {
            Some(0) if depth <= DEEP => {}
            Some(known) => return *known,
            None => return 1,
        }
        self.deep[id as usize] = 1;
        let mut h = FxHasher::default();
        if let Some(&node) = self.graph.get(id) {
            let pointer = matches!(node.tag, Tag::Pointer | Tag::Reference | Tag::Function | Tag::MemberPointer);
            (node.tag, self.name(id, &node), node.size, node.align, node.encoding, node.vector).hash(&mut h);
            if pointer {
                self.thin(id, depth + 1).hash(&mut h);
            } else if node.ty != NONE {
                self.deep(node.ty, depth + 1).hash(&mut h);
            }
            let graph = self.graph;
            if node.is_record() {
                for (_, m) in graph.members(id) {
                    (m.tag, m.name, m.offset, m.bits, m.from_top, m.size, m.align).hash(&mut h);
                    self.deep(m.ty, depth + 1).hash(&mut h);
                }
            } else if node.tag == Tag::Array {
                graph.children(id).for_each(|(_, range)| range.size.hash(&mut h));
            }
        }
        let print = h.finish().max(2);
        self.deep[id as usize] = print;
        print
    }

    fn name(&self, id: Id, node: &Node<'d>) -> (&'d [u8], u64) {
        let named = if node.name.is_empty() { self.graph.get(self.graph.named_by[id as usize]) } else { None };
        let mut h = FxHasher::default();
        // Namespaces and records around it, of C++.
        let mut at = node.parent;
        for _ in 0..DEEP {
            let Some(around) = self.graph.get(at) else { break };
            around.name.hash(&mut h);
            at = around.parent;
        }
        (named.map_or(node.name, |n| n.name), if node.parent == NONE { UNSAID } else { h.finish() })
    }
}
