use crate::check::{Check, FixPromise, Level, Need, Problem};
use crate::source::program::width;
use crate::source::tree::{Expr, Kind};

pub(super) const CHECK: Check = Check {
    summary: "variable arguments taken as wide as they were passed under the old target only",
    why: "`va_arg(ap, int)` in an entry point, a system call or a message function to which pointers are passed takes the lower \
          half of each, and `va_arg(ap, char *)` of an `int` that was passed takes 4 bytes and whatever lies behind them. \
          Told at the `va_arg`, and for numbers at the call. Functions are known by name in whichever unit, and by their type \
          where they are called through a pointer. Silent for functions that take arguments of both widths: a format or a \
          number tells those which is which, and formats have a check of their own.",
    level: Level::Breaks,
    fix: FixPromise::ByHand("`intptr_t` for what carries both, in `va_arg` and, by a cast, in the call"),
    visits: &[Kind::Other, Kind::Call],
    look,
};

fn look(e: Expr, problems: &mut Vec<Problem>) {
    if !e.tree.sides.as_ref().map(|s| s.pointer_size).differs() {
        return;
    }
    if let Some(ty) = e.va_arg() {
        let function = e.enclosing();
        let narrow = width(ty).is_some_and(|w| w.old == 4 && w.new == 4);
        // `va_arg` itself is a macro of the system: the place is where it is used.
        let place = e.node().place;
        if narrow && only_narrow(function) && !e.is_system(place) {
            let names = vec![function.name().to_owned(), function.ty().new.name.clone()];
            problems.push(Problem {
                place,
                message: format!(
                    "`{}` takes 4 bytes of an argument; pointers are passed, of 4 bytes on {{old}} and 8 on {{new}}",
                    ty.new.name
                ),
                help: "take `intptr_t`, and keep what is taken in it".into(),
                needs: Some(Need::WidePassed(names)),
                ..Problem::default()
            });
        }
        return;
    }
    let Some(name) = e.variadic_callee() else { return };
    let fixed = e.callee().map_or(1, |c| match &e.tree.sides.new.types[c.new.ty.0 as usize].shape {
        crate::source::tree::Shape::Function { params, .. } => params.len(),
        _ => 1,
    });
    let arguments: Vec<Expr> = e.arguments().collect();
    let last = arguments.len().saturating_sub(1);
    for (i, argument) in arguments.into_iter().enumerate().skip(fixed) {
        let place = argument.conversion();
        let narrow = width(argument.converted()).is_some_and(|w| w.old == 4 && w.new == 4);
        // A bare 0 at the end is `variadic_sentinel`'s.
        let sentinel = i == last && argument.value().new == Some(0);
        if !narrow || sentinel || e.is_system(place) {
            continue;
        }
        problems.push(Problem {
            place,
            message: format!("4 bytes are passed; `{name}` takes 4 on {{old}} and 8 on {{new}}"),
            help: "cast it to the type that is taken".into(),
            needs: Some(Need::TakesWide(name.clone())),
            ..Problem::default()
        });
    }
}

/// Whether a function takes only arguments of 4 bytes: where it takes others too it knows which is which.
fn only_narrow(function: Expr) -> bool {
    let all = function.descendants().filter_map(Expr::va_arg);
    all.map(width).all(|w| w.is_some_and(|w| w.new == 4))
}
