//! Rules over the files of a release -> findings, sorted -> text or JSON.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::json;

use crate::rules::{ALL, Level};
use crate::world::{File, World};

/// Something that a rule says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The file.
    pub file: PathBuf,
    /// Line, from 1.
    pub line: usize,
    /// Name of the rule.
    pub rule: &'static str,
    /// What is there.
    pub message: String,
}

/// What rules write to.
#[derive(Debug, Default)]
pub struct Found {
    rule: &'static str,
    findings: Vec<Finding>,
}

impl Found {
    /// Says something about a line of a file.
    pub fn at(&mut self, file: &File, line: usize, message: impl Into<String>) {
        let (file, line) = (file.path.clone(), line.max(1));
        self.findings.push(Finding { file, line, rule: self.rule, message: message.into() });
    }
}

/// Asks every rule; findings are sorted by place.
#[must_use]
pub fn verify(world: &World) -> Vec<Finding> {
    let mut found = Found::default();
    for entry in ALL {
        found.rule = entry.name;
        (entry.rule.look)(world, &mut found);
    }
    found.findings.sort();
    found.findings.dedup();
    found.findings
}

/// For people: a finding is its place, its rule and what is there, then the remedy and the source.
#[must_use]
pub fn text(findings: &[Finding], files: usize) -> String {
    let mut out = String::new();
    for f in findings {
        let Some(entry) = ALL.iter().find(|e| e.name == f.rule) else { continue };
        let (colour, level) = match entry.rule.level {
            Level::Stops => (31, "stops"),
            Level::Breaks => (31, "breaks"),
            Level::Risk => (33, "risk"),
            Level::Quality => (36, "quality"),
        };
        let place = plain(&f.file.display().to_string());
        let _ = write!(
            out,
            "\x1b[1m{place}:{}\x1b[0m: \x1b[{colour}m{level}\x1b[0m[{}]: {}\n    remedy: {}\n    source: {}\n",
            f.line,
            f.rule,
            plain(&f.message),
            entry.rule.remedy,
            entry.rule.source
        );
    }
    let counts: Vec<String> = Level::NAMES
        .iter()
        .filter_map(|(level, name)| {
            let of = |f: &&Finding| ALL.iter().any(|e| e.name == f.rule && e.rule.level == *level);
            let count = findings.iter().filter(of).count();
            (count > 0).then(|| format!("{count} {name}"))
        })
        .collect();
    let what = if counts.is_empty() { "nothing found".to_owned() } else { counts.join(", ") };
    let _ = writeln!(out, "{files} files, {} rules: {what}", ALL.len());
    out
}

/// For machines: one object, with everything that the text has.
#[must_use]
pub fn json(findings: &[Finding], files: usize) -> String {
    let findings = values(findings);
    format!("{:#}\n", json!({"version": 1, "files": files, "rules": ALL.len(), "findings": findings}))
}

/// Each finding, with everything that the text has.
pub(crate) fn values(findings: &[Finding]) -> Vec<serde_json::Value> {
    findings
        .iter()
        .filter_map(|f| {
            let rule = ALL.iter().find(|e| e.name == f.rule)?.rule;
            Some(json!({
                "rule": f.rule,
                "level": rule.level.name(),
                "file": f.file.display().to_string(),
                "line": f.line,
                "message": f.message,
                "why": rule.why,
                "remedy": rule.remedy,
                "source": rule.source,
            }))
        })
        .collect()
}

/// File names and values are not trusted: nothing of them reaches a terminal as a command.
pub(crate) fn plain(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|c| if c.is_control() || turns(c) { '\u{fffd}' } else { c }).collect()
}
