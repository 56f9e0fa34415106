//! Labelled lines of real programs: what somebody who has read the code, and the later fix, knows of a line.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Said;

/// What is true of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Verdict {
    /// Looks alike and is right: to be found is a mistake of ours.
    Benign,
    /// Works alone, but files or packets are others than the 32-bit build's.
    Compat,
    /// The 64-bit build computes something else, crashes or does not compile.
    Defect,
    /// Wrong for rare values or targets.
    Latent,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Benign => "benign",
            Self::Compat => "compat",
            Self::Defect => "defect",
            Self::Latent => "latent",
        })
    }
}

/// One labelled line. The code itself is not in the file, only its digest.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Label {
    pub(crate) id: String,
    pub(crate) program: String,
    /// `owner/name`
    pub(crate) repo: String,
    pub(crate) commit: String,
    pub(crate) file: PathBuf,
    /// From 1.
    pub(crate) line: usize,
    pub(crate) class: String,
    pub(crate) verdict: Verdict,
    /// The root cause, which several lines may share.
    pub(crate) group: String,
    #[serde(default)]
    pub(crate) effect: String,
    /// Of the line without white space.
    pub(crate) line_sha256: String,
}

/// A program at a commit.
pub(crate) type Key = (String, String);

/// The labels of a file, by repository and commit.
pub(crate) fn read(path: &Path, program: Option<&str>) -> Result<BTreeMap<Key, Vec<Label>>> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    let mut labels: BTreeMap<Key, Vec<Label>> = BTreeMap::new();
    for (number, line) in text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
        let label: Label =
            serde_json::from_str(line).with_context(|| format!("`{}`, line {}", path.display(), number + 1))?;
        if program.is_none_or(|p| p == label.program) {
            labels.entry((label.repo.clone(), label.commit.clone())).or_default().push(label);
        }
    }
    if labels.is_empty() {
        bail!("no labelled line in `{}`{}", path.display(), program.map_or(String::new(), |p| format!(" of `{p}`")));
    }
    Ok(labels)
}

/// Whether every label still fits its source.
///
/// # Errors
/// Names all that do not.
pub(crate) fn verify(labels: &[Label], root: &Path) -> Result<()> {
    let mut wrong = Vec::new();
    for label in labels {
        let at = format!("`{}` ({}:{} of {})", label.id, label.file.display(), label.line, label.commit);
        match fs::read(root.join(&label.file)) {
            Err(e) => wrong.push(format!("{at}: {e}")),
            Ok(bytes) => {
                let line = label.line.checked_sub(1).and_then(|n| bytes.split(|b| *b == b'\n').nth(n));
                match line.map(digest) {
                    None => wrong.push(format!("{at}: the file has no such line")),
                    Some(d) if d != label.line_sha256 => wrong.push(format!("{at}: another line stands there")),
                    Some(_) => {}
                }
            }
        }
    }
    if !wrong.is_empty() {
        bail!("labels that do not fit their source:\n  {}", wrong.join("\n  "));
    }
    Ok(())
}

/// The digest of a line without its white space.
fn digest(line: &[u8]) -> String {
    use std::fmt::Write as _;
    let bytes: Vec<u8> = line.iter().copied().filter(|b| !b.is_ascii_whitespace() && *b != 0x0b).collect();
    Sha256::digest(bytes).iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// What is said of a labelled line, within `slack` lines. Files are the same when name and folder are.
pub(crate) fn hits<'s>(label: &Label, said: &'s [Said], slack: usize) -> Vec<&'s Said> {
    let at = |file: &Path, line: usize| line.abs_diff(label.line) <= slack && same_file(file, &label.file);
    said.iter().filter(|s| at(&s.file, s.line) || s.related.iter().any(|(file, line)| at(file, *line))).collect()
}

fn same_file(have: &Path, want: &Path) -> bool {
    have.components().rev().zip(want.components().rev()).take(2).all(|(a, b)| a == b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(file: &str, line: usize) -> Said {
        let empty = String::new;
        Said {
            file: file.into(),
            line,
            rule: empty(),
            level: empty(),
            message: empty(),
            loud: true,
            related: vec![("z/other.c".into(), 9)],
        }
    }

    fn label(file: &str, line: usize, digest: &str) -> Label {
        let json = serde_json::json!({"id": "x-1", "program": "p", "repo": "o/n", "commit": "c", "file": file,
            "line": line, "class": "k", "verdict": "defect", "group": "g", "line_sha256": digest, "more": 1});
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn a_line_is_hit_by_its_file_and_number_and_by_notes() {
        let found = [said("src/a.c", 7)];
        let hit = |file: &str, line, slack| hits(&label(file, line, ""), &found, slack).len();
        assert_eq!((hit("x/src/a.c", 7, 0), hit("x/src/a.c", 8, 0), hit("x/src/a.c", 8, 1)), (1, 0, 1));
        assert_eq!((hit("x/tst/a.c", 7, 0), hit("z/other.c", 9, 0)), (0, 1));
        // A file at the top of its program has no folder to differ in.
        assert_eq!(hit("a.c", 7, 0), 1);
    }

    #[test]
    fn a_label_that_does_not_fit_is_named() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a.c"), b"int a;\r\n\tint\x0b  b;\n").unwrap();
        let right = digest(b"intb;");
        verify(&[label("a.c", 2, &right)], dir.path()).unwrap();
        let wrong = [label("a.c", 1, &right), label("a.c", 9, &right), label("b.c", 1, &right)];
        let e = verify(&wrong, dir.path()).unwrap_err().to_string();
        assert!(e.contains("`x-1` (a.c:1 of c): another line"), "{e}");
        assert!(e.contains("a.c:9") && e.contains("no such line") && e.contains("b.c:1"), "{e}");
    }
}
