//! A node with its tree: what checks look at, and what they ask of it.

use std::fmt;

use super::tree::{Decl, DeclId, DeclKind, Kind, NONE, Node, On, Op, Place, Record, Shape, Tree, Type, index};
use crate::target::Pair;

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
