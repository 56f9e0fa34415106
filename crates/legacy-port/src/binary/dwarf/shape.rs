//! Sizes and alignments of types as the file itself has them, and layouts of records.

use rustc_hash::FxHashMap;

use super::Reordered;
use super::fit::{self, Item, Written};
use super::graph::{Graph, Id, Node, Tag, UNSAID};
use crate::binary::abi::Machine;
use crate::layout::{Layout, Member};

/// Bytes, where they are known, and alignment in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) size: Option<u64>,
    pub(crate) align: u64,
}

impl Shape {
    pub(crate) const UNKNOWN: Self = Self { size: None, align: 1 };
}

/// `DW_ATE_*`, DWARF 5 table 7.11.
const COMPLEX: [u8; 2] = [0x03, 0x80];
const DECIMAL: u8 = 0x0f;

/// Records within records are followed that far; C compilers stop at 63 (C17 5.2.4.1).
pub(crate) const DEEP: usize = 64;
/// Members of a layout, those of members counted.
pub(crate) const MEMBERS: usize = 1 << 14;

/// Works out shapes, each once.
pub(crate) struct Shapes<'g, 'd> {
    pub(crate) graph: &'g Graph<'d>,
    pub(crate) machine: Machine,
    known: Vec<Option<Shape>>,
    /// How records were written, as their layout tells; the likeliest first.
    pub(crate) written: FxHashMap<Id, Vec<Written>>,
}

impl<'g, 'd> Shapes<'g, 'd> {
    pub(crate) fn new(graph: &'g Graph<'d>, machine: Machine) -> Self {
        Self { graph, machine, known: vec![None; graph.nodes.len()], written: FxHashMap::default() }
    }

    /// The shape of a type.
    pub(crate) fn of(&mut self, id: Id) -> Shape {
        self.at(id, 0)
    }

    fn at(&mut self, id: Id, depth: usize) -> Shape {
        let id = self.graph.defined(id);
        match self.known.get(id as usize) {
            Some(Some(known)) => return *known,
            Some(None) if depth <= DEEP => {}
            _ => return Shape::UNKNOWN,
        }
        // A type that consists of itself has no size.
        self.known[id as usize] = Some(Shape::UNKNOWN);
        let shape = self.work_out(id, depth);
        self.known[id as usize] = Some(shape);
        shape
    }

    fn work_out(&mut self, id: Id, depth: usize) -> Shape {
        let Some(&node) = self.graph.get(id) else { return Shape::UNKNOWN };
        let said = (node.size != UNSAID).then_some(node.size);
        let machine = self.machine;
        let given = |shape: Shape| if node.align > 0 { Shape { align: node.align, ..shape } } else { shape };
        match node.tag {
            Tag::Base => given(scalar(machine, node.encoding, said)),
            Tag::Pointer | Tag::Reference => {
                let size = said.unwrap_or(machine.pointer());
                Shape { size: Some(size), align: machine.align(size) }
            }
            Tag::MemberPointer => {
                let function = self.graph.get(self.graph.bare(node.ty)).is_some_and(|n| n.tag == Tag::Function);
                let pointer = machine.pointer();
                let size = said.unwrap_or(if function { pointer * 2 } else { pointer });
                Shape { size: Some(size), align: machine.align(pointer) }
            }
            Tag::Const | Tag::Volatile | Tag::Restrict | Tag::Typedef => given(self.at(node.ty, depth + 1)),
            Tag::Atomic => atomic(self.at(node.ty, depth + 1)),
            Tag::Enum => {
                let size = said.or_else(|| self.at(node.ty, depth + 1).size);
                given(Shape { size, align: machine.align(size.unwrap_or(1)) })
            }
            Tag::Array => {
                let element = self.at(node.ty, depth + 1);
                let count = self.graph.elements(id).unwrap_or(0);
                let size = said.or_else(|| element.size?.checked_mul(count));
                if node.vector {
                    return Shape { size, align: size.filter(|s| s.is_power_of_two()).unwrap_or(element.align) };
                }
                Shape { size, align: element.align }
            }
            Tag::Struct | Tag::Class | Tag::Union if !node.declared => self.record(id, &node, depth),
            _ => Shape::UNKNOWN,
        }
    }

    fn record(&mut self, id: Id, node: &Node, depth: usize) -> Shape {
        if node.size == UNSAID {
            return Shape::UNKNOWN;
        }
        let members: Vec<(Id, Node)> = self.graph.members(id).map(|(i, n)| (i, *n)).collect();
        let (mut items, mut offsets) = (Vec::with_capacity(members.len()), Vec::with_capacity(members.len()));
        for (_, m) in &members {
            let shape = self.at(m.ty, depth + 1);
            items.push(item(m, shape));
            offsets.push(offset(m, shape, self.machine.little));
        }
        let union = node.tag == Tag::Union;
        let written = fit::infer(&items, union, &offsets, node.size, node.align);
        let align = match written.first() {
            Some(w) => fit::place(&items, union, w).align,
            // What explains nothing is at least no more aligned than it lies.
            None if node.align > 0 => node.align,
            None => {
                let most = items.iter().map(|i| i.align).max().unwrap_or(1);
                let size = 1 << node.size.trailing_zeros().min(4);
                if node.size == 0 { most } else { most.min(size) }
            }
        };
        self.written.insert(id, written);
        Shape { size: Some(node.size), align }
    }

    /// Whether a pointer lies in a type.
    pub(crate) fn has_pointer(&self, id: Id) -> bool {
        // Members are few, and what was seen is not asked again: a record in itself ends so.
        let mut seen = rustc_hash::FxHashSet::default();
        let mut todo = vec![id];
        while let Some(id) = todo.pop() {
            let id = self.graph.bare(id);
            let Some(node) = self.graph.get(id).filter(|_| seen.insert(id)) else { continue };
            match node.tag {
                Tag::Pointer | Tag::Reference | Tag::MemberPointer => return true,
                Tag::Array | Tag::Atomic => todo.push(node.ty),
                _ if node.is_record() => todo.extend(self.graph.members(id).map(|(_, m)| m.ty)),
                _ => {}
            }
        }
        false
    }

    /// The order of members in which a record is smaller.
    pub(crate) fn reordered(&mut self, id: Id) -> Option<Reordered> {
        let graph = self.graph;
        let node = *graph.get(id).filter(|n| matches!(n.tag, Tag::Struct | Tag::Class))?;
        let mut items = Vec::new();
        for (_, m) in graph.members(id) {
            if m.tag == Tag::Inherits {
                return None;
            }
            let shape = self.of(m.ty);
            items.push(item(m, shape));
        }
        let written = self.written.get(&id)?.first()?;
        let (order, size) = fit::reordered(&items, false, written, node.size)?;
        Some(Reordered { size, order: names(graph, id, &order) })
    }

    /// The layout of a record, an enumeration or a typedef.
    pub(crate) fn layout(&mut self, id: Id) -> Option<Layout> {
        let shape = self.of(id);
        let mut left = MEMBERS;
        let members = self.members(id, 0, 0, &mut left);
        Some(Layout { name: self.graph.name(id), size: shape.size?, align: shape.align, members })
    }

    fn members(&mut self, id: Id, start: u64, depth: usize, left: &mut usize) -> Vec<Member> {
        let graph = self.graph;
        let mut out = Vec::new();
        if depth > DEEP || !graph.get(id).is_some_and(Node::is_record) {
            return out;
        }
        for (_, m) in graph.members(id) {
            if *left == 0 {
                break;
            }
            *left -= 1;
            let shape = self.of(m.ty);
            let at = start.saturating_add(offset(m, shape, self.machine.little));
            let bit_field = m.bits != UNSAID;
            let inner = self.members(graph.bare(m.ty), at, depth + 1, left);
            out.push(Member {
                name: String::from_utf8_lossy(m.name).into_owned(),
                ty: graph.written(m.ty),
                offset: at,
                bits: if bit_field { m.bits } else { shape.size.unwrap_or(0).saturating_mul(8) },
                bit_field,
                members: inner,
            });
        }
        out
    }
}

/// Names of members in an order.
pub(crate) fn names(graph: &Graph, id: Id, order: &[usize]) -> Vec<String> {
    let all: Vec<&[u8]> = graph.members(id).map(|(_, m)| m.name).collect();
    order.iter().filter_map(|i| Some(String::from_utf8_lossy(all.get(*i)?).into_owned())).collect()
}

/// A scalar by its encoding.
pub(crate) fn scalar(machine: Machine, encoding: u8, size: Option<u64>) -> Shape {
    let align = match size {
        None => 1,
        // i386 aligns decimal floating point to its size, unlike binary.
        Some(n) if encoding == DECIMAL => n.clamp(1, 16),
        Some(n) if COMPLEX.contains(&encoding) => machine.align(n / 2),
        Some(n) => machine.align(n),
    };
    Shape { size, align }
}

/// Atomic objects are aligned to their size, where the processor has such accesses.
pub(crate) fn atomic(of: Shape) -> Shape {
    match of.size {
        Some(n @ (1 | 2 | 4 | 8 | 16)) => Shape { align: of.align.max(n), ..of },
        _ => of,
    }
}

/// A member as the rules of layout see it.
pub(crate) fn item(m: &Node, shape: Shape) -> Item {
    let bits = shape.size.unwrap_or(0).saturating_mul(8);
    let bit_field = m.bits != UNSAID;
    Item {
        size: if bit_field { m.bits } else { bits },
        align: shape.align.max(1),
        unit: bit_field.then_some(bits),
        said: m.align,
    }
}

/// Bits from the start of the record.
pub(crate) fn offset(m: &Node, shape: Shape, little: bool) -> u64 {
    let at = if m.offset == UNSAID { 0 } else { m.offset };
    if m.bits == UNSAID || m.from_top == UNSAID {
        return at;
    }
    // DWARF 2 and 3 count from the highest bit of the storage unit, which is the lowest address on big-endian ones only.
    let storage = if m.size == UNSAID { shape.size.unwrap_or(0) } else { m.size };
    if little {
        // The position may be negative, when the field crosses its unit.
        at.wrapping_add(storage.saturating_mul(8)).wrapping_sub(m.from_top).wrapping_sub(m.bits)
    } else {
        at.wrapping_add(m.from_top)
    }
}
