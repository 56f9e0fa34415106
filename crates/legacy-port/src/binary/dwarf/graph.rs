//! Types as debug information tells them, as plain data: nodes that refer to each other by index.

use std::fmt::Write as _;

/// Index of a node.
pub(crate) type Id = u32;
/// No node: `void`, or what could not be found.
pub(crate) const NONE: Id = u32::MAX;
/// A number that is not told.
pub(crate) const UNSAID: u64 = u64::MAX;

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Tag {
    Base,
    Pointer,
    Reference,
    /// C++ pointer to member.
    MemberPointer,
    Const,
    Volatile,
    Restrict,
    Atomic,
    Typedef,
    Array,
    /// One dimension of an array.
    Range,
    Enum,
    Struct,
    Class,
    Union,
    Member,
    /// C++ base class.
    Inherits,
    Function,
    Parameter,
    /// `...`
    Variadic,
    /// A type without a size, such as that of `nullptr`.
    Unspecified,
    Namespace,
    /// What is not understood.
    Unknown,
}

/// One entry that says something of types.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node<'d> {
    pub(crate) tag: Tag,
    /// `DW_ATE_*` of a base type.
    pub(crate) encoding: u8,
    /// A declaration whose definition is elsewhere, or a static member.
    pub(crate) declared: bool,
    /// An array that is a vector register.
    pub(crate) vector: bool,
    pub(crate) name: &'d [u8],
    /// Index behind the last node below this one.
    pub(crate) end: Id,
    /// The node around it.
    pub(crate) parent: Id,
    /// The type it refers to, resolved.
    pub(crate) ty: Id,
    /// The same type as another: a declaration of what a type unit or another place defines.
    pub(crate) same: Id,
    /// Bytes; for a dimension of an array the number of elements.
    pub(crate) size: u64,
    /// `DW_AT_alignment`, bytes; 0 where it is not told.
    pub(crate) align: u64,
    /// Bits from the start of the record.
    pub(crate) offset: u64,
    /// Bits of a bit-field.
    pub(crate) bits: u64,
    /// Position of a bit-field from the highest bit of its storage unit, as DWARF 2 and 3 tell it.
    pub(crate) from_top: u64,
    /// Place of the declaration: number of the unit, of the file in it, and line.
    pub(crate) unit: u32,
    pub(crate) file: u32,
    pub(crate) line: u32,
}

impl Node<'_> {
    pub(crate) const EMPTY: Self = Node {
        tag: Tag::Unknown,
        encoding: 0,
        declared: false,
        vector: false,
        name: &[],
        end: 0,
        parent: NONE,
        ty: NONE,
        same: NONE,
        size: UNSAID,
        align: 0,
        offset: UNSAID,
        bits: UNSAID,
        from_top: UNSAID,
        unit: 0,
        file: 0,
        line: 0,
    };

    pub(crate) fn is_record(&self) -> bool {
        matches!(self.tag, Tag::Struct | Tag::Class | Tag::Union)
    }
}

/// All nodes that can refer to each other.
#[derive(Debug, Default)]
pub(crate) struct Graph<'d> {
    pub(crate) nodes: Vec<Node<'d>>,
    /// For each node without a name of its own the typedef that names it, or [`NONE`].
    pub(crate) named_by: Vec<Id>,
}

/// How many typedefs, qualifiers and the like are followed.
const STEPS: usize = 64;
/// Bytes of a type's name as it is written.
const NAME: usize = 400;
/// Parts of a type that are written: a type that consists of itself would never end.
const FUEL: usize = 200;

impl<'d> Graph<'d> {
    pub(crate) fn new(nodes: Vec<Node<'d>>) -> Self {
        let mut named_by = vec![NONE; nodes.len()];
        for (id, node) in (0..).zip(&nodes) {
            let Some(of) = nodes.get(node.ty as usize) else { continue };
            let unnamed = (of.is_record() || of.tag == Tag::Enum) && of.name.is_empty();
            if node.tag == Tag::Typedef && unnamed && named_by[node.ty as usize] == NONE {
                named_by[node.ty as usize] = id;
            }
        }
        Self { nodes, named_by }
    }

    pub(crate) fn get(&self, id: Id) -> Option<&Node<'d>> {
        self.nodes.get(id as usize)
    }

    /// The nodes directly below one.
    pub(crate) fn children(&self, id: Id) -> impl Iterator<Item = (Id, &Node<'d>)> {
        let end = self.get(id).map_or(0, |n| n.end);
        let mut at = id.saturating_add(1);
        std::iter::from_fn(move || {
            let node = self.get(at).filter(|_| at < end)?;
            let this = at;
            at = node.end.max(at + 1);
            Some((this, node))
        })
    }

    /// The members of a record that have a place in it, base classes among them.
    pub(crate) fn members(&self, id: Id) -> impl Iterator<Item = (Id, &Node<'d>)> {
        self.children(id).filter(|(_, n)| matches!(n.tag, Tag::Member | Tag::Inherits) && !n.declared)
    }

    /// The definition behind a declaration, where it is known.
    pub(crate) fn defined(&self, mut id: Id) -> Id {
        for _ in 0..STEPS {
            match self.get(id) {
                Some(n) if n.same != NONE => id = n.same,
                _ => return id,
            }
        }
        NONE
    }

    /// A type without typedefs and qualifiers.
    pub(crate) fn bare(&self, mut id: Id) -> Id {
        for _ in 0..STEPS {
            id = self.defined(id);
            match self.get(id) {
                Some(n) if matches!(n.tag, Tag::Typedef | Tag::Const | Tag::Volatile | Tag::Restrict) => id = n.ty,
                _ => return id,
            }
        }
        NONE
    }

    /// Elements of an array and their type: `None` for the number where it has no length.
    pub(crate) fn elements(&self, id: Id) -> Option<u64> {
        let mut all = 1u64;
        for (_, range) in self.children(id).filter(|(_, n)| n.tag == Tag::Range) {
            if range.size == UNSAID {
                return None;
            }
            all = all.saturating_mul(range.size);
        }
        Some(all)
    }

    /// The name of a record, an enumeration or a scalar, `struct sale`; with namespaces in C++.
    pub(crate) fn name(&self, id: Id) -> String {
        let Some(node) = self.get(id) else { return "void".into() };
        let keyword = match node.tag {
            Tag::Struct => "struct ",
            Tag::Class => "class ",
            Tag::Union => "union ",
            Tag::Enum => "enum ",
            _ => "",
        };
        let name = String::from_utf8_lossy(node.name);
        if node.name.is_empty() {
            return match self.named_by.get(id as usize).and_then(|n| self.get(*n)) {
                Some(typedef) => self.scoped(typedef, String::from_utf8_lossy(typedef.name).into_owned()),
                None if keyword.is_empty() => "?".into(),
                None => format!("{keyword}(unnamed)"),
            };
        }
        format!("{keyword}{}", self.scoped(node, name.into_owned()))
    }

    fn scoped(&self, node: &Node, name: String) -> String {
        let mut name = name;
        let mut at = node.parent;
        for _ in 0..STEPS {
            let Some(around) = self.get(at) else { break };
            if !around.name.is_empty() && (around.tag == Tag::Namespace || around.is_record()) && name.len() < NAME {
                name = format!("{}::{name}", String::from_utf8_lossy(around.name));
            }
            at = around.parent;
        }
        name
    }

    /// A type as C writes it: `char *[4]`.
    pub(crate) fn written(&self, id: Id) -> String {
        let mut fuel = FUEL;
        let mut out = self.declare(id, String::new(), &mut fuel);
        if out.len() > NAME {
            out.truncate(out.floor_char_boundary(NAME));
            out.push('…');
        }
        out
    }

    fn declare(&self, id: Id, inner: String, fuel: &mut usize) -> String {
        if *fuel == 0 || inner.len() > NAME {
            return format!("?{inner}");
        }
        *fuel -= 1;
        let id = self.defined(id);
        let Some(node) = self.get(id) else { return spaced("void", &inner) };
        let word = match node.tag {
            Tag::Const => "const",
            Tag::Volatile => "volatile",
            Tag::Restrict => "restrict",
            Tag::Atomic => "_Atomic",
            _ => "",
        };
        let of = || self.get(self.defined(node.ty)).map(|n| n.tag);
        match node.tag {
            Tag::Const | Tag::Volatile | Tag::Restrict | Tag::Atomic => match of() {
                Some(Tag::Pointer | Tag::Const | Tag::Volatile | Tag::Restrict) => {
                    self.declare(node.ty, spaced(word, &inner), fuel)
                }
                _ => format!("{word} {}", self.declare(node.ty, inner, fuel)),
            },
            Tag::Pointer | Tag::Reference => {
                let star = if node.tag == Tag::Pointer { '*' } else { '&' };
                let inner = match of() {
                    Some(Tag::Array | Tag::Function) => format!("({star}{inner})"),
                    _ => format!("{star}{inner}"),
                };
                self.declare(node.ty, inner, fuel)
            }
            Tag::Array => {
                let mut inner = inner;
                for (_, range) in self.children(id).filter(|(_, n)| n.tag == Tag::Range) {
                    let _ = if range.size == UNSAID { write!(inner, "[]") } else { write!(inner, "[{}]", range.size) };
                }
                self.declare(node.ty, inner, fuel)
            }
            Tag::Function => {
                let mut inner = inner + "(";
                for (i, (_, p)) in self.children(id).filter(|(_, n)| n.tag != Tag::Range).enumerate() {
                    inner.push_str(if i > 0 { ", " } else { "" });
                    match p.tag {
                        Tag::Variadic => inner.push_str("..."),
                        Tag::Parameter => inner.push_str(&self.declare(p.ty, String::new(), fuel)),
                        _ => {}
                    }
                    if inner.len() > NAME {
                        break;
                    }
                }
                self.declare(node.ty, inner + ")", fuel)
            }
            _ => spaced(&self.name(id), &inner),
        }
    }
}

/// `int`, `int *`, `int [4]`, `int (*)(void)`
fn spaced(name: &str, inner: &str) -> String {
    if inner.is_empty() { name.to_owned() } else { format!("{name} {inner}").replace(" [", "[") }
}
