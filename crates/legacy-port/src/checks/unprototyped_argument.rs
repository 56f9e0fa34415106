use super::implicit_narrowing::is_bounded_by_memory;
use crate::check::{Check, FixPromise, Level, Need, Problem};
use crate::source::program;
use crate::source::range::{self, Range};
use crate::source::tree::{Expr, Kind, Shape};
use crate::target::Which;

pub(super) const CHECK: Check = Check {
    summary: "an argument that is as wide as its parameter under the old target only, in a call without a prototype",
    why: "Nothing converts it: the function reads 8 bytes of which 4 were passed. The rest is often zero, so that small \
          numbers work and negative ones become large. A pointer that is passed for an `int` loses its upper half without \
          any conversion that a compiler could warn of. Found where a function is defined in some unit, in either style, and \
          called in one that has seen no prototype of it.",
    level: Level::May,
    fix: FixPromise::ByHand("the prototype belongs into a header that both units include"),
    visits: &[Kind::Call],
    look,
};

/// Whether a value has no more than 4 bytes.
fn fits(e: Expr) -> bool {
    let small = Range::of_integer(4, true);
    range::converted(e, Which::New).is_some_and(|r| r.within(small))
}

fn look(e: Expr, problems: &mut Vec<Problem>) {
    let Some(callee) = e.callee() else { return };
    let blind = callee.zip(e.tree.sides.as_ref()).map(|(decl, side)| {
        let shape = side.types.get(decl.ty.0 as usize).map(|t| &t.shape);
        matches!(shape, Some(Shape::Function { prototype: false, .. }))
    });
    if !(blind.old && blind.new) {
        return;
    }
    for (i, argument) in e.arguments().enumerate() {
        let place = argument.conversion();
        let Some(passed) = program::width(argument.converted()).filter(|_| !e.is_system(place)) else { continue };
        let name = &callee.new.name;
        if passed.old == 4 && passed.new == 8 {
            // The lower half is where it is looked for, and all there is of a length.
            if is_bounded_by_memory(argument) || fits(argument) {
                continue;
            }
            problems.push(Problem {
                place,
                message: format!(
                    "8 bytes are passed on {{new}} and 4 on {{old}}; without a prototype `{name}` takes 4 of them"
                ),
                help: "declare the function with its parameters before the call, and see what the parameter should be"
                    .into(),
                needs: Some(Need::NarrowParameter(name.clone(), i)),
                ..Problem::default()
            });
            continue;
        }
        if passed.new > 4 {
            continue;
        }
        problems.push(Problem {
            place,
            message: format!(
                "`{name}` takes 8 bytes here on {{new}} and 4 on {{old}}; without a prototype 4 are passed"
            ),
            help: "declare the function with its parameters before the call".into(),
            notes: Vec::new(),
            needs: Some(Need::WideParameter(name.clone(), i)),
            ..Problem::default()
        });
    }
}
