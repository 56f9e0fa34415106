use crate::binary::check::{Check, Problem};
use crate::binary::libc32;
use crate::binary::object::{Object, last_of_32_bits};
use crate::check::{FixPromise, Level};
use crate::target::Pair;

pub(super) const CHECK: Check = Check {
    summary: "interfaces of the 32-bit C library that keep sizes and places of files in 32 bits, which end at 2 GiB",
    why: "On 32-bit systems `off_t` has 32 bits unless the program is built with `-D_FILE_OFFSET_BITS=64`, which leads to functions \
          with other names (`fopen64`, `lseek64`). With the old ones a file of 2 GiB or more cannot be opened (`EOVERFLOW`), a \
          write past that place kills the process (`SIGXFSZ`), and `readdir` and `stat` fail on file systems with large inode \
          numbers. `fseek` and `ftell` take a `long` and end there whatever the program is built with. An object of which there \
          is a 64-bit build beside it is silent.",
    level: Level::May,
    fix: FixPromise::ByHand("built anew, all that shares offsets with it (libraries, files) must be built so too"),
    look,
};

fn look(objects: Pair<Option<&Object>>, out: &mut Vec<Problem>) {
    let Some((object, of)) = last_of_32_bits(objects) else { return };
    for s in object.imports().filter(|s| libc32::OFFSETS.contains(&s.name.as_str())) {
        let help = match libc32::LONG_OFFSETS.iter().find(|(old, _)| *old == s.name) {
            Some((_, new)) => format!("call `{new}` and build with `-D_FILE_OFFSET_BITS=64`, or build for 64 bits"),
            None => "build for 64 bits; where it must stay at 32, build all of it with `-D_FILE_OFFSET_BITS=64`".into(),
        };
        out.push(Problem {
            of,
            what: s.name.clone(),
            message: format!("`{}` of the 32-bit C library takes sizes and places of files in 32 bits: 2 GiB", s.name),
            help,
            ..Problem::default()
        });
    }
}
