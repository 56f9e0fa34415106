//! The evidence of `legacy-port` that a program was ported: what an image asks of it. The format is an in-toto v1
//! Statement with the predicate `urn:legacy-port:audit:v1`; fields that are not asked for here may be there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::gate::Refusal;
use crate::plan::{Content, Plan};
use crate::{Result, elf};

const STATEMENT: &str = "https://in-toto.io/Statement/v1";
const PREDICATE: &str = "urn:legacy-port:audit:v1";
/// Larger than any evidence.
const LARGEST: u64 = 64 << 20;

#[derive(Deserialize)]
struct Statement {
    #[serde(rename = "_type")]
    kind: String,
    subject: Vec<Subject>,
    #[serde(rename = "predicateType")]
    predicate_type: String,
    predicate: Value,
}

#[derive(Deserialize)]
struct Subject {
    name: String,
    digest: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Predicate {
    targets: Targets,
    findings: Findings,
    coverage: Coverage,
    verification: Option<Verification>,
    forced: Option<Forced>,
}

#[derive(Deserialize)]
struct Targets {
    new: Target,
}

#[derive(Deserialize)]
struct Target {
    triple: String,
}

#[derive(Deserialize)]
struct Findings {
    new: BTreeMap<String, u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Coverage {
    not_parsed_to_the_end: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Verification {
    scenarios: u64,
    as_expected_old: u64,
    as_expected_new: u64,
    files_that_differ: Vec<String>,
}

#[derive(Deserialize)]
struct Forced {
    reason: String,
}

/// What the evidence is worth for an image.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// The file as it is.
    pub text: Option<String>,
    /// Reasons against the image.
    pub refusals: Vec<Refusal>,
    /// What is not as good as it could be.
    pub warnings: Vec<String>,
}

/// Looks whether a file is good evidence for the ported programs of a plan. Without ported programs none is asked for.
///
/// # Errors
/// When a program cannot be read.
pub fn check(plan: &Plan, file: Option<&Path>) -> Result<Checked> {
    let mut checked = Checked::default();
    let programs = digests(plan)?;
    if programs.is_empty() {
        return Ok(checked);
    }
    let all = programs.iter().map(|(path, _)| path.as_str()).collect::<Vec<_>>().join("`, `");
    let mut refuse = |what: &str, why: String, todo: &str| {
        let todo = format!("{todo}, or say why it goes out all the same by `--force REASON`");
        checked.refusals.push(Refusal { rule: "evidence", what: what.to_owned(), why, todo });
    };
    let make = "make it by `legacy-port audit --evidence FILE --subject PROGRAM`";
    let Some(file) = file else {
        refuse(&all, "there is no evidence that it was ported".into(), make);
        return Ok(checked);
    };
    let name = file.display().to_string();
    if fs::metadata(file).is_ok_and(|m| m.len() > LARGEST) {
        refuse(&name, format!("is larger than {LARGEST} bytes, which no evidence is"), make);
        return Ok(checked);
    }
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(e) => {
            refuse(&name, format!("cannot be read: {e}"), make);
            return Ok(checked);
        }
    };
    match parse(&text) {
        Err(why) => refuse(&name, why, make),
        Ok((subject, predicate)) => {
            let again = "audit the sources again, build, and make the evidence of what was built";
            for (path, digest) in programs.iter().filter(|(_, digest)| !subject.contains_key(digest)) {
                let other = subject.iter().find(|(_, n)| Path::new(n).file_name() == Path::new(path).file_name());
                let why = match other {
                    Some((other, _)) => {
                        format!("speaks of another build (sha256 {other:.12}, in the image {digest:.12})")
                    }
                    None => format!("does not speak of `{path}` (sha256 {digest:.12})"),
                };
                refuse(&name, why, again);
            }
            judge(&name, &predicate, plan, &mut refuse);
            if predicate.verification.is_none() {
                checked
                    .warnings
                    .push(format!("`{name}` tells of no scenarios: nobody ran both builds and compared them"));
            }
        }
    }
    checked.text = Some(text);
    Ok(checked)
}

fn judge(name: &str, predicate: &Predicate, plan: &Plan, refuse: &mut impl FnMut(&str, String, &str)) {
    let machine = elf::machine_name(plan.machine).to_lowercase();
    let triple = &predicate.targets.new.triple;
    if !triple.starts_with(&format!("{machine}-")) {
        refuse(name, format!("is of a port to `{triple}`, the programs are {machine}"), "audit with the right target");
    }
    let findings = &predicate.findings.new;
    let (breaks, may) = (findings.get("breaks").copied(), findings.get("may").copied());
    match (breaks, may) {
        (Some(0), Some(0)) => {}
        (Some(breaks), Some(may)) => {
            refuse(
                name,
                format!("tells of {breaks} findings that break the program and {may} that may"),
                "correct them",
            );
        }
        _ => refuse(name, "does not say how many findings break the program".into(), "make it anew"),
    }
    let broken = predicate.coverage.not_parsed_to_the_end.len();
    if broken > 0 {
        refuse(name, format!("tells of {broken} units that could not be read to their end"), "let them compile");
    }
    if let Some(v) = &predicate.verification {
        let bad =
            (v.scenarios - v.as_expected_old.min(v.scenarios)).max(v.scenarios - v.as_expected_new.min(v.scenarios));
        if v.scenarios == 0 || bad > 0 || !v.files_that_differ.is_empty() {
            let (all, files) = (v.scenarios, v.files_that_differ.len());
            refuse(
                name,
                format!("of {all} scenarios {bad} went wrong, and {files} files differ"),
                "see `legacy-port verify`",
            );
        }
    }
    if let Some(forced) = &predicate.forced {
        refuse(name, format!("was forced before: {}", forced.reason), "make it anew");
    }
}

/// Subjects by digest, and what is said of them.
fn parse(text: &str) -> std::result::Result<(BTreeMap<String, String>, Predicate), String> {
    let no = |e: serde_json::Error| format!("is no evidence of `legacy-port`: {e}");
    let statement: Statement = serde_json::from_str(text).map_err(no)?;
    if statement.kind != STATEMENT || statement.predicate_type != PREDICATE {
        return Err(format!("is a `{}`, expected a `{PREDICATE}`", statement.predicate_type));
    }
    let subject = statement.subject.into_iter().filter_map(|s| Some((s.digest.get("sha256")?.clone(), s.name)));
    let predicate = serde_json::from_value(statement.predicate).map_err(no)?;
    Ok((subject.collect(), predicate))
}

/// Ported programs: path in the image and SHA-256 in hex.
fn digests(plan: &Plan) -> Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    for path in &plan.ported {
        let Some(Content::File(from)) = plan.entry(path).map(|e| &e.content) else { continue };
        found.push((format!("/{}", path.display()), plan.facts.sha256(from)?));
    }
    Ok(found)
}

/// The evidence of an image that goes out all the same: with the reason and what spoke against it.
///
/// # Errors
/// When a program cannot be read.
pub fn forced(plan: &Plan, text: Option<&str>, reason: &str, refusals: &[Refusal]) -> Result<String> {
    let against: BTreeSet<&str> = refusals.iter().map(|r| r.why.as_str()).collect();
    let forced = json!({"reason": reason, "against": against});
    let given = text.and_then(|t| serde_json::from_str::<Value>(t).ok()).filter(|v| v["predicate"].is_object());
    let mut statement = if let Some(value) = given {
        value
    } else {
        let subject: Vec<Value> =
            digests(plan)?.into_iter().map(|(name, d)| json!({"name": name, "digest": {"sha256": d}})).collect();
        json!({"_type": STATEMENT, "subject": subject, "predicateType": PREDICATE, "predicate": {}})
    };
    statement["predicate"]["forced"] = forced;
    Ok(format!("{statement:#}\n"))
}

/// Where the evidence of an image is looked for when nobody says it.
#[must_use]
pub fn default_path(target: &Path, name: &str) -> PathBuf {
    target.join("evidence").join(format!("{}.json", name.replace('/', "-")))
}
