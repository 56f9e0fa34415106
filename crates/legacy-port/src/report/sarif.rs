//! SARIF 2.1.0 (OASIS standard), for code scanning.
//!
//! Fingerprints have no line number: a finding keeps its own when lines above it come and go.

use serde_json::{Value, json};

use crate::acceptance::{Acceptance, By};
use crate::audit::Audit;
use crate::check::Level;
use crate::checks::Entry;
use crate::finding::Spot;

/// The whole log, with the rules of the checks that were asked.
#[must_use]
pub fn report(audit: &Audit, selected: &[Entry]) -> String {
    let rules: Vec<Value> = selected
        .iter()
        .map(|e| {
            json!({
                "id": e.name,
                "shortDescription": {"text": e.check.summary},
                "fullDescription": {"text": e.check.why},
                "help": {"text": format!("{}\n\nWrong:\n\n{}\nRight:\n\n{}", e.check.why, e.bad, e.good)},
                "defaultConfiguration": {"level": level(e.check.level)},
            })
        })
        .collect();
    let results: Vec<Value> = audit
        .all()
        .into_iter()
        .map(|(f, identity)| {
            let mut location = location(&f.spot, None);
            if !f.function.is_empty() {
                location["logicalLocations"] = json!([{"name": f.function, "kind": "function"}]);
            }
            let related: Vec<Value> = f.notes.iter().map(|(spot, text)| self::location(spot, Some(text))).collect();
            let suppressions: Vec<Value> = f.accepted.iter().map(suppression).collect();
            json!({
                "ruleId": f.check,
                "ruleIndex": selected.iter().position(|e| e.name == f.check),
                "level": level(f.level),
                "message": {"text": format!("{}. {}.", f.message, f.help)},
                "locations": [location],
                "relatedLocations": related,
                "partialFingerprints": {"legacyPort/v1": identity},
                "suppressions": suppressions,
            })
        })
        .collect();
    let notifications: Vec<Value> = audit
        .broken
        .iter()
        .flat_map(|b| b.errors.iter().map(move |e| (b, e)))
        .map(|(b, e)| {
            let text =
                format!("{} does not parse to its end for {}: {}: {}", b.unit.display(), b.triple, e.place, e.text);
            json!({"level": "warning", "message": {"text": text}})
        })
        .chain(audit.remarks.iter().map(|r| {
            let text = format!("{}:{}: {}", r.file.display(), r.line, r.message);
            json!({"level": if r.stale { "warning" } else { "error" }, "message": {"text": text}})
        }))
        .collect();
    let log = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "legacy-port",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "invocations": [{"executionSuccessful": true, "toolExecutionNotifications": notifications}],
            "results": results,
        }],
    });
    format!("{log:#}\n")
}

/// Who accepts a finding. One that nobody accepts has an empty list: the log says so, and does not leave it open.
fn suppression(a: &Acceptance) -> Value {
    let kind = match a.by {
        By::Comment => "inSource",
        By::Baseline => "external",
    };
    json!({"kind": kind, "status": "accepted", "justification": a.reason})
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Breaks => "error",
        Level::May => "warning",
        Level::Look => "note",
    }
}

fn location(spot: &Spot, message: Option<&str>) -> Value {
    let column = |byte: usize| spot.text.get(..byte).map_or(byte, |t| t.chars().count()) + 1;
    let mut out = json!({"physicalLocation": {
        "artifactLocation": {"uri": uri(&spot.file.to_string_lossy())},
        "region": {
            "startLine": spot.line,
            "startColumn": column(spot.span.0),
            "endColumn": column(spot.span.1.max(spot.span.0 + 1)),
        },
    }});
    if let Some(text) = message {
        out["message"] = json!({"text": text});
    }
    out
}

/// A path as a URI: what has a meaning of its own there is escaped. Absolute paths become `file:` URIs.
fn uri(path: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::from(if path.starts_with('/') { "file://" } else { "" });
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-_.~+,=@".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
