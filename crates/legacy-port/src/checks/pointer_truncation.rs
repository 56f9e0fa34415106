use crate::check::{Check, FixPromise, Level, Note, Problem};
use crate::source::program;
use crate::source::tree::{Expr, Kind, Op, Place, Type};
use crate::target::{Pair, Which};

pub(super) const CHECK: Check = Check {
    summary: "a pointer converted to an integer that held all of it under the old target only",
    why: "The upper half of the address is lost. Converted back it points elsewhere, and the program crashes, or, where the \
          address happens to be low, works until the day it is not. Found in casts and in conversions that nobody wrote: \
          assignments, arguments, results, initializers. Silent where only low bits are used (`& 3`), for offsets \
          computed from a null pointer, for constants, and where the result is an index (`table[(int)p]`): then the \
          pointer held a small number. Differences of two such integers are `pointer_difference`'s affair.",
    level: Level::Breaks,
    fix: FixPromise::ByHand(
        "whether the integer should be `intptr_t` or the pointer a pointer depends on its other uses",
    ),
    visits: &[
        Kind::Call,
        Kind::Cast,
        Kind::Conditional,
        Kind::Member,
        Kind::Name,
        Kind::Paren,
        Kind::Subscript,
        Kind::Text,
        Kind::Unary,
        Kind::Binary,
    ],
    look,
};

fn look(e: Expr, problems: &mut Vec<Problem>) {
    if e.kind() == Kind::Cast
        && let Some(operand) = e.operand()
        && let Some(pointer) = address_in(operand)
        && report(e, e.written(), pointer, e.ty(), problems)
    {
        return;
    }
    // A conversion that nobody wrote: an address goes by itself to where an integer is wanted.
    if e.ty().new.is_address() && e.converted().new.integer().is_some() {
        report(e, e.conversion(), e, e.converted(), problems);
    }
}

/// The pointer whose bits an expression carries: itself, or behind casts to integers as wide as it.
pub(super) fn address_in(e: Expr) -> Option<Expr> {
    let e = e.inner();
    if e.ty().new.is_address() {
        return Some(e);
    }
    let carries = e.kind() == Kind::Cast && e.ty().new.integer().is_some_and(|(size, _)| size >= 8);
    if carries { e.operand().and_then(address_in) } else { None }
}

fn report(at: Expr, place: Place, pointer: Expr, to: Pair<&Type>, problems: &mut Vec<Problem>) -> bool {
    let Some(to_size) = to.map(|t| t.integer().map(|(size, _)| size)).both() else { return false };
    let from = at.tree.sides.as_ref().map(|side| side.pointer_size);
    if from.old > to_size.old
        || from.new <= to_size.new
        || at.is_system(place)
        || low_bits_only(at)
        || is_index(at)
        || is_difference(at)
        || (at.kind() == Kind::Cast && narrower(at.converted().new, at.ty().new))
        || is_offset(pointer)
    {
        return false;
    }
    let names = if pointer.converted().new.is_address() { pointer.converted() } else { pointer.ty() };
    // A member or global that a pointer is kept in is the place to change, once for all its uses.
    let kept = program::destination(at).filter(|d| !at.is_system(*d) && is_shared(at, *d));
    let notes = kept.map(|_| Note { place, text: "a pointer is kept in it here".into() });
    problems.push(Problem {
        place: kept.unwrap_or(place),
        message: format!(
            "`{}` has {} bytes on {{old}} and {} on {{new}}; `{}` keeps {}",
            names.new.name, from.old, from.new, to.new.name, to_size.new
        ),
        help: "keep the pointer, or use `intptr_t` or `uintptr_t` of <stdint.h>".into(),
        notes: notes.into_iter().collect(),
        ..Problem::default()
    });
    true
}

/// Whether a declaration is a member, or a variable outside of functions.
fn is_shared(e: Expr, place: Place) -> bool {
    let function = e.enclosing();
    let body = function.node().place;
    function.kind() == Kind::Unit || place.file != body.file || !(body.start..body.end).contains(&place.start)
}

/// `table[(int)p - 1]`: what was an index before somebody kept it in a pointer.
fn is_index(e: Expr) -> bool {
    let (mut part, mut context) = (e, e.parent());
    loop {
        let steps = context.kind() == Kind::Binary && matches!(context.op(), Op::Add | Op::Sub);
        if !(context.kind() == Kind::Paren || steps) {
            break;
        }
        (part, context) = (context, context.parent());
    }
    context.kind() == Kind::Subscript && context.children().nth(1).is_some_and(|index| index.id == part.id)
}

/// `(int)p & 3` and `(short)(int)p` mean the same on both: they take bits that both have.
fn low_bits_only(e: Expr) -> bool {
    let context = e.context();
    match context.kind() {
        Kind::Binary if matches!(context.op(), Op::BitAnd | Op::Rem) => {
            context.children().any(|c| c.node().value.get(Which::New).is_some_and(|v| (0..=0xFFFF).contains(&v)))
        }
        Kind::Cast => narrower(context.ty().new, e.ty().new),
        _ => false,
    }
}

fn narrower(outer: &Type, inner: &Type) -> bool {
    matches!((outer.integer(), inner.integer()), (Some((o, _)), Some((i, _))) if o < i)
}

/// `(int)p - (int)q`: right in as many bits as are left, as long as the distance was right before.
pub(super) fn is_difference(e: Expr) -> bool {
    let context = e.context();
    let truncated = |c: Expr| c.inner().kind() == Kind::Cast && address_in(c.bare()).is_some();
    context.kind() == Kind::Binary && context.op() == Op::Sub && context.children().all(truncated)
}

/// `(int)&((struct s *)0)->member`, `offsetof` by hand: no address, a small number.
fn is_offset(e: Expr) -> bool {
    let mut e = e.inner();
    loop {
        if e.node().value.new.is_some() {
            return true;
        }
        let through = matches!(e.kind(), Kind::Cast | Kind::Paren | Kind::Member | Kind::Subscript)
            || (e.kind() == Kind::Unary && e.op() == Op::AddressOf);
        let part = match e.kind() {
            Kind::Cast => e.operand(),
            _ => e.children().next(),
        };
        match part {
            Some(part) if through => e = part,
            _ => return false,
        }
    }
}
