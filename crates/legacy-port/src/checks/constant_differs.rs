use crate::check::{Check, FixPromise, Level, Problem};
use crate::source::tree::{Expr, Kind, Op, Shape};
use crate::target::Pair;

pub(super) const CHECK: Check = Check {
    summary: "a constant with another value under the new target, where that changes what the code does",
    why: "`random() / (double)LONG_MAX` was a number from 0 to 1 and is nearly zero. An enumerator or a `case` label made of \
          `LONG_MAX`, `~0UL` or a number that encodes a `sizeof` has another value, which shows where it is stored or sent. \
          `long table[4096 / sizeof(long)]` has half as many elements. Level `look` but for the first, where the other \
          operand is a number of 31 or 32 bits. Silent for `sizeof` where a size is meant, for arrays that have more room \
          now or keep a record's size, for comparisons with the limits of a type, and for what is the same on both.",
    level: Level::May,
    fix: FixPromise::ByHand("which of the two values is meant, the code does not say"),
    visits: &[Kind::EnumConstant, Kind::Case, Kind::Variable, Kind::Field, Kind::Binary],
    look,
};

fn look(e: Expr, problems: &mut Vec<Problem>) {
    let found = match e.kind() {
        Kind::EnumConstant => enumerator(e),
        Kind::Case => label(e),
        Kind::Variable | Kind::Field => fewer(e),
        _ => scale(e),
    };
    // A label that a macro writes is told where it is used: the macro is right for others.
    let place = if e.kind() == Kind::Case { e.node().place } else { e.written() };
    let Some((message, calm)) = found.filter(|_| !e.is_system(place)) else { return };
    problems.push(Problem {
        place,
        message,
        help: "write the value that is meant on both, or a limit of the type that the other numbers have".into(),
        calm,
        ..Problem::default()
    });
}

/// Both values of a constant, where they differ and the difference is none of signs alone.
fn both(e: Expr) -> Option<Pair<i128>> {
    let values = e.value().both().filter(Pair::differs)?;
    // What one target takes for -1 and the other for the greatest number has the same bits.
    let low = values.map(|v| v & 0xFFFF_FFFF);
    let all_ones = low.old == 0xFFFF_FFFF && low.new == 0xFFFF_FFFF && (values.old == -1 || values.new == -1);
    (!all_ones).then_some(values)
}

fn measures(e: Expr) -> bool {
    e.kind() == Kind::SizeOf || e.descendants().any(|d| d.kind() == Kind::SizeOf)
}

/// Whether a `sizeof` divides: how many go into so many bytes.
fn counts(e: Expr) -> bool {
    let divides = |d: Expr| {
        matches!(d.op(), Op::Div | Op::Rem)
            && d.children().nth(1).is_some_and(|by| by.value().new.is_some() && measures(by))
    };
    divides(e.inner()) || e.descendants().any(divides)
}

fn enumerator(e: Expr) -> Option<(String, bool)> {
    let values = both(e)?;
    let said = e.children().next();
    // One without a value of its own follows from the one before.
    if said.is_some_and(|v| measures(v) && !counts(v)) {
        return None;
    }
    let name = e.name();
    said.is_some().then(|| (format!("`{name}` is {} on {{old}} and {} on {{new}}", values.old, values.new), true))
}

fn label(e: Expr) -> Option<(String, bool)> {
    let label = e.children().next()?;
    let values = both(label)?;
    // `case sizeof(long):` asks for a size.
    let plain = matches!(label.bare().kind(), Kind::SizeOf);
    let message = format!("this case is {:#x} on {{old}} and {:#x} on {{new}}", values.old, values.new);
    (!plain).then_some((message, true))
}

/// An array whose elements became fewer as they became larger.
fn fewer(e: Expr) -> Option<(String, bool)> {
    let lens = e.ty().map(|t| match t.shape {
        Shape::Array { len, .. } => len,
        _ => None,
    });
    let lens = lens.both().filter(|l| l.new < l.old && l.new > 1)?;
    let element = e.tree.pointee(e.ty())?.map(|t| t.size).both()?;
    let grows = element.old > 1 && element.new > element.old;
    let message = format!("`{}` has {} elements on {{old}} and {} on {{new}}", e.name(), lens.old, lens.new);
    grows.then_some((message, true))
}

/// A limit of `long` that a number is divided by, or multiplied with.
fn scale(e: Expr) -> Option<(String, bool)> {
    if !matches!(e.op(), Op::Div | Op::Rem | Op::Mul) || e.value().new.is_some() {
        return None;
    }
    let mut parts = e.children();
    let (a, b) = (parts.next()?, parts.next()?);
    // A quotient of a limit is a limit: `SIZE_MAX / n` guards a product.
    let (number, limit) = if e.op() == Op::Mul && differing(a).is_some() { (b, a) } else { (a, b) };
    let values = differing(limit)?;
    let is_limit = values.old.abs() >= i128::from(i32::MAX) && values.new.abs() >= i128::from(i64::MAX);
    if !is_limit || number.value().new.is_some() || measures(limit) || differing(number).is_some() {
        return None;
    }
    let number = number.bare();
    let random = matches!(number.callee().map_or("", |c| &c.new.name), "random" | "rand" | "lrand48" | "mrand48");
    let narrow = number.ty().map(|t| t.integer().map(|(size, _)| size)) == Pair { old: Some(4), new: Some(4) };
    let message = format!("the number here is {} on {{old}} and {} on {{new}}", values.old, values.new);
    Some((message, !(random || narrow)))
}

/// A constant that differs, as it stands, converted, or with a constant added: `(double)LONG_MAX`, `LONG_MAX + 1.0`.
fn differing(e: Expr) -> Option<Pair<i128>> {
    let bare = e.bare();
    if let Some(values) = both(bare) {
        return Some(values);
    }
    let adds = bare.kind() == Kind::Binary && matches!(bare.op(), Op::Add | Op::Sub);
    let parts: Vec<Expr> = bare.children().filter(|_| adds).map(Expr::bare).collect();
    let [a, b] = parts.as_slice() else { return None };
    let constant = |e: &Expr| e.kind() == Kind::Floating || e.value().new.is_some();
    both(*a).filter(|_| constant(b)).or_else(|| both(*b).filter(|_| constant(a)))
}
