use crate::check::{Check, FixPromise, Level, Problem};
use crate::source::program;
use crate::source::tree::{Expr, Kind, Shape, Type};
use crate::target::Pair;

pub(super) const CHECK: Check = Check {
    summary: "a function called through a pointer to functions of another type, as wide under the old target only",
    why: "A function that returns a pointer in a table of functions that return `int`, an entry point whose `int` parameter \
          takes an address, a callback that takes a `long` where an `int` is passed: under the old target all had 4 bytes and \
          one place in a register or on the stack. Under the new target half of it is lost, or the upper half is whatever was \
          there. Found where the address of a function, or a pointer to one, is converted, with a cast or without one. Silent \
          where result and parameters are as wide on both targets, and where the wider type is only narrowed by nobody \
          (a result that the other type does not have).",
    level: Level::Breaks,
    fix: FixPromise::ByHand("one type for all functions of a kind; `intptr_t` for parameters that carry both"),
    visits: &[Kind::Cast, Kind::Name, Kind::Member, Kind::Unary, Kind::Call, Kind::Subscript, Kind::Conditional],
    look,
};

fn look(e: Expr, problems: &mut Vec<Problem>) {
    let (from, to, place) = match e.kind() {
        Kind::Cast => {
            let Some(operand) = e.operand() else { return };
            (operand.converted(), e.ty(), e.written())
        }
        _ => (e.ty(), e.converted(), e.conversion()),
    };
    let (Some(from), Some(to)) = (function(e, from), function(e, to)) else { return };
    if from.new.name == to.new.name || e.is_system(place) {
        return;
    }
    let (is, becomes) = (program::widths(e.tree, from), program::widths(e.tree, to));
    if !program::disagree(&is, &becomes) {
        return;
    }
    let at = is.iter().zip(&becomes).position(|(a, b)| a.zip(*b).is_some_and(|(a, b)| a.new != b.new)).unwrap_or(0);
    let what = if at == 0 { "result".to_owned() } else { format!("parameter {at}") };
    let bytes = |w: &program::Widths| w.get(at).copied().flatten().map_or(0, |w| w.new);
    problems.push(Problem {
        place,
        message: format!(
            "a `{}` is called as a `{}`: the {what} is as wide on {{old}}, and has {} and {} bytes on {{new}}",
            from.new.name,
            to.new.name,
            bytes(&is),
            bytes(&becomes)
        ),
        help: "give the function and the pointer one type, with `intptr_t` where numbers and pointers meet".into(),
        ..Problem::default()
    });
}

/// The function that a type is, or points to.
fn function<'t>(e: Expr<'t>, ty: Pair<&'t Type>) -> Option<Pair<&'t Type>> {
    let is_function = |t: Pair<&Type>| matches!(t.new.shape, Shape::Function { .. });
    if is_function(ty) { Some(ty) } else { e.tree.pointee(ty).filter(|t| is_function(*t)) }
}
