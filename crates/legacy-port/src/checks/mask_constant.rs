use crate::check::{Check, FixPromise, Level, Problem};
use crate::source::range::{self, Range};
use crate::source::tree::{Expr, Kind, Op, Type};
use crate::target::Which;

pub(super) const CHECK: Check = Check {
    summary: "a constant of 32 bits that was all of the word it meets, and is the lower half under the new target",
    why: "`x & 0xFFFFFFFC` clears two bits of an `unsigned long` under ILP32, and the upper half as well under LP64: of an \
          address nothing useful is left. `x == 0xFFFFFFFF` was the way to ask for -1 in an `unsigned long`, and is never \
          true any more for one that was set to -1. Silent for `& 0xFFFFFFFF`, which cuts to 32 bits and means to, for \
          masks that take bits out of the middle or ask for them, where 4 bytes of the result are kept, and for words that have 32 bits on both.",
    level: Level::May,
    fix: FixPromise::ByHand("`~(type)3` for a mask, the type's own limit or a word of 32 bits for a mark"),
    visits: &[Kind::Binary, Kind::CompoundAssign],
    look,
};

fn look(e: Expr, problems: &mut Vec<Problem>) {
    let parts: Vec<Expr> = e.children().collect();
    let [a, b] = parts.as_slice() else { return };
    for (constant, other) in [(*b, *a), (*a, *b)] {
        let Some(value) = constant.value().new.filter(|_| other.value().new.is_none()) else { continue };
        // The word: as wide as the constant under the old target, wider under the new.
        let word = if e.kind() == Kind::CompoundAssign { other.ty() } else { other.converted() };
        let sizes = word.map(|t| t.integer().map(|(size, _)| size)).both();
        if sizes.is_none_or(|s| s.old != 4 || s.new != 8) || narrow(other) || e.is_system(constant.written()) {
            continue;
        }
        let what = match e.op() {
            Op::BitAnd if is_top_mask(value) && !takes_out(e) && !e.is_tested() && !is_cut(e) => {
                "clears the upper half"
            }
            Op::Equal | Op::NotEqual if value == 0xFFFF_FFFF => "is no longer what -1 is in it",
            _ => continue,
        };
        problems.push(Problem {
            place: constant.written(),
            message: format!("`{}` has 4 bytes on {{old}} and 8 on {{new}}: this constant {what}", word.new.name),
            help: "write it so that it follows the type, such as `~(type)3`, or give the word 32 bits".into(),
            ..Problem::default()
        });
        return;
    }
}

/// Whether what meets the constant had 4 bytes before it was converted: then its upper half is empty.
fn narrow(e: Expr) -> bool {
    let e = e.inner();
    let small = |r: Range| r.lo >= 0 && r.hi <= i128::from(u32::MAX);
    if range::own(e, Which::New).is_some_and(small) {
        return true;
    }
    let unsigned = e.ty().new.integer().is_some_and(|(size, signed)| size <= 4 && !signed);
    unsigned || (e.kind() == Kind::Cast && e.operand().is_some_and(narrow))
}

/// Whether only 4 bytes of the result are kept.
fn is_cut(e: Expr) -> bool {
    let narrow = |ty: &Type| ty.integer().is_some_and(|(size, _)| size <= 4);
    narrow(e.converted().new) || (e.context().kind() == Kind::Cast && narrow(e.context().ty().new))
}

/// `(x & 0xFFFF0000) >> 16`: bits are taken out and not cleared.
fn takes_out(e: Expr) -> bool {
    e.context().kind() == Kind::Binary && e.context().op() == Op::Shr
}

/// `0xFFFFFFFC`, `0xFFFFF000`: ones down from bit 31 and zeros below.
fn is_top_mask(value: i128) -> bool {
    let low = 0xFFFF_FFFF - value;
    (0x8000_0000..0xFFFF_FFFF).contains(&value) && (low & (low + 1)) == 0
}
