use crate::check::{Check, FixPromise, Level, Need, Problem};
use crate::source::origin;
use crate::source::range::{self, Range};
use crate::source::tree::{Expr, Kind, Op, Shape, Type};
use crate::target::{Pair, Which};

pub(super) const CHECK: Check = Check {
    summary: "an integer conversion that nobody wrote and that loses bits under the new target only",
    why: "The value had as many bytes as the place it goes to, and has more now: lengths, times, offsets and results of \
          `strlen`, `ftell` or a difference of pointers that end in an `int`. Values up to 2^31 survive, so that tests \
          pass. Silent where the value provably fits: a constant, a mask, a remainder, a small `sizeof`, a result that a \
          library function bounds by an argument, where only narrow values are added or multiplied in a wide type \
          (`n * sizeof(struct s)`), and where the conditions around it or the values that a local variable is ever set to say \
          so. Level `look` for what memory bounds (`strlen`, differences of pointers, `sizeof`): that takes an object of \
          2 GiB; and for numbers that the program computes from its own: a `long` that no time, offset, address or other \
          value of the system goes into holds what it always held, and what runs over is cut as it was.",
    level: Level::May,
    fix: FixPromise::ByHand("whether the variable becomes wider or the value is checked depends on where it goes"),
    visits: &[
        Kind::Binary,
        Kind::Call,
        Kind::Cast,
        Kind::CompoundAssign,
        Kind::Conditional,
        Kind::Integer,
        Kind::Member,
        Kind::Name,
        Kind::Other,
        Kind::Paren,
        Kind::SizeOf,
        Kind::Subscript,
        Kind::Unary,
    ],
    look,
};

fn look(e: Expr, problems: &mut Vec<Problem>) {
    if e.is_system(e.conversion()) {
        return;
    }
    if e.kind() == Kind::CompoundAssign {
        compound(e, problems);
    }
    let (from, to) = (e.ty(), e.converted());
    if is_seed(e) || !loses_now(e, from, to) {
        return;
    }
    problems.push(problem(e, from, to));
}

/// `n += wide`: the result goes back into `n` without a node that says so. The low bits of a sum, difference or product
/// are what they were, so that only a wide right side can lose anything; `&=` and `%=` cannot.
fn compound(e: Expr, problems: &mut Vec<Problem>) {
    if !matches!(e.op(), Op::Add | Op::Sub | Op::Mul | Op::BitOr | Op::BitXor) {
        return;
    }
    let mut parts = e.children();
    let (Some(left), Some(right)) = (parts.next(), parts.next()) else { return };
    let (from, to) = (right.converted(), left.ty());
    // A negative step in a wide type adds what it always added.
    let step = range::own(right, Which::New);
    if narrows_now(from, to) && is_wide(right) && !step.is_some_and(|r| fits(r, to.new)) {
        problems.push(problem(right, from, to));
    }
}

/// Whether the conversion of a value loses some of it on the new target, and nothing on the old.
pub(super) fn loses_now(e: Expr, from: Pair<&Type>, to: Pair<&Type>) -> bool {
    narrows_now(from, to) && is_wide(e) && !range::own(e, Which::New).is_some_and(|r| fits(r, to.new))
}

/// `srand(time(0))`: any number will do.
fn is_seed(e: Expr) -> bool {
    let name = e.context().callee().map_or("", |c| &c.new.name);
    matches!(name, "srand" | "srandom" | "srand48")
}

/// Nothing is lost on {{old}}, something on {{new}}.
fn narrows_now(from: Pair<&Type>, to: Pair<&Type>) -> bool {
    let sizes = from.zip(to).map(|(f, t)| Some((f.integer()?.0, t.integer()?.0))).both();
    sizes.is_some_and(|s| s.old.0 <= s.old.1 && s.new.0 > s.new.1)
}

/// Whether a value of more than 4 bytes goes into the expression. Where only narrow ones are added, multiplied or masked
/// in a wide type (`n * sizeof(struct s)`), the low 4 bytes are what they were when the type had 4.
fn is_wide(e: Expr) -> bool {
    let narrow = |e: Expr| e.ty().new.integer().is_some_and(|(size, _)| size <= 4);
    let parts = |skip: usize| e.children().skip(skip).any(|c| !narrow(c) && is_wide(c));
    if e.value().new.is_some() {
        return !e.value().new.is_some_and(|v| fits(Range { lo: v, hi: v }, e.converted().old));
    }
    match (e.kind(), e.op()) {
        (Kind::Paren, _) | (Kind::Unary, Op::Minus | Op::Plus | Op::BitNot) => parts(0),
        (Kind::Binary, Op::Add | Op::Sub | Op::Mul | Op::Shl | Op::BitAnd | Op::BitOr | Op::BitXor)
            if e.ty().new.integer().is_some() && e.children().all(|c| c.ty().new.integer().is_some()) =>
        {
            parts(0)
        }
        (Kind::Binary, Op::Comma) | (Kind::Conditional, _) => parts(1),
        (Kind::Cast, _) => e.operand().is_some_and(|o| !narrow(o) && is_wide(o)),
        _ => true,
    }
}

/// Whether every value is kept: in the type itself, or as the bits that its other sign has.
fn fits(range: Range, to: &Type) -> bool {
    to.integer().is_some_and(|(size, signed)| {
        range.within(Range::of_integer(size, signed)) || range.within(Range::of_integer(size, !signed))
    })
}

/// Whether a value is at most as large as an object in memory: lengths, distances, sizes, and sums of them with what is
/// narrow.
pub(super) fn is_bounded_by_memory(e: Expr) -> bool {
    let e = e.inner();
    let narrow = |e: Expr| e.ty().new.integer().is_some_and(|(size, _)| size <= 4);
    let memory = |e: Expr| narrow(e) || e.value().new.is_some() || is_bounded_by_memory(e);
    match (e.kind(), e.op()) {
        (Kind::SizeOf, _) => true,
        (Kind::Call, _) => {
            let name = e.callee().map_or("", |c| &c.new.name);
            matches!(
                name,
                "strlen" | "strnlen" | "strspn" | "strcspn" | "strftime" | "wcslen" | "mbstowcs" | "wcstombs"
            )
        }
        (Kind::Binary, Op::Sub) if e.children().all(|c| c.ty().new.is_address()) => true,
        (Kind::Binary, Op::Add | Op::Sub | Op::Mul | Op::Div | Op::Rem | Op::Shr | Op::BitAnd) => {
            e.children().all(memory)
        }
        (Kind::Conditional, _) => e.children().skip(1).all(memory),
        (Kind::Cast, _) => e.operand().is_some_and(memory),
        _ => false,
    }
}

/// Whether an expression is the distance from wherever a pointer points to an array or text: a negative one within one
/// object, which nobody asks for, or one between two objects, which may lie anywhere.
fn is_between_objects(e: Expr) -> bool {
    let e = e.inner();
    let mut parts = e.children();
    let (Some(to), Some(from)) = (parts.next(), parts.next()) else { return false };
    let array = |e: Expr| matches!(e.ty().new.shape, Shape::Array { .. });
    let object = matches!(to.bare().kind(), Kind::Name | Kind::Member | Kind::Text) && array(to.bare());
    let pointer = matches!(from.bare().kind(), Kind::Name | Kind::Member) && !array(from.bare());
    e.kind() == Kind::Binary && e.op() == Op::Sub && object && pointer
}

fn problem(e: Expr, from: Pair<&Type>, to: Pair<&Type>) -> Problem {
    let origin = origin::of(e);
    let own = (!origin.wide && !origin.address && !is_between_objects(e)).then_some(Need::NothingWideIn(origin.slots));
    Problem {
        calm: is_bounded_by_memory(e) && !is_between_objects(e),
        calmed_by: own.into_iter().collect(),
        place: e.conversion(),
        message: format!("{}; `{}` keeps {}", sizes(from), to.new.name, to.new.size.unwrap_or(0)),
        help: "make what it goes to as wide as the value, or check the value and convert it with a cast".into(),
        ..Problem::default()
    }
}

/// What the value is on both, each with the name that it has there.
pub(super) fn sizes(from: Pair<&Type>) -> String {
    let bytes = from.map(|t| t.size.unwrap_or(0));
    let names = from.map(|t| &t.name);
    if names.differs() {
        format!(
            "a value of {} bytes on {{old}} (`{}`) and {} on {{new}} (`{}`)",
            bytes.old, names.old, bytes.new, names.new
        )
    } else {
        format!("`{}` has {} bytes on {{old}} and {} on {{new}}", names.new, bytes.old, bytes.new)
    }
}
