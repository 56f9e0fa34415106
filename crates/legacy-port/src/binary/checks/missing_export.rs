use std::collections::BTreeSet;

use crate::binary::check::{Check, Problem};
use crate::binary::object::{Object, SymbolKind};
use crate::binary::pairs;
use crate::check::{FixPromise, Level};
use crate::target::{Pair, Which};

pub(super) const CHECK: Check = Check {
    summary: "functions and data that the old build exported and the new one does not",
    why: "What other programs and libraries take from this one by name has to stay: a function or variable that is gone stops them when \
          they are linked or loaded. In the port it happens through an `#ifdef` of the old architecture, an assembler file that is \
          not built any more, or `-fvisibility=hidden`. Names that compilers and linkers make are silent, so are those of programs that are not \
          linked to export (only libraries and objects are compared), and C++ names in which a type's width is \
          written, such as `size_t` (`j` and `m`), where the new build has the name with the other width. Of two archives it is the same \
          in which member a name is, and whether it is hidden, which only keeps it from being seen outside of what is linked.",
    level: Level::Breaks,
    fix: FixPromise::ByHand("whether anybody still needs it is for a person to say"),
    look,
};

fn look(objects: Pair<Option<&Object>>, out: &mut Vec<Problem>) {
    let Some(old) = objects.old.filter(|o| !o.file.kind.program()) else { return };
    // A file that is missing as a whole is another check's; a member of an archive may have gone into others.
    if objects.new.is_none() && !(old.beside.alone && old.member.is_some()) {
        return;
    }
    let exports = objects.new.into_iter().flat_map(Object::exports).map(|s| s.name.as_str());
    let there: BTreeSet<&str> = exports.chain(old.beside.exports.iter().map(String::as_str)).collect();
    let wide: BTreeSet<String> = there.iter().filter(|n| n.starts_with("_Z")).map(|n| widthless(n)).collect();
    for s in old.exports().filter(|s| pairs::of_program(s) && !there.contains(s.name.as_str())) {
        if s.name.starts_with("_Z") && wide.contains(&widthless(&s.name)) {
            continue;
        }
        let kind = if s.kind == SymbolKind::Function { "function" } else { "variable" };
        out.push(Problem {
            of: Which::Old,
            what: s.name.clone(),
            message: format!("the {kind} `{}` is exported by the old build and not by the new one", s.name),
            help:
                "build the file that defines it for 64 bits too, or look for an `#ifdef` of the old processor around it"
                    .into(),
            ..Problem::default()
        });
    }
}

/// A C++ name with the letters of integer types that differ between the targets made the same: `int`, `long`, `long long`.
fn widthless(name: &str) -> String {
    name.replace(['j', 'y'], "m").replace(['i', 'x'], "l")
}
