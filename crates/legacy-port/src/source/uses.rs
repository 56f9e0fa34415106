//! What is done with a value within one function: whether only its low bits matter, where a variable is read, whether a
//! parameter is nothing but a number.

use super::slot;
use super::tree::{DeclId, Expr, Kind, Op, Shape};

/// Whether an expression is the part of another at this position, parentheses aside.
fn is_part(whole: Expr, position: usize, part: Expr) -> bool {
    whole.children().nth(position).is_some_and(|c| c.inner().id == part.inner().id)
}

/// Whether an expression is used for bits alone that both targets have, or for nothing: `x & 3`, `(x >> 4) % size`,
/// `(short)x`, or kept in a local variable that is used in no other way.
#[must_use]
pub fn low_bits_only(e: Expr) -> bool {
    low(e, 0)
}

/// `kept` counts the variables that lead here: `h ^= h >> 3` leads to itself.
fn low(e: Expr, kept: u32) -> bool {
    at_once_low(e)
        || (kept < 3
            && kept_in(last_step(e)).is_some_and(|decl| {
                let mut uses = uses(e.enclosing(), decl).peekable();
                uses.peek().is_some() && uses.all(|u| low(u, kept + 1))
            }))
}

fn at_once_low(e: Expr) -> bool {
    let e = last_step(e);
    let context = e.context();
    let narrower = |to: Expr| {
        let sizes = to.ty().new.integer().zip(e.ty().new.integer());
        sizes.is_some_and(|((outer, _), (inner, _))| outer < inner)
    };
    match context.kind() {
        Kind::Binary if context.op() == Op::BitAnd => {
            context.children().any(|c| c.value().new.is_some_and(is_low_mask))
        }
        // The place in a table of whatever size.
        Kind::Binary if context.op() == Op::Rem => is_part(context, 0, e),
        Kind::Cast => narrower(context) || matches!(context.ty().new.shape, Shape::Void),
        Kind::SizeOf => true,
        _ => false,
    }
}

/// Ones from bit 0 on, or nothing in the upper byte of 32 bits: of an address no more is left than a hash needs.
fn is_low_mask(mask: i128) -> bool {
    (0..0x0100_0000).contains(&mask) || ((0..=0x7FFF_FFFF).contains(&mask) && mask & (mask + 1) == 0)
}

/// An expression with what is computed from it on the way to where it is used: shifts, sums, products.
fn last_step(e: Expr<'_>) -> Expr<'_> {
    let mut e = e;
    loop {
        let up = e.context();
        let number = up.ty().new.integer().is_some_and(|(size, _)| size >= 4);
        let step = match up.kind() {
            Kind::Binary => {
                matches!(up.op(), Op::Shr | Op::Shl) && is_part(up, 0, e)
                    || matches!(up.op(), Op::Mul | Op::BitXor | Op::BitOr)
            }
            Kind::Unary => matches!(up.op(), Op::Minus | Op::BitNot),
            Kind::Cast => e.ty().new.integer().zip(up.ty().new.integer()).is_some_and(|(i, o)| o.0 >= i.0),
            _ => false,
        };
        if !(step && number) {
            return e;
        }
        e = up;
    }
}

/// The local variable that an expression initializes, is assigned to or goes into.
fn kept_in(e: Expr) -> Option<DeclId> {
    let context = e.context();
    let decl = match (context.kind(), context.op()) {
        (Kind::Variable, _) => context.decl_id().new,
        (Kind::Binary, Op::Assign) | (Kind::CompoundAssign, Op::BitXor | Op::Mul) => {
            let left = context.children().next()?.inner();
            left.decl_id().new.filter(|_| left.kind() == Kind::Name && left.id != e.id)
        }
        _ => None,
    }?;
    slot::is_local(e, decl).then_some(decl)
}

/// The places where a variable is read; being assigned to is none.
pub fn uses(function: Expr<'_>, decl: DeclId) -> impl Iterator<Item = Expr<'_>> {
    function.descendants().filter(move |e| {
        let target = || {
            let up = e.context();
            let assigns = (up.kind() == Kind::Binary && up.op() == Op::Assign) || up.kind() == Kind::CompoundAssign;
            assigns && is_part(up, 0, *e)
        };
        e.kind() == Kind::Name && e.decl_id().new == Some(decl) && !target()
    })
}

/// What is done with a parameter: nothing but what a number is good for, or that and being passed on.
///
/// The functions and positions that it is passed on to; `None` where something else is done with it: it is made a
/// pointer, kept, returned.
#[must_use]
pub fn numeric_uses(function: Expr<'_>, parameter: DeclId) -> Option<Vec<(String, usize)>> {
    let mut passed = Vec::new();
    for e in uses(function, parameter) {
        if matches!(e.converted().new.shape, Shape::Pointer(_)) {
            return None;
        }
        let (part, up) = (e, e.context());
        if at_once_low(part) || up.op().is_truth() || matches!(up.kind(), Kind::Switch | Kind::If) {
            continue;
        }
        if up.kind() == Kind::Call
            && let Some(callee) = up.callee()
            && let Some(i) = up.arguments().position(|a| a.inner().id == part.inner().id)
        {
            passed.push((callee.new.name.clone(), i));
            continue;
        }
        return None;
    }
    Some(passed)
}
