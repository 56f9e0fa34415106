use crate::check::{Check, FixPromise, Level, Note, Problem};
use crate::edit::Change;
use crate::source::range::{self, Range};
use crate::source::tree::{Expr, Kind, Op, Place};
use crate::target::Which;

pub(super) const CHECK: Check = Check {
    summary: "a shift that relies on bit 31 being the last one of a word that has 64 bits under the new target",
    why: "`(x << 16) >> 16` extends a sign, or clears the upper half, as long as the upper bits are pushed out of the word. \
          `(unsigned long)x >> 31` is the sign of `x`, 0 or 1, where bit 31 is the sign. `flags |= 1 << 31` sets one bit of a \
          word of 32, and 33 bits of one of 64, since `1 << 31` is a negative `int`. Silent where the values are known to \
          be such that both give the same, where the result is masked or cut to 4 bytes, and for `1UL << 31`.",
    level: Level::May,
    fix: FixPromise::Edits("`1 << 31` becomes `1UL << 31`; the others need a word of 32 bits (`uint32_t`), or a cast"),
    visits: &[Kind::Binary, Kind::CompoundAssign, Kind::Paren, Kind::Integer],
    look,
};

fn look(e: Expr, problems: &mut Vec<Problem>) {
    let shifted = pushed_out(e).or_else(|| sign_taken(e)).map(|found| (e.written(), found));
    let found = shifted.or_else(|| top_bit(e).map(|found| (e.conversion(), found)));
    if let Some((place, (message, help))) = found.filter(|(place, _)| !e.is_system(*place)) {
        problems.push(Problem {
            place,
            message: message.into(),
            help: help.into(),
            change: top_bit(e).and_then(|_| one(e)).map(|place| Change::Replace {
                place,
                was: "1".into(),
                by: "1UL".into(),
            }),
            notes: e.ty().new.declared.map(|place| Note { place, text: "the word".into() }).into_iter().collect(),
            ..Problem::default()
        });
    }
}

/// The parts of a shift to the right by a constant of a word that had 4 bytes and has 8.
fn shift_right(e: Expr<'_>) -> Option<(Expr<'_>, i128, bool)> {
    let mut parts = e.children();
    let (word, by) = (parts.next()?.inner(), parts.next()?.value().new?);
    let ty = e.ty().map(crate::source::tree::Type::integer).both()?;
    let widened = ty.old.0 == 4 && ty.new.0 == 8 && e.kind() == Kind::Binary && e.op() == Op::Shr;
    (widened && (1..32).contains(&by) && e.value().new.is_none()).then_some((word, by, ty.new.1))
}

/// `(x << n) >> n`
fn pushed_out(e: Expr) -> Option<(&'static str, &'static str)> {
    let (left, by, signed) = shift_right(e)?;
    let left = if left.kind() == Kind::Cast { left.operand()?.inner() } else { left };
    let mut parts = left.children();
    let (word, again) = (parts.next()?, parts.next()?.value().new?);
    let wide = left.ty().new.size == Some(8) && left.ty().old.size == Some(4);
    if left.op() != Op::Shl || again != by || !wide || is_cut(e, 32 - by) {
        return None;
    }
    let bits = u32::try_from(32 - by).ok()?;
    let kept = if signed {
        Range { lo: -(1 << (bits - 1)), hi: (1 << (bits - 1)) - 1 }
    } else {
        Range { lo: 0, hi: (1 << bits) - 1 }
    };
    let same = range::converted(word, Which::New).is_some_and(|r| r.within(kept));
    let message = if signed {
        "the sign of a narrower number is extended by way of bit 31 on {old}; on {new} nothing is pushed out of the word"
    } else {
        "the upper bits are pushed out of 4 bytes on {old}; on {new} they come back"
    };
    (!same).then_some((message, "cast to a type of that width, or use a word of 32 bits"))
}

/// `(unsigned long)x >> 31`
fn sign_taken(e: Expr) -> Option<(&'static str, &'static str)> {
    let (word, by, signed) = shift_right(e)?;
    let value = if word.kind() == Kind::Cast { word.operand()? } else { return None };
    let from_signed = value.ty().map(|t| t.integer().is_some_and(|(_, signed)| signed));
    let negative = range::own(value, Which::New).is_some_and(|r| r.lo < 0);
    let takes = !signed && by >= 24 && from_signed.old && from_signed.new && negative && !is_cut(e, 32 - by);
    takes.then_some((
        "the upper bits of a negative number: those below bit 32 on {old}, and 32 more on {new}",
        "cast to `uint32_t` first",
    ))
}

/// Whether no more of the result is used than so many bits, or 4 bytes.
fn is_cut(e: Expr, bits: i128) -> bool {
    let up = e.context();
    let narrow = |e: Expr| e.ty().new.integer().is_some_and(|(size, _)| i128::from(size) * 8 <= bits.max(8));
    let top = 1i128 << bits.clamp(0, 64);
    let masked = up.op() == Op::BitAnd && up.children().any(|c| c.value().new.is_some_and(|v| (0..top).contains(&v)));
    let to = e.converted().new.integer().is_some_and(|(size, _)| i128::from(size) * 8 <= bits.max(8));
    masked || to || (up.kind() == Kind::Cast && narrow(up))
}

/// The 1 of `1 << 31`
fn one(e: Expr) -> Option<Place> {
    e.inner().children().next()?.number(1)
}

/// `1 << 31` as an `int` that becomes an unsigned word.
fn top_bit(e: Expr) -> Option<(&'static str, &'static str)> {
    let value = e.value().both()?;
    let becomes = e.converted().map(crate::source::tree::Type::integer).both()?;
    let shifted = e.inner().kind() == Kind::Binary && e.inner().op() == Op::Shl;
    let bit = i128::from(i32::MIN);
    let widens = becomes.old == (4, false) && becomes.new == (8, false) && e.ty().new.integer() == Some((4, true));
    if !shifted || value.old != bit || value.new != bit || !widens {
        return None;
    }
    // Beside a mask or in a question the bits above do not show unless they are there.
    let up = e.context();
    let sets = match up.kind() {
        Kind::Binary => matches!(up.op(), Op::BitOr | Op::BitXor | Op::Add | Op::Sub | Op::Assign),
        Kind::CompoundAssign => matches!(up.op(), Op::BitOr | Op::BitXor | Op::Add | Op::Sub),
        Kind::Variable | Kind::Return | Kind::InitList | Kind::Call | Kind::Conditional => true,
        _ => false,
    };
    sets.then_some((
        "a negative `int`: one bit of a word of 4 bytes on {old}, and all bits from 31 on of one of 8 on {new}",
        "write `1UL << 31`",
    ))
}
