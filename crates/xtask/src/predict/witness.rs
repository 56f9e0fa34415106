//! What `pahole` and `abidiff` say of the same objects.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use legacy_port::binary::compare::{Comparison, compare};
use legacy_port::binary::dwarf::{self, Options};
use legacy_port::ffi::bare;
use legacy_port::layout::{Layout, Member};

/// What a witness says otherwise and is accepted: witness, package, record, and why.
const ACCEPTED: &[(&str, &str, &str, &str)] = &[];

/// What was compared, and what differs.
#[derive(Default)]
pub(super) struct Heard {
    /// Records that `pahole` tells, those of each object counted.
    pub(super) pahole: usize,
    /// Records that `abidiff` says have another size or members elsewhere.
    pub(super) abidiff: usize,
    /// Differences by witness and record: the first of each.
    differ: BTreeMap<(&'static str, String), String>,
}

impl Heard {
    /// Asks both of a unit's two objects.
    pub(super) fn unit(&mut self, old: &Path, new: &Path) -> Result<()> {
        let (was, is) = (dwarf::read(old, Options::default())?, dwarf::read(new, Options::default())?);
        for (object, debug) in [(old, &was), (new, &is)] {
            let said = output(Command::new("pahole").args(["-F", "dwarf"]).arg(object), "dwarves")?;
            for (name, theirs) in pahole(&said) {
                self.pahole += 1;
                let ours = debug.records.iter().filter(|r| r.layout.name == name).map(|r| Told::of(&r.layout));
                let ours: Vec<Told> = ours.collect();
                if !ours.iter().any(|o| o.is_like(&theirs)) {
                    let said = format!("{theirs:?}, and we {ours:?} in `{}`", object.display());
                    self.differ.entry(("pahole", name)).or_insert(said);
                }
            }
        }
        let found = compare(&was, Some(&is));
        let said = output(Command::new("abidiff").arg("--non-reachable-types").args([old, new]), "abigail-tools")?;
        for change in abidiff(&said) {
            self.abidiff += 1;
            if let Some(why) = change.unlike(&found) {
                self.differ.entry(("abidiff", change.name)).or_insert(why);
            }
        }
        Ok(())
    }

    /// What is not accepted, and what of the accepted is no longer so, each in a line.
    pub(super) fn wrong(&self, package: &str) -> Vec<String> {
        let rows = || ACCEPTED.iter().filter(|a| package.starts_with(a.1));
        let known = |(witness, record): &(&str, String)| rows().any(|a| (a.0, a.2) == (*witness, record.as_str()));
        let new = self.differ.iter().filter(|(key, _)| !known(key));
        let new = new.map(|((witness, record), why)| format!("{record}: {witness} says otherwise: {why}"));
        let stale = rows().filter(|a| !self.differ.contains_key(&(a.0, a.2.to_owned())));
        new.chain(stale.map(|a| format!("{}: {} says the same: take it from the list", a.2, a.0))).collect()
    }
}

/// Standard output; `abidiff` says by its status that something changed.
fn output(command: &mut Command, package: &str) -> Result<String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().with_context(|| format!("cannot run `{program}`: install `{package}`"))?;
    // Bits 0 and 1 of `abidiff`'s are errors (its manual, "Return values").
    let failed = output.status.code().is_none_or(|code| code & 3 != 0);
    if failed {
        bail!("`{command:?}`: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// A structure as `pahole` tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Told {
    size: u64,
    /// Bits from the start, and bytes; 0 bytes for a bit-field, whose bits follow from the next one.
    members: Vec<(u64, u64)>,
    /// Bytes of holes between members, and behind the last; not of a structure with bit-fields, of which `pahole` counts
    /// whole storage units.
    holes: Option<(u64, u64)>,
}

impl Told {
    fn of(layout: &Layout) -> Self {
        let row = |m: &Member| (m.offset, if m.bit_field { 0 } else { m.bits / 8 });
        let members: Vec<(u64, u64)> = layout.members.iter().map(row).collect();
        let plain = !layout.members.iter().any(|m| m.bit_field);
        let mut end = 0;
        let mut between = 0;
        for (offset, bytes) in &members {
            between += (offset / 8).saturating_sub(end);
            end = end.max(offset / 8 + bytes);
        }
        let holes = (plain && !members.is_empty()).then(|| (between, layout.size.saturating_sub(end)));
        Self { size: layout.size, members, holes }
    }

    fn is_like(&self, theirs: &Self) -> bool {
        let holes = self.holes.is_none() || self.holes == theirs.holes;
        holes && (self.size, &self.members) == (theirs.size, &theirs.members)
    }
}

/// The structures that `pahole` prints.
fn pahole(text: &str) -> Vec<(String, Told)> {
    let mut all = Vec::new();
    let mut open: Option<(String, Told)> = None;
    let figure = |line: &str, of: &str| -> Option<u64> {
        let rest = line.split_once(of)?.1;
        rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
    };
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("struct ").and_then(|l| l.strip_suffix(" {")) {
            open = Some((format!("struct {name}"), Told { holes: Some((0, 0)), ..Told::default() }));
            continue;
        }
        if line.starts_with('}') {
            all.extend(open.take().filter(|(_, t)| !t.members.is_empty()));
            continue;
        }
        let Some((_, told)) = &mut open else { continue };
        let Some(line) = line.strip_prefix('\t').filter(|l| !l.starts_with('\t')) else { continue };
        if line.starts_with("/*") {
            told.size = figure(line, "/* size: ").unwrap_or(told.size);
            if let Some(holes) = &mut told.holes {
                holes.0 = figure(line, "sum holes: ").unwrap_or(holes.0);
                holes.1 = figure(line, "/* padding: ").unwrap_or(holes.1);
            }
        } else if let Some(numbers) = line.strip_suffix("*/").and_then(|l| l.rsplit_once("/*")).map(|n| n.1.trim()) {
            let Some((at, size)) = numbers.rsplit_once(' ') else { continue };
            let number = |s: &str| s.trim().parse::<u64>().unwrap_or(u64::MAX);
            told.members.push(match at.trim().split_once(':') {
                Some((byte, bit)) => (number(byte) * 8 + number(bit), 0),
                None => (number(at).saturating_mul(8), number(size)),
            });
        }
    }
    all
}

/// A record that `abidiff` says changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Changed {
    name: String,
    /// Bits, where they changed.
    size: Option<(u64, u64)>,
    /// Members and their bits from the start, where they changed.
    members: Vec<(String, u64, u64)>,
}

impl Changed {
    /// What we say otherwise.
    fn unlike(&self, found: &Comparison) -> Option<String> {
        // Of a record without a name of its own both tell that of its typedef, and `abidiff` a keyword before it.
        let mut ours = found.changes.iter().filter(|c| bare(&c.layouts.old.name) == bare(&self.name)).peekable();
        if ours.peek().is_none() {
            return Some(format!("it changed: {self:?}"));
        }
        let like = |c: &legacy_port::binary::compare::Change| {
            let sizes = (c.layouts.old.size * 8, c.layouts.new.size * 8);
            let moved = |(name, was, is): &(String, u64, u64)| {
                c.members.iter().any(|m| m.path == *name && (m.offset.old, m.offset.new) == (*was, *is))
            };
            self.size.is_none_or(|size| size == sizes) && self.members.iter().all(moved)
        };
        (!ours.any(like)).then(|| format!("{self:?}"))
    }
}

/// The records with a name that `abidiff` says have another size, or members elsewhere; of one name each telling.
fn abidiff(text: &str) -> Vec<Changed> {
    let mut all: Vec<Changed> = Vec::new();
    // Those whose lines may follow, by their indentation.
    let mut open: Vec<(usize, Changed)> = Vec::new();
    for line in text.lines().chain([""]) {
        let depth = line.len() - line.trim_start().len();
        while open.last().is_some_and(|(at, _)| depth <= *at) {
            let done = open.pop().map(|o| o.1);
            all.extend(done.filter(|c| c.size.is_some() || !c.members.is_empty()));
        }
        let line = line.trim_start();
        if let Some(name) = record(line) {
            open.push((depth, Changed { name, ..Changed::default() }));
            continue;
        }
        let Some((at, changed)) = open.last_mut() else { continue };
        if depth == *at + 2
            && let Some((was, is)) = figures(line, "type size changed from ")
        {
            changed.size = Some((was, is));
        } else if depth == *at + 4
            && let Some((member, rest)) = line.strip_prefix('\'').and_then(|l| l.split_once("' "))
            && let Some((was, is)) = figures(rest, "offset changed from ")
            && let Some(name) = member.rsplit([' ', '*', '&']).next()
            && name.chars().all(|c| c.is_alphanumeric() || c == '_')
        {
            changed.members.push((name.to_owned(), was, is));
        }
    }
    all
}

/// `struct sale` of `underlying type 'struct sale' at a.c:3:1 changed:`.
fn record(line: &str) -> Option<String> {
    let name = line.strip_suffix(" changed:")?.split('\'').nth(1)?;
    let place = line.rsplit_once("' at ")?.1;
    let named = name.strip_prefix("struct ").or_else(|| name.strip_prefix("union "))?;
    let plain = named.chars().all(|c| c.is_alphanumeric() || c == '_');
    (plain && place.contains(':')).then(|| name.to_owned())
}

fn figures(line: &str, what: &str) -> Option<(u64, u64)> {
    let rest = line.strip_prefix(what)?;
    let (was, rest) = rest.split_once(" to ")?;
    Some((was.parse().ok()?, rest.split_once(" (in bits)")?.0.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_pahole_prints_is_read() {
        let text = "struct s {\n\tint                        n;                    /*     0     4 */\n\n\t/* XXX 4 bytes hole, try \
                    to pack */\n\n\tlong                       at;                   /*     8     8 */\n\tunion {\n\t\tint                \
                    x;            /*    16     4 */\n\t} u;                                             /*    16     4 */\n\n\t/* \
                    size: 24, cachelines: 1, members: 3 */\n\t/* sum members: 16, holes: 1, sum holes: 4 */\n\t/* padding: 4 \
                    */\n\t/* last cacheline: 24 bytes */\n};\n";
        let told = Told { size: 24, members: vec![(0, 4), (64, 8), (128, 4)], holes: Some((4, 4)) };
        assert_eq!(pahole(text), [("struct s".to_owned(), told)]);
    }

    #[test]
    fn what_abidiff_prints_is_read() {
        let text = "  [C] 'function void f(struct s*)' at a.c:9:1 has some indirect sub-type changes:\n    parameter 1 of type \
                    'struct s*' has sub-type changes:\n      in pointed to type 'struct s' at a.c:3:1 changed:\n        type size \
                    changed from 64 to 192 (in bits)\n        2 data member changes:\n          type of 'struct t of' changed:\n            \
                    underlying type 'struct t' at a.c:1:1 changed:\n              type size hasn't changed\n              1 data \
                    member change:\n                'int *p' offset changed from 32 to 64 (in bits) (by +32 bits)\n          'long int at' \
                    offset changed from 32 to 64 (in bits) (by +32 bits), size changed from 32 to 64 (in bits) (by +32 bits)\n";
        let moved = |name: &str| vec![(name.to_owned(), 32, 64)];
        let inner = Changed { name: "struct t".into(), size: None, members: moved("p") };
        let outer = Changed { name: "struct s".into(), size: Some((64, 192)), members: moved("at") };
        assert_eq!(abidiff(text), [inner, outer]);
    }
}
