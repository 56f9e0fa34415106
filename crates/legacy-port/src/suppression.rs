//! Findings accepted in the source itself: `/* legacy-port: allow(check, other_check) reason */`, or behind `//`.
//!
//! On a line with code the comment speaks for the findings of that line, alone on its lines for those of the next line
//! with code. Sources are bytes: what encoding they have does not matter.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

/// One comment that accepts findings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// The line it begins on, from 1.
    pub line: usize,
    /// The lines it speaks for.
    pub covers: Vec<usize>,
    /// Names of checks, as written.
    pub checks: Vec<String>,
    /// Why; never empty.
    pub reason: String,
}

/// A comment that begins with `legacy-port:` and cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// The line it begins on, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub message: &'static str,
}

/// What a comment of ours begins with.
const MARK: &str = "legacy-port:";

/// The comments of a C file that accept findings, in order; none of a file that cannot be read.
pub(crate) fn read_file(path: &Path) -> Vec<Result<Suppression, Malformed>> {
    match has_mark(path) {
        Ok(true) => read(&fs::read(path).unwrap_or_default()),
        _ => Vec::new(),
    }
}

/// Whether the mark stands in a file, looked for piece by piece: memory for a whole file is slower than the search in it.
fn has_mark(path: &Path) -> io::Result<bool> {
    let mut file = File::open(path)?;
    let mut piece = vec![0; PIECE];
    let mut kept = 0;
    loop {
        let read = match file.read(&mut piece[kept..]) {
            Ok(0) => return Ok(false),
            Ok(n) => n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        };
        let filled = kept + read;
        if memchr::memmem::find(&piece[..filled], MARK.as_bytes()).is_some() {
            return Ok(true);
        }
        // The mark may stand across two pieces.
        kept = filled.min(MARK.len() - 1);
        piece.copy_within(filled - kept..filled, 0);
    }
}

/// Bytes; fits into the cache of a processor.
const PIECE: usize = 1 << 17;

/// The comments of a C source that accept findings, in order.
#[must_use]
pub fn read(source: &[u8]) -> Vec<Result<Suppression, Malformed>> {
    // Most files have none, and need no second look.
    if memchr::memmem::find(source, MARK.as_bytes()).is_none() {
        return Vec::new();
    }
    let Scan { comments, code } = scan(source);
    let mut found = Vec::new();
    for c in comments {
        let said = words(&source[c.start..c.end]);
        let Some(said) = said.strip_prefix(MARK) else { continue };
        found.push(match allow(said) {
            Err(message) => Err(Malformed { line: c.first + 1, message }),
            Ok((checks, reason)) => {
                let mut covers: Vec<usize> = (c.first..=c.last).filter(|&l| code[l]).collect();
                if covers.is_empty() {
                    covers.extend((c.last + 1..code.len()).find(|&l| code[l]));
                }
                let covers = covers.into_iter().map(|l| l + 1).collect();
                Ok(Suppression { line: c.first + 1, covers, checks, reason })
            }
        });
    }
    found
}

/// Takes apart what stands behind the mark.
fn allow(said: &str) -> Result<(Vec<String>, String), &'static str> {
    const SHAPE: &str = "expected `legacy-port: allow(check, other_check) reason`";
    let rest = said.trim_start().strip_prefix("allow").ok_or(SHAPE)?;
    let (checks, reason) = rest.trim_start().strip_prefix('(').and_then(|r| r.split_once(')')).ok_or(SHAPE)?;
    let checks: Vec<String> = checks.split(',').map(|c| c.trim().to_owned()).collect();
    if checks.iter().any(String::is_empty) {
        return Err(SHAPE);
    }
    let reason = reason.trim_start_matches([':', '-', ' ']).trim();
    if !reason.chars().any(char::is_alphanumeric) {
        return Err("accepts nothing without a reason behind the `)`");
    }
    Ok((checks, reason.to_owned()))
}

/// The words of a comment, without what draws it: `*` at the beginning of lines, line ends, continued lines.
fn words(comment: &[u8]) -> String {
    // What is not UTF-8 was Latin-1 more often than anything else, and there every byte is a character.
    let text =
        std::str::from_utf8(comment).map_or_else(|_| comment.iter().map(|&b| char::from(b)).collect(), str::to_owned);
    // The reason is printed on terminals, where a control character would do something.
    let text = text.replace(|c: char| c.is_control() && !matches!(c, '\n' | '\t' | '\r'), "\u{fffd}");
    let lines = text.lines().map(|l| l.trim().trim_start_matches('*').trim_end_matches('\\').trim());
    lines.filter(|l| !l.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Bytes `start..end` between the marks of a comment, and its first and last line, from 0.
struct Comment {
    start: usize,
    end: usize,
    first: usize,
    last: usize,
}

struct Scan {
    comments: Vec<Comment>,
    /// Whether a line, from 0, has anything but blanks and comments.
    code: Vec<bool>,
}

/// Finds comments as a C compiler does: not in strings, and lines that end in `\` go on.
fn scan(source: &[u8]) -> Scan {
    let mut scan = Scan { comments: Vec::new(), code: vec![false] };
    let at = |i: usize| source.get(i).copied().unwrap_or(0);
    // How many bytes a line end behind a backslash has.
    let spliced = |i: usize| match (at(i), at(i + 1), at(i + 2)) {
        (b'\\', b'\n', _) => 2,
        (b'\\', b'\r', b'\n') => 3,
        _ => 0,
    };
    let mut i = 0;
    while i < source.len() {
        let (line, begin) = (scan.code.len() - 1, i);
        match (at(i), at(i + 1)) {
            (b'/', b'*') => {
                let close = source[i + 2..].windows(2).position(|w| w == b"*/").map(|n| i + 2 + n);
                let end = close.unwrap_or(source.len());
                i = close.map_or(end, |c| c + 2);
                scan.code.resize(scan.code.len() + newlines(&source[begin..i]), false);
                scan.comments.push(Comment { start: begin + 2, end, first: line, last: scan.code.len() - 1 });
            }
            (b'/', b'/') => {
                while i < source.len() && at(i) != b'\n' {
                    i += spliced(i).max(1);
                }
                scan.code.resize(scan.code.len() + newlines(&source[begin..i]), false);
                scan.comments.push(Comment { start: begin + 2, end: i, first: line, last: scan.code.len() - 1 });
            }
            (quote @ (b'"' | b'\''), _) => {
                scan.code[line] = true;
                i += 1;
                // An apostrophe in `#error don't` ends with its line.
                while i < source.len() && at(i) != quote && at(i) != b'\n' {
                    if spliced(i) > 0 {
                        i += spliced(i);
                        scan.code.push(true);
                    } else {
                        i += if at(i) == b'\\' { 2 } else { 1 };
                    }
                }
                i += usize::from(at(i) == quote);
            }
            (b'\n', _) => {
                scan.code.push(false);
                i += 1;
            }
            (byte, _) => {
                scan.code[line] |= !byte.is_ascii_whitespace() && spliced(i) == 0;
                i += 1;
            }
        }
    }
    scan
}

fn newlines(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&b| b == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(source: &[u8]) -> Suppression {
        let mut all = read(source);
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0).unwrap()
    }

    #[test]
    fn the_mark_is_found_wherever_pieces_end() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.c");
        let comment = b"/* legacy-port: allow(x) why */ f();\n";
        for before in (PIECE - comment.len()..=PIECE + 1).chain([0, 2 * PIECE - 20]) {
            let source = [vec![b'\n'; before].as_slice(), comment].concat();
            fs::write(&path, &source).unwrap();
            assert_eq!(read_file(&path), read(&source), "{before} bytes before it");
            assert_eq!(read_file(&path).len(), 1, "{before} bytes before it");
        }
        fs::write(&path, vec![b'l'; 3 * PIECE]).unwrap();
        assert_eq!(read_file(&path), []);
        assert_eq!(read_file(&dir.path().join("none.c")), []);
    }

    #[test]
    fn a_comment_covers_its_line_or_the_next_with_code() {
        let covers = |source: &str| one(source.as_bytes()).covers;
        assert_eq!(covers("int a;\nf(); /* legacy-port: allow(x) why */\ng();\n"), [2]);
        assert_eq!(covers("f(); // legacy-port: allow(x) why\ng();\n"), [1]);
        assert_eq!(covers("/* legacy-port: allow(x) why */ f();\ng();\n"), [1]);
        assert_eq!(covers("/* legacy-port: allow(x) why */\n\n/* more */\n  f();\ng();\n"), [4]);
        assert_eq!(covers("/*\n * legacy-port: allow(x)\n * why\n */\nf();\n"), [5]);
        assert_eq!(covers("f(); /* legacy-port: allow(x)\n why */\ng();\n"), [1]);
        assert_eq!(covers("#define F(p) \\\n  /* legacy-port: allow(x) why */ \\\n  ((int)(p))\n"), [3]);
        assert_eq!(covers("// legacy-port: allow(x) \\\n why\nf();\n"), [3]);
        assert_eq!(covers("// legacy-port: allow(x) why"), [] as [usize; 0]);
        assert_eq!(covers("char *s = \"a\\\nb\"; /* legacy-port: allow(x) why */\n"), [2]);
    }

    #[test]
    fn any_encoding_and_any_line_end() {
        let s = one(b"/* \xfcber */\r\n/* legacy-port: allow(a, b_c):\r\n * schlie\xdft nichts */\r\nf();\r\n");
        assert_eq!((s.line, s.covers, s.checks), (2, vec![4], vec!["a".to_owned(), "b_c".to_owned()]));
        assert_eq!(s.reason, "schließt nichts");
        assert_eq!(one("// legacy-port: allow(x) größer".as_bytes()).reason, "größer");
        assert_eq!(one(b"// legacy-port: allow(x) a\x1b[2Jb").reason, "a\u{fffd}[2Jb");
    }

    #[test]
    fn only_comments_count_and_only_at_their_beginning() {
        for source in [
            "char *s = \"/* legacy-port: allow(x) why */\";\n",
            "/* see legacy-port: allow(x) why */\n",
            "char c = '\"'; char *t = \"\\\"// legacy-port: allow(x) why\";\n",
        ] {
            assert_eq!(read(source.as_bytes()), [], "{source}");
        }
        assert_eq!(one(b"#error don't\nf(); /* legacy-port: allow(x) why */\n").covers, [2]);
    }

    #[test]
    fn what_cannot_be_used_is_said() {
        let wrong = |source: &str| read(source.as_bytes()).remove(0).unwrap_err();
        assert!(wrong("\n/* legacy-port: allow(x) */").message.contains("reason"));
        assert_eq!(wrong("\n/* legacy-port: allow(x) -- */").line, 2);
        for source in [
            "/* legacy-port: allow x */",
            "/* legacy-port: */",
            "// legacy-port: allow() why",
            "/* legacy-port: deny(x) y */",
        ] {
            assert!(wrong(source).message.contains("expected"), "{source}");
        }
    }

    #[test]
    fn cut_files_are_no_trouble() {
        let source = b"f(\"a\\\"\\\n'x'); /* legacy-port: allow(x) why */ // legacy-port: allow(y) z \\\r\n '";
        for end in 0..source.len() {
            let _ = read(&source[..end]);
        }
    }
}
