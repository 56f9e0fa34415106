use crate::binary::check::{Check, Problem};
use crate::binary::libc32;
use crate::binary::object::{Object, last_of_32_bits};
use crate::check::{FixPromise, Level};
use crate::target::Pair;

pub(super) const CHECK: Check = Check {
    summary: "interfaces of the 32-bit C library that keep times in 32 bits, which end in January 2038",
    why: "On 32-bit systems of old `time_t` has 32 bits: at 03:14:07 UTC on 19 January 2038 it becomes negative, and what reads or sets \
          a later time fails or goes wrong. glibc 2.34 has a second set of functions with 64 bits for programs built with \
          `-D_TIME_BITS=64`; an object that imports the old names was built without. So `stat` is one too: it gives three times. \
          Intervals (`nanosleep`, `select`) are silent, they are short, and so is an object of which there is a 64-bit build beside it.",
    level: Level::May,
    fix: FixPromise::ByHand(
        "built anew, all that shares times with it (files, messages, libraries) must be built so too",
    ),
    look,
};

fn look(objects: Pair<Option<&Object>>, out: &mut Vec<Problem>) {
    let Some((object, of)) = last_of_32_bits(objects) else { return };
    for s in object.imports().filter(|s| libc32::TIMES.contains(&s.name.as_str())) {
        out.push(Problem {
            of,
            what: s.name.clone(),
            message: format!("`{}` of the 32-bit C library has times of 32 bits, which end on 19 January 2038", s.name),
            help: "build for 64 bits; where it must stay at 32, build all of it, and the libraries that it shares times with, \
                   with `-D_TIME_BITS=64 -D_FILE_OFFSET_BITS=64` on glibc 2.34 or newer"
                .into(),
            ..Problem::default()
        });
    }
}
