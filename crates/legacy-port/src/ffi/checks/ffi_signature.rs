use crate::check::{FixPromise, Level};
use crate::ffi::bindings::Bindings;
use crate::ffi::check::{Check, Problem, What, differing, on_one};
use crate::target::Pair;

pub(super) const CHECK: Check = Check {
    summary: "a function of a header whose parameters or result have another width under the new target",
    why: "Whoever calls it from another language has written the types down: `i32` for a `long`, say, or a `ctypes.c_int` \
          for a `time_t`. Such a declaration goes on compiling and passes half a value. Level `look`, since callers that \
          name the type of C (`c_long`, `size_t`) are right on both. Silent where only the width of a pointer differs. Types \
          behind pointers count: what is written through a `long *` has another width as well.",
    level: Level::Look,
    fix: FixPromise::ByHand("look at the callers in other languages, or use types of fixed width in the interface"),
    look,
};

fn look(bindings: Pair<&Bindings>, problems: &mut Vec<Problem>) {
    for (name, both) in differing(bindings.map(|b| &b.functions)) {
        let message = on_one("the function", name, &both).unwrap_or_else(|| {
            let signature = both.map(|s| s.map_or("", String::as_str));
            format!("`{name}` is `{}` on {{old}} and `{}` on {{new}}", signature.old, signature.new)
        });
        problems.push(Problem {
            what: What::Function,
            name: name.clone(),
            message,
            help: "let declarations in other languages use the types of C (`c_long`, `time_t`), or give it types of fixed \
                   width"
                .into(),
            notes: Vec::new(),
            calm: false,
        });
    }
}
