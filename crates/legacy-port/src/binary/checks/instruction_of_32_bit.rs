use crate::binary::check::{Check, Problem};
use crate::binary::code;
use crate::binary::object::{Object, last_of_32_bits};
use crate::check::{FixPromise, Level};
use crate::target::Pair;

pub(super) const CHECK: Check = Check {
    summary: "instructions that the 64-bit mode does not have",
    why: "The 64-bit mode dropped `pusha`, `popa`, `aaa`, `das` and the other decimal ones, `into`, `bound`, `lds`, `les`, `arpl`, \
          and pushes of `cs`, `ds`, `es`, `ss` (Intel's manual, volume 2). No compiler writes them: they come from assembler \
          in the source, which has to be written anew. Code is decoded from the start of each section; what stands near bytes that \
          are no instruction is taken for data and silent. An object of which there is a 64-bit build beside it is silent too.",
    level: Level::Breaks,
    fix: FixPromise::ByHand("the assembler must be written anew, or in C"),
    look,
};

fn look(objects: Pair<Option<&Object>>, out: &mut Vec<Problem>) {
    let Some((object, of)) = last_of_32_bits(objects) else { return };
    for (place, instruction, count) in code::by_function(&object.instructions, |i| !i.interrupt) {
        let times = if count == 1 { String::new() } else { format!(" and {} more", count - 1) };
        out.push(Problem {
            of,
            message: format!("`{}` in {place}{times}: the 64-bit mode has no such instruction", instruction.name),
            what: place,
            help: "write this assembler in C, or anew for x86_64".into(),
            notes: vec![format!("it is at {:#x}", instruction.address)],
            ..Problem::default()
        });
    }
}
