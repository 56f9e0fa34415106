//! SARIF 2.1.0 (OASIS standard), for code scanning. What is well is not in it: code scanning shows every result as a fault.

use serde_json::{Value, json};

use super::{Bad, Item, Report, THEMES};
use crate::rules::{ALL, Level};
use crate::verify::plain;

fn described(id: &str, short: &str, remedy: &str, source: &str, level: &str) -> Value {
    json!({
        "id": id,
        "shortDescription": {"text": short},
        "help": {"text": format!("{remedy}\n\n{source}"), "markdown": format!("{remedy}\n\n<{source}>")},
        "helpUri": source,
        "defaultConfiguration": {"level": level},
    })
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Stops | Level::Breaks => "error",
        Level::Risk => "warning",
        Level::Quality => "note",
    }
}

fn result(id: &str, level: &str, message: &str, remedy: &str, (file, line): (&str, usize)) -> Value {
    json!({
        "ruleId": id,
        "level": level,
        "message": {"text": plain(&format!("{message}. Remedy: {remedy}."))},
        "locations": [{"physicalLocation": {
            "artifactLocation": {"uri": uri(file)}, "region": {"startLine": line},
        }}],
    })
}

/// A path as a relative reference: what a URI keeps for itself is escaped.
fn uri(path: &str) -> String {
    use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
    const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');
    utf8_percent_encode(path.trim_start_matches("./"), PATH).to_string()
}

impl Report {
    /// The whole log: rules over files and items, and what is not as they say. What has no line of its own is told at the
    /// environment in `release.toml`. Items that could not be looked at are notifications.
    #[must_use]
    pub fn sarif(&self) -> String {
        let items: Vec<&Item> = THEMES.iter().flat_map(|(_, items)| *items).collect();
        let files =
            ALL.iter().map(|e| described(e.name, e.rule.summary, e.rule.remedy, e.rule.source, level(e.rule.level)));
        let of_item = |i: &&Item| described(i.id, i.rule, i.remedy, i.source, "error");
        let asked: Vec<&&Item> = items.iter().filter(|_| !self.outcomes.is_empty()).collect();
        let rules: Vec<Value> = files.chain(asked.into_iter().map(of_item)).collect();
        let mut results: Vec<Value> = self
            .findings
            .iter()
            .filter_map(|f| {
                let rule = ALL.iter().find(|e| e.name == f.rule)?.rule;
                let file = f.file.display().to_string();
                Some(result(f.rule, level(rule.level), &f.message, rule.remedy, (&file, f.line)))
            })
            .collect();
        let mut notifications = Vec::new();
        for outcome in &self.outcomes {
            match &outcome.seen {
                Ok(_) => {}
                Err(Bad::Skip(why)) => {
                    let text = plain(&format!("{} was skipped: {why}", outcome.item.id));
                    notifications.push(json!({"level": "note", "message": {"text": text}}));
                }
                Err(Bad::Faults(faults)) => {
                    for fault in faults {
                        let environment = || (self.settings.path.display().to_string(), self.settings.line(""));
                        let (file, line) = self.place(fault).unwrap_or_else(environment);
                        let message = format!("{}: {}", fault.resource, fault.what);
                        results.push(result(outcome.item.id, "error", &message, outcome.item.remedy, (&file, line)));
                    }
                }
            }
        }
        let log = json!({
            "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
            "version": "2.1.0",
            "runs": [{
                "tool": {"driver": {
                    "name": "release-verify", "semanticVersion": env!("CARGO_PKG_VERSION"), "rules": rules,
                }},
                "columnKind": "unicodeCodePoints",
                "invocations": [{"executionSuccessful": true, "toolExecutionNotifications": notifications}],
                "results": results,
            }],
        });
        format!("{log:#}\n")
    }
}
