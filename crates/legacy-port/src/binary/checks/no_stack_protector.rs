use crate::binary::check::{Check, Problem};
use crate::binary::fortify;
use crate::binary::object::Object;
use crate::check::{FixPromise, Level};
use crate::target::Pair;

pub(super) const CHECK: Check = Check {
    summary: "objects that call functions which fill buffers, and have no guard on their stack",
    why: "With `-fstack-protector-strong` a function that has an array on its stack looks before it returns whether the guard above it \
          was overwritten, and calls `__stack_chk_fail`. An object that nowhere refers to it, and does import functions that fill a \
          caller's buffer (`read`, `strcpy`, `sprintf`), was most likely built without. That is no proof: it may have no array on \
          any stack, so it is one to look at. Libraries without such imports and objects that are not for Linux are silent.",
    level: Level::Look,
    fix: FixPromise::ByHand("flags of the build; nothing in the code changes"),
    look,
};

fn look(objects: Pair<Option<&Object>>, out: &mut Vec<Problem>) {
    let Some(new) = objects.new else { return };
    let guarded = new.symbols.iter().any(|s| GUARDS.contains(&s.name.as_str()));
    let filled: Vec<&str> =
        new.imports().map(|s| s.name.as_str()).filter(|n| fortify::FILLS.contains(n)).take(4).collect();
    if guarded || filled.is_empty() {
        return;
    }
    out.push(Problem {
        what: "__stack_chk_fail".into(),
        message: format!(
            "it calls {} and has no guard on its stack: no symbol `__stack_chk_fail`",
            fortify::listed(&filled)
        ),
        help: "compile with `-fstack-protector-strong`".into(),
        ..Problem::default()
    });
}

/// What the code refers to where functions look at a guard: glibc and musl, OpenBSD, and Intel's compiler.
const GUARDS: [&str; 4] =
    ["__stack_chk_fail", "__stack_chk_fail_local", "__stack_smash_handler", "__intel_security_cookie"];
