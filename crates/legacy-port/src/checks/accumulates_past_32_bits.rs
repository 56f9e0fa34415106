use super::wraps_at_32_bits::rotated;
use crate::check::{Check, FixPromise, Level, Note, Problem};
use crate::source::flow::same;
use crate::source::slot;
use crate::source::tree::{Expr, Kind, Op};
use crate::source::uses::uses;

pub(super) const CHECK: Check = Check {
    summary: "a hash, checksum or random number that ran over at 32 bits and does not under the new target",
    why: "`h = h * 31 + c`, `seed = seed * 1103515245 + 12345`, `h = (h << 4) ^ (h >> 28) ^ c` in a `long` or `unsigned long` \
          rely on what is lost above bit 31. Under the new target it is kept: `h % size` is another place in the table, \
          `seed >> 16` another number, and what was written to files or sent does not fit. Silent where the word is cut to \
          32 bits (`& 0xFFFFFFFF`, a cast), and where nothing but its low bits is used. Not found: sums and products that \
          run over once and are not fed back, which look like any other arithmetic.",
    level: Level::May,
    fix: FixPromise::ByHand("`uint32_t` for the word, and for all that it is computed with"),
    visits: &[Kind::Binary, Kind::CompoundAssign],
    look,
};

fn look(e: Expr, problems: &mut Vec<Problem>) {
    let place = e.written();
    if !(e.kind() == Kind::CompoundAssign || e.op() == Op::Assign) || e.is_system(place) {
        return;
    }
    let mut parts = e.children();
    let (Some(word), Some(value)) = (parts.next().map(Expr::inner), parts.next()) else { return };
    let sizes = word.ty().map(|t| t.integer().map(|(size, _)| size)).both();
    if sizes.is_none_or(|s| s.old != 4 || s.new != 8) || !feeds_back(e, word, value) || only_low_bits(word) {
        return;
    }
    problems.push(Problem {
        place,
        message: format!(
            "`{}` has 32 bits on {{old}} and 64 on {{new}}: what ran over here is kept",
            if word.name().is_empty() { &word.ty().new.name } else { word.name() }
        ),
        help: "use `uint32_t` of <stdint.h>".into(),
        notes: word.ty().new.declared.map(|place| Note { place, text: "the word".into() }).into_iter().collect(),
        ..Problem::default()
    });
}

/// Whether the word goes into its own next value in a way that grows fast: multiplied, or shifted and mixed with itself.
fn feeds_back(e: Expr, word: Expr, value: Expr) -> bool {
    let is_word = |x: Expr| same(x.bare(), word);
    let shifted = |x: Expr| x.kind() == Kind::Binary && x.op() == Op::Shl && x.children().next().is_some_and(is_word);
    let inner = value.bare();
    if e.kind() == Kind::CompoundAssign {
        let mixes = matches!(e.op(), Op::Add | Op::Sub | Op::BitXor);
        return (e.op() == Op::Mul && is_factor(value)) || (mixes && shifted(inner));
    }
    let cut = (inner.op() == Op::BitAnd && inner.children().any(|c| c.value().new.is_some())) || inner.op() == Op::Rem;
    let narrow = value.inner().kind() == Kind::Cast && value.inner().ty().new.size.is_some_and(|s| s <= 4);
    if cut || narrow {
        return false;
    }
    let multiplied = |x: Expr| {
        let mut parts = x.children();
        let pair = parts.next().zip(parts.next());
        x.kind() == Kind::Binary
            && x.op() == Op::Mul
            && pair.is_some_and(|(a, b)| (is_word(a) && is_factor(b)) || (is_word(b) && is_factor(a)))
    };
    // A rotation is `wraps_at_32_bits`'s affair.
    if std::iter::once(inner).chain(value.descendants()).any(|x| rotated(x).is_some()) {
        return false;
    }
    let all = || std::iter::once(inner).chain(value.descendants());
    let again = all().filter(|x| x.kind() == word.kind() && same(*x, word)).count() > 1;
    all().any(multiplied) || (again && all().any(shifted))
}

/// A factor of hashes and generators: odd, and no base that numbers are written in.
fn is_factor(e: Expr) -> bool {
    e.value().new.is_some_and(|v| v > 16 && v % 2 == 1)
}

/// Whether nothing but the lower half of a local variable is ever used: that is what it was.
fn only_low_bits(word: Expr) -> bool {
    let Some(decl) = word.decl_id().new.filter(|d| word.kind() == Kind::Name && slot::is_local(word, *d)) else {
        return false;
    };
    let mut uses = uses(word.enclosing(), decl);
    uses.all(|u| {
        let up = u.context();
        let narrow = |size: Option<u64>| size.is_some_and(|s| s <= 4);
        let masked = up.op() == Op::BitAnd && up.children().any(|c| c.value().new.is_some_and(|v| v <= 0xFFFF_FFFF));
        let cast = up.kind() == Kind::Cast && narrow(up.ty().new.size);
        // Products, sums and shifts to the left have low bits that follow from low bits.
        let step = matches!(up.op(), Op::Mul | Op::Add | Op::Sub | Op::BitXor | Op::Shl) && goes_back(up, word);
        masked || cast || step || narrow(u.converted().new.size)
    })
}

/// Whether what an operation gives goes on into the word itself.
fn goes_back(operation: Expr, word: Expr) -> bool {
    let mut up = operation;
    while matches!(up.kind(), Kind::Binary | Kind::Paren)
        && matches!(up.op(), Op::None | Op::Mul | Op::Add | Op::Sub | Op::BitXor | Op::Shl)
    {
        up = up.parent();
    }
    let target = up.children().next().is_some_and(|t| same(t.inner(), word));
    target && (up.op() == Op::Assign || up.kind() == Kind::CompoundAssign)
}
