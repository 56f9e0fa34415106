//! What the tool says: findings with their place in words of files and lines, sorted.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::acceptance::Acceptance;
use crate::check::{Level, Problem};
use crate::edit::{Change, Edit};
use crate::layout::Layout;
use crate::rule::Name;
use crate::source::tree::{Place, SourceFile};
use crate::target::Pair;

/// A place that a person can go to, with the line that stands there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Spot {
    /// The file, relative to the project where it lies in it.
    pub file: PathBuf,
    /// Line, from 1; 0 in what was built, which has none.
    pub line: usize,
    /// Column in bytes, from 1.
    pub column: usize,
    /// The line without its end, what is not UTF-8 in it replaced; in what was built the symbol or section it is about.
    pub text: String,
    /// First and last byte + 1 of the place in `text`.
    pub span: (usize, usize),
}

impl Spot {
    /// Something in what was built: a symbol, a section, a segment, a library.
    #[must_use]
    pub fn built(file: &Path, what: &str) -> Self {
        Self { file: file.to_owned(), line: 0, column: 0, text: what.to_owned(), span: (0, what.len()) }
    }

    /// The line and column, where there are lines.
    #[must_use]
    pub fn place(&self) -> Option<(usize, usize)> {
        (self.line > 0).then_some((self.line, self.column))
    }

    /// First and last column + 1 in characters, from 1; never empty.
    #[must_use]
    pub fn columns(&self) -> (usize, usize) {
        let column = |byte: usize| self.text.get(..byte).map_or(byte, |t| t.chars().count()) + 1;
        let from = column(self.span.0);
        (from, column(self.span.1).max(from + 1))
    }
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Name of the check.
    #[serde(deserialize_with = "crate::rule::name")]
    pub check: Name,
    /// How bad it is.
    pub level: Level,
    /// Where.
    pub spot: Spot,
    /// The function it is in; empty outside.
    pub function: String,
    /// Both meanings in a sentence.
    pub message: String,
    /// What a person can do.
    pub help: String,
    /// Further places, each with what is to be seen there.
    pub notes: Vec<(Spot, String)>,
    /// The record it is about, as both targets lay it out.
    pub layout: Option<Pair<Layout>>,
    /// What `legacy-port fix` would change; `None` where a person has to.
    pub edit: Option<Edit>,
    /// Who takes it as it is, and why; `None` for a new finding.
    #[serde(skip)] // nobody has asked yet when a unit's findings are stored
    pub accepted: Option<Acceptance>,
}

impl Finding {
    /// What is told once: the place and the check.
    pub(crate) fn identity(&self) -> (&Path, usize, usize, &str, &str) {
        // What was built has no lines: what stands there is the place.
        let what = if self.spot.place().is_some() { "" } else { &self.spot.text };
        (&self.spot.file, self.spot.line, self.spot.column, self.check, what)
    }

    /// What is told of the very place, such as the figures of both targets: notes that lead nowhere else.
    pub fn evidence(&self) -> impl Iterator<Item = &str> {
        self.notes.iter().filter(|(spot, _)| *spot == self.spot).map(|(_, text)| text.as_str())
    }
}

/// Sorts by place, and drops what several units told of one header, or several uses of one macro.
#[must_use]
pub fn sorted(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by(|a, b| (a.identity(), &a.message).cmp(&(b.identity(), &b.message)));
    findings.dedup_by(|again, first| {
        let same = again.identity() == first.identity();
        if same {
            let new = again.notes.iter().filter(|n| !first.notes.contains(n)).cloned().collect::<Vec<_>>();
            first.notes.extend(new);
        }
        same
    });
    for finding in &mut findings {
        finding.notes.sort();
    }
    findings
}

/// Turns places of one unit into spots, on any number of threads; files are read once.
pub(crate) struct Spots<'a> {
    root: &'a Path,
    files: &'a [SourceFile],
    contents: Vec<OnceLock<Content>>,
    none: Content,
}

/// A file that was read, with the offsets at which its lines begin.
struct Content {
    bytes: Vec<u8>,
    lines: Vec<usize>,
}

impl Content {
    fn read(path: &Path) -> Self {
        Self::of(std::fs::read(path).unwrap_or_default())
    }

    fn of(bytes: Vec<u8>) -> Self {
        let ends = memchr::memchr_iter(b'\n', &bytes).map(|i| i + 1);
        let lines = std::iter::once(0).chain(ends).collect();
        Self { bytes, lines }
    }
}

impl<'a> Spots<'a> {
    pub(crate) fn new(root: &'a Path, files: &'a [SourceFile]) -> Self {
        Self { root, files, contents: files.iter().map(|_| OnceLock::new()).collect(), none: Content::of(Vec::new()) }
    }

    fn content(&self, file: u32) -> &Content {
        let known = self.files.get(file as usize).zip(self.contents.get(file as usize));
        known.map_or(&self.none, |(file, content)| content.get_or_init(|| Content::read(&file.path)))
    }

    /// A place in words. A file that cannot be read any more has no lines.
    pub(crate) fn spot(&self, place: Place) -> Spot {
        let (files, root) = (self.files, self.root);
        let path = files.get(place.file as usize).map_or(Path::new(""), |f| &f.path);
        let Content { bytes, lines } = self.content(place.file);
        let file = path.strip_prefix(root).unwrap_or(path).to_owned();
        let start = (place.start as usize).min(bytes.len());
        let line = lines.partition_point(|&l| l <= start);
        let line_start = lines[line - 1];
        let line_end = bytes[start..].iter().position(|&b| b == b'\n').map_or(bytes.len(), |i| start + i);
        let mut end = (place.end as usize).clamp(start, line_end);
        if end == start {
            // The end of what a macro writes is not known: the word that stands there will do.
            let word = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
            end += bytes[start..line_end].iter().take_while(|b| word(b)).count();
        }
        let lossy = |range: std::ops::Range<usize>| String::from_utf8_lossy(&bytes[range]).into_owned();
        // Bytes that are not UTF-8 grow when replaced: the span is measured in what is shown.
        let (head, marked) = (lossy(line_start..start), lossy(start..end));
        let tail = lossy(end..line_end);
        // A place without width is shown as the character that stands there.
        let shown = if marked.is_empty() { tail.chars().next().map_or(0, char::len_utf8) } else { marked.len() };
        let mut text = format!("{head}{marked}{tail}");
        text.truncate(text.trim_end_matches('\r').len());
        Spot {
            file,
            line,
            column: start - line_start + 1,
            span: (head.len().min(text.len()), (head.len() + shown).min(text.len())),
            text,
        }
    }

    /// A change in bytes of its file.
    fn edit(&self, change: &Change) -> Option<Edit> {
        let place = change.place();
        if self.files.get(place.file as usize).is_none_or(|f| f.system) {
            return None;
        }
        let content = self.content(place.file);
        let (range, by) = change.resolve(&content.bytes)?;
        let was = std::str::from_utf8(content.bytes.get(range.clone())?).ok()?.to_owned();
        let [from, to] = [range.start, range.end].map(|n| u32::try_from(n).unwrap_or(u32::MAX));
        let spot = self.spot(Place { file: place.file, start: from, end: to });
        let spot = if range.is_empty() { Spot { span: (0, 0), column: 1, ..spot } } else { spot };
        Some(Edit { spot, bytes: (range.start, range.end), was, by })
    }

    pub(crate) fn finding(
        &self,
        check: &'static str,
        level: Level,
        function: &str,
        problem: Problem,
        say: impl Fn(&str) -> String,
    ) -> Finding {
        Finding {
            check,
            level,
            spot: self.spot(problem.place),
            function: function.to_owned(),
            message: say(&problem.message),
            help: say(&problem.help),
            notes: problem.notes.into_iter().map(|n| (self.spot(n.place), say(&n.text))).collect(),
            edit: problem.change.and_then(|c| self.edit(&c)),
            layout: None,
            accepted: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_places_have_a_spot() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.c");
        std::fs::write(&path, b"int a;\r\n\xe9\xc3\xa9 b\n").unwrap();
        let files = [SourceFile { path, system: false }, SourceFile { path: "/nosuch".into(), system: false }];
        let spots = Spots::new(dir.path(), &files);
        for (file, start, end) in
            [(0, 0, 3), (0, 6, 6), (0, 7, 7), (0, 8, 8), (0, 9, 9), (0, 4, 999), (0, 999, 1), (1, 5, 6), (7, 0, 1)]
        {
            let spot = spots.spot(Place { file, start, end });
            assert!(spot.text.get(spot.span.0..spot.span.1).is_some(), "{file} {start} {end}: {spot:?}");
            assert!(!spot.text.contains('\n') && !spot.text.ends_with('\r'), "{spot:?}");
        }
        assert_eq!(spots.spot(Place { file: 0, start: 4, end: 5 }).line, 1);
        assert_eq!(spots.spot(Place { file: 0, start: 8, end: 9 }).line, 2);
    }
}
