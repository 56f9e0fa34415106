use crate::binary::check::{Check, Problem};
use crate::binary::object::{Kind, Object};
use crate::check::{FixPromise, Level};
use crate::target::Pair;

pub(super) const CHECK: Check = Check {
    summary: "programs that are loaded at a fixed address",
    why: "A program of type `ET_EXEC` has its code and data at addresses that everybody knows, which makes an overflow easy to use. \
          Compilers of today build position-independent programs (PIE) unless they are told otherwise. On `x86_64` that costs \
          next to nothing, and it is what addresses kept in an `int` need to show: at a fixed address below 2 GiB they seem to work.",
    level: Level::May,
    fix: FixPromise::ByHand(
        "addresses that are cut to 32 bits show when the program moves: run the scenarios afterwards",
    ),
    look,
};

fn look(objects: Pair<Option<&Object>>, out: &mut Vec<Problem>) {
    if objects.new.is_some_and(|o| o.file.kind == Kind::Program) {
        out.push(Problem {
            what: "ET_EXEC".into(),
            message: "the program is loaded at a fixed address: its type is `ET_EXEC`".into(),
            help: "compile with `-fPIE` and link with `-pie` (`-static-pie` for a static one), without `-no-pie`"
                .into(),
            ..Problem::default()
        });
    }
}
