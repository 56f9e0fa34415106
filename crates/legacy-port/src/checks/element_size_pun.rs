use crate::check::{Check, FixPromise, Level, Problem};
use crate::source::program::width;
use crate::source::tree::{Expr, Kind, Op, Shape, Type};
use crate::target::Pair;

pub(super) const CHECK: Check = Check {
    summary: "memory of one type accessed as another that was as wide under the old target only",
    why: "`*(long *)two_shorts` takes 8 bytes where 4 were meant and writes over what follows; `*(int *)&pointer` takes or \
          sets a half. Found where an address of numbers or pointers is made an address of numbers or pointers of another \
          type, and one of the two has another width under the new target and the other has not. Conversions that nobody wrote are found as well: `int n; get_time(&n);` for a parameter that points to \
          a `long` lets the function write past `n`. Silent for `void *`, for bytes (`bytes_as_words` has those), for records, and \
          where both have the same widths on both.",
    level: Level::Breaks,
    fix: FixPromise::ByHand(
        "which of the two types is the right one a person knows; <stdint.h> has those of fixed width",
    ),
    visits: &[Kind::Cast, Kind::Name, Kind::Member, Kind::Unary, Kind::Call, Kind::Subscript, Kind::Binary],
    look,
};

fn look(e: Expr, problems: &mut Vec<Problem>) {
    let (from, to, place) = match e.kind() {
        Kind::Cast => {
            let Some(operand) = e.operand() else { return };
            (operand.converted(), e.ty(), e.written())
        }
        _ => (e.ty(), e.converted(), e.conversion()),
    };
    if from.new.name == to.new.name || e.is_system(place) {
        return;
    }
    let (Some(to), Some(from)) = (e.tree.pointee(to), e.tree.pointee(from)) else { return };
    let (Some(to_width), Some(from_width)) = (number(to), number(from)) else { return };
    if to_width.differs() == from_width.differs() {
        return;
    }
    let used = e.context();
    let at_once = (used.kind() == Kind::Unary && used.op() == Op::Deref) || used.kind() == Kind::Subscript;
    // Bytes have no width of their own: `bytes_as_words` asks for those.
    let of_bytes = from_width.new == 1 || to_width.new == 1;
    if of_bytes || (from_width.old != to_width.old && !at_once) {
        return;
    }
    problems.push(Problem {
        place,
        message: format!(
            "`{}` has {} on {{old}} and {} on {{new}}, `{}` has {}",
            to.new.name,
            bytes(to_width.old),
            bytes(to_width.new),
            from.new.name,
            if from_width.differs() {
                format!("{} and {}", from_width.old, from_width.new)
            } else {
                format!("{} on both", from_width.new)
            },
        ),
        help: "access it as what it is, or give both types of fixed width (<stdint.h>)".into(),
        ..Problem::default()
    });
}

fn bytes(n: u64) -> String {
    if n == 1 { "1 byte".into() } else { format!("{n} bytes") }
}

/// Bytes of a number, floating ones as well, or of a pointer; `None` for anything else.
fn number(ty: Pair<&Type>) -> Option<Pair<u64>> {
    let floating = matches!(ty.new.shape, Shape::Floating).then(|| ty.map(|t| t.size).both()).flatten();
    width(ty).or(floating)
}
