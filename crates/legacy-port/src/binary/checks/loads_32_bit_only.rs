use crate::binary::check::{Check, Problem};
use crate::binary::object::{Object, last};
use crate::check::{FixPromise, Level};
use crate::target::Pair;

pub(super) const CHECK: Check = Check {
    summary: "libraries loaded by name at run time of which this system has a 32-bit file alone",
    why: "A program that calls `dlopen` with a name which is found for 32 bits and not for 64 works until it is a 64-bit one: then \
          `dlopen` returns null, often unseen until that part is used. Strings in read-only data that are names of libraries are \
          looked for in the folders of this system and in those that the object itself names (`DT_RUNPATH`, `$ORIGIN`). Objects that do not \
          import `dlopen` are silent, and so are names that are found nowhere or are put together at run time.",
    level: Level::May,
    fix: FixPromise::ByHand("the library must be built or bought for 64 bits"),
    look,
};

fn look(objects: Pair<Option<&Object>>, out: &mut Vec<Problem>) {
    let Some((object, of)) = last(objects) else { return };
    for l in &object.loaded {
        let (Some(file), None) = (&l.found.bits32, &l.found.bits64) else { continue };
        out.push(Problem {
            of,
            what: l.name.clone(),
            message: format!("`dlopen(\"{}\")` finds a 32-bit file alone, `{}`", l.name, file.display()),
            help: "install or build the library for 64 bits; `dlerror()` tells at run time what is missing".into(),
            ..Problem::default()
        });
    }
}
