//! From types as i386 has them to the layout that they will have under `LP64` on `x86_64`, without source.
//!
//! ```text
//! asked   a parse of the source for both targets, where there is a project
//! base    the scalar types of C
//! doubts  what is taken to be so without being told
//! known   types of the system that do not follow from what they consist of
//! source  the source, where it is still there; judge  what in it was chosen for the target
//! sizes   lengths in it that follow from sizes
//! ```
//!
//! What leaves no trace is not seen: `#pragma pack(4)` on i386, where nothing is aligned to more; without the source what
//! `#if` chose by the size of a pointer, unless a name tells it, and a length that was worked out from sizes, unless it fills
//! the record up to a block of memory.

mod asked;
mod base;
mod doubts;
mod judge;
mod known;
mod sizes;
mod source;

use rustc_hash::FxHashMap;

use super::abi::Machine;
use super::dwarf::Reordered;
use super::dwarf::fit::{self, Placed};
use super::dwarf::graph::{Graph, Id, NONE, Node, Tag, UNSAID};
use super::dwarf::shape::{self, DEEP, Shape, Shapes};
use crate::layout::{Layout, Member};

pub use asked::Asked;
pub(crate) use asked::Asking;
pub use known::{Known, RECORDS, Row, TYPEDEFS};
pub(crate) use source::Sources;

/// The layout that is to be expected of a record under `LP64`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Predicted {
    /// From its members.
    Members {
        /// The layout.
        layout: Layout,
        /// What was taken to be so without being told, each in a sentence.
        assumed: Vec<String>,
        /// The order of members that makes it smaller.
        reordered: Option<Reordered>,
    },
    /// A type of the system whose size is known and whose members are not followed.
    Table(Layout),
    /// It cannot be told, and why.
    Unknown(String),
}

impl Predicted {
    /// The layout, where there is one; that of a type of the system has no members.
    #[must_use]
    pub fn layout(&self) -> Option<&Layout> {
        match self {
            Self::Members { layout, .. } | Self::Table(layout) => Some(layout),
            Self::Unknown(_) => None,
        }
    }
}

/// Tells the path of a file by the number of its unit and its number there.
pub(crate) type Files<'f> = &'f dyn Fn(u32, u32) -> Option<String>;

/// What is to be expected of a type.
#[derive(Clone)]
enum Expected {
    Is(Shape),
    /// Because of its name.
    Table(Shape),
    Not(String),
}

/// Works out what is to be expected, of each type once.
pub(crate) struct Predictor<'g, 'd> {
    graph: &'g Graph<'d>,
    sources: &'g Sources,
    known: Vec<Option<Expected>>,
    placed: FxHashMap<Id, Placed>,
    assumed: FxHashMap<Id, Vec<String>>,
    /// Members that are arrays of another length, and the bytes that they have.
    sized: FxHashMap<Id, u64>,
    reordered: FxHashMap<Id, Reordered>,
}

/// Assumptions that are told of one record.
const TOLD: usize = 8;

impl<'g, 'd> Predictor<'g, 'd> {
    pub(crate) fn new(graph: &'g Graph<'d>, sources: &'g Sources) -> Self {
        let known = vec![None; graph.nodes.len()];
        Self {
            graph,
            sources,
            known,
            placed: FxHashMap::default(),
            assumed: FxHashMap::default(),
            sized: FxHashMap::default(),
            reordered: FxHashMap::default(),
        }
    }

    /// What is to be expected of a record, an enumeration or a typedef.
    pub(crate) fn record(&mut self, shapes: &mut Shapes, id: Id, files: Files) -> Predicted {
        let nothing = || Predicted::Unknown("its size is not told".into());
        let of = self.of(shapes, id, files, 0);
        match of {
            Expected::Not(why) => Predicted::Unknown(why),
            Expected::Table(shape) => {
                let name = self.graph.name(id);
                shape.size.map_or_else(nothing, |size| {
                    Predicted::Table(Layout { name, size, align: shape.align, members: Vec::new() })
                })
            }
            Expected::Is(shape) => {
                let mut left = shape::MEMBERS;
                let members = self.members(id, 0, 0, &mut left);
                let assumed = self.assumed_of(id).into_iter().cloned().collect();
                let name = self.graph.name(id);
                shape.size.map_or_else(nothing, |size| Predicted::Members {
                    layout: Layout { name, size, align: shape.align, members },
                    assumed,
                    reordered: self.reordered.get(&id).cloned(),
                })
            }
        }
    }

    fn of(&mut self, shapes: &mut Shapes, id: Id, files: Files, depth: usize) -> Expected {
        let id = self.graph.defined(id);
        match self.known.get(id as usize) {
            Some(Some(known)) => return known.clone(),
            Some(None) if depth <= DEEP => {}
            Some(None) => return Expected::Not("records lie within records without an end".into()),
            None => return Expected::Not("a type is not told".into()),
        }
        self.known[id as usize] = Some(Expected::Not("it consists of itself".into()));
        let expected = self.work_out(shapes, id, files, depth);
        self.known[id as usize] = Some(expected.clone());
        expected
    }

    fn work_out(&mut self, shapes: &mut Shapes, id: Id, files: Files, depth: usize) -> Expected {
        const TO: Machine = Machine::X86_64;
        let Some(&node) = self.graph.get(id) else { return Expected::Not("a type is not told".into()) };
        if let Some(known) = self.of_the_system(id, &node, files) {
            return known;
        }
        let said = (node.size != UNSAID).then_some(node.size);
        let is = |size: u64| Expected::Is(Shape { size: Some(size), align: TO.align(size) });
        let given = |shape: Shape| if node.align > 0 { Shape { align: node.align, ..shape } } else { shape };
        match node.tag {
            Tag::Base => match base::scalar(node.name, node.encoding, said) {
                Some(shape) => Expected::Is(given(shape)),
                None => Expected::Not(format!("`{}` is no type of C", String::from_utf8_lossy(node.name))),
            },
            Tag::Pointer | Tag::Reference => is(TO.pointer()),
            Tag::MemberPointer => {
                let function = self.graph.get(self.graph.bare(node.ty)).is_some_and(|n| n.tag == Tag::Function);
                Expected::Is(Shape { size: Some(if function { 16 } else { 8 }), align: 8 })
            }
            Tag::Const | Tag::Volatile | Tag::Restrict => self.of(shapes, node.ty, files, depth + 1),
            Tag::Typedef => match self.of(shapes, node.ty, files, depth + 1) {
                Expected::Is(shape) => {
                    if let Some(why) = self.chosen(id, &node, files) {
                        if let Some(told) = self.told(id, &node, files) {
                            return Expected::Is(told);
                        }
                        self.assumed.insert(id, vec![why]);
                    }
                    Expected::Is(given(shape))
                }
                Expected::Table(shape) => Expected::Table(given(shape)),
                not @ Expected::Not(_) => not,
            },
            Tag::Atomic => match self.of(shapes, node.ty, files, depth + 1) {
                Expected::Is(shape) | Expected::Table(shape) => Expected::Is(shape::atomic(shape)),
                not @ Expected::Not(_) => not,
            },
            Tag::Enum => {
                // Only C++ gives an enumeration a type of its own choice; C takes `int` as long as that does.
                let own = self.graph.get(self.graph.bare(node.ty)).filter(|n| base::is_long(n.name));
                match (own, said) {
                    (Some(_), Some(4)) => Expected::Is(given(Shape { size: Some(8), align: 8 })),
                    (_, Some(size)) => Expected::Is(given(Shape { size: Some(size), align: TO.align(size) })),
                    _ => Expected::Not("the size of an enumeration is not told".into()),
                }
            }
            Tag::Array => match self.of(shapes, node.ty, files, depth + 1) {
                Expected::Is(shape) | Expected::Table(shape) => {
                    let count = self.graph.elements(id).unwrap_or(0);
                    let size = shape.size.and_then(|s| s.checked_mul(count));
                    let align = if node.vector { size.filter(|s| s.is_power_of_two()) } else { None };
                    Expected::Is(Shape { size, align: align.unwrap_or(shape.align) })
                }
                not @ Expected::Not(_) => not,
            },
            Tag::Struct | Tag::Class | Tag::Union if !node.declared => self.of_members(shapes, id, &node, files, depth),
            _ => Expected::Not(format!("`{}` is not defined here", self.graph.written(id))),
        }
    }

    /// A type that the system defines for each processor anew.
    fn of_the_system(&self, id: Id, node: &Node, files: Files) -> Option<Expected> {
        let named_by = self.graph.named_by.get(id as usize).and_then(|n| self.graph.get(*n));
        let node = named_by.unwrap_or(node);
        let name = std::str::from_utf8(node.name).ok().filter(|n| !n.is_empty())?;
        let known = match node.tag {
            Tag::Typedef => known::find(TYPEDEFS, name),
            Tag::Struct | Tag::Union => known::find(RECORDS, name),
            _ => None,
        }?;
        // A program of the time may have its own `size_t`: then it is what it says.
        let path = if node.line > 0 { files(node.unit, node.file) } else { None };
        if path.is_some_and(|p| !known::of_the_system(&p)) {
            return None;
        }
        let named = self.graph.written(id);
        Some(match known {
            Known::Size(size, align) => Expected::Table(Shape { size: Some(size), align }),
            Known::Not => Expected::Not(format!("`{named}` differs from processor to processor")),
        })
    }

    fn of_members(&mut self, shapes: &mut Shapes, id: Id, node: &Node, files: Files, depth: usize) -> Expected {
        let old = shapes.of(id);
        if node.size == UNSAID || old.size.is_none() {
            return Expected::Not("its size is not told".into());
        }
        let graph = self.graph;
        let mut items = Vec::new();
        let mut within = Vec::new();
        for (at, m) in graph.members(id) {
            let name = String::from_utf8_lossy(m.name);
            if m.tag == Tag::Inherits {
                return Expected::Not("members of C++ may lie in the padding of a base class".into());
            }
            match self.of(shapes, m.ty, files, depth + 1) {
                Expected::Not(why) if name.is_empty() => return Expected::Not(why),
                Expected::Not(why) => return Expected::Not(format!("member `{name}`: {why}")),
                Expected::Is(shape) | Expected::Table(shape) => {
                    let size = self.counted(shapes, node, m, shape, files, depth);
                    self.sized.extend(size.map(|size| (at, size)));
                    items.push(shape::item(m, Shape { size: size.or(shape.size), ..shape }));
                }
            }
            for a in self.assumed_of(m.ty) {
                within.push(if name.is_empty() { a.clone() } else { format!("in `{name}`: {a}") });
            }
        }
        let Some(written) = shapes.written.get(&id).filter(|w| !w.is_empty()) else {
            return Expected::Not("no attribute that is known of explains where its members lie on i386".into());
        };
        let union = node.tag == Tag::Union;
        let mut placed = written.iter().map(|w| fit::place(&items, union, w));
        let Some(first) = placed.next() else { return Expected::Not("its layout is not told".into()) };
        let mut assumed = Vec::new();
        if placed.any(|other| other != first) {
            assumed.push("what it was packed or padded by can be read in more than one way".into());
        }
        if let Some((order, size)) = written.first().and_then(|w| fit::reordered(&items, union, w, first.size)) {
            self.reordered.insert(id, Reordered { size, order: shape::names(graph, id, &order) });
        }
        assumed.extend(self.lengths(shapes, id, node, first.size, files));
        if !assumed.is_empty() && self.confirmed(shapes, (id, node), (&items, &first), files) {
            assumed.clear();
        }
        within.append(&mut assumed);
        let mut assumed = within;
        assumed.truncate(TOLD);
        if !assumed.is_empty() {
            self.assumed.insert(id, assumed);
        }
        let mut shape = Shape { size: Some(first.size), align: first.align };
        if items.is_empty() {
            // C++ has no object without a size, GNU C has.
            shape.size = Some(node.size);
        }
        self.placed.insert(id, first);
        Expected::Is(shape)
    }

    fn members(&self, id: Id, start: u64, depth: usize, left: &mut usize) -> Vec<Member> {
        let mut out = Vec::new();
        let Some(placed) = self.placed.get(&id).filter(|_| depth <= DEEP) else { return out };
        for ((id, m), offset) in self.graph.members(id).zip(&placed.offsets) {
            if *left == 0 {
                break;
            }
            *left -= 1;
            let ty = self.graph.defined(m.ty);
            let size = match self.known.get(ty as usize) {
                _ if self.sized.contains_key(&id) => self.sized[&id],
                Some(Some(Expected::Is(s) | Expected::Table(s))) => s.size.unwrap_or(0),
                _ => 0,
            };
            let at = start.saturating_add(*offset);
            let bit_field = m.bits != UNSAID;
            out.push(Member {
                name: String::from_utf8_lossy(m.name).into_owned(),
                ty: self.graph.written(m.ty),
                offset: at,
                bits: if bit_field { m.bits } else { size.saturating_mul(8) },
                bit_field,
                members: self.record_of(m.ty).map_or_else(Vec::new, |id| self.members(id, at, depth + 1, left)),
            });
        }
        out
    }

    /// The record that a type is, unless a name on the way says that its members are not followed.
    fn record_of(&self, mut id: Id) -> Option<Id> {
        for _ in 0..DEEP {
            id = self.graph.defined(id);
            let node = self.graph.get(id)?;
            if id == NONE || matches!(self.known.get(id as usize)?, Some(Expected::Table(_))) {
                return None;
            }
            match node.tag {
                Tag::Typedef | Tag::Const | Tag::Volatile | Tag::Restrict => id = node.ty,
                _ => return node.is_record().then_some(id),
            }
        }
        None
    }
}
