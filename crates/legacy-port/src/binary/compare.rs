//! Records of two builds, or of one and what is predicted of it -> what differs.

use std::collections::BTreeMap;

use super::dwarf::{Debug, Kind, Record, Reordered};
use super::predict::Predicted;
use crate::layout::{Layout, Member};
use crate::target::Pair;

/// A record whose layouts differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Both layouts.
    pub layouts: Pair<Layout>,
    /// File and line of the declaration, where they are told.
    pub place: Option<(String, u32)>,
    /// Whether a pointer lies in it: then its bytes mean nothing outside of the process.
    pub pointers: bool,
    /// Members with another offset or width, by path: `header.when.tv_sec`.
    pub members: Vec<Moved>,
    /// Members that only one build has, by path.
    pub only: Pair<Vec<String>>,
    /// Bytes that no member uses.
    pub padding: Pair<u64>,
    /// Whether the new members are known; not of a type of the system that is predicted by its size.
    pub complete: bool,
    /// What was assumed of the new layout, each in a sentence.
    pub assumed: Vec<String>,
    /// The order of members that makes the new one smaller.
    pub reordered: Option<Reordered>,
}

/// A member with another place or width.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Names from the outermost record on.
    pub path: String,
    /// Bits from the start of the outermost record.
    pub offset: Pair<u64>,
    /// Bits.
    pub bits: Pair<u64>,
}

/// A record of which something is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// `struct sale`
    pub name: String,
    /// File and line of the declaration, where they are told.
    pub place: Option<(String, u32)>,
    /// What, each in a sentence.
    pub why: Vec<String>,
}

impl Doubt {
    fn of(r: &Record, why: &[String]) -> Self {
        Self { name: r.layout.name.clone(), place: r.place.clone(), why: why.to_vec() }
    }
}

/// What two builds have in common, and what not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Records that differ. Those without pointers first, since they are what is written to files and sent; then those that
    /// grow most; then by name.
    pub changes: Vec<Change>,
    /// How many records are the same in both.
    pub same: usize,
    /// Names of records that only one build has.
    pub only: Pair<Vec<String>>,
    /// Records of which nothing is predicted, and why.
    pub unknown: Vec<Doubt>,
    /// Records that are predicted to stay the same, and what was assumed of them.
    pub assumed: Vec<Doubt>,
}

impl Change {
    /// Bytes that each object becomes larger by.
    #[must_use]
    pub fn growth(&self) -> i128 {
        i128::from(self.layouts.new.size) - i128::from(self.layouts.old.size)
    }
}

/// Compares two builds; without a new one the old one with what is predicted.
#[must_use]
pub fn compare(old: &Debug, new: Option<&Debug>) -> Comparison {
    let mut out = Comparison::default();
    match new {
        Some(new) => {
            let mut left: BTreeMap<(Kind, &str), Vec<&Record>> = BTreeMap::new();
            for r in &new.records {
                left.entry((r.kind, &r.layout.name)).or_default().push(r);
            }
            for r in &old.records {
                let twins = left.get_mut(&(r.kind, r.layout.name.as_str())).filter(|t| !t.is_empty());
                let Some(twins) = twins else {
                    out.only.old.push(r.layout.name.clone());
                    continue;
                };
                // Of several of one name that which is declared at the same place.
                let at = twins.iter().position(|t| t.place == r.place).unwrap_or(0);
                let twin = twins.remove(at);
                out.add(r, &twin.layout, true, &[], twin.reordered.as_ref());
            }
            out.only.new = left.into_values().flatten().map(|r| r.layout.name.clone()).collect();
        }
        None => {
            for r in &old.records {
                match &r.predicted {
                    None => out.unknown.push(Doubt::of(r, &["predictions are made of builds for i386 alone".into()])),
                    Some(Predicted::Unknown(why)) => out.unknown.push(Doubt::of(r, std::slice::from_ref(why))),
                    Some(Predicted::Table(layout)) => out.add(r, layout, false, &[], None),
                    Some(Predicted::Members { layout, assumed, reordered }) => {
                        out.add(r, layout, true, assumed, reordered.as_ref());
                    }
                }
            }
        }
    }
    out.changes.sort_by(|a, b| {
        let names = || a.layouts.old.name.cmp(&b.layouts.old.name);
        a.pointers.cmp(&b.pointers).then(b.growth().cmp(&a.growth())).then_with(names)
    });
    out
}

impl Comparison {
    fn add(&mut self, old: &Record, new: &Layout, complete: bool, assumed: &[String], reordered: Option<&Reordered>) {
        let (mut members, mut only) = (Vec::new(), Pair::<Vec<String>>::default());
        if complete {
            walk(&old.layout.members, &new.members, "", &mut members, &mut only);
        }
        let sizes = (old.layout.size, old.layout.align) == (new.size, new.align);
        if sizes && members.is_empty() && only.old.is_empty() && only.new.is_empty() {
            self.same += 1;
            if !assumed.is_empty() {
                self.assumed.push(Doubt::of(old, assumed));
            }
            return;
        }
        self.changes.push(Change {
            place: old.place.clone(),
            pointers: old.pointers,
            members,
            only,
            padding: Pair { old: &old.layout, new }.map(padding),
            complete,
            assumed: assumed.to_vec(),
            reordered: reordered.cloned(),
            layouts: Pair { old: old.layout.clone(), new: new.clone() },
        });
    }
}

fn walk(old: &[Member], new: &[Member], outer: &str, moved: &mut Vec<Moved>, only: &mut Pair<Vec<String>>) {
    let path = |m: &Member| format!("{outer}{}", if m.name.is_empty() { "(unnamed)" } else { &m.name });
    let mut taken = vec![false; new.len()];
    for (i, o) in old.iter().enumerate() {
        let fits = |n: &Member| n.name == o.name;
        // Members are told in the same order almost always; those without a name by their order alone.
        let at = if new.get(i).is_some_and(fits) && !taken[i] {
            Some(i)
        } else {
            (0..new.len()).find(|&n| !o.name.is_empty() && !taken[n] && fits(&new[n]))
        };
        let Some(at) = at else {
            only.old.push(path(o));
            continue;
        };
        taken[at] = true;
        let n = &new[at];
        if (o.offset, o.bits) != (n.offset, n.bits) {
            let (offset, bits) = (Pair { old: o.offset, new: n.offset }, Pair { old: o.bits, new: n.bits });
            moved.push(Moved { path: path(o), offset, bits });
        }
        // The members of a type of the system are not predicted.
        if !o.members.is_empty() && !n.members.is_empty() {
            walk(&o.members, &n.members, &format!("{}.", path(o)), moved, only);
        }
    }
    only.new.extend(new.iter().zip(taken).filter(|(_, taken)| !taken).map(|(n, _)| path(n)));
}

/// Bytes of a record that no member uses; the rest of a byte with bit-fields is not counted.
#[must_use]
pub fn padding(layout: &Layout) -> u64 {
    fn leaves(members: &[Member], out: &mut Vec<(u64, u64)>) {
        for m in members {
            if m.members.is_empty() {
                out.push((m.offset / 8, m.offset.saturating_add(m.bits).div_ceil(8)));
            } else {
                leaves(&m.members, out);
            }
        }
    }
    let mut used = Vec::new();
    leaves(&layout.members, &mut used);
    used.sort_unstable();
    let (mut at, mut free) = (0, 0u64);
    for (begin, end) in used {
        free = free.saturating_add(begin.saturating_sub(at));
        at = at.max(end);
    }
    if layout.members.is_empty() { 0 } else { free.saturating_add(layout.size.saturating_sub(at)) }
}
