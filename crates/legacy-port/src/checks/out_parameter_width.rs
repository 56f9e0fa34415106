use crate::check::{Check, FixPromise, Level, Note, Problem};
use crate::source::slot;
use crate::source::tree::{Expr, Kind, Op, Shape, Type};
use crate::source::uses;
use crate::target::Pair;

pub(super) const CHECK: Check = Check {
    summary: "an object that the system fills by its address, as wide as what is written to it under the old target only",
    why: "`int mask; select(n, (fd_set *)&mask, ...)`: sets of descriptors are read and written in words of `long`, which are \
          8 bytes now and go over the end of the `int`. `int t; time(&t)` without the header writes 8 bytes to 4. The other way \
          round `long n; ioctl(fd, FIONREAD, &n)` and `getsockopt` set half of the number, the rest is what was there before. \
          No compiler sees the width, since these take any pointer. Level `look` where the object has a value before. \
          Silent where nothing but the low bits is used (`WEXITSTATUS`), and where widths agree on both.",
    level: Level::Breaks,
    fix: FixPromise::ByHand("the type that the system writes: `fd_set`, `time_t`, `int`"),
    visits: &[Kind::Call],
    look,
};

/// What the system writes at an address.
#[derive(Clone, Copy, PartialEq)]
enum Writes {
    /// 4 bytes.
    Int,
    /// As many as a `long` has.
    Long,
    /// Words of `long`, as many as descriptors need.
    Set,
}

/// Functions that are often called without a prototype, or take any pointer: the position, and what is written there.
const FILLS: &[(&str, usize, Writes)] = &[
    ("accept", 2, Writes::Int),
    ("getpeername", 2, Writes::Int),
    ("getsockname", 2, Writes::Int),
    ("getsockopt", 3, Writes::Int),
    ("getsockopt", 4, Writes::Int),
    ("recvfrom", 5, Writes::Int),
    ("select", 1, Writes::Set),
    ("select", 2, Writes::Set),
    ("select", 3, Writes::Set),
    ("time", 0, Writes::Long),
    ("wait", 0, Writes::Int),
    ("wait3", 0, Writes::Int),
    ("wait4", 1, Writes::Int),
    ("waitpid", 1, Writes::Int),
];

/// Requests of `ioctl` that write a number, as Linux has them on i386, `x86_64` and arm.
const REQUESTS: &[(i128, Writes)] = &[
    (0x1260, Writes::Long), // BLKGETSIZE
    (0x1268, Writes::Int),  // BLKSSZGET
    (0x540F, Writes::Int),  // TIOCGPGRP
    (0x5411, Writes::Int),  // TIOCOUTQ
    (0x5415, Writes::Int),  // TIOCMGET
    (0x5424, Writes::Int),  // TIOCGETD
    (0x541B, Writes::Int),  // FIONREAD
    (0x8905, Writes::Int),  // SIOCATMARK
];

fn look(e: Expr, problems: &mut Vec<Problem>) {
    let Some(callee) = e.callee() else { return };
    let name = callee.new.name.as_str();
    let request = || {
        let number = e.arguments().nth(1)?.value().both()?;
        let known = |n: i128| REQUESTS.iter().find(|(r, _)| *r == n & 0xFFFF_FFFF);
        known(number.new).filter(|_| known(number.old) == known(number.new)).map(|(_, writes)| (2, *writes))
    };
    let listed = FILLS.iter().filter(|(f, ..)| *f == name).map(|(_, at, writes)| (*at, *writes));
    let all: Vec<_> = if name == "ioctl" { request().into_iter().collect() } else { listed.collect() };
    for (at, writes) in all {
        let Some(argument) = e.arguments().nth(at) else { continue };
        let place = argument.conversion();
        // Of the library's own types the headers know better.
        if e.is_system(place) || (declared(e, at) && writes != Writes::Set) {
            continue;
        }
        let Some(object) = pointed_to(argument) else { continue };
        let Some((size, wanted)) = disagrees(object, writes) else { continue };
        let half = size.new > wanted.new;
        if half && low_bits_only(object) {
            continue;
        }
        problems.push(Problem {
            place,
            message: format!(
                "`{name}` writes {} bytes here on {{old}} and {} on {{new}}; `{}` has {} and {}",
                wanted.old,
                wanted.new,
                object.ty().new.name,
                size.old,
                size.new
            ),
            help: "give the object the type that is written".into(),
            notes: slot::declared(object).map(|place| Note { place, text: "the object".into() }).into_iter().collect(),
            calm: half && has_value(object),
            ..Problem::default()
        });
    }
}

/// Whether the prototype says what the parameter points to: then a wrong pointer had to be cast, or is told by compilers.
fn declared(call: Expr, at: usize) -> bool {
    let Some(callee) = call.callee() else { return false };
    let ty = callee.zip(call.tree.sides.as_ref()).map(|(d, side)| side.types.get(d.ty.0 as usize)).new;
    let Some(Shape::Function { params, prototype: true, .. }) = ty.map(|t| &t.shape) else { return false };
    let types = &call.tree.sides.new.types;
    let Some(parameter) = params.get(at).and_then(|id| types.get(id.0 as usize)) else { return false };
    match parameter.shape {
        Shape::Pointer(to) => types.get(to.0 as usize).is_some_and(|t| !matches!(t.shape, Shape::Void)),
        _ => false,
    }
}

/// The object whose address is passed: `&n`, `&r->n`, an array.
fn pointed_to(argument: Expr<'_>) -> Option<Expr<'_>> {
    let bare = argument.bare();
    match (bare.kind(), bare.op()) {
        (Kind::Unary, Op::AddressOf) => bare.children().next().map(Expr::inner),
        (Kind::Name | Kind::Member, _) if matches!(bare.ty().new.shape, Shape::Array { .. }) => Some(bare),
        _ => None,
    }
}

/// How large the object is and how much is written, where these fit under the old target and not under the new.
fn disagrees(object: Expr, writes: Writes) -> Option<(Pair<u64>, Pair<u64>)> {
    let word = |t: &Type| match t.shape {
        Shape::Array { .. } => None,
        _ => t.integer().map(|(size, _)| size),
    };
    let long = object.tree.sides.as_ref().map(|s| s.pointer_size);
    let (size, wanted) = match writes {
        Writes::Int => (object.ty().map(word).both()?, Pair { old: 4, new: 4 }),
        Writes::Long => (object.ty().map(word).both()?, long),
        Writes::Set => {
            let numbers = object.tree.pointee(object.ty()).unwrap_or(object.ty());
            numbers.map(|t| t.integer().map(|(size, _)| size)).both()?;
            let size = object.ty().map(|t| t.size).both()?;
            // Whole words, of which the last one is written to its end.
            (size, Pair { old: size.old.next_multiple_of(long.old), new: size.new.next_multiple_of(long.new) })
        }
    };
    (size.old == wanted.old && size.new != wanted.new).then_some((size, wanted))
}

/// Whether a local variable has a value where it is declared, or lives from the start.
fn has_value(object: Expr) -> bool {
    let Some(decl) = object.decl_id().new else { return false };
    let declares = |d: &Expr| d.kind() == Kind::Variable && d.decl_id().new == Some(decl);
    let variable = object.enclosing().descendants().find(declares);
    variable.is_none_or(|d| d.decl().is_some_and(|d| d.new.fixed) || d.children().any(|v| v.ty().new.size.is_some()))
}

fn low_bits_only(object: Expr) -> bool {
    let Some(decl) = object.decl_id().new.filter(|d| slot::is_local(object, *d)) else { return false };
    let address = |u: &Expr| u.context().op() == Op::AddressOf;
    uses::uses(object.enclosing(), decl).filter(|u| !address(u)).all(uses::low_bits_only)
}
