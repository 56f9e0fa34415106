//! Formats of `printf` and `scanf` (C11 7.21.6), as far as the widths of their arguments go.

use super::tree::Side;

/// How wide what a conversion takes is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// As many bytes on every target.
    Bytes(u64),
    /// As wide as a `long`, a `size_t`, a pointer.
    Long,
    /// Nothing that has a width to ask for: text, floating numbers.
    Any,
}

impl Width {
    /// Bytes under one target.
    #[must_use]
    pub fn bytes(self, side: &Side) -> Option<u64> {
        match self {
            Self::Bytes(n) => Some(n),
            // In both data models a `long` is as wide as a pointer.
            Self::Long => Some(side.pointer_size),
            Self::Any => None,
        }
    }
}

/// One argument that a format takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversion {
    /// As written: `%-8ld`; `*` for an argument that is a width or precision.
    pub text: String,
    /// How wide the argument is, or what it points to.
    pub width: Width,
    /// Its first byte in the format.
    pub at: usize,
}

impl Conversion {
    /// The least width and the precision, as written; `None` where an argument gives one of them.
    #[must_use]
    pub fn measures(&self) -> Option<(u64, Option<u64>)> {
        if self.text.contains('*') {
            return None;
        }
        let rest = self.text.trim_start_matches(|c: char| "%-+ #0'".contains(c));
        let number = |s: &str| {
            let end = s.find(|c: char| !c.is_ascii_digit()).unwrap_or(s.len());
            (s[..end].parse::<u64>().unwrap_or(0).min(1 << 20), s[end..].to_owned())
        };
        let (width, rest) = number(rest);
        let precision = rest.strip_prefix('.').map(|p| number(p).0);
        // A sign that is always shown takes a place of its own.
        let sign = u64::from(self.text.contains(['+', ' ']));
        Some((width + sign, precision))
    }
}

/// Characters of a `printf` format that stand for themselves; escapes that are still written out count as one.
#[must_use]
pub fn literal_length(format: &str) -> u64 {
    let mut rest = format.replace("%%", "\u{1}");
    for conversion in printf(format) {
        if let Some(at) = rest.find(&conversion.text) {
            rest.replace_range(at..at + conversion.text.len(), "");
        }
    }
    let escapes = rest.matches('\\').count();
    (rest.chars().count() - escapes.min(rest.chars().count())) as u64
}

/// The arguments that a `printf` format takes, in order.
#[must_use]
pub fn printf(format: &str) -> Vec<Conversion> {
    parse(format, false)
}

/// What the arguments of a `scanf` format point to, in order.
#[must_use]
pub fn scanf(format: &str) -> Vec<Conversion> {
    parse(format, true)
}

fn parse(format: &str, scan: bool) -> Vec<Conversion> {
    let mut out = Vec::new();
    let bytes = format.as_bytes();
    let mut at = 0;
    while let Some(start) = bytes[at..].iter().position(|&b| b == b'%').map(|p| at + p) {
        let mut i = start + 1;
        let mut suppressed = false;
        while let Some(&b) = bytes.get(i) {
            match b {
                b'*' if scan => suppressed = true,
                b'*' => out.push(Conversion { text: "*".into(), width: Width::Bytes(4), at: i }),
                b'-' | b'+' | b' ' | b'#' | b'\'' | b'.' | b'0'..=b'9' => {}
                _ => break,
            }
            i += 1;
        }
        let length_start = i;
        while bytes.get(i).is_some_and(|b| b"hlLqjzt".contains(b)) {
            i += 1;
        }
        let length = &format[length_start..i];
        let Some(&conversion) = bytes.get(i) else { break };
        if conversion == b'[' {
            // A set ends at the next bracket; one that comes first is part of it.
            let first = i + 1 + usize::from(bytes.get(i + 1) == Some(&b'^'));
            let end = bytes.get(first + 1..).and_then(|rest| rest.iter().position(|&b| b == b']'));
            i = end.map_or(bytes.len() - 1, |e| first + 1 + e);
        }
        at = (i + 1).min(bytes.len());
        if conversion == b'%' || suppressed {
            continue;
        }
        let width = match (conversion, length) {
            (b'd' | b'i' | b'u' | b'x' | b'X' | b'o' | b'n', "l" | "z" | "t") | (b'p', _) => Width::Long,
            (b'd' | b'i' | b'u' | b'x' | b'X' | b'o' | b'n', "ll" | "L" | "q" | "j") => Width::Bytes(8),
            (b'd' | b'i' | b'u' | b'x' | b'X' | b'o', "h") if scan => Width::Bytes(2),
            (b'd' | b'i' | b'u' | b'x' | b'X' | b'o', "hh") if scan => Width::Bytes(1),
            (b'd' | b'i' | b'u' | b'x' | b'X' | b'o', _) => Width::Bytes(4),
            (b's', _) if !scan => Width::Long,
            _ => Width::Any,
        };
        let text = format.get(start..at).unwrap_or("%").to_owned();
        out.push(Conversion { text, width, at: start });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn widths(list: &[Conversion]) -> Vec<(&str, Width)> {
        list.iter().map(|c| (c.text.as_str(), c.width)).collect()
    }

    #[test]
    fn printf_formats() {
        let list = printf("%% %-8ld|%*.*s %zu %llx%p %5.2f %c\n");
        let want = [
            ("%-8ld", Width::Long),
            ("*", Width::Bytes(4)),
            ("*", Width::Bytes(4)),
            ("%*.*s", Width::Long),
            ("%zu", Width::Long),
            ("%llx", Width::Bytes(8)),
            ("%p", Width::Long),
            ("%5.2f", Width::Any),
            ("%c", Width::Any),
        ];
        assert_eq!(widths(&list), want);
    }

    #[test]
    fn scanf_formats() {
        let list = scanf("%d-%hd %*d %[]a-z] %[^:]:%ld %s %hhu");
        let want = [
            ("%d", Width::Bytes(4)),
            ("%hd", Width::Bytes(2)),
            ("%[]a-z]", Width::Any),
            ("%[^:]", Width::Any),
            ("%ld", Width::Long),
            ("%s", Width::Any),
            ("%hhu", Width::Bytes(1)),
        ];
        assert_eq!(widths(&list), want);
    }

    #[test]
    fn what_ends_early_or_is_no_format_is_no_trouble() {
        for odd in ["", "%", "100%", "%l", "%[", "%[^", "%[]", "%-", "é%", "%*"] {
            let taken: Vec<_> = printf(odd).into_iter().chain(scanf(odd)).filter(|c| c.text != "*").collect();
            assert!(taken.iter().all(|c| c.width == Width::Any), "{odd}: {taken:?}");
        }
        assert_eq!(widths(&printf("é%d")), [("%d", Width::Bytes(4))]);
    }
}
