//! What entries of units give: nodes that refer to each other by the place of an entry, until all were read.

use crate::binary::dwarf::graph::{Graph, Id, NONE, Node, UNSAID};

/// Nodes that refer to each other by key: the place of an entry in its section.
#[derive(Default)]
pub(in crate::binary::dwarf) struct Raw<'d> {
    pub(super) nodes: Vec<Node<'d>>,
    pub(super) keys: Vec<u64>,
    /// For each node the keys of `ty` and `same`; [`UNSAID`] for none.
    pub(super) refers: Vec<(u64, u64)>,
    /// Signatures of types, and the key of the type.
    pub(super) signatures: Vec<(u64, u64)>,
    /// References by signature, to be looked up when all units were read.
    pub(super) by_signature: Vec<(Id, bool, u64)>,
}

impl<'d> Raw<'d> {
    /// Puts what another unit has behind what is here.
    pub(in crate::binary::dwarf) fn append(&mut self, other: Self) {
        let shift = u32::try_from(self.nodes.len()).unwrap_or(NONE);
        let moved = |id: Id| if id == NONE { NONE } else { id.saturating_add(shift) };
        self.nodes.extend(other.nodes.into_iter().map(|n| Node { end: moved(n.end), parent: moved(n.parent), ..n }));
        self.keys.extend(other.keys);
        self.refers.extend(other.refers);
        self.signatures.extend(other.signatures);
        self.by_signature.extend(other.by_signature.into_iter().map(|(id, same, s)| (moved(id), same, s)));
    }

    /// References by index.
    pub(in crate::binary::dwarf) fn resolve(mut self) -> Graph<'d> {
        self.signatures.sort_unstable();
        for &(id, same, signature) in &self.by_signature {
            let Ok(at) = self.signatures.binary_search_by_key(&signature, |s| s.0) else { continue };
            let key = self.signatures[at].1;
            if let Some(refers) = self.refers.get_mut(id as usize) {
                if same { refers.1 = key } else { refers.0 = key }
            }
        }
        if !self.keys.is_sorted() {
            // A partial unit may lie behind; the order of nodes must stay, so the keys are sorted with their index.
            return self.resolve_unsorted();
        }
        let keys = &self.keys;
        let find = |key: u64| {
            if key == UNSAID {
                NONE
            } else {
                keys.binary_search(&key).map_or(NONE, |i| u32::try_from(i).unwrap_or(NONE))
            }
        };
        for (node, refers) in self.nodes.iter_mut().zip(&self.refers) {
            (node.ty, node.same) = (find(refers.0), find(refers.1));
        }
        self.finish()
    }

    fn resolve_unsorted(mut self) -> Graph<'d> {
        let mut index: Vec<(u64, Id)> = self.keys.iter().copied().zip(0..).collect();
        index.sort_unstable();
        let find = |key: u64| index.binary_search_by_key(&key, |i| i.0).map_or(NONE, |i| index[i].1);
        for (node, refers) in self.nodes.iter_mut().zip(&self.refers) {
            (node.ty, node.same) = (find(refers.0), find(refers.1));
        }
        self.finish()
    }

    /// Names and places around of what is defined apart from its declaration.
    fn finish(mut self) -> Graph<'d> {
        for i in 0..self.nodes.len() {
            let node = self.nodes[i];
            if node.same == NONE || node.declared {
                continue;
            }
            // A definition that points back at its declaration: the definition is the type.
            let declaration = self.nodes.get(node.same as usize).copied();
            let this = u32::try_from(i).unwrap_or(NONE);
            if let Some(d) = declaration.filter(|_| node.same != this) {
                let n = &mut self.nodes[i];
                (n.name, n.parent) = (if n.name.is_empty() { d.name } else { n.name }, d.parent);
                n.same = NONE;
                if d.declared && d.same == NONE {
                    self.nodes[node.same as usize].same = this;
                }
            } else {
                self.nodes[i].same = NONE;
            }
        }
        Graph::new(self.nodes)
    }
}
