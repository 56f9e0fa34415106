use crate::check::{Check, FixPromise, Level, Note, Problem};
use crate::source::flow::same;
use crate::source::slot;
use crate::source::tree::{Expr, Kind, Op, Type};

pub(super) const CHECK: Check = Check {
    summary: "a set of bits in words that had 32 of them and have 64 under the new target, gone through 32 a word",
    why: "`set->fds_bits[fd / 32] |= 1 << (fd % 32)` is what `FD_SET` did. Under the new target the library and the kernel \
          have 64 descriptors in a word, so that number 40 is bit 8 of another word, and nobody waits for it. Level `look` for \
          sets that the program alone has: half of each word lies idle, which is right until such a set is cleared or copied \
          by its bytes, counted word by word, kept in a file, or handed on. Found where the number of the word is `n / 32` or `n >> 5` \
          and, for the program's own sets, the number of the bit is `n % 32` or `n & 31` of the same `n`. Silent where the \
          width follows the word (`NFDBITS`, `sizeof(long) * 8`) and for words that have 32 bits on both.",
    level: Level::Breaks,
    fix: FixPromise::ByHand(
        "`FD_SET` and its kin, `sizeof` of the word, or `uint32_t` for it: a person knows who else reads it",
    ),
    visits: &[Kind::Subscript, Kind::Unary],
    look,
};

fn look(e: Expr, problems: &mut Vec<Problem>) {
    let place = e.written();
    let sizes = e.ty().map(|t| t.integer().map(|(size, _)| size)).both();
    if sizes.is_none_or(|s| s.old != 4 || s.new != 8) || e.is_system(place) {
        return;
    }
    let Some((words, index)) = element(e) else { return };
    let Some(number) = split(index, Op::Div, 32).or_else(|| split(index, Op::Shr, 5)) else { return };
    let foreign = is_systems(words, e.ty().new);
    if !foreign && !has_bit_of(e, number) {
        return;
    }
    problems.push(Problem {
        place,
        message: format!(
            "`{}` has 32 bits on {{old}} and 64 on {{new}}; this has 32 in a word of the set on both",
            e.ty().new.name
        ),
        help: "use `FD_SET` and its kin for descriptors, `sizeof` of the word times 8, or `uint32_t` for the word"
            .into(),
        notes: slot::declared(words)
            .filter(|p| !e.is_system(*p))
            .map(|place| Note { place, text: "the set".into() })
            .into_iter()
            .collect(),
        calm: !foreign,
        ..Problem::default()
    });
}

/// `words[index]` or `*(words + index)`
fn element(e: Expr<'_>) -> Option<(Expr<'_>, Expr<'_>)> {
    let whole = match (e.kind(), e.op()) {
        (Kind::Subscript, _) => e,
        (Kind::Unary, Op::Deref) => e.children().next()?.inner(),
        _ => return None,
    };
    if whole.id != e.id && (whole.kind() != Kind::Binary || whole.op() != Op::Add) {
        return None;
    }
    let mut parts = whole.children();
    let (a, b) = (parts.next()?, parts.next()?);
    if b.ty().new.is_address() { Some((b, a)) } else { Some((a, b)) }
}

/// The `n` of `n / 32`, where the operator and the number are these on both targets.
fn split(e: Expr<'_>, op: Op, by: i128) -> Option<Expr<'_>> {
    let e = e.bare();
    let mut parts = e.children().filter(|_| e.kind() == Kind::Binary && e.op() == op);
    let (number, of) = (parts.next()?, parts.next()?.value().both()?);
    (of.old == by && of.new == by).then_some(number)
}

/// Whether the system made the set: a member that one of its headers declares, or a word that one of them names.
fn is_systems(words: Expr, word: &Type) -> bool {
    let built_in = word.name.split(' ').any(|w| w == "long");
    let of_system = || {
        let decl = words.bare().decl().filter(|_| words.bare().kind() == Kind::Member);
        decl.and_then(|d| d.new.place).is_some_and(|p| words.is_system(p))
    };
    of_system() || (!built_in && word.declared.is_none())
}

/// How far a bit is looked for from its word: no expression that a person wrote is longer.
const NEAR: usize = 200;

/// Whether the expression around a word names the bit as well: `n % 32`, `n & 31`.
fn has_bit_of(word: Expr, number: Expr) -> bool {
    let mut whole = word;
    for _ in 0..8 {
        let up = whole.parent();
        let goes_on = matches!(up.kind(), Kind::Paren | Kind::Cast | Kind::Unary | Kind::Binary | Kind::CompoundAssign);
        if !goes_on {
            break;
        }
        whole = up;
    }
    let bit = |d: Expr| split_bit(d).is_some_and(|n| same(n.bare(), number.bare()));
    whole.descendants().take(NEAR).any(bit)
}

fn split_bit(e: Expr<'_>) -> Option<Expr<'_>> {
    let binary = e.kind() == Kind::Binary && matches!(e.op(), Op::Rem | Op::BitAnd);
    binary.then(|| split(e, Op::Rem, 32).or_else(|| split(e, Op::BitAnd, 31))).flatten()
}
