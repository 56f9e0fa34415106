//! The shape of a check: data first, then a pure function over a node of the dual tree.

use std::fmt;

use serde::{Deserialize, Serialize};

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
    /// The record whose layouts a report can draw side by side.
    pub layout: Option<Pair<RecordId>>,
}

/// What one unit cannot know: whether it is so is seen when all units have been looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Need {
    /// A pointer is kept in the integer that is declared here.
    PointerIn(Place),
    /// The function of this name is defined with a result that had 4 bytes and has 8.
    WideResult(String),
    /// The function of this name is defined with a parameter, of this position from 0, that had 4 bytes and has 8.
    WideParameter(String, usize),
    /// What the parameter of this position points to is written out, sent or read in by the function of this name, or by
    /// one that it hands it on to.
    Outside(String, usize),
    /// The function of this name hands its parameter of this position on as a format of `printf`.
    Formats(String, usize),
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
