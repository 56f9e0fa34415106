//! What Amazon ECR's scan says of an image that was pushed.

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use container::config::Scan;
use container::ecr::findings::{Findings, Severity};
use container::ecr::sarif;
use container::ecr::scan::{self, Outcome, Patience, Tell};
use container::image::Image;
use serde_json::{Map, Value, json};

/// Findings that a person is shown.
const SHOWN: usize = 40;

/// What is asked.
pub(super) struct Asked<'a> {
    pub(super) region: &'a str,
    pub(super) image: &'a Image,
    pub(super) settings: Scan,
    pub(super) sarif: Option<&'a Path>,
    /// What findings are shown at.
    pub(super) place: &'a Path,
    pub(super) json: bool,
}

/// Waits for the scan and tells what it found; failure where something is as bad as image.toml does not want it. Where
/// image.toml has a limit and there is no result to hold against it, that is an error.
pub(super) async fn wait(asked: &Asked<'_>) -> Result<ExitCode> {
    let Asked { image, settings, json, .. } = asked;
    if settings.wait == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    let as_json = *json;
    let tell: Tell = Arc::new(move |state: &str| {
        if as_json {
            // A closed pipe is told at the end.
            let _ = crate::print(&format!("{}\n", json!({"event": "scan", "state": state})));
        } else {
            anstream::eprintln!("waiting for the scan: {state}");
        }
    });
    let outcome = scan::wait(asked.region, &image.name, &image.digest, Patience::of(settings.wait), &tell).await;
    let why = match outcome.context("the image was pushed, and its scan cannot be asked for")? {
        Outcome::Done(findings) => return told(asked, &findings),
        Outcome::Off => {
            "no scan is made: turn it on for the repository (`scan` in [repository]) or the registry".into()
        }
        Outcome::Failed(why) => format!("the scan gave no result: {why}"),
        Outcome::Late(state) => format!(
            "the scan has not ended after {} s ({state}): run it again, or give it longer by `wait` in [scan]",
            settings.wait
        ),
    };
    if settings.fail_on.is_some() || asked.sarif.is_some() {
        bail!("the image was pushed, but {why}");
    }
    if as_json {
        crate::print(&format!("{}\n", json!({"event": "unscanned", "why": why})))?;
    } else {
        anstream::eprintln!("warning: {why}");
    }
    Ok(ExitCode::SUCCESS)
}

fn told(asked: &Asked, findings: &Findings) -> Result<ExitCode> {
    let image = format!("{}@{}", asked.image.name, asked.image.digest);
    if let Some(file) = asked.sarif {
        let log = sarif::report(findings, &image, &place(asked.place));
        legacy_port::replace(file, log.as_bytes())?;
    }
    let bad = asked.settings.fail_on.map_or(0, |least| findings.from(least));
    let text = if asked.json {
        let mut text = String::new();
        for f in &findings.list {
            let package = f.package.as_ref().map(|(name, version)| json!({"name": name, "version": version}));
            let one = json!({"event": "finding", "name": f.name, "severity": f.severity.word(), "package": package,
                "fixed": f.fixed, "uri": f.uri});
            let _ = writeln!(text, "{one}");
        }
        let counts: Map<String, Value> = findings.counts.iter().map(|(s, n)| (s.to_string(), (*n).into())).collect();
        let fail_on = asked.settings.fail_on.map(Severity::word);
        let last = json!({"event": "scanned", "scanner": findings.scanner.word(), "counts": counts, "failOn": fail_on,
            "tooBad": bad});
        format!("{text}{last}\n")
    } else {
        let mut text = findings.text(SHOWN);
        if let Some(least) = asked.settings.fail_on.filter(|_| bad > 0) {
            let _ = writeln!(
                text,
                "{bad} findings at `{least}` or worse, which `fail-on` in [scan] refuses; the image stays in the registry"
            );
        }
        text
    };
    crate::print(&text)?;
    Ok(if bad > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// A path as code scanning wants it: from the root of the repository, with `/`.
fn place(config: &Path) -> String {
    let full = std::fs::canonicalize(config).unwrap_or_else(|_| config.to_owned());
    let root = std::fs::canonicalize(crate::root()).unwrap_or_else(|_| crate::root());
    full.strip_prefix(root).unwrap_or(config).display().to_string()
}
