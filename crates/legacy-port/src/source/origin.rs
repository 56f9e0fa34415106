//! Where the values of integers that are wider now come from. A `long` of the program holds what was put into it: it is
//! as narrow as that, until something that only the new target has more bits for goes in: a time, an offset in a file,
//! an address, what a function of the system returns.

use super::range::{self, Range};
use super::slot::{self, Slot};
use super::tree::{DeclKind, Expr, Kind, Op, Type};
use crate::target::Which;

/// Types of the system that have more bits now and no larger values: the X protocol has 32 bits for each of its own, memory
/// bounds sizes and distances, a second has a million microseconds.
const NARROW_TYPES: &[&str] = &[
    "Atom",
    "Colormap",
    "Cursor",
    "Drawable",
    "EventMask",
    "Font",
    "GContext",
    "KeySym",
    "Mask",
    "Pixel",
    "Pixmap",
    "Time",
    "VisualID",
    "Window",
    "XID",
    "__ssize_t",
    "__suseconds_t",
    "nlink_t",
    "ptrdiff_t",
    "size_t",
    "ssize_t",
    "suseconds_t",
];

/// Functions of the system whose results have more bits now and no larger values: what was written as text for the old
/// target fits there.
const NARROW_RESULTS: &[&str] = &[
    "atol",
    "htonl",
    "inet_addr",
    "inet_lnaof",
    "inet_makeaddr",
    "inet_netof",
    "inet_network",
    "lrand48",
    "mrand48",
    "ntohl",
    "random",
    "strtol",
    "strtoul",
    "sysconf",
];

/// Functions of the system whose results have larger values now, for programs that declare them themselves.
const WIDE_RESULTS: &[&str] = &["clock", "ftell", "lseek", "mktime", "tell", "time", "timegm", "times", "ulimit"];

/// What the value of an integer is computed from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The slots that it is read from.
    pub slots: Vec<Slot>,
    /// Whether something else goes in that may have more than 32 bits under the new target only.
    pub wide: bool,
    /// Whether an address goes in.
    pub address: bool,
}

/// What the value of an integer is computed from.
#[must_use]
pub fn of(e: Expr) -> Origin {
    let mut found = Origin::default();
    look(e, &mut found, 64);
    found
}

fn look(e: Expr, found: &mut Origin, depth: u32) {
    let e = e.inner();
    let Some(depth) = depth.checked_sub(1) else {
        found.wide = true;
        return;
    };
    if let Some(value) = e.value().new {
        found.wide |= !Range { lo: value, hi: value }.within(Range { lo: i32::MIN.into(), hi: u32::MAX.into() });
        return;
    }
    let ty = e.ty();
    let Some((size, _)) = ty.new.integer() else {
        found.address |= ty.new.is_address();
        return;
    };
    // What had 64 bits before is cut where it always was.
    if size <= 4 || ty.old.size == Some(8) {
        return;
    }
    let mut all = |skip: usize| e.children().skip(skip).for_each(|c| look(c, found, depth));
    match (e.kind(), e.op()) {
        (Kind::SizeOf, _) => {}
        (Kind::Cast, _) => {
            if let Some(operand) = e.operand() {
                look(operand, found, depth);
            }
        }
        // A distance in memory.
        (Kind::Binary, Op::Sub) if e.children().all(|c| c.ty().new.is_address()) => {}
        // No larger than the divisor, or than what is masked with.
        (Kind::Binary, Op::Comma | Op::Assign | Op::Rem) | (Kind::Conditional, _) => all(1),
        (Kind::Binary, Op::BitAnd) if masked(e) => {}
        (Kind::Unary, Op::Deref) => found.wide |= is_wide(ty.new),
        (Kind::Binary | Kind::CompoundAssign | Kind::Unary, _) => all(0),
        (Kind::Call, _) => called(e, found, depth),
        (Kind::Name | Kind::Member | Kind::Subscript, _) => {
            found.wide |= is_wide(ty.new);
            if !is_narrow(ty.new) {
                found.slots.extend(slot::read(e));
            }
        }
        _ => found.wide = true,
    }
}

fn masked(e: Expr) -> bool {
    range::own(e, Which::New).is_some_and(|r| r.lo >= 0 && r.hi <= u32::MAX.into())
}

fn called(e: Expr, found: &mut Origin, depth: u32) {
    let wide_type = is_wide(e.ty().new);
    found.wide |= wide_type;
    let Some(callee) = e.callee() else { return };
    let name = callee.new.name.as_str();
    let graphics = name.starts_with('X') && name.chars().nth(1).is_some_and(|c| c.is_ascii_uppercase() || c == 't');
    if NARROW_RESULTS.contains(&name) || graphics || is_narrow(e.ty().new) {
        found.wide = found.wide && !wide_type;
        return;
    }
    let system = callee.new.place.is_none_or(|p| e.is_system(p)) || WIDE_RESULTS.contains(&name);
    if system && name != "labs" && callee.new.kind == DeclKind::Function && !e.calls_own() {
        found.wide = true;
        return;
    }
    found.slots.push(Slot::Result(name.to_owned()));
    // What is passed is part of what comes back: `max(a, b)` is as wide as they are.
    let wide = |a: &Expr| a.ty().new.integer().is_some_and(|(size, _)| size > 4);
    e.arguments().filter(wide).for_each(|a| look(a, found, depth));
}

/// Whether a type is one of the system's whose values are larger now.
#[must_use]
pub fn is_wide(ty: &Type) -> bool {
    let built_in = ty.name.split(' ').any(|word| matches!(word, "long" | "int" | "short" | "char" | "enum"));
    ty.integer().is_some_and(|(size, _)| size > 4) && ty.declared.is_none() && !built_in && !is_narrow(ty)
}

fn is_narrow(ty: &Type) -> bool {
    NARROW_TYPES.contains(&ty.name.trim_start_matches("const "))
}
