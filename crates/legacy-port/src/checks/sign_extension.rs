use crate::check::{Check, FixPromise, Level, Problem};
use crate::source::range;
use crate::source::tree::{Expr, Kind, Op, Type};
use crate::target::Which;

pub(super) const CHECK: Check = Check {
    summary: "unsigned arithmetic of 4 bytes that was negative where it is used, and is a large number under the new target",
    why: "`long d = a - b` with `unsigned a, b` gave a negative number when `b` was greater, since a `long` had no room for \
          anything else; now it gives one near 2^32. `p + (a - b)` went back and now goes 4 GiB forward. `size & ~mask` \
          with an `unsigned mask` clears the upper half of `size`. And `n < count` with a `long` and an `unsigned` compared \
          as unsigned numbers and compares as signed ones now. Level `look` for an index that is a difference (whoever wrote it \
          meant it to go forward, as a rule) and for quotients. Silent where the ranges show that nothing is negative.",
    level: Level::May,
    fix: FixPromise::ByHand("signed types, or `(int)(a - b)`; `~(size_t)mask`"),
    visits: &[Kind::Binary, Kind::Unary],
    look,
};

fn look(e: Expr, problems: &mut Vec<Problem>) {
    let place = e.written();
    if e.value().new.is_some() || e.is_system(place) {
        return;
    }
    if let Some((message, calm)) = widened(e).or_else(|| compared(e)) {
        problems.push(Problem {
            place,
            message: message.into(),
            calm,
            help: "compute it in the type in which it is used".into(),
            ..Problem::default()
        });
    }
}

/// An unsigned result of 4 bytes that goes on in 8.
fn widened(e: Expr) -> Option<(&'static str, bool)> {
    let word = e.ty().map(Type::integer).both()?;
    if word.old != (4, false) || word.new != (4, false) {
        return None;
    }
    let mut whole = e;
    while whole.parent().kind() == Kind::Paren {
        whole = whole.parent();
    }
    let up = whole.parent();
    // In sums with a pointer nothing is converted: the number is extended all the same.
    let steps = e.tree.sides.as_ref().map(|s| s.pointer_size).differs()
        && match up.kind() {
            Kind::Binary => matches!(up.op(), Op::Add | Op::Sub) && up.ty().new.is_address(),
            Kind::Subscript => up.children().nth(1).is_some_and(|i| i.id == whole.id),
            _ => false,
        };
    let becomes = whole.converted().map(Type::integer).both();
    let signed = becomes.is_some_and(|b| b.old == (4, true) && b.new == (8, true));
    let wide = becomes.is_some_and(|b| b.old.0 == 4 && b.new.0 == 8);
    let masks = matches!(up.kind(), Kind::Binary | Kind::CompoundAssign) && up.op() == Op::BitAnd;
    match e.op() {
        Op::Sub if (signed || steps) && may_be_negative(e) => Some((
            "an `unsigned` difference: below zero it is negative on {old} and a number near 2^32 on {new}",
            steps,
        )),
        Op::Minus if signed || steps => {
            Some(("an `unsigned` number with a minus: negative on {old}, near 2^32 on {new}", false))
        }
        Op::BitNot if wide && masks => Some((
            "the upper half of this mask is not there: it keeps all bits on {old} and clears 32 of them on {new}",
            false,
        )),
        _ => None,
    }
}

fn may_be_negative(e: Expr) -> bool {
    let mut parts = e.children();
    let (Some(a), Some(b)) = (parts.next(), parts.next()) else { return false };
    let ranges = range::converted(a, Which::New).zip(range::converted(b, Which::New));
    // `n - 1` is meant for an `n` that is not zero.
    b.value().new.is_none() && ranges.is_none_or(|(a, b)| a.lo < b.hi)
}

/// A comparison, quotient or remainder that was taken of unsigned numbers and is taken of signed ones.
fn compared(e: Expr) -> Option<(&'static str, bool)> {
    if !matches!(e.op(), Op::Less | Op::Greater | Op::LessEqual | Op::GreaterEqual | Op::Div | Op::Rem) {
        return None;
    }
    let mut parts = e.children();
    let (a, b) = (parts.next()?, parts.next()?);
    let signs = a.converted().map(Type::integer).both()?;
    if signs.old != (4, false) || signs.new != (8, true) {
        return None;
    }
    let long = [a, b].into_iter().find(|x| x.ty().new.integer() == Some((8, true)))?;
    let negative = range::own(long, Which::New).is_none_or(|r| r.lo < 0);
    let calm = matches!(e.op(), Op::Div | Op::Rem);
    negative.then_some(("unsigned on {old} and signed on {new}: a negative `long` is on the other side", calm))
}
