use crate::binary::check::{Check, Problem};
use crate::binary::object::{Object, PT_LOAD, Section};
use crate::check::{FixPromise, Level};
use crate::target::Pair;

pub(super) const CHECK: Check = Check {
    summary: "segments that are writable and executable at once",
    why: "A segment with the flags `PF_W` and `PF_X` lets whatever is written into it run. It comes from `-Wl,-N` (omagic), a linker \
          script of its own, or a section of assembler with the flags `\"awx\"`; code that changes itself needs it, and must be \
          written anew for 64 bits anyway.",
    level: Level::May,
    fix: FixPromise::ByHand("code that changes itself must be found first"),
    look,
};

fn look(objects: Pair<Option<&Object>>, out: &mut Vec<Problem>) {
    let Some(new) = objects.new else { return };
    for s in new.segments.iter().filter(|s| s.kind == PT_LOAD && s.flags.write && s.flags.execute) {
        let inside =
            |x: &&Section| x.allocated && x.address.checked_sub(s.address).is_some_and(|at| at < s.memory_size);
        let named: Vec<&str> = new.sections.iter().filter(inside).map(|x| x.name.as_str()).take(8).collect();
        let notes = if named.is_empty() { Vec::new() } else { vec![format!("it holds {}", named.join(", "))] };
        out.push(Problem {
            what: "PT_LOAD RWE".into(),
            message: format!("the segment at {:#x} may be written and executed", s.address),
            help: "link without `-N`; give assembler sections the flags `\"ax\"` or `\"aw\"`; look for the section with `readelf -lW`".into(),
            notes,
            ..Problem::default()
        });
    }
}
