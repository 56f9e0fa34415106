//! What would be done to the stacks, in words and for machines.

use std::fmt::Write as _;

use serde::Serialize;

use super::change::{Line, What};
use crate::verify::plain;

/// The plan of an environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// The environment.
    pub environment: String,
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// Its stacks, in the order in which they are made.
    pub stacks: Vec<StackPlan>,
}

/// What would be done to a stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StackPlan {
    /// Its name.
    pub stack: String,
    /// `repository`, `service` or `pipeline`.
    pub part: &'static str,
    /// Whether it is there.
    pub there: bool,
    /// What becomes of its resources.
    pub changes: Vec<Line>,
    /// Whether the stack itself changes and none of its resources does: its outputs, or parameters that nothing takes.
    pub silent: bool,
    /// What it waits for: then the changes are those of the template, and AWS has not been asked.
    pub waits: Option<String>,
    /// Why it is not done.
    pub refused: Vec<String>,
    /// What else is to be known.
    pub notes: Vec<String>,
}

impl StackPlan {
    /// Whether there is nothing to do.
    #[must_use]
    pub fn same(&self) -> bool {
        self.changes.is_empty() && self.refused.is_empty() && self.waits.is_none() && !self.silent
    }

    /// Whether something goes that is not made again as it was, or the service feels it.
    #[must_use]
    pub fn hurts(&self) -> bool {
        self.changes.iter().any(|l| l.loses.is_some() || l.interrupts.is_some())
    }
}

impl Plan {
    /// Whether something of it is refused.
    #[must_use]
    pub fn refused(&self) -> bool {
        self.stacks.iter().any(|s| !s.refused.is_empty())
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn same(&self) -> bool {
        self.stacks.iter().all(StackPlan::same)
    }

    /// For people. Nothing of it reaches a terminal as a command.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = format!("environment {}, account {}, {}\n", self.environment, self.account, self.region);
        for stack in &self.stacks {
            out += &stack.text();
        }
        out
    }

    /// For machines.
    #[must_use]
    pub fn json(&self) -> String {
        let value = serde_json::to_value(self).unwrap_or_default();
        format!("{value:#}\n")
    }
}

/// How it is written, and its colour.
fn mark(what: What) -> (&'static str, u8) {
    match what {
        What::Add => ("+ add", 32),
        What::Change => ("~ change", 33),
        What::MayReplace => ("? may be replaced", 31),
        What::Replace => ("! REPLACE", 31),
        What::Remove => ("- remove", 31),
        What::Leave => ("- leave behind", 33),
    }
}

impl StackPlan {
    fn text(&self) -> String {
        let mut out = String::new();
        let state = match (self.there, self.same()) {
            (false, _) => "is not there: it is made",
            (true, true) => "nothing to do",
            (true, false) if !self.refused.is_empty() && self.changes.is_empty() => "is there",
            (true, false) => "is there: it is changed",
        };
        let _ = writeln!(out, "\n\x1b[1mstack {}\x1b[0m ({}.yaml): {state}", plain(&self.stack), self.part);
        if let Some(waits) = &self.waits {
            let _ = writeln!(out, "  waits: {}", plain(waits));
        }
        if self.silent {
            out += "  no resource is touched: only outputs, parameters or tags of the stack itself\n";
        }
        let names = self.changes.iter().map(|l| plain(&l.name).chars().count()).max().unwrap_or(0);
        for line in &self.changes {
            let (word, colour) = mark(line.what);
            let physical = line.physical.as_ref().map_or(String::new(), |p| format!("  {}", plain(p)));
            let (name, kind) = (plain(&line.name), plain(&line.kind));
            let _ = writeln!(out, "  \x1b[{colour}m{word:<17}\x1b[0m  {name:names$}  {kind}{physical}");
            for because in &line.because {
                let _ = writeln!(out, "      {}", plain(because));
            }
            if let Some(what) = &line.loses {
                let or = if line.what == What::MayReplace { "can lose" } else { "loses" };
                let _ = writeln!(out, "      \x1b[31m{or} {what}\x1b[0m");
            }
            if let Some(what) = &line.leaves {
                let _ = writeln!(out, "      the old one stays, with its {what}");
            }
            if let Some(what) = &line.interrupts {
                let _ = writeln!(out, "      \x1b[31minterrupts\x1b[0m: {what}");
            }
        }
        for note in &self.notes {
            let _ = writeln!(out, "  note: {}", plain(note));
        }
        for refused in &self.refused {
            let _ = writeln!(out, "  \x1b[31mrefused\x1b[0m: {}", plain(refused));
        }
        if !self.changes.is_empty() {
            let _ = writeln!(out, "  in all: {}", self.sum());
        }
        out
    }

    fn sum(&self) -> String {
        let words = [
            (What::Add, "added"),
            (What::Change, "changed"),
            (What::MayReplace, "perhaps replaced"),
            (What::Replace, "replaced"),
            (What::Remove, "removed"),
            (What::Leave, "left behind"),
        ];
        let count = |f: &dyn Fn(&Line) -> bool| self.changes.iter().filter(|l| f(l)).count();
        let mut parts: Vec<String> = words
            .iter()
            .map(|(what, word)| (count(&|l| l.what == *what), word))
            .filter(|(n, _)| *n > 0)
            .map(|(n, word)| format!("{n} {word}"))
            .collect();
        let loses = count(&|l| l.loses.is_some());
        parts.push(if loses == 0 { "no data is lost".into() } else { format!("{loses} with data that is lost") });
        let hurts = count(&|l| l.interrupts.is_some());
        let felt =
            if hurts == 0 { "the service does not feel it".into() } else { format!("{hurts} that the service feels") };
        // A stack that is made has no service yet.
        if self.there {
            parts.push(felt);
        }
        parts.join(", ")
    }
}
