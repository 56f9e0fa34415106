use crate::check::{Check, FixPromise, Level, Problem};
use crate::source::tree::{DeclId, DeclKind, Expr, Kind, Op, Shape};

pub(super) const CHECK: Check = Check {
    summary: "the address of a parameter walked as if the other arguments lay behind it",
    why: "`int *args = &first; while (*args) use(*args++);` worked on i386, where arguments lie one behind the other on the \
          stack. Under the new target the first six are passed in registers and the parameter is a copy that nothing lies \
          behind. Found where the address of a parameter is added to, indexed, or kept in \
          a variable that is, and where a function with variable arguments hands it on.",
    level: Level::Breaks,
    fix: FixPromise::ByHand("`va_start` and `va_arg` of <stdarg.h>, or a pointer to the arguments for the function"),
    visits: &[Kind::Unary],
    look,
};

fn look(e: Expr, problems: &mut Vec<Problem>) {
    let Some(parameter) = e.children().next().map(Expr::inner).filter(|_| e.op() == Op::AddressOf) else { return };
    let is_parameter = parameter.decl().is_some_and(|d| d.new.kind == DeclKind::Parameter);
    let place = e.written();
    let pointer = e.tree.sides.as_ref().map(|s| s.pointer_size);
    // A record by itself may be walked, it lies in memory as a whole.
    let record = e.tree.record(parameter.ty()).is_some();
    if !is_parameter || record || parameter.kind() != Kind::Name || !pointer.differs() || e.is_system(place) {
        return;
    }
    let mut whole = e;
    while whole.context().kind() == Kind::Cast {
        whole = whole.context();
    }
    if !(is_stepped(whole) || is_handed_on(whole) || kept_in(whole).is_some_and(|decl| steps(e, decl))) {
        return;
    }
    problems.push(Problem {
        place,
        message: format!(
            "the arguments behind `{}` are looked for in memory: on {{old}} they lie there, on {{new}} they were passed in \
             registers",
            parameter.name()
        ),
        help: "use `va_start` and `va_arg` of <stdarg.h>".into(),
        ..Problem::default()
    });
}

/// `&first + 1`, `(&first)[1]`.
fn is_stepped(e: Expr) -> bool {
    let up = e.context();
    let other = |i: usize| up.children().nth(i).and_then(|c| c.value().new);
    match up.kind() {
        Kind::Binary => up.op() == Op::Add && up.ty().new.is_address(),
        Kind::Subscript => other(1) != Some(0),
        _ => false,
    }
}

/// In a function with variable arguments: the address of a named one given to a function, to find the others by it.
fn is_handed_on(e: Expr) -> bool {
    let up = e.context();
    let starts = up.callee().is_some_and(|c| c.new.name.contains("va_"));
    let variadic = matches!(e.enclosing().ty().new.shape, Shape::Function { variadic: true, .. });
    up.kind() == Kind::Call && variadic && !starts
}

fn kept_in(e: Expr) -> Option<DeclId> {
    let up = e.context();
    match (up.kind(), up.op()) {
        (Kind::Variable, _) => up.decl_id().new,
        (Kind::Binary, Op::Assign) => up.children().next()?.inner().decl_id().new,
        _ => None,
    }
}

/// Whether a pointer variable is moved or indexed in the function.
fn steps(e: Expr, decl: DeclId) -> bool {
    let named = |n: Expr| n.inner().kind() == Kind::Name && n.inner().decl_id().new == Some(decl);
    e.enclosing().descendants().any(|s| {
        let first = s.children().next();
        let mine = first.is_some_and(named);
        match s.kind() {
            Kind::Unary => mine && matches!(s.op(), Op::Increment | Op::Decrement),
            Kind::CompoundAssign => mine && s.op() == Op::Add,
            Kind::Subscript => mine && s.children().nth(1).is_some_and(|i| i.value().new != Some(0)),
            _ => false,
        }
    })
}
