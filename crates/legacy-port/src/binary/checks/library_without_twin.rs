use crate::binary::check::{Check, Problem};
use crate::binary::object::{Object, last};
use crate::check::{FixPromise, Level};
use crate::target::Pair;

pub(super) const CHECK: Check = Check {
    summary: "needed libraries that this system has for 32 bits and not for 64",
    why: "The loader stops a program when a needed library (`DT_NEEDED`) is not there for its own class. Looked for are the file \
          names in the folders of this system, and in those that the object names; what is found in neither class is said too, more \
          calmly: it may be on the machine that the program is for. The loader itself has another name under 64 bits and is silent. \
          Of a pair the new build is looked at.",
    level: Level::Breaks,
    fix: FixPromise::ByHand("the library must be built or bought for 64 bits"),
    look,
};

fn look(objects: Pair<Option<&Object>>, out: &mut Vec<Problem>) {
    let Some((object, of)) = last(objects) else { return };
    for l in object.libraries.iter().filter(|l| l.found.bits64.is_none() && !l.name.starts_with("ld-linux")) {
        let message = match &l.found.bits32 {
            Some(file) => format!("needs `{}`, which is here for 32 bits alone, as `{}`", l.name, file.display()),
            None => format!("needs `{}`, which is not on this system", l.name),
        };
        out.push(Problem {
            of,
            what: l.name.clone(),
            message,
            help:
                "install the package that has it for the 64-bit architecture, or build it anew and link with that one \
                   (`-L`, `-Wl,-rpath`)"
                    .into(),
            calm: l.found.bits32.is_none(),
            ..Problem::default()
        });
    }
}
