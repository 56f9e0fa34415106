use crate::binary::check::{Check, Problem};
use std::collections::HashMap;

use crate::binary::object::{Glibc, Object};
use crate::check::{FixPromise, Level};
use crate::target::Pair;

pub(super) const CHECK: Check = Check {
    summary: "symbols that are now resolved to, or exported with, another version",
    why: "A symbol's version says which of several behaviours it has: `memcpy@GLIBC_2.14` may copy in any order, \
          `pow@GLIBC_2.29` sets `errno` in another way, `regexec@GLIBC_2.3.4` knows more flags. The versions with which the \
          C library of each architecture began (2.0 and 2.1 on i386, 2.2.5 on `x86_64`, 2.17 on aarch64) count as the same, and so do \
          versions up to them. Objects that are not linked have no versions and are silent.",
    level: Level::Look,
    fix: FixPromise::ByHand("most behave the same; the documentation of the library tells"),
    look,
};

fn look(objects: Pair<Option<&Object>>, out: &mut Vec<Problem>) {
    let Some(pair) = objects.both() else { return };
    let versions = |object: &Object| -> HashMap<(bool, String), String> {
        let versioned = object.symbols.iter().filter(|s| !s.defined || s.default);
        let versioned = versioned.filter_map(|s| Some(((s.defined, s.name.clone()), s.version.clone()?)));
        versioned.collect()
    };
    let old = versions(pair.old);
    for ((defined, name), new) in versions(pair.new) {
        let Some(old) = old.get(&(defined, name.clone())).filter(|&old| differ(old, &new)) else { continue };
        let (verb, help) = if defined {
            (
                "exported",
                "programs linked with the old version need it in the new library as well; see its linker script",
            )
        } else {
            ("resolved", "read what the library's notes say of this version; a `.symver` line asks for another one")
        };
        out.push(Problem {
            what: format!("{name}@{new}"),
            message: format!("`{name}` was {verb} as `{name}@{old}` and is now `{name}@{new}`"),
            help: help.into(),
            ..Problem::default()
        });
    }
}

/// Up to the version with which the C library of the new architecture began all are the same.
fn differ(old: &str, new: &str) -> bool {
    match (Glibc::of(old), Glibc::of(new)) {
        (Some(old), Some(new)) => {
            let first = if new == Glibc(2, 17, 0) { new } else { Glibc(2, 2, 5) };
            old.max(first) != new.max(first)
        }
        _ => old != new,
    }
}
