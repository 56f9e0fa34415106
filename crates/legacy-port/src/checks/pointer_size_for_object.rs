use crate::check::{Check, FixPromise, Level, Problem};
use crate::source::flow::same;
use crate::source::tree::{Expr, Kind, Op, Shape};

pub(super) const CHECK: Check = Check {
    summary: "the size of a pointer where the size of something else is meant, right under the old target by luck",
    why: "`sizeof(vector) / sizeof(p)` counts floats as long as a pointer is as wide as one, `memset(p, 0, sizeof(p))` clears \
          one `int`, `sizeof(text) - 1` is 3 and becomes 7 where `text` is a pointer. Compilers warn of some of these and of \
          none by the width that changes. Found for quotients of two sizes, for functions that fill or copy what is pointed \
          to, and for differences. Silent where pointers are counted.",
    level: Level::Breaks,
    fix: FixPromise::ByHand("`sizeof *p`, or the size that is meant"),
    visits: &[Kind::Binary, Kind::Call],
    look,
};

/// Library functions with the object and the number of its bytes among their arguments.
const FILLS: &[(&str, usize, usize)] = &[
    ("bzero", 0, 1),
    ("memcmp", 0, 2),
    ("memcpy", 0, 2),
    ("memmove", 0, 2),
    ("memset", 0, 2),
    ("read", 1, 2),
    ("snprintf", 0, 1),
    ("strncat", 0, 2),
    ("strncmp", 0, 2),
    ("strncpy", 0, 2),
    ("write", 1, 2),
];

fn look(e: Expr, problems: &mut Vec<Problem>) {
    let Some((of, said)) = (if e.kind() == Kind::Call { filled(e) } else { computed(e) }) else { return };
    let place = of.written();
    let Some(sizes) = of.value().both().filter(|s| s.differs() && is_pointer(of)) else { return };
    if e.is_system(place) {
        return;
    }
    problems.push(Problem {
        place,
        message: format!("a pointer has {} bytes on {{old}} and {} on {{new}}; this {said}", sizes.old, sizes.new),
        help: "write `sizeof *p`, the number of elements, or the size that is meant".into(),
        ..Problem::default()
    });
}

/// The size in a quotient or a difference, and what is done with it.
fn computed(e: Expr<'_>) -> Option<(Expr<'_>, &'static str)> {
    let mut parts = e.children().map(Expr::bare);
    let (a, b) = (parts.next()?, parts.next()?);
    match e.op() {
        Op::Div if !counts_pointers(a) => Some((b, "divides by the size of a pointer")),
        Op::Sub if is_small(b) && of_object(a) => Some((a, "takes the size of a pointer less a few bytes")),
        _ => None,
    }
}

/// The size that a function is given for what a pointer points to, where it is that of this very pointer.
fn filled(call: Expr<'_>) -> Option<(Expr<'_>, &'static str)> {
    let name = &call.callee()?.new.name;
    let &(_, object, size) = FILLS.iter().find(|(f, ..)| f == name)?;
    let size = call.arguments().nth(size)?.bare();
    let object = call.arguments().nth(object)?.bare();
    let pointer = size.children().next()?.inner();
    (pointer.kind() != Kind::TypeName && same(pointer, object))
        .then_some((size, "takes the size of the pointer for that of what it points to"))
}

/// Whether it is a `sizeof` of a pointer.
fn is_pointer(of: Expr) -> bool {
    match of.measured() {
        Some(ty) => matches!(ty.new.shape, Shape::Pointer(_)),
        None => of.kind() == Kind::SizeOf && of.as_written().is_some_and(|t| t.contains('*')),
    }
}

/// Whether what is divided is made of pointers, or as wide as they are on both.
fn counts_pointers(of: Expr) -> bool {
    let Some(value) = of.value().both() else { return true };
    if value.differs() {
        return true;
    }
    // The same bytes on both: nothing in it is a pointer.
    value.new == 0
}

/// Whether the size is that of an object: of a type it is what alignment is computed from.
fn of_object(size: Expr) -> bool {
    size.children().next().is_some_and(|c| c.kind() != Kind::TypeName)
}

fn is_small(e: Expr) -> bool {
    e.value().new.is_some_and(|v| (1..=4).contains(&v)) && e.kind() == Kind::Integer
}
