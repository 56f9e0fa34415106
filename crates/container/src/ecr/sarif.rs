//! Findings of a scan as SARIF 2.1.0 (OASIS standard), for code scanning.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::findings::{Finding, Findings, Severity};

/// The whole log. `place` is what code scanning shows the findings at, a path from the root of the repository: that of
/// image.toml, since the image's own files have none; `image` is the image, as `name@digest`.
#[must_use]
pub fn report(findings: &Findings, image: &str, place: &str) -> String {
    let mut rules: BTreeMap<&str, Value> = BTreeMap::new();
    for finding in &findings.list {
        rules.entry(&finding.name).or_insert_with(|| rule(finding));
    }
    let numbers: BTreeMap<&str, usize> = rules.keys().enumerate().map(|(i, name)| (*name, i)).collect();
    let result = |f: &Finding| {
        let package = f.package.as_ref().map_or("the image".into(), |(name, version)| format!("`{name}` {version}"));
        let fixed = f.fixed.as_ref().map_or(String::new(), |v| format!("; fixed in {v}"));
        let text = format!("{} in {package}, severity {}{fixed}: {}", f.name, f.severity, f.description);
        let logical = json!({"name": f.package.as_ref().map_or(image, |(name, _)| name), "kind": "module",
            "fullyQualifiedName": format!("{image}/{}", f.package.as_ref().map_or("", |(name, _)| name))});
        json!({
            "ruleId": f.name, "ruleIndex": numbers.get(f.name.as_str()), "level": level(f.severity),
            "message": {"text": text.trim_end_matches([':', ' '])},
            "locations": [{
                "physicalLocation": {"artifactLocation": {"uri": place}, "region": {"startLine": 1}},
                "logicalLocations": [logical],
            }],
        })
    };
    let results: Vec<Value> = findings.list.iter().map(result).collect();
    let left_out = findings.from(Severity::Undefined).saturating_sub(results.len() as u64);
    let notes: Vec<Value> = (left_out > 0)
        .then(|| json!({"level": "warning", "message": {"text": format!("{left_out} further findings were counted and not listed")}}))
        .into_iter()
        .collect();
    let name = format!("Amazon ECR {} scanning", findings.scanner.word());
    let log = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": name, "rules": rules.values().collect::<Vec<_>>()}},
            "invocations": [{"executionSuccessful": true, "toolExecutionNotifications": notes}],
            "properties": {"image": image},
            "results": results,
        }],
    });
    format!("{log:#}\n")
}

fn rule(finding: &Finding) -> Value {
    let mut rule = json!({
        "id": finding.name, "shortDescription": {"text": finding.name},
        "properties": {"security-severity": score(finding.severity), "tags": ["security", "vulnerability"]},
    });
    if !finding.description.is_empty() {
        rule["fullDescription"] = json!({"text": finding.description});
    }
    if let Some(uri) = finding.uri.as_ref().filter(|u| u.starts_with("https://") || u.starts_with("http://")) {
        rule["helpUri"] = Value::from(uri.as_str());
    }
    rule
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium | Severity::Low => "warning",
        Severity::Informational | Severity::Undefined => "note",
    }
}

/// A number in the range that GitHub shows as this severity (docs.github.com, "SARIF support", `security-severity`).
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
        Severity::Informational | Severity::Undefined => "0.0",
    }
}
