//! GitLab's code quality report: what merge requests show as new and as gone.

use std::fmt::Write as _;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::paths::Paths;
use super::plain::plain;
use crate::audit::Audit;
use crate::check::Level;
use crate::finding::Finding;

/// The new findings as one JSON array, in order of place, then what is wrong with acceptances. A fingerprint stays when
/// lines move.
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
                "description": plain(&described(f)),
                "check_name": f.check,
                "fingerprint": identity,
                "severity": severity,
                "location": {"path": paths.of(&f.spot.file), "lines": {"begin": f.spot.line.max(1)}},
            })
        })
        .chain(audit.remarks.iter().enumerate().map(|(nth, r)| {
            let alike = audit.remarks[..nth].iter().filter(|o| (&o.file, &o.message) == (&r.file, &r.message)).count();
            let digest = Sha256::digest(format!("{}\0{}\0{alike}", r.file.display(), r.message));
            json!({
                "description": plain(&format!("{} acceptance: {}", r.kind(), r.message)),
                "check_name": "acceptance",
                "fingerprint": hex(&digest[..8]),
                "severity": if r.stale { "info" } else { "major" },
                "location": {"path": paths.of(&r.file), "lines": {"begin": r.line}},
            })
        }))
        .collect();
    format!("{:#}\n", Value::from(issues))
}

/// All that is shown is one text: other places, which nobody could go to, are left out of it.
fn described(f: &Finding) -> String {
    let evidence = f.evidence().fold(String::new(), |all, text| all + "; " + text);
    format!("{}; {}{evidence}", f.message, f.help)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
