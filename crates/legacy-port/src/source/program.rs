//! What one unit knows and another needs: facts about declarations, told by place so that they hold over all units.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::tree::{DeclKind, Expr, Kind, Op, Place, Tree};

/// A declaration, known to every unit by its file and offset.
pub type Key = (PathBuf, u32);

/// The key of a place.
#[must_use]
pub fn key(tree: &Tree, place: Place) -> Key {
    (tree.files.get(place.file as usize).map(|f| f.path.clone()).unwrap_or_default(), place.start)
}

/// Where the member, variable or parameter that an expression names is declared.
#[must_use]
pub fn declaration(e: Expr) -> Option<Place> {
    let e = e.inner();
    let decl = e.decl().filter(|_| matches!(e.kind(), Kind::Name | Kind::Member))?.new;
    matches!(decl.kind, DeclKind::Field | DeclKind::Variable | DeclKind::Parameter).then_some(decl.place?)
}

/// Where a value goes: what is assigned to, or initialized, with just this expression.
#[must_use]
pub fn destination(e: Expr) -> Option<Place> {
    let (mut part, mut context) = (e, e.parent());
    while context.kind() == Kind::Paren {
        (part, context) = (context, context.parent());
    }
    match context.kind() {
        Kind::Binary if context.op() == Op::Assign => {
            let left = context.children().next().filter(|l| l.id != part.id)?;
            declaration(left)
        }
        Kind::Variable => context.decl().and_then(|d| d.new.place),
        _ => None,
    }
}

/// The declarations of 4-byte integers in which a pointer is kept: what was lost is lost where it is read again.
#[must_use]
pub fn pointer_holders(tree: &Tree) -> BTreeSet<Key> {
    let narrow = |e: Expr| {
        let to = if e.kind() == Kind::Cast { e.ty() } else { e.converted() };
        to.new.integer().is_some_and(|(size, _)| size < tree.sides.new.pointer_size)
    };
    let from_pointer = |e: Expr| match e.kind() {
        Kind::Cast => e.bare().converted().new.is_address() || e.bare().ty().new.is_address(),
        _ => e.ty().new.is_address() && e.converted().new.integer().is_some(),
    };
    let found = tree.iter().filter(|e| e.ty().new.size.is_some() && from_pointer(*e) && narrow(*e));
    found.filter_map(destination).map(|place| key(tree, place)).collect()
}
