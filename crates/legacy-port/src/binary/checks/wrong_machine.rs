use crate::binary::check::{Check, Problem};
use crate::binary::object::Object;
use crate::binary::system;
use crate::check::{FixPromise, Level};
use crate::target::Pair;

pub(super) const CHECK: Check = Check {
    summary: "a new build for another processor, byte order or loader than its class has",
    why: "Of a pair the new build has the 64-bit processor that belongs to the old one (i386: `x86_64`, arm: aarch64), the same byte \
          order, and as its interpreter the loader at the path that the ABI of this processor says; one at another path starts only \
          where that file is. Another processor is what a cross build makes by mistake, or a port to another machine, \
          which is more than one to 64 bits. An old build of 64 bits is compared with its own processor.",
    level: Level::Breaks,
    fix: FixPromise::ByHand("what builds it decides on the processor"),
    look,
};

fn look(objects: Pair<Option<&Object>>, out: &mut Vec<Problem>) {
    let Some(Pair { old, new }) = objects.both() else { return };
    let expected =
        if new.file.bits == 64 && old.file.bits == 32 { system::twin(&old.file.machine) } else { &old.file.machine };
    if new.file.machine != expected {
        out.push(Problem {
            what: format!("e_machine {}", new.file.machine),
            message: format!("the old build is for {}, the new one for {}", old.file.machine, new.file.machine),
            help: format!("build for {expected}; where the other processor is meant, allow it with a reason"),
            ..Problem::default()
        });
    } else if new.big_endian != old.big_endian {
        out.push(Problem {
            what: "EI_DATA".into(),
            message: "the two builds have different byte orders".into(),
            help: "records in files and messages change with it; build for the same byte order".into(),
            ..Problem::default()
        });
    }
    let loader = LOADERS.iter().find(|(machine, bits, _)| *machine == new.file.machine && *bits == new.file.bits);
    if let (Some((.., loader)), Some(is)) = (loader, &new.file.interpreter)
        && is != loader
        && old.file.interpreter.as_ref() != Some(is)
    {
        out.push(Problem {
            what: is.clone(),
            message: format!("the interpreter is `{is}`, the ABI's is `{loader}`"),
            help: "link without `-Wl,--dynamic-linker`, or see to it that the file is there in production".into(),
            ..Problem::default()
        });
    }
}

/// Where glibc's loader is, by processor and class: glibc's wiki, "`ABIList`".
const LOADERS: [(&str, u8, &str); 6] = [
    ("x86_64", 64, "/lib64/ld-linux-x86-64.so.2"),
    ("x86_64", 32, "/libx32/ld-linux-x32.so.2"),
    ("i386", 32, "/lib/ld-linux.so.2"),
    ("aarch64", 64, "/lib/ld-linux-aarch64.so.1"),
    ("s390", 64, "/lib/ld64.so.1"),
    ("ppc64", 64, "/lib64/ld64.so.2"),
];
