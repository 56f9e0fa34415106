//! The shape of a check over what was built: data first, then a pure function over one object or two.

use crate::check::{FixPromise, Level};
use crate::layout::Layout;
use crate::target::{Pair, Which};

use super::object::Object;

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
    /// Looks at what there is: the old build, the new one, or both builds of one program.
    pub look: fn(Pair<Option<&Object>>, &mut Vec<Problem>),
}

/// What a check says of an object. Checks name what they know and leave the rest to `..Problem::default()`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problem {
    /// Which object it is to be found in.
    pub of: Which,
    /// What in it: a symbol, a section, a segment, a library. Stands where a source finding has its line, and names the
    /// finding in a baseline: it must stay when the object is built anew.
    pub what: String,
    /// The difference in a sentence.
    pub message: String,
    /// What a person can do.
    pub help: String,
    /// Further facts, each a sentence.
    pub notes: Vec<String>,
    /// Whether it is one to look at and no more, for a reason that the check's documentation names.
    pub calm: bool,
    /// The record whose layouts a report can draw side by side.
    pub layout: Option<Pair<Layout>>,
}
