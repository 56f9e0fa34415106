use super::implicit_narrowing::{is_bounded_by_memory, loses_now, sizes};
use crate::check::{Check, FixPromise, Level, Problem};
use crate::source::address;
use crate::source::tree::{Expr, Kind};

pub(super) const CHECK: Check = Check {
    summary: "a cast of an integer that loses bits under the new target only",
    why: "`(int)ftell(f)` was written when it changed nothing, to please a compiler; under the new target it cuts, and no \
          compiler says so of what a cast asks for. Level `look`: whoever writes a cast may have meant it. Silent where the \
          value provably fits, as in `implicit_narrowing`, and for lengths and sizes, which memory bounds.",
    level: Level::Look,
    fix: FixPromise::ByHand("decide whether the value can be larger; a type as wide as it is needs no cast"),
    visits: &[Kind::Cast],
    look,
};

fn look(e: Expr, problems: &mut Vec<Problem>) {
    let place = e.written();
    let Some(operand) = e.operand().filter(|_| !e.is_system(place)) else { return };
    let (from, to) = (operand.converted(), e.ty());
    // What carries an address is `pointer_truncation`'s affair.
    if !loses_now(operand, from, to) || address::carried(operand).is_some() || is_bounded_by_memory(operand) {
        return;
    }
    problems.push(Problem {
        place,
        message: format!("{}; the cast keeps {}", sizes(from), to.new.size.unwrap_or(0)),
        help: "cast to a type as wide as the value, or check the value first".into(),
        ..Problem::default()
    });
}
