//! The dual tree of one unit: plain data, no pointers into libclang.
//!
//! Nodes lie in preorder; a node's subtree is the range from itself to `end`. Implicit conversions are no nodes: a node
//! has the type it has by itself (`ty`) and the type that the place where it stands makes of it (`conv`), each for both
//! targets. Values are folded for both targets. Nodes of system headers are left out, types from them are kept.

use std::path::PathBuf;
use std::sync::OnceLock;

use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use super::expr::Expr;
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
    Label,
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
