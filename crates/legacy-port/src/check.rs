//! The shape of a check: data first, then a pure function over a node of the dual tree.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::edit::Change;
use crate::source::program::Widths;
use crate::source::slot::Slot;
use crate::source::tree::{Expr, Kind, Place, RecordId};
use crate::target::Pair;

/// How bad what a check finds is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Level {
    /// Differs between the targets, often rightly: to look at.
    Look,
    /// Misbehaves for some values.
    May,
    /// Misbehaves on ordinary input.
    Breaks,
}

impl Level {
    /// All levels, worst first.
    pub const ALL: [Self; 3] = [Self::Breaks, Self::May, Self::Look];
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Breaks => "breaks",
            Self::May => "may",
            Self::Look => "look",
        })
    }
}

/// What a check promises of its edits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FixPromise {
    /// The remedy is a decision of a person, for the reason given.
    ByHand(&'static str),
    /// What is plainly written is edited, as told, with the same meaning under the old target; a person does the rest.
    Edits(&'static str),
}

impl fmt::Display for FixPromise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ByHand(why) => write!(f, "by hand; {why}"),
            Self::Edits(what) => write!(f, "by `legacy-port fix`: {what}"),
        }
    }
}

/// A place that belongs to a problem, and what it has to do with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Where.
    pub place: Place,
    /// What is to be seen there.
    pub text: String,
}

/// What a check says of one place. Checks name what they know and leave the rest to `..Problem::default()`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub place: Place,
    /// Both meanings in a sentence.
    pub message: String,
    /// What a person can do.
    pub help: String,
    /// Further places.
    pub notes: Vec<Note>,
    /// What some unit of the program must have for it to be a problem at all.
    pub needs: Option<Need>,
    /// Whether it is one to look at and no more, for a reason that the check's documentation names.
    pub calm: bool,
    /// What makes it a thing to look at and no more, if some unit has any of it.
    pub calmed_by: Vec<Need>,
    /// The record whose layouts a report can draw side by side.
    pub layout: Option<Pair<RecordId>>,
    /// What is to be changed, where that is no decision of a person.
    pub change: Option<Change>,
}

/// What one unit cannot know: whether it is so is seen when all units have been looked at. `S` names slots: as one unit
/// knows them, or as all do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Need<S = Slot> {
    /// A pointer is kept in this integer.
    PointerIn(S),
    /// Numbers are kept in this pointer.
    NumberIn(S),
    /// What is kept in this integer says how many bytes are written out, sent or read in.
    SizeOut(S),
    /// No unit sets the first of two members of a union to zero and asks the second whether it is.
    Apart(S, S),
    /// Nothing that only the new target has more than 32 bits for goes into any of these integers.
    NothingWideIn(Vec<S>),
    /// Pointers to records of several types are kept in this pointer.
    SeveralRecordsIn(S),
    /// The function or variable of this name is defined with other widths: of its result or itself, and of its
    /// parameters, that are the same under the old target and not under the new.
    DefinedOtherwise(String, Widths),
    /// The function of this name is defined with a result that had 4 bytes and has 8.
    WideResult(String),
    /// The function of this name is defined with a parameter, of this position from 0, that had 4 bytes and has 8.
    WideParameter(String, usize),
    /// The function of this name is defined with a parameter, of this position, that has 4 bytes on both.
    NarrowParameter(String, usize),
    /// To one of these functions with variable arguments, told by name or by type, a pointer or another wide argument is
    /// passed.
    WidePassed(Vec<String>),
    /// The function of this name takes nothing but pointers and other wide numbers by `va_arg`.
    TakesWide(String),
    /// The parameter of this position is used as a number alone by the function of this name, and by those it hands it
    /// on to.
    Numeric(String, usize),
    /// What the parameter of this position points to is written out, sent or read in by the function of this name, or by
    /// one that it hands it on to.
    Outside(String, usize),
    /// The function of this name hands its parameter of this position on as a format of `printf`.
    Formats(String, usize),
}

impl<S> Need<S> {
    /// The same with slots named in another way.
    pub fn map<T>(self, mut name: impl FnMut(S) -> T) -> Need<T> {
        match self {
            Self::Apart(a, b) => Need::Apart(name(a), name(b)),
            Self::NothingWideIn(all) => Need::NothingWideIn(all.into_iter().map(name).collect()),
            Self::SeveralRecordsIn(s) => Need::SeveralRecordsIn(name(s)),
            Self::DefinedOtherwise(n, widths) => Need::DefinedOtherwise(n, widths),
            Self::PointerIn(s) => Need::PointerIn(name(s)),
            Self::NumberIn(s) => Need::NumberIn(name(s)),
            Self::SizeOut(s) => Need::SizeOut(name(s)),
            Self::WideResult(f) => Need::WideResult(f),
            Self::WideParameter(f, i) => Need::WideParameter(f, i),
            Self::NarrowParameter(f, i) => Need::NarrowParameter(f, i),
            Self::WidePassed(f) => Need::WidePassed(f),
            Self::TakesWide(f) => Need::TakesWide(f),
            Self::Numeric(f, i) => Need::Numeric(f, i),
            Self::Outside(f, i) => Need::Outside(f, i),
            Self::Formats(f, i) => Need::Formats(f, i),
        }
    }
}

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
    /// The kinds of nodes that it looks at.
    pub visits: &'static [Kind],
    /// Looks at one node that both targets have.
    pub look: fn(Expr, &mut Vec<Problem>),
}
