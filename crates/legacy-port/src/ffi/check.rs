//! The shape of a check over headers: data first, then a pure function over what both targets take them for.

use super::bindings::Bindings;
use crate::check::{FixPromise, Level};
use crate::target::Pair;

/// One check. It does not know its name, which is that of its file.
#[derive(Debug)]
pub struct Check {
    /// What it finds, in a line.
    pub summary: &'static str,
    /// Why that matters, and what is left silent.
    pub why: &'static str,
    /// The level of its findings.
    pub level: Level,
    /// What it promises of its edits.
    pub fix: FixPromise,
    /// Looks at the bindings of both targets.
    pub look: fn(Pair<&Bindings>, &mut Vec<Problem>),
}

/// What a problem is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum What {
    Record,
    Constant,
    Function,
}

/// What a check says. `{old}` and `{new}` stand for the targets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What it is about.
    pub what: What,
    /// Its name in Rust, which is that in C as a rule.
    pub name: String,
    /// The difference in a sentence.
    pub message: String,
    /// What a person can do.
    pub help: String,
    /// Further facts, each a sentence.
    pub notes: Vec<String>,
    /// Whether it is one to look at and no more, for a reason that the check's documentation names.
    pub calm: bool,
}

/// Names with what both targets have by them, where that differs; for one that a target does not have it is `None`.
pub(crate) fn differing<T: PartialEq>(
    lists: Pair<&std::collections::BTreeMap<String, T>>,
) -> impl Iterator<Item = (&String, Pair<Option<&T>>)> {
    let only_new = lists.new.iter().filter(move |(name, _)| !lists.old.contains_key(*name));
    let all = lists.old.iter().chain(only_new);
    all.map(move |(name, _)| (name, lists.map(|l| l.get(name)))).filter(|(_, both)| both.differs())
}

/// A sentence about what one target alone has.
pub(crate) fn on_one<T>(what: &str, name: &str, both: &Pair<Option<T>>) -> Option<String> {
    match both {
        Pair { old: Some(_), new: None } => Some(format!("{what} `{name}` is there on {{old}} and not on {{new}}")),
        Pair { old: None, new: Some(_) } => Some(format!("{what} `{name}` is there on {{new}} and not on {{old}}")),
        _ => None,
    }
}
