//! Where values are kept between the place that writes them and the place that reads them: members, variables,
//! parameters, results. What one unit writes another reads, so a slot has a name that holds over all units.

use serde::{Deserialize, Serialize};

use super::tree::{Decl, DeclId, DeclKind, Expr, Kind, Op, Place, Shape, Tree, Type};

/// A slot as one unit knows it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    /// A member, a local or `static` variable: where it is declared.
    At(Place),
    /// A variable that other units see, by its name.
    Global(String),
    /// A parameter of a function, by the function's name and its position from 0.
    Parameter(String, usize),
    /// What a function returns.
    Result(String),
    /// All pointers whose type has this name of its own (`XtPointer`, `ClientData`): what callbacks are given.
    Type(String),
}

/// A slot as all units know it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[allow(missing_docs)] // as in `Slot`
pub enum Key {
    /// The end of the place, and the file as [`Tree::file_key`] names it.
    At(u32, u64),
    Global(String),
    Parameter(String, usize),
    Result(String),
    Type(String),
}

impl Slot {
    /// The name of the slot that holds over all units.
    #[must_use]
    pub fn key(&self, tree: &Tree) -> Key {
        match self {
            Self::At(place) => {
                // Where it ends: `void *a, *b;` are two that begin at one place.
                Key::At(place.end, tree.file_key(place.file))
            }
            Self::Global(name) => Key::Global(name.clone()),
            Self::Parameter(name, i) => Key::Parameter(name.clone(), *i),
            Self::Result(name) => Key::Result(name.clone()),
            Self::Type(name) => Key::Type(name.clone()),
        }
    }
}

/// The slot that an expression reads, casts and parentheses aside: a member, a variable, a parameter, a call's result.
#[must_use]
pub fn read(e: Expr) -> Option<Slot> {
    let e = whole(e.bare());
    let decl = e.decl()?.new;
    match (e.kind(), decl.kind) {
        (Kind::Call, DeclKind::Function) => Some(Slot::Result(decl.name.clone())),
        (Kind::Name | Kind::Member, _) => of(e, decl),
        _ => None,
    }
}

/// An array, or the pointer to it, for one of its elements (`a[i]`, `*p`, `*(p + 1)`, `*p++`): they are kept alike.
fn whole(e: Expr<'_>) -> Expr<'_> {
    let mut e = e;
    loop {
        let up = match (e.kind(), e.op()) {
            (Kind::Subscript, _) | (Kind::Unary, Op::Deref) => e.children().next().map(Expr::bare),
            // A step within it.
            (Kind::Binary, Op::Add | Op::Sub) | (Kind::Unary, Op::Increment | Op::Decrement)
                if e.ty().new.is_address() =>
            {
                e.children().map(Expr::bare).find(|c| c.ty().new.is_address())
            }
            _ => None,
        };
        match up {
            Some(array) => e = array,
            None => return e,
        }
    }
}

/// Numbers of half a pointer's width that one pointer points to, or that an array consists of, by the slot of either.
/// Whoever has the address of some of them has that of their neighbours.
#[must_use]
pub fn narrow_elements(e: Expr) -> Option<Slot> {
    let e = e.bare();
    let of = if e.kind() == Kind::Unary && e.op() == Op::AddressOf { e.children().next()?.bare() } else { e };
    let to = e.tree.pointee(e.ty())?.new;
    to.integer().filter(|(size, _)| *size == 4)?;
    read(of)
}

/// The slot that a declaration is, seen from a node that names it.
fn of(e: Expr, decl: &Decl) -> Option<Slot> {
    match decl.kind {
        DeclKind::Variable if decl.external => Some(Slot::Global(decl.name.clone())),
        DeclKind::Variable | DeclKind::Field => decl.place.map(Slot::At),
        DeclKind::Parameter => {
            let (function, i) = parameter(e)?;
            Some(Slot::Parameter(function.to_owned(), i))
        }
        _ => None,
    }
}

/// The function and the position of the parameter that a node names.
#[must_use]
pub fn parameter(e: Expr<'_>) -> Option<(&str, usize)> {
    let decl = e.decl_id().new?;
    let function = e.enclosing();
    let mut parameters = function.children().filter(|c| c.kind() == Kind::Parameter);
    parameters.position(|p| p.decl_id().new == Some(decl)).map(|i| (function.name(), i))
}

/// Where the member, variable or parameter that an expression names is declared.
#[must_use]
pub fn declared(e: Expr) -> Option<Place> {
    let e = e.bare();
    let decl = e.decl().filter(|_| matches!(e.kind(), Kind::Name | Kind::Member))?.new;
    matches!(decl.kind, DeclKind::Field | DeclKind::Variable | DeclKind::Parameter).then_some(decl.place?)
}

/// A slot that a value goes to, and where it is declared if that is known here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Goes {
    /// The slot.
    pub to: Slot,
    /// Its declaration.
    pub declared: Option<Place>,
}

/// All pointers of one name, where a pointer type has a name of its own.
#[must_use]
pub fn of_type(ty: &Type) -> Option<Slot> {
    let named = ty.name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    (named && matches!(ty.shape, Shape::Pointer(_))).then(|| Slot::Type(ty.name.clone()))
}

/// Where the value of an expression goes as it is: what is assigned, initialized, passed or returned with it.
#[must_use]
pub fn destination(e: Expr) -> Option<Goes> {
    let (mut part, mut up) = (e, e.parent());
    loop {
        let first = part.is_first();
        let through = match up.kind() {
            Kind::Paren => true,
            Kind::Conditional => !first,
            Kind::Binary => up.op() == Op::Comma && !first,
            // A cast that keeps all bits.
            Kind::Cast => keeps_bits(part, up),
            _ => false,
        };
        if !through {
            break;
        }
        (part, up) = (up, up.parent());
    }
    match up.kind() {
        Kind::Binary if up.op() == Op::Assign => {
            let left = whole(up.children().next().filter(|l| l.id != part.id)?.inner());
            let decl = left.decl().filter(|_| matches!(left.kind(), Kind::Name | Kind::Member))?.new;
            Some(Goes { to: of(left, decl)?, declared: decl.place })
        }
        Kind::Variable => {
            let decl = up.decl()?.new;
            Some(Goes { to: of(up, decl)?, declared: decl.place })
        }
        Kind::Call => {
            let name = &up.callee()?.new.name;
            let i = up.arguments().position(|a| a.id == part.id)?;
            Some(Goes { to: Slot::Parameter(name.clone(), i), declared: None })
        }
        Kind::Return => Some(Goes { to: Slot::Result(up.function().to_owned()), declared: None }),
        Kind::InitList => {
            let place = initialized(up, part)?;
            Some(Goes { to: Slot::At(place), declared: Some(place) })
        }
        _ => None,
    }
}

fn keeps_bits(part: Expr, cast: Expr) -> bool {
    if part.ty().new.is_address() && cast.ty().new.is_address() {
        return true;
    }
    let sizes = part.ty().zip(cast.ty()).map(|(p, c)| Some((p.integer()?.0, c.integer()?.0))).both();
    sizes.is_some_and(|s| s.old.0 == s.old.1 && s.new.0 <= s.new.1)
}

/// The member that an element of `{ ... }` initializes, for lists without designators.
fn initialized(list: Expr, element: Expr) -> Option<Place> {
    let records = list.tree.record(list.ty())?;
    let fields = &records.new.fields;
    let all_plain = list.children().nth(fields.len()).is_none();
    let i = list.children().take(fields.len()).position(|c| c.id == element.id)?;
    fields.get(i).filter(|_| all_plain).map(|f| f.place)
}

/// Whether a declaration is one of a local variable of the function that a node is in: nobody else can change it unless
/// its address is taken.
#[must_use]
pub fn is_local(e: Expr, id: DeclId) -> bool {
    let Some(decl) = e.tree.sides.new.decls.get(id.0 as usize) else { return false };
    let simple = e.tree.sides.new.types.get(decl.ty.0 as usize).is_some_and(|t| !matches!(t.shape, Shape::Record(_)));
    let function = e.enclosing();
    let inside = |p: Place| {
        let body = function.node().place;
        function.kind() == Kind::Function && p.file == body.file && (body.start..body.end).contains(&p.start)
    };
    decl.kind == DeclKind::Variable && !decl.external && simple && decl.place.is_some_and(inside)
}
