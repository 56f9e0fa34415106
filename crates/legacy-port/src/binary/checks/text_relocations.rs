use crate::binary::check::{Check, Problem};
use crate::binary::object::{Object, last};
use crate::check::{FixPromise, Level};
use crate::target::Pair;

pub(super) const CHECK: Check = Check {
    summary: "code that the loader must write into",
    why: "`DT_TEXTREL` says that the loader has to change read-only parts, mostly code: they are made writable for that, are not \
          shared between processes, and systems that forbid it (SELinux, hardened kernels, musl) refuse the file. On i386 it comes \
          from objects built without `-fPIC`, which worked; on `x86_64` the linker refuses most of them, so it comes from \
          assembler. Of a pair the new build is looked at.",
    level: Level::May,
    fix: FixPromise::ByHand("the part without `-fPIC` must be found and built anew"),
    look,
};

fn look(objects: Pair<Option<&Object>>, out: &mut Vec<Problem>) {
    let Some((object, of)) = last(objects) else { return };
    if object.flags.text_relocations {
        out.push(Problem {
            of,
            what: "DT_TEXTREL".into(),
            message: "the loader has to write into code: the dynamic section has `DT_TEXTREL`".into(),
            help:
                "build every part with `-fPIC` (`-fPIE` for a program); `-Wl,-z,text` makes the linker name the objects"
                    .into(),
            ..Problem::default()
        });
    }
}
