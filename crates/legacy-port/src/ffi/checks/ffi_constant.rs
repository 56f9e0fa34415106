use crate::check::{FixPromise, Level};
use crate::ffi::bindings::Bindings;
use crate::ffi::check::{Check, Problem, What, differing, on_one};
use crate::target::Pair;

pub(super) const CHECK: Check = Check {
    summary: "a macro or enumerator of a header with another value under the new target, or on one target only",
    why: "Other languages copy the values of a header when their bindings are made: a table of constants made for one \
          target says something else than the C code of the other. A magic number, a version or a flag that differs also \
          makes files and packets of the two programs strangers to each other. Values that bindgen computes are compared: \
          numbers, texts, and arithmetic on them; not macros with `sizeof`, casts or calls.",
    level: Level::May,
    fix: FixPromise::ByHand("one value for both, or a name for each"),
    look,
};

fn look(bindings: Pair<&Bindings>, problems: &mut Vec<Problem>) {
    for (name, both) in differing(bindings.map(|b| &b.constants)) {
        let message = on_one("the constant", name, &both).unwrap_or_else(|| {
            let value = both.map(|v| v.map_or("", String::as_str));
            format!("`{name}` is {} on {{old}} and {} on {{new}}", value.old, value.new)
        });
        problems.push(Problem {
            what: What::Constant,
            name: name.clone(),
            message,
            help: "give it one value for both targets; where it has to differ, make bindings for each".into(),
            notes: Vec::new(),
            calm: false,
        });
    }
}
