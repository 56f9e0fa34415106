use crate::check::{Check, FixPromise, Level, Need, Note, Problem};
use crate::source::address;
use crate::source::slot::{self, Slot};
use crate::source::tree::{Expr, Kind, Place, Type};
use crate::target::Pair;

pub(super) const CHECK: Check = Check {
    summary: "a pointer converted to an integer that held all of it under the old target only",
    why: "The upper half of the address is lost. Converted back it points elsewhere, and the program crashes, or, where the \
          address happens to be low, works until the day it is not. Found in casts and in conversions that nobody wrote: \
          assignments, arguments, results, initializers. Silent where only low bits are used (`& 3`), for offsets \
          computed from a null pointer, for constants, and where the result is an index (`table[(int)p]`): then the \
          pointer held a small number. Level `look` where some unit keeps numbers in the pointer, or in others of its type if that \
          has a name (`XtPointer`), and where the function \
          that gets the result uses it as a number alone (prints it, splits it into bytes). Differences of two such integers are `pointer_difference`'s affair.",
    level: Level::Breaks,
    fix: FixPromise::ByHand(
        "whether the integer should be `intptr_t` or the pointer a pointer depends on its other uses",
    ),
    visits: &[
        Kind::Call,
        Kind::Cast,
        Kind::Conditional,
        Kind::Member,
        Kind::Name,
        Kind::Paren,
        Kind::Subscript,
        Kind::Text,
        Kind::Unary,
        Kind::Binary,
    ],
    look,
};

fn look(e: Expr, problems: &mut Vec<Problem>) {
    if e.kind() == Kind::Cast
        && let Some(operand) = e.operand()
        && let Some(pointer) = address::carried(operand)
        && report(e, e.written(), pointer, e.ty(), problems)
    {
        return;
    }
    // A conversion that nobody wrote: an address goes by itself to where an integer is wanted.
    if e.ty().new.is_address() && e.converted().new.integer().is_some() {
        report(e, e.conversion(), e, e.converted(), problems);
    }
}

fn report(at: Expr, place: Place, pointer: Expr, to: Pair<&Type>, problems: &mut Vec<Problem>) -> bool {
    let Some(to_size) = to.map(|t| t.integer().map(|(size, _)| size)).both() else { return false };
    let from = at.tree.sides.as_ref().map(|side| side.pointer_size);
    if from.old > to_size.old
        || from.new <= to_size.new
        || at.is_system(place)
        || address::means_the_same(at)
        || (at.kind() == Kind::Cast && narrower(at.converted().new, at.ty().new))
        || address::is_offset(pointer)
    {
        return false;
    }
    let names = if pointer.converted().new.is_address() { pointer.converted() } else { pointer.ty() };
    // A member or global that a pointer is kept in is the place to change, once for all its uses.
    let goes = slot::destination(at);
    let declared = goes.as_ref().and_then(|g| g.declared);
    let kept = declared.filter(|d| !at.is_system(*d) && is_shared(at, *d));
    let mut notes: Vec<Note> =
        kept.map(|_| Note { place, text: "a pointer is kept in it here".into() }).into_iter().collect();
    if kept.is_none() && place != at.node().place {
        notes.push(Note { place: at.node().place, text: "the macro is used here".into() });
    }
    notes.extend(parameter(at, goes.as_ref().map(|g| &g.to)));
    problems.push(Problem {
        place: kept.unwrap_or(place),
        message: format!(
            "`{}` has {} bytes on {{old}} and {} on {{new}}; `{}` keeps {}",
            names.new.name, from.old, from.new, to.new.name, to_size.new
        ),
        help: "keep the pointer, or use `intptr_t` or `uintptr_t` of <stdint.h>".into(),
        notes,
        calmed_by: calms(pointer, goes.map(|g| g.to)),
        ..Problem::default()
    });
    true
}

/// The declaration of the function whose parameter the pointer is passed for.
fn parameter(at: Expr, to: Option<&Slot>) -> Option<Note> {
    let Some(Slot::Parameter(name, i)) = to else { return None };
    let mut call = at.parent();
    while call.kind() != Kind::Call {
        if matches!(call.kind(), Kind::Function | Kind::Unit) {
            return None;
        }
        call = call.parent();
    }
    let place = call.callee().filter(|c| c.new.name == *name)?.new.place.filter(|p| !at.is_system(*p))?;
    Some(Note { place, text: format!("parameter {} takes it", i + 1) })
}

/// What would make it no loss: the pointer holds numbers, or a number is all that the result is used for.
fn calms(pointer: Expr, to: Option<Slot>) -> Vec<Need> {
    let from = slot::read(pointer).into_iter().chain(slot::of_type(pointer.ty().new)).map(Need::NumberIn);
    let to = match to {
        Some(Slot::Parameter(name, i)) => Some(Need::Numeric(name, i)),
        _ => None,
    };
    from.chain(to).collect()
}

/// Whether a declaration is a member, or a variable outside of functions.
fn is_shared(e: Expr, place: Place) -> bool {
    let function = e.enclosing();
    let body = function.node().place;
    function.kind() == Kind::Unit || place.file != body.file || !(body.start..body.end).contains(&place.start)
}

fn narrower(outer: &Type, inner: &Type) -> bool {
    matches!((outer.integer(), inner.integer()), (Some((o, _)), Some((i, _))) if o < i)
}
