//! JSON lines: one object a finding, for other programs.

use serde_json::{Value, json};

use crate::acceptance::By;
use crate::audit::Audit;
use crate::finding::Spot;

/// The findings, new and accepted, a line each, in order of place.
#[must_use]
pub fn report(audit: &Audit) -> String {
    let lines = audit.all().into_iter().map(|(f, identity)| {
        let notes: Vec<Value> = f
            .notes
            .iter()
            .map(|(spot, text)| {
                let mut note = place(spot);
                note["message"] = json!(text);
                note
            })
            .collect();
        let mut line = place(&f.spot);
        line["check"] = json!(f.check);
        line["level"] = json!(f.level.to_string());
        line["function"] = json!(f.function);
        line["message"] = json!(f.message);
        line["help"] = json!(f.help);
        line["notes"] = json!(notes);
        line["identity"] = json!(identity);
        line["accepted"] = json!(f.accepted.as_ref().map(|a| {
            let by = match a.by {
                By::Comment => "comment",
                By::Baseline => "baseline",
            };
            json!({"by": by, "reason": a.reason, "place": a.place})
        }));
        line.to_string() + "\n"
    });
    lines.collect()
}

fn place(spot: &Spot) -> Value {
    json!({"file": spot.file, "line": spot.line, "column": spot.column, "source": spot.text})
}
