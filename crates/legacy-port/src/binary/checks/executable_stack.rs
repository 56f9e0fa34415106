use crate::binary::check::{Check, Problem};
use crate::binary::object::{Object, last};
use crate::check::{FixPromise, Level};
use crate::target::Pair;

pub(super) const CHECK: Check = Check {
    summary: "programs and libraries whose stack may be executed",
    why: "A program header `PT_GNU_STACK` with the flag `PF_X` makes the stack of the whole process executable: what an \
          overflow writes there can run. It comes from an assembler file without a `.note.GNU-stack` section, or from a \
          nested function whose address is taken (a trampoline). Without the header, as linkers wrote files before 2004 and still do \
          where no input has that section, x86 systems take it for one with the flag. Kernels and libraries of today refuse such objects in \
          places: glibc 2.41 does not `dlopen` them any more. Relocatable objects have no program headers and are silent.",
    level: Level::May,
    fix: FixPromise::ByHand("what needs it must be found first: an assembler file, or a nested function"),
    look,
};

fn look(objects: Pair<Option<&Object>>, out: &mut Vec<Problem>) {
    let Some((object, of)) = last(objects) else { return };
    let x86 = ["i386", "x86_64"].contains(&object.file.machine.as_str());
    let message = match object.executable_stack {
        Some(true) => "the stack may be executed: the segment `PT_GNU_STACK` has the flag `PF_X`",
        None if x86 && object.file.kind.linked() => "the stack may be executed: there is no segment `PT_GNU_STACK`",
        _ => return,
    };
    out.push(Problem {
        of,
        what: "PT_GNU_STACK".into(),
        message: message.into(),
        help:
            "add `.section .note.GNU-stack,\"\",@progbits` to assembler files, turn nested functions whose address is \
                   taken into ordinary ones, and link with `-Wl,-z,noexecstack`"
                .into(),
        ..Problem::default()
    });
}
