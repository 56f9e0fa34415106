use crate::check::{Check, FixPromise, Level, Note, Problem};
use crate::source::range::{self, Range};
use crate::source::slot;
use crate::source::tree::{DeclId, Expr, Kind, Op};
use crate::source::uses::uses;
use crate::target::{Pair, Which};

pub(super) const CHECK: Check = Check {
    summary: "a number read from text whose range is no longer checked by the function that reads it",
    why: "`strtol` and `strtoul` stop at the limits of `long` and say so by `ERANGE`. That was the check for 32 bits: where the \
          result then goes into an `int` by a cast, `4294967297` was refused and is 1 now. `== 0x7FFFFFFF` asked for the \
          limit, which is another number. And `long n = strtoul(s, 0, 16)` was negative for `FFFFFFFF`. Silent where the result \
          stays as wide as it is, where its range is checked before it is cut, and for `atoi`, whose result nobody can check. A \
          conversion without a cast is `implicit_narrowing`'s finding.",
    level: Level::May,
    fix: FixPromise::ByHand(
        "check the range of the type that the number goes to, such as `INT_MAX`, before it goes there",
    ),
    visits: &[Kind::Call],
    look,
};

fn look(e: Expr, problems: &mut Vec<Problem>) {
    let name = e.callee().map_or("", |c| c.new.name.trim_start_matches("__isoc23_"));
    let unsigned = name == "strtoul";
    let sizes = e.ty().map(|t| t.integer().map(|(size, _)| size));
    if !(unsigned || matches!(name, "strtol" | "atol")) || sizes != (Pair { old: Some(4), new: Some(8) }) {
        return;
    }
    let kept = variable(e);
    let function = e.enclosing();
    // Uses of the result: the call itself, and of the variable that it is kept in.
    let mut values = vec![e];
    values.extend(kept.into_iter().flat_map(|v| uses(function, v)).filter(|u| u.id > e.id));
    let cut = values.iter().copied().find_map(cut_by_cast);
    let mut tell = |at: Expr, message: &str, help: &str, also: Option<Expr>| {
        let place = at.written();
        if !e.is_system(place) {
            let note = |c: Expr| Note { place: c.written(), text: "where 4 bytes of it are kept".into() };
            problems.push(Problem {
                place,
                message: format!("`{name}` {message}"),
                help: help.into(),
                notes: also.map(note).into_iter().collect(),
                ..Problem::default()
            });
        }
    };
    if let Some(cut) = cut
        && let Some(test) = function.descendants().find(|d| d.id > e.id && (asks_errno(*d) || asks_limit(*d, &values)))
    {
        let message = "stops at 32 bits on {old}, so that this test finds what does not fit; on {new} it stops at 64";
        tell(test, message, "check the range of the type that the number goes to", Some(cut));
    }
    for value in values {
        let up = value.context();
        let mut parts = up.children().filter(|p| p.inner().id != value.id);
        let other = parts.next().and_then(|p| p.value().new);
        let equality = matches!(up.op(), Op::Equal | Op::NotEqual) && up.kind() == Kind::Binary;
        let limit = matches!(other, Some(0x7FFF_FFFF | -0x8000_0000)) && !unsigned;
        if equality && limit {
            tell(up, "stops at this number on {old}, and at a greater one on {new}", "compare with `LONG_MAX`", None);
        }
        let signed = value.ty().new.integer() == Some((8, true));
        let below =
            matches!((up.op(), other), (Op::Less | Op::GreaterEqual, Some(0)) | (Op::Equal | Op::NotEqual, Some(-1)));
        if unsigned && signed && below && value.id != e.id {
            let message = "gives what is negative in a `long` of {old} from 2^31 on, and on {new} from 2^63 on";
            tell(up, message, "compare the unsigned number, or read it by `strtol`", None);
        }
    }
}

/// The local variable that a result is kept in as it is.
fn variable(call: Expr) -> Option<DeclId> {
    let mut at = call;
    while matches!(at.context().kind(), Kind::Cast) && at.context().ty().new.size == Some(8) {
        at = at.context();
    }
    let up = at.context();
    let decl = match (up.kind(), up.op()) {
        (Kind::Variable, _) => up.decl_id().new,
        (Kind::Binary, Op::Assign) => up.children().next()?.inner().decl_id().new,
        _ => None,
    }?;
    let ty = call.tree.sides.new.decls.get(decl.0 as usize)?.ty;
    let wide = call.tree.sides.new.types.get(ty.0 as usize)?.integer().is_some_and(|(size, _)| size == 8);
    (wide && slot::is_local(call, decl)).then_some(decl)
}

/// The cast that cuts a value to 4 bytes, where it may not fit.
fn cut_by_cast(e: Expr<'_>) -> Option<Expr<'_>> {
    let up = e.context();
    let to = up.ty().new.integer().filter(|(size, _)| *size == 4 && up.kind() == Kind::Cast)?;
    let fits = |r: Range| r.within(Range::of_integer(4, to.1)) || r.within(Range::of_integer(4, !to.1));
    (!range::own(e, Which::New).is_some_and(fits)).then_some(up)
}

/// `errno == ERANGE`, `errno != 0`, `if (errno)`
fn asks_errno(e: Expr) -> bool {
    let errno = |x: Expr| {
        let x = x.inner();
        x.name() == "errno" || (x.op() == Op::Deref && x.descendants().any(|d| d.name() == "__errno_location"))
    };
    match e.kind() {
        Kind::Binary if matches!(e.op(), Op::Equal | Op::NotEqual) => e.children().any(errno),
        Kind::If => e.children().next().is_some_and(errno),
        _ => false,
    }
}

/// `n == LONG_MAX`
fn asks_limit(e: Expr, values: &[Expr]) -> bool {
    let is_value = |x: Expr| values.iter().any(|v| v.id == x.inner().id);
    let limit = |x: Expr| x.value().both().is_some_and(|v| v.differs() && v.new.abs() > i128::from(u32::MAX));
    matches!(e.op(), Op::Equal | Op::NotEqual) && e.children().any(is_value) && e.children().any(limit)
}
