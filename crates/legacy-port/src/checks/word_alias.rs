use super::word_typedef::says_32;
use crate::check::{Check, FixPromise, Level, Problem};
use crate::source::tree::{Expr, Kind};

pub(super) const CHECK: Check = Check {
    summary: "a name of the program's own for an integer type that is wider under the new target",
    why: "`typedef unsigned long bits;` and `#define QUAD long` were made so that the type can be changed at one place, and \
          this is the time: either a word of 4 bytes is meant, as for what is stored, hashed or sent, or whatever a machine \
          word has. Level `look`, since both are common; names that say 32 bits are `word_typedef`'s. Names that \
          the system has too (`time_t`) are silent. Macros are found where a variable, parameter or member is declared by one.",
    level: Level::Look,
    fix: FixPromise::ByHand(
        "`uint32_t` or `int32_t` where 4 bytes are meant, `intptr_t` or `size_t` where they are not",
    ),
    visits: &[Kind::Typedef, Kind::Variable, Kind::Extern, Kind::Parameter, Kind::Field],
    look,
};

/// Names that the system has: a program that defines them for old systems means those.
const SYSTEM: &[&str] =
    &["clock_t", "intptr_t", "ino_t", "off_t", "ptrdiff_t", "size_t", "ssize_t", "suseconds_t", "time_t", "uintptr_t"];

fn look(e: Expr, problems: &mut Vec<Problem>) {
    let by_macro = e.kind() != Kind::Typedef;
    let place = e.written();
    let mut ty = e.ty();
    while by_macro && let Some(to) = e.tree.pointee(ty) {
        ty = to;
    }
    let sizes = ty.map(|t| t.integer().map(|(size, _)| size)).both();
    if sizes.is_none_or(|s| s.old != 4 || s.new != 8) || e.is_system(place) {
        return;
    }
    let name = &ty.new.name;
    if !by_macro && SYSTEM.contains(&name.as_str()) {
        return;
    }
    // The macro is the place to change if the type is written in it, and not some other word.
    let in_macro = |text: &str| text.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == "long");
    if if by_macro { !e.as_written().is_some_and(in_macro) } else { says_32(name) } {
        return;
    }
    let what = if by_macro { "a type written in a macro".to_owned() } else { format!("`{name}`") };
    problems.push(Problem {
        place,
        message: format!("{what} has 4 bytes on {{old}} and 8 on {{new}}"),
        help: "decide which is meant: a word of 4 bytes (`uint32_t`), or one as wide as the machine's".into(),
        ..Problem::default()
    });
}
