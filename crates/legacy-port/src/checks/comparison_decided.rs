use crate::check::{Check, FixPromise, Level, Problem};
use crate::source::range::{self, Range};
use crate::source::tree::{Expr, Kind, Op};
use crate::target::Which;

pub(super) const CHECK: Check = Check {
    summary: "a comparison that could be true or false, and is always the one or the other under the new target",
    why: "`if (inet_addr(s) == -1)`, `unsigned n; n == (size_t)-1`, `long n = ntohl(x); if (n < 0)`: an unsigned number of 4 bytes \
          met -1 in 4 bytes. In 8 bytes it is never negative, never the greatest number there is, and the error that was \
          asked for is missed. Found by the ranges of both sides under both targets. Level `look` for `n > LONG_MAX - m` and \
          its like, limits that nothing reaches any more: they matter where the result is computed in 4 bytes. Silent for \
          the same with a `sizeof` in it (`n > SIZE_MAX / sizeof *p`), which guards a product of 8 bytes, and for what is \
          decided on both.",
    level: Level::May,
    fix: FixPromise::ByHand("compare in the type that the value has: `n == (uint32_t)-1`, `INADDR_NONE`, `UINT_MAX`"),
    visits: &[Kind::Binary],
    look,
};

fn look(e: Expr, problems: &mut Vec<Problem>) {
    let comparison =
        matches!(e.op(), Op::Less | Op::Greater | Op::LessEqual | Op::GreaterEqual | Op::Equal | Op::NotEqual);
    let place = e.written();
    let known = e.value().old.is_some() || e.value().new.is_some();
    if !comparison || known || e.is_system(place) {
        return;
    }
    let parts: Vec<Expr> = e.children().collect();
    let [a, b] = parts.as_slice() else { return };
    let sizes = a.converted().map(|t| t.integer().map(|(size, _)| size)).both();
    if sizes.is_none_or(|s| s.old != 4 || s.new != 8) {
        return;
    }
    let Some(always) = decided(e.op(), *a, *b, Which::New) else { return };
    if decided(e.op(), *a, *b, Which::Old).is_some() {
        return;
    }
    let equality = matches!(e.op(), Op::Equal | Op::NotEqual);
    let below_zero = parts.iter().any(|p| p.value().new.is_some_and(|v| v == 0 || v == -1));
    let measures = e.descendants().any(|d| d.kind() == Kind::SizeOf);
    if measures && !equality {
        return;
    }
    problems.push(Problem {
        place,
        message: format!(
            "compared in 4 bytes on {{old}}, where it depends on the value; in 8 bytes on {{new}}, where it is always {always}"
        ),
        help: "compare in the type of the narrower side, or make that side as wide as the other".into(),
        calm: !equality && !below_zero,
        ..Problem::default()
    });
}

/// What a comparison always gives, if it is always the same.
fn decided(op: Op, a: Expr, b: Expr, which: Which) -> Option<bool> {
    let (left, right) = (values(a, which)?, values(b, which)?);
    let mut all = left.iter().flat_map(|l| right.iter().map(move |r| of_ranges(op, *l, *r)));
    let first = all.next()??;
    all.all(|x| x == Some(first)).then_some(first)
}

fn of_ranges(op: Op, a: Range, b: Range) -> Option<bool> {
    let either = |yes: bool, no: bool| if yes { Some(true) } else { no.then_some(false) };
    match op {
        Op::Less => either(a.hi < b.lo, a.lo >= b.hi),
        Op::GreaterEqual => either(a.lo >= b.hi, a.hi < b.lo),
        Op::Greater => either(a.lo > b.hi, a.hi <= b.lo),
        Op::LessEqual => either(a.hi <= b.lo, a.lo > b.hi),
        Op::Equal => either(a.lo == a.hi && a == b, a.hi < b.lo || b.hi < a.lo),
        Op::NotEqual => either(a.hi < b.lo || b.hi < a.lo, a.lo == a.hi && a == b),
        _ => None,
    }
}

/// The values that one side has in the type in which it is compared: a sign that is extended into an unsigned type makes
/// two stretches of it.
fn values(e: Expr, which: Which) -> Option<Vec<Range>> {
    let (size, signed) = e.converted().get(which).integer()?;
    let all = Range::of_integer(size, signed);
    let (own, (own_size, _)) = (range::own(e, which)?, e.ty().get(which).integer()?);
    if own.within(all) {
        return Some(vec![own]);
    }
    if signed || own_size > size || own.lo >= 0 {
        return Some(vec![all]);
    }
    let negative = Range { lo: all.hi + 1 + own.lo, hi: all.hi + 1 + own.hi.min(-1) };
    Some(if own.hi < 0 { vec![negative] } else { vec![Range { lo: 0, hi: own.hi }, negative] })
}
