use crate::check::{Check, FixPromise, Level, Need, Note, Problem};
use crate::source::slot;
use crate::source::tree::{Expr, Kind, Op};

pub(super) const CHECK: Check = Check {
    summary: "an integer made a pointer again, which held all of it under the old target only",
    why: "The upper half of the address was lost when it was put into the integer; what comes back points elsewhere. Found \
          for members, variables and parameters in which some unit of the program keeps a pointer, and for the result of \
          `atoi`. Silent for integers that no pointer was ever kept in: constants, \
          indexes and tokens in pointers come back as they were.",
    level: Level::Breaks,
    fix: FixPromise::ByHand("the type of the member or variable is to change, not the cast"),
    visits: &[Kind::Cast, Kind::Name, Kind::Member, Kind::Subscript, Kind::Binary, Kind::Call],
    look,
};

fn look(e: Expr, problems: &mut Vec<Problem>) {
    let (operand, to, place) = if e.kind() == Kind::Cast {
        let Some(operand) = e.operand() else { return };
        (operand.inner(), e.ty(), e.written())
    } else {
        (e, e.converted(), e.conversion())
    };
    if !to.new.is_address() || operand.value().new.is_some() || e.is_system(place) {
        return;
    }
    let Some(size) = operand.ty().map(|t| t.integer().map(|(size, _)| size)).both() else { return };
    let pointer = e.tree.sides.as_ref().map(|s| s.pointer_size);
    if size.old != pointer.old || size.new >= pointer.new {
        return;
    }
    // An address with something added to it is one as well.
    let mut base = operand;
    while base.kind() == Kind::Binary && matches!(base.op(), Op::Add | Op::Sub) {
        let Some(first) = base.children().next() else { return };
        base = first.inner();
    }
    let slot = slot::read(base).filter(|_| base.kind() != Kind::Cast);
    // `atoi` reads an `int`: an address written as text does not come through.
    let text = operand.callee().is_some_and(|f| f.new.name == "atoi");
    if slot.is_none() {
        return;
    }
    let note = slot::declared(base).map(|place| Note { place, text: "it is kept in this".into() });
    problems.push(Problem {
        place,
        message: format!(
            "`{}` has {} bytes on {{old}} and {} on {{new}}; it is made of {}",
            to.new.name, pointer.old, pointer.new, size.new
        ),
        help: "keep the pointer as a pointer, or in an `intptr_t` of <stdint.h>".into(),
        notes: note.into_iter().collect(),
        needs: slot.filter(|_| !text).map(Need::PointerIn),
        ..Problem::default()
    });
}
