//! The source lines around findings, for reports that show more than the line itself.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::finding::Finding;

/// How many lines are kept before and after the line of a finding.
pub const AROUND: usize = 3;

/// Lines of files, by their number from 1; what is not UTF-8 in them is replaced.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines(BTreeMap<PathBuf, BTreeMap<usize, String>>);

impl Lines {
    /// Reads what stands around findings, each file once. A file that cannot be read any more has no lines: a report
    /// then shows those that the findings carry.
    #[must_use]
    pub fn around(root: &Path, findings: &[Finding]) -> Self {
        let mut wanted: BTreeMap<&Path, BTreeSet<usize>> = BTreeMap::new();
        for f in findings {
            let lines = f.spot.line.saturating_sub(AROUND).max(1)..=f.spot.line + AROUND;
            wanted.entry(&f.spot.file).or_default().extend(lines);
        }
        let read = |(file, wanted): (&Path, BTreeSet<usize>)| {
            let bytes = fs::read(root.join(file)).unwrap_or_default();
            // Behind the last line's end there is no line.
            let content = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
            let lines = content.split(|&b| b == b'\n').zip(1..).filter(|(_, n)| wanted.contains(n));
            let text = |line: &[u8]| String::from_utf8_lossy(line).trim_end_matches('\r').to_owned();
            (file.to_owned(), lines.map(|(line, n)| (n, text(line))).collect())
        };
        Self(wanted.into_iter().map(read).collect())
    }

    /// A line, where it was kept.
    #[must_use]
    pub fn get(&self, file: &Path, line: usize) -> Option<&str> {
        self.0.get(file)?.get(&line).map(String::as_str)
    }
}
