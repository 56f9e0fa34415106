use crate::check::{Check, FixPromise, Level, Note, Problem};
use crate::source::flow::same;
use crate::source::range;
use crate::source::tree::{Expr, Kind, Op};
use crate::target::Which;

pub(super) const CHECK: Check = Check {
    summary: "a rotation by 32 bits of a word that has 64 under the new target",
    why: "Hashes, checksums and ciphers rotate: `x << n | x >> (32 - n)` on an `unsigned long` brings the upper bits back \
          under ILP32. Under LP64 they stay in the upper half, and the result is another one: old files, signatures and \
          peers do not fit any more. Not found: sums and products that rely on running over, which look like any other \
          arithmetic; where one of these is found, look at its neighbours.",
    level: Level::Breaks,
    fix: FixPromise::ByHand("`uint32_t` for the word, and for all that it is computed with"),
    visits: &[Kind::Binary],
    look,
};

fn look(e: Expr, problems: &mut Vec<Problem>) {
    let Some(word) = rotated(e) else { return };
    let place = e.written();
    let sizes = e.ty().map(|t| t.integer().map(|(size, _)| size)).both();
    let Some(sizes) = sizes.filter(|s| s.old == 4 && s.new == 8 && !e.is_system(place)) else { return };
    // What was cut to 32 bits before rotates as it did.
    if range::own(word, Which::New).is_some_and(|r| r.lo >= 0 && r.hi <= i128::from(u32::MAX)) {
        return;
    }
    problems.push(Problem {
        place,
        message: format!(
            "`{}` has {} bits on {{old}} and {} on {{new}}; this rotates by way of 32",
            e.ty().new.name,
            sizes.old * 8,
            sizes.new * 8
        ),
        help: "use `uint32_t` of <stdint.h>".into(),
        notes: e.ty().new.declared.map(|place| Note { place, text: "the word".into() }).into_iter().collect(),
        ..Problem::default()
    });
}

/// The word that an expression rotates by way of 32 bits, as its upper bits are taken down.
pub(super) fn rotated(e: Expr<'_>) -> Option<Expr<'_>> {
    if e.kind() != Kind::Binary || !matches!(e.op(), Op::BitOr | Op::BitXor | Op::Add) {
        return None;
    }
    let mut parts = e.children().map(Expr::inner);
    let (first, second) = (parts.next()?, parts.next()?);
    if !matches!((first.op(), second.op()), (Op::Shl, Op::Shr) | (Op::Shr, Op::Shl)) {
        return None;
    }
    let ((word, by), (again, back)) = (operands(first)?, operands(second)?);
    let right = if first.op() == Op::Shr { word } else { again };
    (same(word, again) && makes_32(by, back)).then_some(right)
}

fn operands(e: Expr<'_>) -> Option<(Expr<'_>, Expr<'_>)> {
    let mut parts = e.children();
    Some((parts.next()?.bare(), parts.next()?.inner()))
}

/// Whether two shifts make 32: `5` and `27`, or `n` and `32 - n`.
fn makes_32(n: Expr, m: Expr) -> bool {
    if let (Some(a), Some(b)) = (n.value().new, m.value().new) {
        return a + b == 32;
    }
    let rest = |whole: Expr, part: Expr| {
        whole.kind() == Kind::Binary
            && whole.op() == Op::Sub
            && operands(whole).is_some_and(|(a, b)| a.value().new == Some(32) && same(b.bare(), part.bare()))
    };
    rest(m, n) || rest(n, m)
}
