use crate::check::{Check, FixPromise, Level, Need, Problem};
use crate::source::tree::{Expr, Kind, Shape};

pub(super) const CHECK: Check = Check {
    summary: "an argument of 4 bytes for a parameter that has 8 under the new target, in a call without a prototype",
    why: "Nothing converts it: the function reads 8 bytes of which 4 were passed. The rest is often zero, so that small \
          numbers work and negative ones become large. Found where a function is defined in some unit, in either style, and \
          called in one that has seen no prototype of it.",
    level: Level::May,
    fix: FixPromise::ByHand("the prototype belongs into a header that both units include"),
    visits: &[Kind::Call],
    look,
};

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
        let size = argument.converted().new.integer().map(|(size, _)| size);
        if size.is_none_or(|s| s > 4) || e.is_system(place) {
            continue;
        }
        let name = &callee.new.name;
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
