//! The dual tree of one unit: plain data, no pointers into libclang.
//!
//! Nodes lie in preorder; a node's subtree is the range from itself to `end`. Implicit conversions are no nodes: a node
//! has the type it has by itself (`ty`) and the type that the place where it stands makes of it (`conv`), each for both
//! targets. Values are folded for both targets. Nodes of system headers are left out, types from them are kept.

use std::fmt;
use std::path::PathBuf;
use std::sync::OnceLock;

use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::target::Pair;

/// Index of a type in [`Side::types`]; 0 is "no type".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TypeId(pub u32);

/// Index of a record in [`Side::records`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RecordId(pub u32);

/// Index of a declaration in [`Side::decls`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DeclId(pub u32);

/// Bytes `start..end` of a file of the unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// Index in [`Tree::files`].
    pub file: u32,
    /// First byte, from 0.
    pub start: u32,
    /// Byte behind the last.
    pub end: u32,
}

/// A file that nodes or records of the unit are in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// Absolute path.
    pub path: PathBuf,
    /// Whether it is a system header.
    pub system: bool,
}

/// What a node is. What no check asks for by name is `Other`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // the names are those of the C standard
pub enum Kind {
    Unit,
    Function,
    Parameter,
    Variable,
    Extern,
    Field,
    Record,
    Enum,
    EnumConstant,
    Typedef,
    Compound,
    Return,
    Jump,
    If,
    Loop,
    Switch,
    Case,
    DeclStatement,
    Assembler,
    InitList,
    CompoundLiteral,
    Paren,
    Cast,
    Unary,
    Binary,
    CompoundAssign,
    Conditional,
    Call,
    Member,
    Name,
    Subscript,
    Integer,
    Character,
    Floating,
    Text,
    SizeOf,
    TypeName,
    Other,
}

/// Operator of a `Unary`, `Binary` or `CompoundAssign` node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)] // the names are those of the C standard
pub enum Op {
    #[default]
    None,
    Mul,
    Div,
    Rem,
    Add,
    Sub,
    Shl,
    Shr,
    Less,
    Greater,
    LessEqual,
    GreaterEqual,
    Equal,
    NotEqual,
    BitAnd,
    BitXor,
    BitOr,
    And,
    Or,
    Assign,
    Comma,
    Increment,
    Decrement,
    AddressOf,
    Deref,
    Plus,
    Minus,
    BitNot,
    Not,
}

impl Op {
    /// Whether the result is 0 or 1.
    #[must_use]
    pub fn is_truth(self) -> bool {
        matches!(
            self,
            Self::Less
                | Self::Greater
                | Self::LessEqual
                | Self::GreaterEqual
                | Self::Equal
                | Self::NotEqual
                | Self::And
                | Self::Or
                | Self::Not
        )
    }
}

/// The canonical form of a type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Shape {
    /// No type, or one that no check asks for.
    #[default]
    Other,
    /// `void`
    Void,
    /// `_Bool`
    Bool,
    /// Integers, characters and enumerations.
    Integer {
        /// Whether it has a sign.
        signed: bool,
    },
    /// `float`, `double`, `long double`
    Floating,
    /// A pointer to an object or function.
    Pointer(TypeId),
    /// An array.
    Array {
        /// Type of an element.
        element: TypeId,
        /// Number of elements, where it is said.
        len: Option<u64>,
    },
    /// A structure or union.
    Record(RecordId),
    /// A function.
    Function {
        /// What it returns.
        result: TypeId,
        /// Parameters; empty without a prototype.
        params: Vec<TypeId>,
        /// Whether `...` ends the parameters.
        variadic: bool,
        /// Whether there is a prototype.
        prototype: bool,
    },
}

/// A type under one target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Type {
    /// As written, typedef names kept: `time_t`, `struct sale *`.
    pub name: String,
    /// What it is behind its names.
    pub shape: Shape,
    /// Bytes; `None` for incomplete types and functions.
    pub size: Option<u64>,
    /// Alignment in bytes.
    pub align: Option<u64>,
    /// Where its name is declared, for a `typedef` that is not the system's.
    pub declared: Option<Place>,
}

impl Type {
    /// Size and sign, where it is an integer.
    #[must_use]
    pub fn integer(&self) -> Option<(u64, bool)> {
        match self.shape {
            Shape::Integer { signed } => Some((self.size?, signed)),
            _ => None,
        }
    }

    /// Whether a value of it is an address: a pointer, or an array or function that becomes one.
    #[must_use]
    pub fn is_address(&self) -> bool {
        matches!(self.shape, Shape::Pointer(_) | Shape::Array { .. } | Shape::Function { .. })
    }
}

/// A member of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Name; empty for an unnamed one.
    pub name: String,
    /// Its type.
    pub ty: TypeId,
    /// Bits from the start of the record.
    pub offset: Option<u64>,
    /// Width in bits of a bit-field.
    pub bits: Option<u64>,
    /// Where it is declared.
    pub place: Place,
}

impl Field {
    /// Its name in a sentence.
    #[must_use]
    pub fn shown(&self) -> String {
        if self.name.is_empty() { "a member without a name".to_owned() } else { format!("`{}`", self.name) }
    }
}

/// A structure or union under one target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// `struct sale`, `union link`, or its typedef's name.
    pub name: String,
    /// Whether its members lie over one another.
    pub is_union: bool,
    /// Where it is defined; `None` for an incomplete one.
    pub place: Option<Place>,
    /// Bytes.
    pub size: Option<u64>,
    /// Alignment in bytes.
    pub align: Option<u64>,
    /// Members in order.
    pub fields: Vec<Field>,
}

/// What a declaration declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // the names are those of the C standard
pub enum DeclKind {
    Function,
    Parameter,
    Variable,
    Field,
    EnumConstant,
    Other,
}

/// A declaration that nodes refer to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decl {
    /// The name.
    pub name: String,
    /// What it declares.
    pub kind: DeclKind,
    /// Its type.
    pub ty: TypeId,
    /// Whether other units can name it.
    pub external: bool,
    /// Whether it is said to be `static`: of a local variable, that it is not on the stack.
    pub fixed: bool,
    /// Where the first declaration is; `None` for what the compiler supplies.
    pub place: Option<Place>,
}

/// Types, records and declarations as one target sees them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Side {
    /// Bytes of a pointer.
    pub pointer_size: u64,
    /// The processor, as [`crate::target::Target::short`] names it.
    pub processor: String,
    /// Whether floating numbers are computed in the registers of 80 bits of an x87.
    pub x87: bool,
    /// All types met; index 0 is "no type".
    pub types: Vec<Type>,
    /// All records met.
    pub records: Vec<Record>,
    /// All declarations referred to.
    pub decls: Vec<Decl>,
    /// What string literals say.
    pub texts: Vec<String>,
}

/// Which target compiles a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum On {
    Both,
    OldOnly,
    NewOnly,
}

/// No index.
pub const NONE: u32 = u32::MAX;

/// No index under either target.
const NOWHERE: Pair<u32> = Pair { old: NONE, new: NONE };

/// An index, if it is one.
pub(super) fn index(i: u32) -> Option<u32> {
    (i != NONE).then_some(i)
}

/// One node under both targets. Where one target does not have it, that side has no type, declaration or value. What few
/// nodes have is told by an index, since there are hundreds of thousands of nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// Its operator.
    pub op: Op,
    /// Which target has it.
    pub on: On,
    /// Where it stands; for what comes from a macro, the use of the macro.
    pub place: Place,
    /// Index in [`Tree::spelled`] of where its first token is written, where that is elsewhere; or [`NONE`].
    pub spelled: u32,
    /// Index behind the last node of its subtree.
    pub end: u32,
    /// Index of its parent; the root is its own.
    pub parent: u32,
    /// Its own type.
    pub ty: Pair<TypeId>,
    /// What it is converted to where it stands; its own type where nothing is converted.
    pub conv: Pair<TypeId>,
    /// Index in [`Side::decls`] of what it refers to or declares, or [`NONE`].
    pub decl: Pair<u32>,
    /// Index in [`Tree::values`] of its value, or [`NONE`].
    pub value: Pair<u32>,
    /// Index in [`Side::texts`] of what a string literal says, or of what [`Expr::as_written`] tells; or [`NONE`].
    pub text: Pair<u32>,
}

impl Node {
    /// The root of a tree that has nothing below it.
    #[must_use]
    pub fn root() -> Self {
        Self {
            kind: Kind::Unit,
            op: Op::None,
            on: On::Both,
            place: Place::default(),
            spelled: NONE,
            end: 1,
            parent: 0,
            ty: Pair::default(),
            conv: Pair::default(),
            decl: NOWHERE,
            value: NOWHERE,
            text: NOWHERE,
        }
    }
}

/// A stretch of source that one target alone compiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    /// Where.
    pub place: Place,
    /// Which target.
    pub on: On,
}

/// One message of a parse.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// Where, as `file:line:column`.
    pub place: String,
    /// Where, if it is in a file of the unit.
    #[serde(skip)] // of no meaning beyond its tree
    pub at: Option<Place>,
    /// What is wrong.
    pub text: String,
}

/// The dual tree of one unit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    /// Files that places refer to.
    pub files: Vec<SourceFile>,
    /// Names of the files that hold over all units, once they were asked for.
    pub(crate) file_keys: OnceLock<Vec<u64>>,
    /// Nodes in preorder, the root first.
    pub nodes: Vec<Node>,
    /// Their kinds, close together: who looks for a few kinds reads a hundredth of what all nodes are.
    pub(crate) kinds: Vec<Kind>,
    /// The functions that the unit defines, as the new target numbers them.
    pub(crate) defines: FxHashSet<u32>,
    /// Where nodes of macros are written, as each target has them.
    pub spelled: Pair<Vec<Place>>,
    /// Values of nodes.
    pub values: Pair<Vec<i128>>,
    /// Types, records and declarations of both targets.
    pub sides: Pair<Side>,
    /// What one target alone compiles, outermost nodes only.
    pub regions: Vec<Region>,
    /// Errors of the two parses.
    pub errors: Pair<Vec<Diagnostic>>,
    /// Flags that both targets are compiled with, each where it is written: those of a project, not of a unit.
    pub flags: Vec<(String, Place)>,
}

impl Tree {
    /// A number for a file that is the same in all units, and another one for each other path: a digest of it. Tens of
    /// thousands of slots have one, where paths would be most of what there is to compare and to keep.
    #[must_use]
    pub fn file_key(&self, file: u32) -> u64 {
        let key = |f: &SourceFile| {
            let digest = Sha256::digest(f.path.as_os_str().as_encoded_bytes());
            digest.iter().take(8).fold(0, |key, &byte| key << 8 | u64::from(byte))
        };
        let keys = self.file_keys.get_or_init(|| self.files.iter().map(key).collect());
        keys.get(file as usize).copied().unwrap_or_default()
    }

    /// A node by its index.
    #[must_use]
    pub fn at(&self, id: u32) -> Expr<'_> {
        Expr { tree: self, id }
    }

    /// What a pointer points to or an array consists of, under both targets.
    #[must_use]
    pub fn pointee(&self, ty: Pair<&Type>) -> Option<Pair<&Type>> {
        let to = ty.zip(self.sides.as_ref()).map(|(ty, side)| match ty.shape {
            Shape::Pointer(id) | Shape::Array { element: id, .. } => side.types.get(id.0 as usize),
            _ => None,
        });
        to.both()
    }

    /// The record that a type is, under both targets.
    #[must_use]
    pub fn record(&self, ty: Pair<&Type>) -> Option<Pair<&Record>> {
        let record = ty.zip(self.sides.as_ref()).map(|(ty, side)| match ty.shape {
            Shape::Record(id) => side.records.get(id.0 as usize),
            _ => None,
        });
        record.both()
    }

    /// Where the record that a type is has its layout, under both targets.
    #[must_use]
    pub fn record_id(&self, ty: Pair<&Type>) -> Option<Pair<RecordId>> {
        let id = ty.map(|ty| match ty.shape {
            Shape::Record(id) => Some(id),
            _ => None,
        });
        id.both()
    }

    /// Every node of these kinds that both targets have, in preorder.
    pub fn of_kinds<'t>(&'t self, kinds: &'t [Kind]) -> impl Iterator<Item = Expr<'t>> {
        let wanted = self.kinds.iter().enumerate().filter(|(_, kind)| kinds.contains(kind));
        let wanted = wanted.map(|(id, _)| self.at(u32::try_from(id).unwrap_or(u32::MAX)));
        wanted.filter(|e| e.node().on == On::Both)
    }

    /// Every node, in preorder.
    pub fn iter(&self) -> impl Iterator<Item = Expr<'_>> {
        (0..u32::try_from(self.nodes.len()).unwrap_or(u32::MAX)).map(|id| self.at(id))
    }
}

/// A node with its tree: what checks look at.
#[derive(Clone, Copy)]
pub struct Expr<'t> {
    /// The tree.
    pub tree: &'t Tree,
    /// Index of the node.
    pub id: u32,
}

impl fmt::Debug for Expr<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.node().fmt(f)
    }
}

impl<'t> Expr<'t> {
    /// The data of the node.
    #[must_use]
    pub fn node(self) -> &'t Node {
        &self.tree.nodes[self.id as usize]
    }

    /// What it is.
    #[must_use]
    pub fn kind(self) -> Kind {
        self.node().kind
    }

    /// Its operator.
    #[must_use]
    pub fn op(self) -> Op {
        self.node().op
    }

    /// The node it is part of.
    #[must_use]
    pub fn parent(self) -> Expr<'t> {
        self.tree.at(self.node().parent)
    }

    /// The nearest node above it that is no parenthesis.
    #[must_use]
    pub fn context(self) -> Expr<'t> {
        let mut up = self.parent();
        while up.kind() == Kind::Paren {
            up = up.parent();
        }
        up
    }

    /// Its parts, in order.
    pub fn children(self) -> impl Iterator<Item = Expr<'t>> {
        let end = self.node().end;
        let mut next = self.id + 1;
        std::iter::from_fn(move || {
            (next < end).then(|| {
                let child = self.tree.at(next);
                next = child.node().end;
                child
            })
        })
    }

    /// Whether it is the first part of what it is part of.
    #[must_use]
    pub fn is_first(self) -> bool {
        self.id == self.node().parent + 1
    }

    /// The parts before it of what it is part of, the nearest first: of thousands of statements the first ones are far.
    pub fn before(self) -> impl Iterator<Item = Expr<'t>> {
        let (up, mut at) = (self.node().parent, self);
        std::iter::from_fn(move || {
            if at.id <= up + 1 {
                return None;
            }
            let mut e = at.tree.at(at.id - 1);
            while e.node().parent != up {
                e = e.parent();
            }
            at = e;
            Some(e)
        })
    }

    /// Everything in it, itself left out.
    pub fn descendants(self) -> impl Iterator<Item = Expr<'t>> {
        (self.id + 1..self.node().end).map(|id| self.tree.at(id))
    }

    /// What is within its parentheses.
    #[must_use]
    pub fn inner(self) -> Expr<'t> {
        let mut e = self;
        while e.kind() == Kind::Paren {
            match e.children().next() {
                Some(c) => e = c,
                None => break,
            }
        }
        e
    }

    /// The expression that a cast converts: its last part, those before belong to the type.
    #[must_use]
    pub fn operand(self) -> Option<Expr<'t>> {
        self.children().last()
    }

    /// Itself without parentheses and casts: what a pointer is before it is made a `void *` or a `char *`.
    #[must_use]
    pub fn bare(self) -> Expr<'t> {
        let mut e = self.inner();
        while e.kind() == Kind::Cast {
            match e.operand() {
                Some(o) => e = o.inner(),
                None => break,
            }
        }
        e
    }

    /// Its own type under both targets.
    #[must_use]
    pub fn ty(self) -> Pair<&'t Type> {
        self.node().ty.zip(self.tree.sides.as_ref()).map(|(id, side)| &side.types[id.0 as usize])
    }

    /// The type that it has where it stands, implicit conversions done.
    #[must_use]
    pub fn converted(self) -> Pair<&'t Type> {
        self.node().conv.zip(self.tree.sides.as_ref()).map(|(id, side)| &side.types[id.0 as usize])
    }

    /// Its value in its own type, where it is a constant.
    #[must_use]
    pub fn value(self) -> Pair<Option<i128>> {
        let values = self.tree.values.as_ref();
        self.node().value.zip(values).map(|(i, values)| values.get(index(i)? as usize).copied())
    }

    /// Where its first token is written, where that is elsewhere: the definition of the macro.
    #[must_use]
    pub fn spelled(self) -> Option<Place> {
        let node = self.node();
        let of = if node.on == On::NewOnly { &self.tree.spelled.new } else { &self.tree.spelled.old };
        of.get(index(node.spelled)? as usize).copied()
    }

    /// What it refers to or declares.
    #[must_use]
    pub fn decl_id(self) -> Pair<Option<DeclId>> {
        self.node().decl.map(|i| index(i).map(DeclId))
    }

    /// What it refers to or declares, where both targets have it.
    #[must_use]
    pub fn decl(self) -> Option<Pair<&'t Decl>> {
        let ids = self.decl_id().both()?;
        Some(ids.zip(self.tree.sides.as_ref()).map(|(id, side)| &side.decls[id.0 as usize]))
    }

    /// The name that it refers to or declares; empty where there is none.
    #[must_use]
    pub fn name(self) -> &'t str {
        self.decl().map_or("", |d| &d.new.name)
    }

    /// The function that a call calls by name.
    #[must_use]
    pub fn callee(self) -> Option<Pair<&'t Decl>> {
        self.decl().filter(|d| self.kind() == Kind::Call && d.new.kind == DeclKind::Function)
    }

    /// Whether the function that a call calls is defined in this unit, whatever the library has by its name.
    #[must_use]
    pub fn calls_own(self) -> bool {
        self.decl_id().new.is_some_and(|decl| self.tree.defines.contains(&decl.0))
    }

    /// Whether it is a function with a body.
    #[must_use]
    pub fn is_definition(self) -> bool {
        self.kind() == Kind::Function && self.children().any(|c| c.kind() == Kind::Compound)
    }

    /// The type that `va_arg` takes, where it is one.
    #[must_use]
    pub fn va_arg(self) -> Option<Pair<&'t Type>> {
        let list = self.children().next().filter(|_| self.kind() == Kind::Other)?;
        (list.bare().ty().new.name.contains("va_list") && self.ty().new.size.is_some()).then(|| self.ty())
    }

    /// The functions with variable arguments that a call reaches: by name, or, through a pointer, by their type.
    #[must_use]
    pub fn variadic_callee(self) -> Option<String> {
        if let Some(callee) = self.callee() {
            let ty = callee.zip(self.tree.sides.as_ref()).map(|(d, side)| &side.types[d.ty.0 as usize]);
            return matches!(ty.new.shape, Shape::Function { variadic: true, .. }).then(|| callee.new.name.clone());
        }
        let called = self.children().next().filter(|_| self.kind() == Kind::Call)?.inner();
        let to = self.tree.pointee(called.ty()).unwrap_or(called.ty());
        matches!(to.new.shape, Shape::Function { variadic: true, .. }).then(|| to.new.name.clone())
    }

    /// What a string literal says on both targets; parentheses and casts are seen through.
    #[must_use]
    pub fn text(self) -> Option<Pair<&'t str>> {
        let literal = self.bare();
        let texts = literal.node().text.map(index).both()?.zip(self.tree.sides.as_ref());
        texts.map(|(id, side)| side.texts.get(id as usize).map(String::as_str)).both()
    }

    /// Where a string literal is written, for what edits it; parentheses and casts are seen through.
    #[must_use]
    pub fn literal(self) -> Option<Place> {
        let literal = self.bare();
        let place = literal.written();
        (literal.node().text.map(index).both().is_some() && !self.is_system(place)).then_some(place)
    }

    /// Where a number of this value is written as such, and not by a macro, for what edits it.
    #[must_use]
    pub fn number(self, value: i128) -> Option<Place> {
        let e = self.inner();
        let plain = e.kind() == Kind::Integer
            && e.value() == Pair { old: Some(value), new: Some(value) }
            && e.spelled().is_none();
        plain.then_some(e.node().place)
    }

    /// The arguments of a call.
    pub fn arguments(self) -> impl Iterator<Item = Expr<'t>> {
        self.children().skip(1)
    }

    /// How a declaration goes on from where it begins in a macro, and how a `sizeof` of a built-in type, a floating number
    /// or a stretch of assembler is written.
    #[must_use]
    pub fn as_written(self) -> Option<&'t str> {
        let id = index(self.node().text.new).filter(|_| self.kind() != Kind::Text)?;
        self.tree.sides.new.texts.get(id as usize).map(String::as_str)
    }

    /// What a `sizeof` measures: the type or the expression in it, where that can be told.
    #[must_use]
    pub fn measured(self) -> Option<Pair<&'t Type>> {
        let ty = self.children().next().filter(|_| self.kind() == Kind::SizeOf)?.inner().ty();
        // `sizeof(struct s *)` names `struct s` too.
        (ty.map(|t| t.size.map(i128::from)) == self.value()).then_some(ty)
    }

    /// The record that a member expression takes its member of.
    #[must_use]
    pub fn member_of(self) -> Option<Pair<&'t Record>> {
        let whole = self.children().next().filter(|_| self.kind() == Kind::Member)?;
        let ty = whole.ty();
        self.tree.record(ty).or_else(|| self.tree.record(self.tree.pointee(ty)?))
    }

    /// Whether the value is asked only for being zero or not: a condition, `!p`, `p == 0`.
    #[must_use]
    pub fn is_tested(self) -> bool {
        let up = self.context();
        let zero = |e: Expr| e.value().new == Some(0) || e.bare().value().new == Some(0);
        match up.kind() {
            Kind::If | Kind::Loop | Kind::Conditional => up.children().next().is_some_and(|c| c.inner().id == self.id),
            Kind::Unary => up.op() == Op::Not,
            Kind::Binary if matches!(up.op(), Op::And | Op::Or) => true,
            Kind::Binary if matches!(up.op(), Op::Equal | Op::NotEqual) => up.children().any(zero),
            _ => false,
        }
    }

    /// Where its first token is written: for what a macro writes, in the macro's definition.
    #[must_use]
    pub fn written(self) -> Place {
        self.spelled().unwrap_or(self.node().place)
    }

    /// Where it is converted to what its place makes of it. The result of a whole macro is converted where the macro is
    /// used, what is converted within one in the macro's definition.
    #[must_use]
    pub fn conversion(self) -> Place {
        let (node, parent) = (self.node(), self.parent().node());
        let within = parent.spelled != NONE && parent.place.start == node.place.start;
        if within { self.written() } else { node.place }
    }

    /// Whether a place is in a system header: what is written there is the library's affair.
    #[must_use]
    pub fn is_system(self, place: Place) -> bool {
        self.tree.files.get(place.file as usize).is_none_or(|f| f.system)
    }

    /// The function it is in, or the whole unit.
    #[must_use]
    pub fn enclosing(self) -> Expr<'t> {
        let mut e = self;
        while !matches!(e.kind(), Kind::Function | Kind::Unit) {
            e = e.parent();
        }
        e
    }

    /// The name of the function it is in; empty outside of functions.
    #[must_use]
    pub fn function(self) -> &'t str {
        self.enclosing().name()
    }
}
