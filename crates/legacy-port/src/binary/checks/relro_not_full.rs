use crate::binary::check::{Check, Problem};
use crate::binary::object::Object;
use crate::check::{FixPromise, Level};
use crate::target::Pair;

pub(super) const CHECK: Check = Check {
    summary: "tables of the loader that stay writable while the program runs",
    why: "With full RELRO the loader resolves all symbols at the start and makes the tables of addresses read-only; without it, an \
          overflow can write another function's address there. It takes a segment `PT_GNU_RELRO` and, where there is a table for lazy \
          binding, `DF_BIND_NOW`. Starting takes a little longer. Static programs and relocatable objects have no such tables and are silent.",
    level: Level::Look,
    fix: FixPromise::ByHand("starting a program with very many symbols becomes slower"),
    look,
};

fn look(objects: Pair<Option<&Object>>, out: &mut Vec<Problem>) {
    let Some(new) = objects.new.filter(|o| o.file.kind.linked() && o.flags.dynamic && !o.file.needed.is_empty()) else {
        return;
    };
    let message = match (new.flags.relro, new.flags.bind_now) {
        (true, true) => return,
        // All of its addresses are resolved when it is loaded, whatever it says.
        (true, false) if !new.flags.lazy_table => return,
        (false, _) => "no part of the data becomes read-only after relocation: there is no segment `PT_GNU_RELRO`",
        (true, false) => "the table for lazy binding stays writable: `PT_GNU_RELRO` is there, `DF_BIND_NOW` is not",
    };
    out.push(Problem {
        what: "PT_GNU_RELRO".into(),
        message: message.into(),
        help: "link with `-Wl,-z,relro,-z,now`".into(),
        ..Problem::default()
    });
}
