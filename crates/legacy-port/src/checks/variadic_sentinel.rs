use crate::check::{Check, FixPromise, Level, Problem};
use crate::edit::Change;
use crate::source::tree::{Expr, Kind, Shape, Type};

pub(super) const CHECK: Check = Check {
    summary: "a bare 0 that ends a list of pointers in a call with variable arguments",
    why: "The function reads a pointer of 8 bytes where an `int` of 4 was passed. In a register the rest is zero as a rule; on \
          the stack, from the seventh argument on, it is whatever was there, and the list goes on into nowhere. Found where \
          the argument before it is a pointer. Silent for `(char *)NULL`, for `NULL` where that is a pointer, and for a 0 \
          among numbers.",
    level: Level::May,
    fix: FixPromise::Edits("a 0 that is written as such becomes `(char *)0`, or a null pointer of the type before it"),
    visits: &[Kind::Call],
    look,
};

fn look(e: Expr, problems: &mut Vec<Problem>) {
    let Some(callee) = e.callee() else { return };
    let types = callee.zip(e.tree.sides.as_ref()).map(|(decl, side)| side.types.get(decl.ty.0 as usize));
    let Some(Shape::Function { params, variadic: true, .. }) = types.new.map(|t| &t.shape) else { return };
    let arguments: Vec<Expr> = e.arguments().collect();
    let (Some(last), Some(before)) = (arguments.last(), arguments.len().checked_sub(2).and_then(|i| arguments.get(i)))
    else {
        return;
    };
    let sizes = last.converted().map(|t| t.integer().map(|(size, _)| size)).both();
    let pointer = e.tree.sides.as_ref().map(|s| s.pointer_size);
    let place = last.conversion();
    if arguments.len() <= params.len()
        || last.inner().kind() != Kind::Integer
        || last.value().new != Some(0)
        || !before.converted().new.is_address()
        || sizes.is_none_or(|s| s.old != pointer.old || s.new == pointer.new)
        || has_format(&arguments[..params.len()])
        || e.is_system(place)
    {
        return;
    }
    problems.push(Problem {
        place,
        message: format!(
            "`{}` reads a pointer of {} bytes on {{new}} here, an `int` of 4 is passed; on {{old}} both have {}",
            callee.new.name, pointer.new, pointer.old
        ),
        change: last.number(0).map(|place| Change::Replace {
            place,
            was: "0".into(),
            by: format!("({})0", pointer_type(before.converted().new)),
        }),
        help: "end the list with `(char *)NULL`, or whatever its type is".into(),
        ..Problem::default()
    });
}

/// The type of the pointer before, where it can be written in a cast; all pointers to objects look alike otherwise.
fn pointer_type(ty: &Type) -> &str {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_ *".contains(c);
    let is_pointer = matches!(ty.shape, Shape::Pointer(_)) && ty.name.ends_with('*') && ty.name.chars().all(plain);
    if is_pointer { &ty.name } else { "char *" }
}

/// Whether a format says what the arguments are: then the 0 is one of them.
fn has_format(fixed: &[Expr]) -> bool {
    fixed.iter().any(|a| a.text().is_some_and(|t| t.new.contains('%')))
}
