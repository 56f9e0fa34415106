//! The shape of a check over layouts: data first, then a pure function over one record.

use crate::binary::compare::Change;
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
    /// Looks at one record.
    pub look: fn(&Subject) -> Option<Problem>,
}

/// Whether the bytes of a record leave the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaves {
    /// The source or the project says so.
    Yes,
    /// The source was asked.
    No,
    /// There is no source.
    Unknown,
}

/// A record, and what is known of it.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// `struct sale`
    pub name: &'a str,
    /// What differs, if something does.
    pub change: Option<&'a Change>,
    /// Why the new layout may be another one, each in a sentence.
    pub doubts: &'a [String],
    /// Whether it leaves the process.
    pub leaves: Leaves,
    /// How the builds are called.
    pub names: Pair<&'a str>,
    /// How many objects there are of it, where that was told.
    pub count: Option<u64>,
}

/// What a check says of a record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problem {
    /// The difference in a sentence.
    pub message: String,
    /// What a person can do.
    pub help: String,
    /// Further facts, each a sentence.
    pub notes: Vec<String>,
    /// Whether it is one to look at and no more.
    pub calm: bool,
}

/// Members that are told of a record.
const TOLD: usize = 24;

impl Subject<'_> {
    /// Whether a byte of it lies elsewhere; an alignment alone moves nothing.
    pub(super) fn moved(change: &Change) -> bool {
        let sizes = change.layouts.as_ref().map(|l| l.size);
        sizes.differs() || !(change.members.is_empty() && change.only.old.is_empty() && change.only.new.is_empty())
    }

    /// Both sizes in a sentence.
    pub(super) fn sizes(&self, change: &Change) -> String {
        let Pair { old, new } = change.layouts.as_ref();
        let Pair { old: was, new: is } = self.names;
        if old.size != new.size {
            format!("`{}` has {} bytes on {was} and {} on {is}", self.name, old.size, new.size)
        } else if old.align == new.align || !change.members.is_empty() {
            format!("`{}` has {} bytes on both, but members at other offsets", self.name, new.size)
        } else {
            format!("`{}` is aligned to {} on {was} and to {} on {is}", self.name, old.align, new.align)
        }
    }

    /// What moved, member by member; what it costs; what was assumed.
    pub(super) fn facts(&self, change: &Change) -> Vec<String> {
        let mut all = Vec::new();
        for m in change.members.iter().take(TOLD) {
            let at = if m.offset.differs() {
                format!("`{}` is at offset {}, then at {}", m.path, bytes(m.offset.old), bytes(m.offset.new))
            } else {
                format!("`{}` stays at offset {}", m.path, bytes(m.offset.new))
            };
            let wide = if m.bits.differs() {
                format!(", and has {} bytes, then {}", bytes(m.bits.old), bytes(m.bits.new))
            } else {
                String::new()
            };
            all.push(at + &wide);
        }
        if change.members.len() > TOLD {
            all.push(format!("{} members more lie elsewhere", change.members.len() - TOLD));
        }
        for (paths, name) in [(&change.only.old, self.names.old), (&change.only.new, self.names.new)] {
            all.extend(paths.iter().take(TOLD).map(|path| format!("`{path}` is there on {name} only")));
        }
        if change.complete && change.padding.differs() {
            all.push(format!("{} bytes are padding, then {}", change.padding.old, change.padding.new));
        }
        if !change.complete {
            all.push("a type of the system: its size is known, its members are not followed".into());
        }
        if let Some(count) = self.count {
            all.push(format!("{count} of them: {:+} bytes", change.growth().saturating_mul(i128::from(count))));
        }
        all
    }
}

/// Bytes, and bits where it is none.
fn bytes(bits: u64) -> String {
    match bits % 8 {
        0 => (bits / 8).to_string(),
        bit => format!("{} bit {bit}", bits / 8),
    }
}
