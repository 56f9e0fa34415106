//! A lock that is there beside the one of today: what moved, in words.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::c::place;
use super::{Lock, Locked, Member};

/// How many members of a record are told; those behind the first that moves follow from it.
const TOLD: usize = 12;

/// A record as a table of the header has it, with the line that it begins at.
struct Old {
    line: usize,
    size: u64,
    align: u64,
    /// Path, type, and offset and width as the table has them.
    members: Vec<(String, String, String, String)>,
}

/// What differs between the C header `old`, as it is, and the lock of today; empty where records are where they were.
#[must_use]
pub fn differences(old: &str, lock: &Lock, file: &str) -> String {
    let sections = read(old);
    let targets = |title: &str| title.split(" and ").map(str::to_owned).collect::<BTreeSet<_>>();
    let (was, is): (BTreeSet<_>, BTreeSet<_>) = (
        sections.keys().flat_map(|t| targets(t)).collect(),
        lock.sections.iter().flat_map(|s| targets(&s.title)).collect(),
    );
    let mut out = String::new();
    if was != is {
        let list = |set: BTreeSet<String>| set.into_iter().collect::<Vec<_>>().join(" and ");
        let there = if was.is_empty() { "nothing".into() } else { list(was) };
        let _ = writeln!(out, "{file} locks layouts for {there}, not for {}", list(is));
    }
    let mut gone = BTreeMap::new();
    for section in &lock.sections {
        // What was alike may differ today, and the other way round.
        let of_same = |title: &&String| !targets(title).is_disjoint(&targets(&section.title));
        for records in sections.keys().filter(of_same).filter_map(|title| sections.get(title)) {
            for new in &section.records {
                match records.get(&new.name) {
                    None => {
                        let _ = writeln!(out, "{} is not locked in {file}{}", new.name, declared(lock, &new.name, ""));
                    }
                    Some(old) => out.push_str(&moved(old, new, lock, &format!("{file}:{}", old.line), &section.title)),
                }
            }
            gone.extend(records.iter().filter(|(name, _)| section.records.iter().all(|r| r.name != **name)));
        }
    }
    for (name, old) in gone {
        let _ = writeln!(out, "{name} is locked at {file}:{}, and no record that must not move any more", old.line);
    }
    out
}

fn moved(old: &Old, new: &Locked, lock: &Lock, at: &str, title: &str) -> String {
    let mut lines = Vec::new();
    for (path, ty, offset, bits) in &old.members {
        let Some(m) = new.members.iter().find(|m| m.path == *path) else {
            lines.push(format!("- {path}: gone; was {ty} at {offset}, {}", width(bits)));
            continue;
        };
        let (now_at, now_bits) = place(m);
        let mut what = Vec::new();
        if *offset != now_at {
            what.push(format!("offset {offset} -> {now_at}"));
        }
        if *bits != now_bits {
            what.push(format!("{} -> {}", width(bits), width(&now_bits)));
        }
        // A type of another name is told where it is the reason, and by itself is none.
        if *bits != now_bits && *ty != m.ty {
            what.push(format!("{ty} -> {}", m.ty));
        }
        if !what.is_empty() {
            lines.push(format!("  {path}: {}{}", what.join(", "), declared(lock, &new.name, path)));
        }
    }
    let known = |m: &&Member| !old.members.iter().any(|(path, ..)| *path == m.path);
    for m in new.members.iter().filter(known) {
        let (offset, bits) = place(m);
        let text = format!("+ {}: added, {} at {offset}, {}", m.path, m.ty, width(&bits));
        lines.push(text + &declared(lock, &new.name, &m.path));
    }
    let order = |a: &[&str], b: &[&str]| a != b;
    let (was, is): (Vec<&str>, Vec<&str>) =
        (old.members.iter().map(|m| m.0.as_str()).collect(), new.members.iter().map(|m| m.path.as_str()).collect());
    if lines.is_empty() && order(&was, &is) {
        lines.push("  members in another order".into());
    }
    if old.size != new.size {
        lines.push(format!("  size: {} -> {} bytes", old.size, new.size));
    }
    if old.align != new.align {
        lines.push(format!("  alignment: {} -> {}", old.align, new.align));
    }
    if lines.is_empty() {
        return String::new();
    }
    // What was added, what is gone and how large it is are told in any case.
    let mut left = lines.len().saturating_sub(TOLD);
    let more = left;
    let mut kept: Vec<String> = Vec::new();
    for line in lines.iter().rev() {
        if left > 0 && line.starts_with("  ") && line.contains(": offset") {
            left -= 1;
        } else {
            kept.push(line.clone());
        }
    }
    kept.reverse();
    let mut out = format!("{} has moved for {title}; locked at {at}{}\n", new.name, declared(lock, &new.name, ""));
    for line in kept {
        let _ = writeln!(out, "  {line}");
    }
    if more > left {
        let _ = writeln!(out, "    and {} more members at other offsets", more - left);
    }
    out
}

fn width(bits: &str) -> String {
    match bits.strip_prefix(':') {
        Some(n) => format!("{n} bits"),
        None if bits == "-" => "without a length".into(),
        None => format!("{bits} bytes"),
    }
}

/// The line that declares a member, or the record.
fn declared(lock: &Lock, record: &str, path: &str) -> String {
    let Some(spot) = lock.spots.get(&(record.to_owned(), path.to_owned())) else { return String::new() };
    let text = spot.text.split("/*").next().unwrap_or("").split_whitespace().collect::<Vec<_>>().join(" ");
    let text = if path.is_empty() { String::new() } else { format!(": `{text}`") };
    format!(" ({}:{}{text})", spot.file.display(), spot.line)
}

/// The tables of a header, by section and record. What is not understood is not there, and so differs.
fn read(header: &str) -> BTreeMap<String, BTreeMap<String, Old>> {
    let mut sections: BTreeMap<String, BTreeMap<String, Old>> = BTreeMap::new();
    let mut section = None;
    let mut record = None;
    for (number, line) in header.lines().enumerate() {
        if let Some(title) = line.strip_prefix("/* ---- ").and_then(|l| l.strip_suffix(" ---- */")) {
            section = Some(title.to_owned());
            sections.entry(title.to_owned()).or_default();
            continue;
        }
        let Some(records) = section.as_ref().and_then(|s| sections.get_mut(s)) else { continue };
        let Some(text) = line.strip_prefix(" * ") else {
            record = record.filter(|_| line == " *");
            continue;
        };
        if let Some((name, size, align)) = head(text) {
            records.insert(name.to_owned(), Old { line: number + 1, size, align, members: Vec::new() });
            record = Some(name.to_owned());
        } else if let Some(old) = record.as_ref().and_then(|name| records.get_mut(name)) {
            let mut words = text.split_whitespace();
            if let (Some(at), Some(bits), Some(path)) = (words.next(), words.next(), words.next())
                && at.starts_with(|c: char| c.is_ascii_digit())
            {
                let ty = words.collect::<Vec<_>>().join(" ");
                old.members.push((path.to_owned(), ty, at.to_owned(), bits.to_owned()));
            }
        }
    }
    sections
}

/// `struct sale: 104 bytes, aligned to 4`
fn head(text: &str) -> Option<(&str, u64, u64)> {
    let (name, rest) = text.rsplit_once(": ")?;
    let (size, align) = rest.split_once(" bytes, aligned to ")?;
    Some((name, size.parse().ok()?, align.parse().ok()?))
}

/// The first line in which two texts differ, from 1.
#[must_use]
pub fn first_difference(old: &str, new: &str) -> usize {
    old.lines().zip(new.lines()).take_while(|(a, b)| a == b).count() + 1
}
