//! What a check would have changed -> the bytes of a file that are replaced.
//!
//! A check sees the tree and not the bytes. So it says what it means, and that becomes an edit only where the source is
//! written the plain way: no macro, no digit in another base, no conversion in pieces.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::finding::Spot;
use crate::source::format::{self, Conversion};
use crate::source::tree::Place;

/// What is to be changed, as a check says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// What is written at a place, and must be this to the letter, is replaced.
    Replace {
        /// Where.
        place: Place,
        /// What must stand there.
        was: String,
        /// What is to stand there.
        by: String,
    },
    /// One conversion of a format is replaced.
    Conversion {
        /// Where the format is written, as one string literal or several.
        place: Place,
        /// Which of its conversions, from 0, as [`format::printf`] and [`format::scanf`] count them.
        nth: usize,
        /// The conversion that must stand there.
        was: String,
        /// What is to stand there.
        by: String,
        /// Whether it is a format of `scanf`.
        scan: bool,
    },
    /// A header of the C library is included before this place, behind what is included there already.
    Include {
        /// What needs it.
        place: Place,
        /// The name between the angle brackets.
        header: &'static str,
    },
}

impl Change {
    /// The place that tells the file.
    pub(crate) fn place(&self) -> Place {
        match self {
            Self::Replace { place, .. } | Self::Conversion { place, .. } | Self::Include { place, .. } => *place,
        }
    }

    /// The bytes that are replaced, and by what; `None` where the source is written in another way.
    #[must_use]
    pub fn resolve(&self, bytes: &[u8]) -> Option<(Range<usize>, String)> {
        let range = |place: &Place| place.start as usize..place.end as usize;
        match self {
            Self::Replace { place, was, by } => {
                let range = range(place);
                (bytes.get(range.clone())? == was.as_bytes()).then(|| (range, by.clone()))
            }
            Self::Conversion { place, nth, was, by, scan } => {
                let range = range(place);
                let found = conversion(bytes.get(range.clone())?, *nth, was, *scan)?;
                Some((range.start + found.start..range.start + found.end, by.clone()))
            }
            Self::Include { place, header } => {
                let head = bytes.get(..place.start as usize)?;
                let line = |l: &[u8]| String::from_utf8_lossy(l).split_whitespace().collect::<String>();
                let there = format!("#include<{header}>");
                // What is there and does not help needs more than a second one.
                if head.split(|&b| b == b'\n').any(|l| line(l) == there) {
                    return None;
                }
                let at = behind_includes(head)?;
                let end = if bytes[..at].ends_with(b"\r\n") { "\r\n" } else { "\n" };
                Some((at..at, format!("#include <{header}>{end}")))
            }
        }
    }
}

/// Bytes of a file that are replaced.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Edit {
    /// What is replaced, in words of file, line and column; without width where something is put in.
    pub spot: Spot,
    /// Its first byte in the file, from 0, and the byte behind the last.
    pub bytes: (usize, usize),
    /// What stands there.
    pub was: String,
    /// What is to stand there.
    pub by: String,
}

impl Edit {
    /// What `legacy-port fix` does, in words.
    #[must_use]
    pub fn said(&self) -> String {
        let by = self.by.trim_end();
        if self.was.is_empty() {
            format!("`legacy-port fix` puts in `{by}`")
        } else {
            format!("`legacy-port fix` writes `{by}` for `{}`", self.was)
        }
    }
}

/// The conversion of a `printf` format, or of one of `scanf`, with another length: as wide as a type of this name and of
/// these sizes in bytes. `None` where no length that C99 has is right for both targets.
#[must_use]
pub fn with_length(conversion: &str, name: &str, sizes: (u64, u64)) -> Option<String> {
    let letter = conversion.chars().last().filter(|c| "diouxX".contains(*c))?;
    let head = conversion.strip_suffix(letter)?.trim_end_matches(|c: char| "hlLqjzt".contains(c));
    let length = match (sizes, name) {
        ((4, 4), _) => "",
        ((4, 8), "size_t" | "ssize_t") => "z",
        ((4, 8), "ptrdiff_t") => "t",
        // Whatever it is called: it is as wide as a `long` on both.
        ((4, 8), _) => "l",
        _ => return None,
    };
    Some(format!("{head}{length}{letter}"))
}

/// Where the conversion stands in string literals as they are written.
fn conversion(source: &[u8], nth: usize, was: &str, scan: bool) -> Option<Range<usize>> {
    let (mut text, mut places) = (String::new(), Vec::new());
    let mut quoted = false;
    let mut i = 0;
    while let Some(&b) = source.get(i) {
        match (quoted, b) {
            (_, b'"') => quoted = !quoted,
            (true, b'\\') => {
                // A number could be anything, and a line that goes on splits what is one word.
                if source.get(i + 1).is_none_or(|next| next.is_ascii_digit() || b"xuU\r\n".contains(next)) {
                    return None;
                }
                text.push_str("\\.");
                places.extend([i, i + 1]);
                i += 1;
            }
            (true, _) => {
                // What is not ASCII is in no conversion.
                text.push(if b.is_ascii() { char::from(b) } else { '.' });
                places.push(i);
            }
            (false, b' ' | b'\t' | b'\r' | b'\n') => {}
            (false, _) => return None,
        }
        i += 1;
    }
    let all = if scan { format::scanf(&text) } else { format::printf(&text) };
    let Conversion { text: found, at, .. } = all.get(nth).filter(|c| c.text == was)?;
    let range = *places.get(*at)?..places.get(at + found.len() - 1)? + 1;
    (range.len() == was.len()).then_some(range)
}

/// The offset behind the last line that includes something on both sides of every condition.
fn behind_includes(source: &[u8]) -> Option<usize> {
    let (mut depth, mut at, mut behind) = (0i32, 0, None);
    let mut comment = false;
    for line in source.split_inclusive(|&b| b == b'\n') {
        at += line.len();
        let text = String::from_utf8_lossy(line);
        let directive = text.trim_start().strip_prefix('#').map(str::trim_start).filter(|_| !comment);
        // A comment that goes on from line to line hides directives.
        let opened = text.rfind("/*").map_or(-1, |i| i.try_into().unwrap_or(-1));
        let closed = text.rfind("*/").map_or(-1isize, |i| i.try_into().unwrap_or(-1));
        comment = if opened == closed { comment } else { opened > closed };
        let Some(directive) = directive else { continue };
        match directive.split(|c: char| !c.is_ascii_alphabetic()).next() {
            Some("if" | "ifdef" | "ifndef") => depth += 1,
            Some("endif") => depth -= 1,
            Some("include") if depth == 0 && !comment && line.ends_with(b"\n") => behind = Some(at),
            _ => {}
        }
    }
    behind
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(source: &str, nth: usize, was: &str) -> Option<String> {
        conversion(source.as_bytes(), nth, was, false).map(|r| source[r].to_owned())
    }

    #[test]
    fn conversions_are_found_as_they_are_written() {
        assert_eq!(found(r#""%s\t%-8d\n""#, 1, "%-8d").as_deref(), Some("%-8d"));
        assert_eq!(found("\"%%d \\\"%d\\\"\" \"%d\"", 1, "%d").as_deref(), Some("%d"));
        assert_eq!(conversion(b"\"a\" \"%d\"", 0, "%d", false), Some(5..7));
        assert_eq!(conversion(b"\"\xe9\xe9 %d\"", 0, "%d", false), Some(4..6));
        assert_eq!(conversion(b"\"%*.*d %d\"", 2, "%*.*d", false), Some(1..6));
        for (source, nth, was) in [
            (r#""%""d""#, 0, "%d"),
            (r#""\x25d %d""#, 0, "%d"),
            (r#""a" PRId64 "%d""#, 0, "%d"),
            ("FORMAT", 0, "%d"),
            (r#""%d""#, 1, "%d"),
            (r#""%d""#, 0, "%u"),
            ("\"%d", 7, "%d"),
        ] {
            assert_eq!(found(source, nth, was), None, "{source}");
        }
    }

    #[test]
    fn lengths_follow_the_type() {
        for (conversion, name, sizes, want) in [
            ("%-08d", "long", (4, 8), Some("%-08ld")),
            ("%u", "size_t", (4, 8), Some("%zu")),
            ("%d", "ptrdiff_t", (4, 8), Some("%td")),
            ("%lx", "unsigned int", (4, 4), Some("%x")),
            ("%d", "long long", (8, 8), None),
            ("%s", "char *", (4, 8), None),
            ("%p", "long", (4, 8), None),
        ] {
            assert_eq!(with_length(conversion, name, sizes).as_deref(), want, "{conversion} {name}");
        }
    }

    #[test]
    fn a_header_goes_behind_those_that_are_always_included() {
        let source = "/*\n#include <no.h>\n*/\n#include <a.h>\n#ifdef X\n#include <x.h>\n#endif\nint a;\n";
        assert_eq!(behind_includes(source.as_bytes()), source.find("#ifdef"));
        assert_eq!(behind_includes(b"int a;\n"), None);
        assert_eq!(behind_includes(b"#include <a.h>"), None, "a line without an end");
        let change = Change::Include { place: Place { file: 0, start: 18, end: 19 }, header: "stdlib.h" };
        assert_eq!(change.resolve(b"#include <stdlib.h>\nf();"), None);
        assert_eq!(change.resolve(b"#include <a.h>\r\nf();"), Some((16..16, "#include <stdlib.h>\r\n".into())));
    }
}
