//! SARIF 2.1.0 (OASIS standard), for code scanning.
//!
//! Fingerprints have no line number: a finding keeps its own when lines above it come and go. GitHub goes by a
//! fingerprint of its own making (`primaryLocationLineHash`), which its upload action adds; one that is not the same
//! hash would be warned about there, so none is given. Paths are relative and without a `uriBaseId`: GitHub takes those
//! as seen from the root of the repository.

use std::fmt::Write as _;
use std::path::Path;

use rayon::prelude::*;
use serde_json::{Value, json};

use super::paths::Paths;
use super::plain::{cut, plain};
use crate::acceptance::{Acceptance, By};
use crate::audit::Audit;
use crate::check::Level;
use crate::edit::Edit;
use crate::finding::{Finding, Spot};
use crate::rule::Rule;

/// The whole log, with the rules of the checks that were asked.
#[must_use]
pub fn report(audit: &Audit, selected: &[Rule], paths: &Paths) -> String {
    let rules: Vec<Value> = selected.iter().map(rule).collect();
    let (all, left_out) = worst(audit.all(), RESULTS);
    let results: Vec<Value> = all.into_par_iter().map(|(f, identity)| result(f, &identity, selected, paths)).collect();
    let notifications: Vec<Value> = audit
        .broken
        .iter()
        .flat_map(|b| b.errors.iter().map(move |e| (b, e)))
        .map(|(b, e)| {
            let (unit, place) = (paths.of(&b.unit), paths.of(Path::new(&e.place)));
            let text = format!("{unit} does not parse to its end for {}: {place}: {}", b.triple, e.text);
            json!({"level": "warning", "message": {"text": plain(&text)}})
        })
        .chain(audit.remarks.iter().map(|r| {
            let text = format!("{}:{}: {}", paths.of(&r.file), r.line, r.message);
            json!({"level": if r.stale { "warning" } else { "error" }, "message": {"text": plain(&text)}})
        }))
        .chain(audit.said.iter().map(|s| json!({"level": "note", "message": {"text": plain(s)}})))
        .chain((left_out > 0).then(|| {
            let text = format!("{left_out} findings, the least bad ones, are left out: code scanning takes {RESULTS}");
            json!({"level": "warning", "message": {"text": text}})
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

/// What GitHub's code scanning takes of one run; with more it refuses the whole log
/// (docs.github.com, "SARIF results exceed limits").
const RESULTS: usize = 25_000;

/// The worst `most` in their order, and how many are left out.
fn worst(all: Vec<(&Finding, String)>, most: usize) -> (Vec<(&Finding, String)>, usize) {
    let left_out = all.len().saturating_sub(most);
    if left_out == 0 {
        return (all, 0);
    }
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.sort_by_key(|&i| (all[i].0.accepted.is_some(), std::cmp::Reverse(all[i].0.level)));
    order.truncate(most);
    order.sort_unstable();
    let mut kept = order.into_iter().peekable();
    let all = all.into_iter().enumerate().filter(|(i, _)| kept.next_if_eq(i).is_some());
    (all.map(|(_, f)| f).collect(), left_out)
}

/// Who accepts a finding. One that nobody accepts has an empty list: the log says so, and does not leave it open.
fn suppression(a: &Acceptance) -> Value {
    let kind = match a.by {
        By::Comment => "inSource",
        By::Baseline => "external",
    };
    json!({"kind": kind, "status": "accepted", "justification": plain(&a.reason)})
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Breaks => "error",
        Level::May => "warning",
        Level::Look => "note",
    }
}

/// The help of a rule as text and as Markdown, and what code scanning sorts and filters by.
fn rule(e: &Rule) -> Value {
    let fix = e.fix;
    let mut text = format!("{}\n\nFix: {fix}.", e.why);
    let mut markdown = format!("Finds {}.\n\n{}\n\n**Fix:** {fix}.\n", e.summary, e.why);
    if !e.bad.is_empty() {
        let _ = write!(text, "\n\nWrong:\n\n{}\nRight:\n\n{}", e.bad, e.good);
        let _ = write!(markdown, "\n## Wrong\n\n```c\n{}```\n\n## Right\n\n```c\n{}```\n", e.bad, e.good);
    }
    let (precision, severity) = match e.level {
        Level::Breaks => ("very-high", "error"),
        Level::May => ("high", "warning"),
        Level::Look => ("medium", "recommendation"),
    };
    json!({
        "id": e.name,
        "shortDescription": {"text": e.summary},
        // Longer ones are refused.
        "fullDescription": {"text": cut(e.why, 1000)},
        "help": {"text": text, "markdown": markdown},
        "defaultConfiguration": {"level": level(e.level)},
        "properties": {
            "tags": ["correctness", "portability", "64-bit"],
            "precision": precision,
            "problem.severity": severity,
        },
    })
}

/// How many further places are linked in the message itself; the others are beside it.
const LINKED: usize = 8;

fn result(f: &Finding, identity: &str, selected: &[Rule], paths: &Paths) -> Value {
    let mut location = location(&f.spot, None, paths);
    if !f.function.is_empty() {
        location["logicalLocations"] = json!([{"name": plain(&f.function), "kind": "function"}]);
    } else if f.spot.place().is_none() {
        location["logicalLocations"] = json!([{"name": plain(&f.spot.text)}]);
    }
    let mut related = Vec::new();
    let mut links = Vec::new();
    for (id, (spot, text)) in (1..).zip(&f.notes) {
        let mut place = self::location(spot, Some(text), paths);
        place["id"] = json!(id);
        related.push(place);
        let words = plain(text).replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]");
        links.push(format!("[{words}]({id})"));
    }
    // Code scanning shows related places only where the message links to them.
    let mut message = format!("{}. {}.", sentence(&f.message), sentence(&f.help));
    if !links.is_empty() {
        let more = if links.len() > LINKED { format!(", and {} further", links.len() - LINKED) } else { String::new() };
        links.truncate(LINKED);
        let _ = write!(message, " See: {}{more}.", links.join(", "));
    }
    let mut out = json!({
        "ruleId": f.check,
        "ruleIndex": selected.iter().position(|e| e.name == f.check),
        "level": level(f.level),
        "message": {"text": message},
        "locations": [location],
        "relatedLocations": related,
        "partialFingerprints": {"legacyPort/v1": identity},
        "suppressions": f.accepted.iter().map(suppression).collect::<Vec<Value>>(),
    });
    if let Some(edit) = &f.edit {
        out["fixes"] = json!([fix(edit, paths)]);
    }
    out
}

/// What a viewer can apply: bytes that are replaced, by lines and columns and by offsets.
fn fix(edit: &Edit, paths: &Paths) -> Value {
    let (from, to) = edit.spot.columns();
    let to = if edit.was.is_empty() { from } else { to };
    json!({
        "description": {"text": plain(&edit.said())},
        "artifactChanges": [{
            "artifactLocation": {"uri": uri(&paths.of(&edit.spot.file))},
            "replacements": [{
                "deletedRegion": {
                    "startLine": edit.spot.line, "startColumn": from, "endLine": edit.spot.line, "endColumn": to,
                    "byteOffset": edit.bytes.0, "byteLength": edit.was.len(),
                },
                "insertedContent": {"text": edit.by},
            }],
        }],
    })
}

/// Brackets followed by parentheses would be a link.
fn sentence(text: &str) -> String {
    plain(text).replace("](", "] (")
}

fn location(spot: &Spot, message: Option<&str>, paths: &Paths) -> Value {
    let mut out = json!({"physicalLocation": {"artifactLocation": {"uri": uri(&paths.of(&spot.file))}}});
    if spot.place().is_some() {
        let (from, to) = spot.columns();
        out["physicalLocation"]["region"] = json!({
            "startLine": spot.line,
            "startColumn": from,
            "endLine": spot.line,
            "endColumn": to,
            "snippet": {"text": cut(&plain(&spot.text), 1000)},
        });
    }
    if let Some(text) = message {
        out["message"] = json!({"text": plain(text)});
    }
    out
}

/// A path as a URI: what has a meaning of its own there is escaped. Absolute paths become `file:` URIs.
fn uri(path: &str) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_bad_are_left_out_and_the_order_stays() {
        let one = |level, line| Finding {
            check: "record_layout",
            level,
            spot: Spot { line, ..Spot::built(Path::new("a.c"), "x") },
            function: String::new(),
            message: String::new(),
            help: String::new(),
            notes: Vec::new(),
            layout: None,
            edit: None,
            accepted: None,
        };
        let all = [one(Level::Look, 1), one(Level::Breaks, 2), one(Level::Look, 3), one(Level::May, 4)];
        let kept = |most| {
            let (kept, left_out) = worst(all.iter().map(|f| (f, String::new())).collect(), most);
            (kept.iter().map(|(f, _)| f.spot.line).collect::<Vec<_>>(), left_out)
        };
        assert_eq!(kept(4), (vec![1, 2, 3, 4], 0));
        assert_eq!(kept(3), (vec![1, 2, 4], 1));
        assert_eq!(kept(1), (vec![2], 3));
    }
}
