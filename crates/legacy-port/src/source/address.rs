//! Addresses in integers: which expressions carry one, and which only look so.

use super::slot::{self, Slot};
use super::tree::{Expr, Kind, Op};
use super::uses::low_bits_only;

/// The pointer whose bits an expression carries: itself, or behind casts to integers as wide as it.
#[must_use]
pub fn carried(e: Expr) -> Option<Expr> {
    let e = e.inner();
    if e.ty().new.is_address() {
        return Some(e);
    }
    let carries = e.kind() == Kind::Cast && e.ty().new.integer().is_some_and(|(size, _)| size >= 8);
    if carries { e.operand().and_then(carried) } else { None }
}

/// `(int)p - (int)q`, `(0 - (int)p) + (int)p + n`: right in as many bits as are left, as long as the distance was right
/// before. In the whole sum as many addresses are taken away as are added.
#[must_use]
pub fn is_difference(e: Expr) -> bool {
    let is_sum = |e: Expr| e.kind() == Kind::Binary && matches!(e.op(), Op::Add | Op::Sub);
    let context = e.context();
    if is_sum(context) && context.op() == Op::Sub && context.children().all(is_cast_pointer) {
        return true;
    }
    let mut sum = context;
    while is_sum(sum) && is_sum(sum.context()) {
        sum = sum.context();
    }
    is_sum(sum) && addresses_in(sum, 1) == (0, true)
}

/// How many more addresses a sum adds than it takes away, and whether there are any.
fn addresses_in(e: Expr, sign: i32) -> (i32, bool) {
    let e = e.inner();
    match (e.kind(), e.op()) {
        (Kind::Binary, Op::Add | Op::Sub) => {
            let second = if e.op() == Op::Sub { -sign } else { sign };
            let each = e.children().zip([sign, second]).map(|(part, sign)| addresses_in(part, sign));
            each.fold((0, false), |(count, any), (more, found)| (count + more, any || found))
        }
        _ if is_cast_pointer(e) => (sign, true),
        _ => (0, false),
    }
}

fn is_cast_pointer(e: Expr) -> bool {
    e.inner().kind() == Kind::Cast && e.ty().new.integer().is_some() && carried(e.bare()).is_some()
}

/// `(int)&((struct s *)0)->member`, `offsetof` by hand: no address, a small number.
#[must_use]
pub fn is_offset(e: Expr) -> bool {
    let mut e = e.inner();
    loop {
        if e.value().new.is_some() {
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

/// A number that is made a pointer here: no address, but a count, a token, an index that somebody kept in one.
///
/// `Some` with the slot that it was read from, where that is known; `None` for what is no number: addresses, sums of one
/// and a number, zero.
#[must_use]
pub fn number_made_pointer(e: Expr) -> Option<Option<Slot>> {
    let operand = if e.kind() == Kind::Cast && e.ty().new.is_address() {
        e.operand()?
    } else if e.converted().new.is_address() && e.ty().new.integer().is_some() {
        e
    } else {
        return None;
    };
    operand.ty().new.integer()?;
    if operand.value().new == Some(0) || !is_number(operand) {
        return None;
    }
    Some(slot::read(operand))
}

fn is_number(e: Expr) -> bool {
    let e = e.inner();
    let parts = || e.children();
    match (e.kind(), e.op()) {
        (Kind::Cast, _) => e.operand().is_some_and(|o| o.ty().new.integer().is_some() && is_number(o)),
        // A distance is a number, whatever it is one of.
        (Kind::Binary, Op::Sub) if parts().all(|p| p.ty().new.is_address() || is_cast_pointer(p)) => true,
        (Kind::Binary, Op::Comma) => parts().last().is_some_and(is_number),
        (Kind::Binary, Op::Add | Op::Sub) => parts().all(|p| p.ty().new.integer().is_some() && is_number(p)),
        (Kind::Conditional, _) => parts().skip(1).all(is_number),
        _ => e.ty().new.integer().is_some(),
    }
}

/// `table[(int)p - 1]`: what was an index before somebody kept it in a pointer.
#[must_use]
pub fn is_index(e: Expr) -> bool {
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

/// Whether the number that an address is cut to is used as a number alone, here or in the local variable it is kept in.
#[must_use]
pub fn means_the_same(e: Expr) -> bool {
    low_bits_only(e) || is_index(e) || is_difference(e)
}
