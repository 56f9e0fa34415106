use crate::binary::check::{Check, Problem};
use crate::binary::code;
use crate::binary::object::{Object, last};
use crate::check::{FixPromise, Level};
use crate::target::Pair;

pub(super) const CHECK: Check = Check {
    summary: "system calls by `int $0x80`, the way of 32-bit programs",
    why: "`int $0x80` enters the kernel as a 32-bit program does, also out of a 64-bit one: numbers of calls are those of i386, and \
          registers are cut to 32 bits, so pointers to the stack or above 4 GiB fail with `EFAULT`. Kernels without 32-bit emulation \
          end the process. Code is decoded, not searched for bytes; what stands near bytes that are no instruction is taken \
          for data and silent. Of a pair the new build is looked at; of i386 and `x86_64` alone.",
    level: Level::Breaks,
    fix: FixPromise::ByHand("the C library has a function for it, or `syscall` has"),
    look,
};

fn look(objects: Pair<Option<&Object>>, out: &mut Vec<Problem>) {
    let Some((object, of)) = last(objects) else { return };
    for (place, instruction, count) in code::by_function(&object.instructions, |i| i.interrupt) {
        let times = if count == 1 { String::new() } else { format!(" ({count} times)") };
        out.push(Problem {
            of,
            message: format!("`{}` in {place}{times} calls the kernel as 32-bit programs do", instruction.name),
            what: place,
            help: "call the C library's function, or `syscall(SYS_name, ...)`".into(),
            notes: vec![format!("the first is at {:#x}", instruction.address)],
            calm: object.file.bits == 32 && c_library(object),
            ..Problem::default()
        });
    }
}

/// The 32-bit C library and its loader are replaced by the system's own and are not ported.
fn c_library(object: &Object) -> bool {
    object.file.soname.as_ref().is_some_and(|s| s.starts_with("libc.so") || s.starts_with("ld-linux"))
}
