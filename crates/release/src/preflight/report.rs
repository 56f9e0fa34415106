//! What a preflight says: text, JSON; SARIF is beside it.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{Bad, Fault, Outcome, Settings};
use crate::rules::{ALL, Level};
use crate::verify::{self, Finding, plain};

/// Everything that a preflight found.
#[derive(Clone, Debug)]
pub struct Report {
    /// Where the environment comes from.
    pub settings: Settings,
    /// The image that was asked about.
    pub image: Option<String>,
    /// What the rules over files found.
    pub findings: Vec<Finding>,
    /// How many files those were.
    pub files: usize,
    /// What the items saw.
    pub outcomes: Vec<Outcome>,
}

/// OK, SKIP, NG.
const STATES: [(&str, u8); 3] = [("OK", 32), ("SKIP", 33), ("NG", 31)];

/// Items that no reason gets past: see [`Report::refused_anyway`].
const ANYWAY: [&str; 4] = ["credentials", "image_exists", "controller", "no_deployment"];

fn state(outcome: &Outcome) -> usize {
    match outcome.seen {
        Ok(_) => 0,
        Err(Bad::Skip(_)) => 1,
        Err(Bad::Faults(_)) => 2,
    }
}

impl Report {
    /// Whether nothing was found, neither in files nor in the account.
    #[must_use]
    pub fn clean(&self) -> bool {
        self.findings.is_empty() && !self.outcomes.iter().any(|o| state(o) == 2)
    }

    /// Whether a release may begin: what could merely be better in files is no reason against it.
    #[must_use]
    pub fn lets_through(&self) -> bool {
        let stops =
            |f: &Finding| ALL.iter().any(|e| e.name == f.rule && matches!(e.rule.level, Level::Stops | Level::Breaks));
        !self.findings.iter().any(stops) && !self.outcomes.iter().any(|o| state(o) == 2)
    }

    /// The first item against which nobody can release, whatever the reason: a release asks the same itself, or AWS refuses.
    #[must_use]
    pub fn refused_anyway(&self) -> Option<&'static str> {
        self.outcomes.iter().filter(|o| state(o) == 2).map(|o| o.item.id).find(|id| ANYWAY.contains(id))
    }

    /// Where `release.toml` says otherwise.
    pub(super) fn place(&self, fault: &Fault) -> Option<(String, usize)> {
        fault.key.map(|key| (self.settings.path.display().to_string(), self.settings.line(key)))
    }

    /// How many items came out how.
    #[must_use]
    pub fn counts(&self) -> String {
        let count = |n: usize| self.outcomes.iter().filter(|o| state(o) == n).count();
        let each: Vec<String> =
            STATES.iter().enumerate().map(|(n, (name, _))| format!("{} {name}", count(n))).collect();
        format!("{} items: {}", self.outcomes.len(), each.join(", "))
    }

    /// For people: an item a line below its theme; what is not so with its place, AWS's rule, remedy and source. With
    /// `whole` false only what is not so.
    #[must_use]
    pub fn text(&self, whole: bool) -> String {
        let mut out = String::new();
        if whole || !self.findings.is_empty() {
            out += &verify::text(&self.findings, self.files);
        }
        let shown = |o: &&Outcome| whole || state(o) == 2;
        let width = |f: fn(&Outcome) -> usize| self.outcomes.iter().filter(shown).map(f).max().unwrap_or(0);
        let (themes, ids) = (width(|o| o.theme.len()), width(|o| o.item.id.len()));
        let mut last = "";
        for outcome in self.outcomes.iter().filter(shown) {
            let theme = if outcome.theme == last { "" } else { outcome.theme };
            last = outcome.theme;
            let (name, colour) = STATES[state(outcome)];
            let head = format!(
                "{:themes$}  \x1b[{colour}m{name:4}\x1b[0m  {:ids$}  ",
                theme.replace('_', " "),
                outcome.item.id
            );
            match &outcome.seen {
                Ok(words) | Err(Bad::Skip(words)) => {
                    let _ = writeln!(out, "{head}{}", plain(words));
                }
                Err(Bad::Faults(faults)) => {
                    let indent = " ".repeat(themes + 8);
                    for (n, fault) in faults.iter().enumerate() {
                        let (resource, what) = (plain(&fault.resource), plain(&fault.what));
                        let head = if n == 0 { head.clone() } else { format!("{indent}{:ids$}  ", "") };
                        let _ = writeln!(out, "{head}{resource}: {what}");
                        if let Some((file, line)) = self.place(fault) {
                            let _ = writeln!(out, "{indent}  at      {}:{line}", plain(&file));
                        }
                    }
                    let item = outcome.item;
                    for (name, text) in [("rule", item.rule), ("remedy", item.remedy), ("source", item.source)] {
                        let _ = writeln!(out, "{indent}  {name:7} {text}");
                    }
                }
            }
        }
        let _ = writeln!(out, "{}", self.counts());
        out
    }

    /// For machines: one object, with everything that the text has.
    #[must_use]
    pub fn value(&self) -> Value {
        let items = self.outcomes.iter().map(|outcome| {
            let item = outcome.item;
            let mut out = json!({
                "item": item.id, "theme": outcome.theme, "state": STATES[state(outcome)].0,
                "rule": item.rule, "remedy": item.remedy, "source": item.source,
            });
            match &outcome.seen {
                Ok(words) | Err(Bad::Skip(words)) => out["message"] = json!(words),
                Err(Bad::Faults(faults)) => {
                    let each = faults.iter().map(|fault| {
                        let mut out = json!({"resource": fault.resource, "message": fault.what});
                        if let Some((file, line)) = self.place(fault) {
                            out["file"] = json!(file);
                            out["line"] = json!(line);
                        }
                        out
                    });
                    out["faults"] = each.collect();
                }
            }
            out
        });
        json!({
            "version": 1, "environment": self.settings.name, "image": self.image, "clean": self.clean(),
            "files": self.files, "findings": verify::values(&self.findings), "items": items.collect::<Vec<_>>(),
        })
    }
}
