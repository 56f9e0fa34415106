use crate::check::{Check, FixPromise, Level, Problem};
use crate::source::tree::{Expr, Kind};

pub(super) const CHECK: Check = Check {
    summary: "a type that is called a word of 32 bits and has 64 under the new target",
    why: "`typedef unsigned long u32` was right everywhere its author looked. All that relies on it is wrong at once: records \
          in files and packets, hashes, masks, formats. Told at the one line that is to change. Found where the name of the \
          type says 32 bits or 4 bytes (`uint32`, `INT4`, `DWORD`) and its width was that and no longer is; a type of that \
          kind whose name does not say so is not found by this check.",
    level: Level::Breaks,
    fix: FixPromise::ByHand("`uint32_t` or `int32_t` of <stdint.h>; formats for it (`%lu`) have to follow"),
    visits: &[Kind::Typedef],
    look,
};

fn look(e: Expr, problems: &mut Vec<Problem>) {
    let place = e.written();
    let ty = e.ty();
    let sizes = ty.map(|t| t.integer().map(|(size, _)| size)).both();
    if sizes.is_none_or(|s| s.old != 4 || s.new == 4) || !says_32(&ty.new.name) || e.is_system(place) {
        return;
    }
    problems.push(Problem {
        place,
        message: format!(
            "`{}` has {} bits on {{new}}, and the 32 of its name on {{old}}",
            ty.new.name,
            ty.new.size.unwrap_or(0) * 8
        ),
        help: "define it by `uint32_t` or `int32_t` of <stdint.h>".into(),
        ..Problem::default()
    });
}

/// Whether a name says 32 bits or 4 bytes.
pub(super) fn says_32(name: &str) -> bool {
    let name = name.to_lowercase();
    let name = name.trim_end_matches("_t").trim_end_matches("_type");
    let four = name.strip_suffix('4').map(|n| n.trim_end_matches('_'));
    let is_word = |n: &str| ["int", "word", "byte", "long", "card"].iter().any(|w| n.ends_with(w));
    // `uint_fast32_t` is as wide as is fast.
    let exact = !name.contains("fast") && !name.contains("least");
    (exact && name.ends_with("32")) || name == "dword" || four.is_some_and(is_word)
}
