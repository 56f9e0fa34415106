//! JSON lines: one object a finding, for other programs.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};

use super::paths::Paths;
use super::plain::plain;
use crate::acceptance::By;
use crate::audit::Audit;
use crate::finding::Spot;

/// The findings, new and accepted, a line each, in order of place.
#[must_use]
pub fn report(audit: &Audit, paths: &Paths) -> String {
    let lines = audit.all().into_iter().map(|(f, identity)| {
        let notes: Vec<Value> = f
            .notes
            .iter()
            .map(|(spot, text)| {
                let mut note = place(spot, paths);
                note["message"] = json!(text);
                note
            })
            .collect();
        let mut line = place(&f.spot, paths);
        line["check"] = json!(f.check);
        line["level"] = json!(f.level.to_string());
        line["function"] = json!(f.function);
        line["message"] = json!(f.message);
        line["help"] = json!(f.help);
        line["edit"] = json!(f.edit.as_ref().map(|e| {
            let mut edit = place(&e.spot, paths);
            edit["offset"] = json!(e.bytes.0);
            edit["was"] = json!(e.was);
            edit["by"] = json!(e.by);
            edit
        }));
        line["notes"] = json!(notes);
        line["identity"] = json!(identity);
        line["layout"] = json!(f.layout);
        line["accepted"] = json!(f.accepted.as_ref().map(|a| {
            let by = match a.by {
                By::Comment => "comment",
                By::Baseline => "baseline",
            };
            json!({"by": by, "reason": a.reason, "place": paths.of(Path::new(&a.place))})
        }));
        escaped(&line.to_string()) + "\n"
    });
    lines.collect()
}

/// What would do something instead of being shown, as JSON writes it; the rest is escaped already.
fn escaped(line: &str) -> String {
    if plain(line) == line {
        return line.to_owned();
    }
    let mut out = String::with_capacity(line.len());
    for c in line.chars() {
        if plain(c.encode_utf8(&mut [0; 4])).starts_with(c) {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
    out
}

fn place(spot: &Spot, paths: &Paths) -> Value {
    let (line, column) = spot.place().unzip();
    json!({"file": paths.of(&spot.file), "line": line, "column": column, "source": spot.text})
}
