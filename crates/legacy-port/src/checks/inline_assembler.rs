use crate::check::{Check, FixPromise, Level, Note, Problem};
use crate::source::tree::{Expr, Kind};

pub(super) const CHECK: Check = Check {
    summary: "inline assembler with an operand that has another width under the new target",
    why: "The instructions were written for one width. `movl` of a pointer in memory takes its lower half; of one in a \
          register it does not assemble. Found by the types of the operands, whatever the instructions are. Silent where \
          all operands are as wide on both: such code may be right, and one with registers or instructions that the new \
          processor has not does not build, which the compiler says.",
    level: Level::Breaks,
    fix: FixPromise::ByHand("C says the same on every processor, and compilers have learnt since"),
    visits: &[Kind::Assembler],
    look,
};

fn look(e: Expr, problems: &mut Vec<Problem>) {
    let place = e.written();
    if e.is_system(place) {
        return;
    }
    let operand = e.children().map(Expr::inner).find(|o| {
        let sizes = o.ty().map(|t| t.size).both();
        sizes.is_some_and(|s| s.differs()) && (o.ty().new.is_address() || o.ty().new.integer().is_some())
    });
    let Some(operand) = operand else { return };
    let ty = operand.ty();
    problems.push(Problem {
        place,
        message: format!(
            "an operand of this assembler, `{}`, has {} bytes on {{old}} and {} on {{new}}",
            ty.new.name,
            ty.old.size.unwrap_or(0),
            ty.new.size.unwrap_or(0)
        ),
        help: "write it in C, or keep the assembler for the old processor and have C beside it".into(),
        notes: vec![Note { place: operand.node().place, text: "this operand".into() }],
        ..Problem::default()
    });
}
