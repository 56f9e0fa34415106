use crate::binary::check::{Check, Problem};
use crate::binary::fortify;
use crate::binary::object::{Kind, Object};
use crate::check::{FixPromise, Level};
use crate::target::Pair;

pub(super) const CHECK: Check = Check {
    summary: "objects that call functions which fill buffers without a look at their size",
    why: "With `-D_FORTIFY_SOURCE=2` and optimisation glibc's headers turn calls such as `strcpy(to, from)` into `__strcpy_chk`, which \
          ends the program when the buffer, whose size the compiler knows, is too small. An object that imports several of the plain \
          ones and none of the others was most likely built without. That is no proof: where no size is known the plain function \
          stays; so it is one to look at. Objects that need no glibc are silent.",
    level: Level::Look,
    fix: FixPromise::ByHand("a program that overflows unseen today ends with a message then"),
    look,
};

fn look(objects: Pair<Option<&Object>>, out: &mut Vec<Problem>) {
    let Some(new) = objects.new else { return };
    let glibc = new.glibc.is_some() || new.file.kind == Kind::Relocatable;
    if !glibc || new.symbols.iter().any(|s| s.name.starts_with("__") && s.name.ends_with("_chk")) {
        return;
    }
    let plain: Vec<&str> =
        new.imports().map(|s| s.name.as_str()).filter(|n| fortify::CHECKED.contains(n)).take(4).collect();
    if plain.is_empty() {
        return;
    }
    out.push(Problem {
        what: "_FORTIFY_SOURCE".into(),
        message: format!(
            "it calls {} and none of the functions that look at sizes, such as `__memcpy_chk`",
            fortify::listed(&plain)
        ),
        help: "compile with `-O2 -D_FORTIFY_SOURCE=2`".into(),
        ..Problem::default()
    });
}
