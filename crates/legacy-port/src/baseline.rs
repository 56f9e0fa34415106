//! The baseline: findings accepted for now, each with its reason, in a file beside the project file.
//!
//! ```text
//! {
//! "5c0ffee15a5afe00": {"check":"record_layout","file":"src/a.h","function":"","source":"struct s {","reason":"..."},
//! "version": 1
//! }
//! ```
//!
//! One finding a line, sorted by file, function and check, known by [`Audit::identities`], which has no line number.
//! `version` comes last so that every finding's line ends in a comma: lines added on two branches merge.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};
use std::fs;
use std::path::{Path, PathBuf};

use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::audit::Audit;
use crate::{Error, Result, replace};

/// Name of the file, where the project says no other.
pub const FILE: &str = "legacy-port-baseline.json";

/// One finding that is accepted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Accepted {
    /// The file, relative to the project where it lies in it.
    pub file: PathBuf,
    /// The function; empty outside.
    pub function: String,
    /// The check.
    pub check: String,
    /// The source line, without the blanks around it.
    pub source: String,
    /// Its name, from [`Audit::identities`].
    pub identity: String,
    /// Why it is accepted; never empty.
    pub reason: String,
}

/// The findings accepted for now, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    /// The findings.
    pub accepted: BTreeSet<Accepted>,
}

/// A line of the file, without its name.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    check: std::borrow::Cow<'a, str>,
    file: std::borrow::Cow<'a, str>,
    function: std::borrow::Cow<'a, str>,
    source: std::borrow::Cow<'a, str>,
    reason: std::borrow::Cow<'a, str>,
}

impl Baseline {
    /// Reads a baseline; a file that is not there is an empty one.
    ///
    /// # Errors
    /// When it cannot be read, is none, or accepts one finding twice for different reasons.
    pub fn read(path: &Path) -> Result<Self> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(e) => return Err(Error::io("cannot read", path)(e)),
        };
        serde_json::from_str(&text).map_err(|e| {
            let conflict = text.lines().position(|l| l.starts_with("<<<<<<<"));
            Error::Project {
                path: path.to_owned(),
                line: Some(conflict.map_or(e.line(), |n| n + 1)),
                message: conflict.map_or_else(
                    || format!("not a baseline: {e}"),
                    |_| "an unfinished merge: keep the lines of both sides, each finding once".into(),
                ),
            }
        })
    }

    /// The file's bytes.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::from("{\n");
        for a in &self.accepted {
            let line = Line {
                check: (&a.check).into(),
                file: a.file.to_string_lossy(),
                function: (&a.function).into(),
                source: (&a.source).into(),
                reason: (&a.reason).into(),
            };
            // Strings alone: it cannot fail.
            let line = serde_json::to_string(&line).unwrap_or_default();
            let _ = writeln!(out, "\"{}\": {line},", a.identity);
        }
        out + "\"version\": 1\n}\n"
    }

    /// Writes it: into a temporary file that is renamed, so that what is there stays whole until the new one is.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        replace(path, self.text().as_bytes())
    }

    /// Reason for each identity.
    #[must_use]
    pub fn reasons(&self) -> BTreeMap<&str, &str> {
        self.accepted.iter().map(|a| (a.identity.as_str(), a.reason.as_str())).collect()
    }

    /// Adds the new findings of an audit that went by it; gives how many. What is in it stays as it is.
    pub fn accept(&mut self, audit: &Audit, reason: &str) -> usize {
        let before = self.accepted.len();
        let new = audit.all().into_iter().filter(|(f, _)| f.accepted.is_none());
        self.accepted.extend(new.map(|(f, identity)| Accepted {
            file: f.spot.file.clone(),
            function: f.function.clone(),
            check: f.check.to_owned(),
            source: f.spot.text.trim().to_owned(),
            identity,
            reason: reason.to_owned(),
        }));
        self.accepted.len() - before
    }

    /// Takes out what an audit does not find any more; gives how many.
    pub fn prune(&mut self, audit: &Audit) -> usize {
        let before = self.accepted.len();
        self.accepted.retain(|a| !audit.gone.contains(a));
        before - self.accepted.len()
    }
}

impl<'de> Deserialize<'de> for Baseline {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Lines;
        impl<'de> Visitor<'de> for Lines {
            type Value = Baseline;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("an object with a line for each finding, and `version`")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Baseline, A::Error> {
                let mut by_identity: BTreeMap<String, Accepted> = BTreeMap::new();
                let mut version = None;
                while let Some(identity) = map.next_key::<String>()? {
                    if identity == "version" {
                        version = Some(map.next_value::<u64>()?);
                        continue;
                    }
                    let line: Line = map.next_value()?;
                    if !line.reason.chars().any(char::is_alphanumeric) {
                        return Err(de::Error::custom(format!("`{identity}` has no reason")));
                    }
                    let accepted = Accepted {
                        file: PathBuf::from(line.file.into_owned()),
                        function: line.function.into_owned(),
                        check: line.check.into_owned(),
                        source: line.source.into_owned(),
                        identity: identity.clone(),
                        reason: line.reason.into_owned(),
                    };
                    // Two branches may have accepted one finding: once said alike is once said.
                    if by_identity.get(&identity).is_some_and(|a| a.reason != accepted.reason) {
                        let what = format!("`{identity}` is accepted twice, for different reasons: keep one line");
                        return Err(de::Error::custom(what));
                    }
                    by_identity.insert(identity, accepted);
                }
                match version {
                    Some(1) => Ok(Baseline { accepted: by_identity.into_values().collect() }),
                    Some(v) => Err(de::Error::custom(format!("version {v}, this program reads 1"))),
                    None => Err(de::Error::missing_field("version")),
                }
            }
        }
        deserializer.deserialize_map(Lines)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(file: &str, identity: &str, reason: &str) -> Accepted {
        Accepted {
            file: file.into(),
            function: "f".into(),
            check: "record_layout".into(),
            source: "struct \"s\" {".into(),
            identity: identity.into(),
            reason: reason.into(),
        }
    }

    fn parsed(text: &str) -> Result<Baseline> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(FILE);
        fs::write(&path, text).unwrap();
        Baseline::read(&path)
    }

    #[test]
    fn a_line_a_finding_sorted_and_read_again() {
        let all = [accepted("b.c", "01", "why"), accepted("a.c", "02", "größer"), accepted("a.c", "00", "z")];
        let baseline = Baseline { accepted: all.into_iter().collect() };
        let text = baseline.text();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 6);
        assert!(lines[1].starts_with("\"00\"") && lines[2].starts_with("\"02\"") && lines[3].starts_with("\"01\""));
        assert!(lines[1..4].iter().all(|l| l.ends_with("},")), "lines of two branches merge: {text}");
        assert_eq!(parsed(&text).unwrap(), baseline);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let one = Baseline { accepted: [accepted("a.c", "00", "why")].into_iter().collect() }.text();
        let line = one.lines().nth(1).unwrap();
        let wrong = |text: &str| parsed(text).unwrap_err().to_string();
        let twice = format!("{{\n{line}\n{}\n\"version\": 1}}", line.replace("why", "how"));
        assert!(wrong(&twice).contains("twice"), "{}", wrong(&twice));
        assert!(parsed(&format!("{{\n{line}\n{line}\n\"version\": 1}}")).is_ok(), "the same line of two branches");
        assert!(wrong(&one.replace("why", " ")).contains("no reason"));
        assert!(wrong(&one.replace("1\n}", "2\n}")).contains("version 2"));
        assert!(wrong("{}").contains("version"));
        let merge = wrong(&format!("{{\n<<<<<<< ours\n{line}\n=======\n>>>>>>> theirs\n\"version\": 1}}"));
        assert!(merge.contains("line 2") && merge.contains("merge"), "{merge}");
    }
}
