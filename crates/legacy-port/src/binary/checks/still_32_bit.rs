use crate::binary::check::{Check, Problem};
use crate::binary::object::Object;
use crate::check::{FixPromise, Level};
use crate::target::Pair;

pub(super) const CHECK: Check = Check {
    summary: "a 32-bit object where a 64-bit one is expected",
    why: "The new build of a pair is to be a 64-bit one. One that is not comes from `-m32` or a 32-bit compiler in some part of the \
          build, or was never built anew. The x32 ABI of `x86_64` (32-bit pointers) counts as 32 bits. A file by itself that has 32 bits is the \
          old build and is silent here; `legacy-port inventory` tells all of a folder.",
    level: Level::Breaks,
    fix: FixPromise::ByHand("what builds it must be told to build for 64 bits"),
    look,
};

fn look(objects: Pair<Option<&Object>>, out: &mut Vec<Problem>) {
    let Some(new) = objects.new.filter(|o| o.file.bits == 32) else { return };
    out.push(Problem {
        what: format!("ELFCLASS32 {}", new.file.machine),
        message: format!("this is a 32-bit object for {}", new.file.machine),
        help: "build it with the 64-bit compiler, without `-m32` or `-mx32`".into(),
        ..Problem::default()
    });
}
