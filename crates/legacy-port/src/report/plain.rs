//! What stands in source files and file names, made harmless for whoever shows it.
//!
//! A terminal obeys escape sequences, a browser and an editor turn text around at bidirectional controls. What does
//! so is replaced by a picture of it; nothing is left out.

use std::borrow::Cow;

/// Text without characters that do something instead of being shown; tabs stay.
#[must_use]
pub fn plain(text: &str) -> Cow<'_, str> {
    if text.chars().any(|c| picture(c) != c) { text.chars().map(picture).collect() } else { text.into() }
}

/// The same for a line with a place in it, whose bytes move with it.
#[must_use]
pub(super) fn plain_span(text: &str, span: (usize, usize)) -> (Cow<'_, str>, (usize, usize)) {
    let moved = |at: usize| text.get(..at).map_or(at, |head| plain(head).len());
    (plain(text), (moved(span.0), moved(span.1)))
}

/// The start of a text of at most `limit` bytes, with a mark where something was cut off.
#[must_use]
pub(super) fn cut(text: &str, limit: usize) -> Cow<'_, str> {
    if text.len() <= limit { text.into() } else { format!("{}…", &text[..text.floor_char_boundary(limit)]).into() }
}

/// Text as it stands in HTML and SVG, between tags and in quoted attributes.
#[must_use]
pub(super) fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(picture(c)),
        }
    }
    out
}

fn picture(c: char) -> char {
    match c {
        '\t' => c,
        '\0'..='\x1f' => char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}'),
        '\x7f' => '\u{2421}',
        // Controls of 8 bits, of direction, and of lines; characters that have no width.
        '\u{80}'..='\u{9f}'
        | '\u{ad}'
        | '\u{61c}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' => '\u{fffd}',
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_something_is_shown() {
        assert_eq!(
            plain("\x1b[31m\ta\u{9b}2J\u{202e}\r\0\x7f"),
            "\u{241b}[31m\ta\u{fffd}2J\u{fffd}\u{240d}\u{2400}\u{2421}"
        );
        assert!(matches!(plain("täglich 日本"), Cow::Borrowed(_)));
    }

    #[test]
    fn a_place_moves_with_its_line() {
        let text = "\x1b\x1b ab \x07";
        let (shown, span) = plain_span(text, (3, 5));
        assert_eq!(&shown[span.0..span.1], "ab");
        assert_eq!(plain_span("é", (1, 9)).1, (1, 9), "a place that is none stays as it is");
    }

    #[test]
    fn nothing_is_a_tag() {
        assert_eq!(html("</script>\"'&\x1b"), "&lt;/script&gt;&quot;&#39;&amp;\u{241b}");
    }

    #[test]
    fn a_cut_is_between_characters() {
        assert_eq!((cut("éé", 3), cut("éé", 4)), ("é…".into(), "éé".into()));
    }
}
