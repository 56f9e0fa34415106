use crate::check::{Check, FixPromise, Level, Problem};
use crate::source::tree::{Expr, Kind, Op, Shape};

pub(super) const CHECK: Check = Check {
    summary: "a floating result that depends on the 80 bits of the x87, which the new target does not compute with",
    why: "On i386 products and quotients are kept in registers of 64 bits of mantissa and rounded when they are stored; SSE \
          rounds each to 53. `(int)(price * 100)` is 2 for one and 3 for the other when the price is 0.03, and `x == a / b` \
          depends on whether `x` was stored. Found for products \
          and quotients with a power of ten of a `double` that is kept somewhere: decimal places that are meant to become an \
          integer. Silent where the old target is built with `-mfpmath=sse`, for comparisons with what \
          is not computed there, and where `+ 0.5`, `floor` or `rint` says how to round. Not followed: sums that add up small \
          differences, other factors, and what is printed.",
    level: Level::Look,
    fix: FixPromise::ByHand("round by `rint` or `+ 0.5`, compare with a tolerance, or count in integers"),
    visits: &[Kind::Binary, Kind::Paren, Kind::Cast],
    look,
};

fn look(e: Expr, problems: &mut Vec<Problem>) {
    let x87 = e.tree.sides.as_ref().map(|s| s.x87);
    let place = e.written();
    if !x87.differs() || e.is_system(place) {
        return;
    }
    let message = if e.kind() == Kind::Binary && matches!(e.op(), Op::Equal | Op::NotEqual) {
        compared(e).then_some(
            "compared for being the same: computed with 64 bits of mantissa on one target and with 53 on the other",
        )
    } else {
        cut(e)
            .then_some("cut to an integer: a product just below or above one is on the other side under the new target")
    };
    if let Some(message) = message {
        problems.push(Problem {
            place,
            message: message.into(),
            help: "say how to round, or compare with a tolerance".into(),
            ..Problem::default()
        });
    }
}

fn is_floating(e: Expr) -> bool {
    // A `long double` is as exact on both.
    let ty = e.ty().new;
    matches!(ty.shape, Shape::Floating) && ty.size.is_some_and(|s| s <= 8)
}

/// Whether the rounding of an operation shows: what is made of constants alone the compiler computes.
fn is_computed(e: Expr) -> bool {
    let e = e.inner();
    let arithmetic = e.kind() == Kind::Binary && matches!(e.op(), Op::Mul | Op::Div | Op::Add | Op::Sub);
    let exact = |by: Expr| is_power_of_two(by.bare());
    let scaled = matches!(e.op(), Op::Mul | Op::Div) && e.children().any(exact);
    arithmetic && is_floating(e) && !scaled && !e.children().all(is_constant)
}

fn is_constant(e: Expr) -> bool {
    let e = e.bare();
    e.kind() == Kind::Floating || e.value().new.is_some()
}

/// `x == a / b`
fn compared(e: Expr) -> bool {
    let mut parts = e.children();
    let (Some(a), Some(b)) = (parts.next(), parts.next()) else { return false };
    // A difference is zero where both sides are the same, however it is computed.
    let difference = |x: Expr| x.inner().op() == Op::Sub && x.inner().children().all(|p| !is_computed(p));
    let zero = |x: Expr| number(x.bare()) == Some(0.0);
    let floating = |x: Expr| matches!(x.converted().new.shape, Shape::Floating);
    let either = |x: Expr, y: Expr| is_computed(x) && !(zero(y) && (difference(x) || x.inner().op() == Op::Mul));
    floating(a) && floating(b) && (either(a, b) || either(b, a))
}

/// `(int)(price * 100)`
fn cut(e: Expr) -> bool {
    let (value, to) = match e.kind() {
        Kind::Cast => match e.operand() {
            Some(o) => (o.inner(), e.ty()),
            None => return false,
        },
        // Told once, at the outermost of the parentheses.
        Kind::Binary => (e, e.converted()),
        _ => (e.inner(), e.converted()),
    };
    let scales = |by: Expr| number(by.bare()).is_some_and(is_power_of_ten);
    // What is kept and not computed here: a price, a time. Random numbers and angles are nobody's integers.
    let kept = |of: Expr| matches!(of.bare().kind(), Kind::Name | Kind::Member | Kind::Subscript | Kind::Unary);
    let precise =
        value.ty().new.size == Some(8) && value.children().any(|c| kept(c) && c.bare().ty().new.size == Some(8));
    to.new.integer().is_some_and(|(size, _)| size > 1)
        && is_floating(value)
        && is_computed(value)
        && matches!(value.op(), Op::Mul | Op::Div)
        && precise
        && value.children().any(scales)
}

/// The value of a number that is written down.
fn number(e: Expr) -> Option<f64> {
    if let Some(v) = e.value().new {
        // Exact as far as it matters: up to 2^53.
        return i32::try_from(v).ok().map(f64::from);
    }
    let text = e.as_written().filter(|_| e.kind() == Kind::Floating)?;
    // Within a macro the rest of it follows.
    let exponent = |at: usize| at > 0 && matches!(text.as_bytes()[at - 1], b'e' | b'E');
    let part =
        |(at, c): (usize, char)| c.is_ascii_alphanumeric() || c == '.' || (matches!(c, '+' | '-') && exponent(at));
    let end = text.char_indices().find(|at| !part(*at)).map_or(text.len(), |(at, _)| at);
    text[..end].trim_end_matches(['f', 'F', 'l', 'L']).parse().ok()
}

/// 10, 100, 0.01: decimal places become an integer, and are meant to be one.
fn is_power_of_ten(n: f64) -> bool {
    (-9..=9).any(|exponent| exponent != 0 && n.to_bits() == 10f64.powi(exponent).to_bits())
}

/// Whether a product or quotient with it is exact.
fn is_power_of_two(e: Expr) -> bool {
    number(e).is_some_and(|n| n.is_normal() && n.to_bits().trailing_zeros() >= 52)
}
