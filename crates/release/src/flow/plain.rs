//! Text of others, made harmless for whoever shows it: log lines, reasons of tasks, words of people.
//!
//! A terminal obeys escape sequences, and turns text around at bidirectional controls. What does so is replaced by a picture
//! of it; nothing is left out. JSON keeps what it is, as escapes.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Text in one line without characters that do something instead of being shown.
#[must_use]
pub fn plain(text: &str) -> Cow<'_, str> {
    if text.contains(does) { text.chars().map(picture).collect() } else { text.into() }
}

/// JSON that means the same, without such characters. Of those that are left in it all stand in strings.
#[must_use]
pub fn json(text: &str) -> Cow<'_, str> {
    if !text.contains(does) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len() + 32);
    for c in text.chars() {
        if does(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    out.into()
}

/// The start of a text of at most `limit` characters, with a mark where something was cut off.
#[must_use]
pub fn cut(text: &str, limit: usize) -> Cow<'_, str> {
    match text.char_indices().nth(limit) {
        Some((at, _)) => format!("{}…", &text[..at]).into(),
        None => text.into(),
    }
}

/// Controls of terminals, of direction and of lines; characters without width.
fn does(c: char) -> bool {
    c != '\t' && c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

fn picture(c: char) -> char {
    match c {
        '\0'..='\x1f' if does(c) => char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}'),
        '\x7f' => '\u{2421}',
        c if does(c) => '\u{fffd}',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str = "\x1b]0;title\x07\x1b[2J\u{9b}31m\u{202e}evil\r\nDONE\u{e0041}\x7f";

    #[test]
    fn what_does_something_is_shown() {
        assert_eq!(plain(HOSTILE), "␛]0;title␇␛[2J\u{fffd}31m\u{fffd}evil␍␊DONE\u{fffd}␡");
        assert!(matches!(plain("täglich\t日本"), Cow::Borrowed(_)));
        assert_eq!((cut("日本", 1), cut("日本", 2)), ("日…".into(), "日本".into()));
    }

    #[test]
    fn json_keeps_what_it_is() {
        let text = serde_json::json!({"line": HOSTILE}).to_string();
        let safe = json(&text);
        assert!(!safe.contains(does), "{safe}");
        let back: serde_json::Value = serde_json::from_str(&safe).unwrap();
        assert_eq!(back["line"], HOSTILE);
    }
}
