//! GitLab's code quality report: what merge requests show as new and as gone.

use serde_json::{Value, json};

use super::paths::Paths;
use super::plain::plain;
use crate::audit::Audit;
use crate::check::Level;

/// The findings as one JSON array, in order of place. A fingerprint stays when lines move.
#[must_use]
pub fn report(audit: &Audit, paths: &Paths) -> String {
    let issues: Vec<Value> = audit
        .findings
        .iter()
        .zip(audit.identities())
        .map(|(f, identity)| {
            let severity = match f.level {
                Level::Breaks => "critical",
                Level::May => "major",
                Level::Look => "info",
            };
            json!({
                "description": plain(&format!("{}; {}", f.message, f.help)),
                "check_name": f.check,
                "fingerprint": identity,
                "severity": severity,
                "location": {"path": paths.of(&f.spot.file), "lines": {"begin": f.spot.line}},
            })
        })
        .collect();
    format!("{:#}\n", Value::from(issues))
}
