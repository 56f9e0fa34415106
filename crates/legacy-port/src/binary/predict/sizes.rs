//! Lengths of arrays that the source works out from sizes, worked out for both targets.
//!
//! What is not understood in full gives no number. That it was understood shows: the number for the old target is in the
//! debug information.

use std::sync::Arc;

use super::judge;
use super::source::Source;

/// A number under the old and the new target.
type Both = (i64, i64);
/// Sizes of a type under both, by its name.
pub(super) type SizeOf<'a> = &'a mut dyn FnMut(&str) -> Option<(u64, u64)>;

/// Macros within macros and brackets within brackets are followed that far.
const DEEP: usize = 24;
/// Words that an expression may have, with those that macros in it stand for.
const WORDS: usize = 512;

/// The length of an array that is a member, under both targets; `None` where it has more than one dimension.
pub(super) fn length(reach: &[Arc<Source>], member: &str, line: u32, size_of: SizeOf) -> Option<(u64, u64)> {
    let bound = reach.first()?.bound(member, line)?.trim();
    let text = bound.strip_prefix('[')?.strip_suffix(']')?;
    let (mut words, mut left) = (Vec::new(), WORDS);
    expand(reach, text, 0, &mut left, &mut words)?;
    let mut all = Expression { words: &words, at: 0, size_of, depth: 0 };
    let (old, new) = all.sum()?;
    if all.at < words.len() {
        return None;
    }
    Some((u64::try_from(old).ok()?, u64::try_from(new).ok()?))
}

/// The words of a text, those of macros in their place, as the preprocessor does it: `2 * TWO` is `2 * 1 + 1`.
fn expand<'s>(
    reach: &'s [Arc<Source>],
    text: &'s str,
    depth: usize,
    left: &mut usize,
    out: &mut Vec<&'s str>,
) -> Option<()> {
    if depth > DEEP {
        return None;
    }
    for word in tokens(text)? {
        *left = left.checked_sub(1)?;
        match macro_text(reach, word) {
            Some(body) => expand(reach, body, depth + 1, left, out)?,
            None => out.push(word),
        }
    }
    Some(())
}

/// The text that a macro stands for: there is one definition, and no `#if` around it asks for the target.
fn macro_text<'s>(reach: &'s [Arc<Source>], name: &str) -> Option<&'s str> {
    let mut all =
        reach.iter().flat_map(|s| s.macros.get(name).into_iter().flatten().map(move |(line, body)| (s, line, body)));
    let (source, line, body) = all.next()?;
    if all.next().is_some() || judge::asks_around(reach, source, *line, name) {
        return None;
    }
    body.split("//").next()
}

/// Names, numbers and signs.
fn tokens(text: &str) -> Option<Vec<&str>> {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    // A macro may go on in the next line.
    let between = |c: char| c.is_whitespace() || c == '\\';
    let (mut out, mut rest) = (Vec::new(), text.trim_start_matches(between));
    while let Some(first) = rest.chars().next() {
        let len = match first {
            c if word(c) => rest.find(|c| !word(c)).unwrap_or(rest.len()),
            '<' | '>' if rest.starts_with("<<") || rest.starts_with(">>") => 2,
            '+' | '-' | '*' | '/' | '%' | '(' | ')' if !rest.starts_with("/*") => 1,
            _ => return None,
        };
        let (token, after) = rest.split_at(len);
        out.push(token);
        rest = after.trim_start_matches(between);
    }
    Some(out)
}

/// Types that a cast may name: none of them cuts a length.
const CASTS: [&str; 7] = ["int", "unsigned", "long", "size_t", "signed", "u32", "uint32_t"];

struct Expression<'e> {
    words: &'e [&'e str],
    at: usize,
    size_of: SizeOf<'e>,
    depth: usize,
}

impl Expression<'_> {
    fn next_if(&mut self, wanted: &[&str]) -> Option<&str> {
        let word = self.words.get(self.at).filter(|w| wanted.contains(w))?;
        self.at += 1;
        Some(word)
    }

    fn sum(&mut self) -> Option<Both> {
        let mut left = self.product()?;
        while let Some(sign) = self.next_if(&["+", "-"]).map(str::to_owned) {
            let right = self.product()?;
            left = each(left, right, |a, b| if sign == "+" { a.checked_add(b) } else { a.checked_sub(b) })?;
        }
        Some(left)
    }

    fn product(&mut self) -> Option<Both> {
        let mut left = self.single()?;
        while let Some(sign) = self.next_if(&["*", "/", "%"]).map(str::to_owned) {
            let right = self.single()?;
            left = each(left, right, |a, b| match sign.as_str() {
                "*" => a.checked_mul(b),
                "/" => a.checked_div(b),
                _ => a.checked_rem(b),
            })?;
        }
        Some(left)
    }

    fn single(&mut self) -> Option<Both> {
        self.depth += 1;
        if self.depth > DEEP {
            return None;
        }
        let found = self.operand();
        self.depth -= 1;
        found
    }

    fn operand(&mut self) -> Option<Both> {
        let word = *self.words.get(self.at)?;
        self.at += 1;
        if word == "(" {
            let casts = self.words[self.at..].iter().take_while(|w| CASTS.contains(w)).count();
            if casts > 0 && self.words.get(self.at + casts) == Some(&")") {
                self.at += casts + 1;
                return self.single();
            }
            let inner = self.sum()?;
            self.next_if(&[")"])?;
            return Some(inner);
        }
        if word == "sizeof" {
            self.next_if(&["("])?;
            let len = self.words[self.at..].iter().position(|w| *w == ")")?;
            let of = &self.words[self.at..self.at + len];
            self.at += len + 1;
            return self.size(of);
        }
        let digits = word.trim_end_matches(['u', 'U', 'l', 'L']);
        let number = match digits.strip_prefix("0x") {
            Some(hex) => i64::from_str_radix(hex, 16).ok()?,
            None if digits.len() > 1 && digits.starts_with('0') => return None,
            None => digits.parse().ok()?,
        };
        Some((number, number))
    }

    fn size(&mut self, of: &[&str]) -> Option<Both> {
        if let [names @ .., "*"] = of {
            // A pointer, whatever to; names alone, so that no product is taken for one.
            return names.iter().all(|w| *w == "*" || w.starts_with(|c: char| !c.is_ascii_digit())).then_some((4, 8));
        }
        if let Some(both) = arithmetic(of) {
            return Some(both);
        }
        let (old, new) = (self.size_of)(&of.join(" "))?;
        Some((i64::try_from(old).ok()?, i64::try_from(new).ok()?))
    }
}

/// Sizes of the arithmetic types of C on i386 and `x86_64`, whose names have their words in any order (C17 6.7.2): System V
/// ABI, processor supplements, "Fundamental Types".
fn arithmetic(of: &[&str]) -> Option<Both> {
    let of: Vec<&str> = of.iter().filter(|w| !["const", "volatile"].contains(w)).copied().collect();
    let count = |word| of.iter().filter(|w| **w == word).count();
    let (long, sign, int) = (count("long"), count("signed") + count("unsigned"), count("int"));
    let others: Vec<&str> = of.iter().filter(|w| !["long", "signed", "unsigned", "int"].contains(w)).copied().collect();
    Some(match (&others[..], long, sign, int) {
        ([], 0, 1, 0) | ([], 0, 0 | 1, 1) | (["float"], 0, 0, 0) => (4, 4),
        ([], 1, 0 | 1, 0 | 1) => (4, 8),
        ([], 2, 0 | 1, 0 | 1) | (["double"], 0, 0, 0) => (8, 8),
        (["char"], 0, 0 | 1, 0) => (1, 1),
        (["short"], 0, 0 | 1, 0 | 1) => (2, 2),
        (["double"], 1, 0, 0) => (12, 16),
        _ => return None,
    })
}

/// Sizes are unsigned: what is less than nothing wraps around in C.
fn each(left: Both, right: Both, f: impl Fn(i64, i64) -> Option<i64>) -> Option<Both> {
    let f = |a, b| f(a, b).filter(|n| *n >= 0);
    Some((f(left.0, right.0)?, f(left.1, right.1)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
#define SPACE (sizeof(void *))
#define BUFFER ((int)(16 * sizeof(void*) * sizeof(number)))
#define WORD u8
#define LONG (SPACE + \\
  BUFFER)
#define ITEMS ((512-8)/sizeof(WORD))
#define LOOP (LOOP + 1)
#define TWICE 4
#define TWICE 8
#if defined(__LP64__)
#define CHOSEN 4
#endif
char a[SPACE], b[BUFFER], c[ITEMS], d[LOOP], e[TWICE], f[CHOSEN], g[2][2], h[sizeof(size_t) - 2], i[sizeof a], j[3 +];
char k[sizeof(size_t) - 5], l[1 / 0], m[0x7fffffffffffffff * 2], n[1 << 2], o[((((1))))], p[sizeof(unknown)], q[LONG];
#define SUM sizeof(void *) + 4
char r[2 * SUM], s[(6 - sizeof(void *)) % 8 + 4];
";

    fn all(member: &str) -> Option<(u64, u64)> {
        let reach = [Arc::new(Source::new(TEXT.into()))];
        let mut size_of = |name: &str| match name {
            "number" => Some((8, 8)),
            "u8" => Some((1, 1)),
            "size_t" => Some((4, 8)),
            _ => None,
        };
        let line = TEXT.lines().position(|l| l.contains(&format!(" {member}["))).unwrap() + 1;
        length(&reach, member, line.try_into().unwrap(), &mut size_of)
    }

    #[test]
    fn lengths_are_worked_out_for_both() {
        assert_eq!(all("a"), Some((4, 8)));
        assert_eq!(all("b"), Some((512, 1024)));
        assert_eq!(all("c"), Some((504, 504)));
        assert_eq!(all("h"), Some((2, 6)));
        assert_eq!(all("o"), Some((1, 1)));
        assert_eq!(all("q"), Some((516, 1032)));
        assert_eq!(all("r"), Some((12, 20)));
    }

    #[test]
    fn what_is_not_understood_gives_none() {
        for member in ["d", "e", "f", "g", "i", "j", "k", "l", "m", "n", "p", "s"] {
            assert_eq!(all(member), None, "{member}");
        }
    }

    #[test]
    fn types_are_known_however_their_names_are_put() {
        let size = |text: &str| {
            let reach = [Arc::new(Source::new(format!("char a[sizeof({text})];\n")))];
            length(&reach, "a", 1, &mut |_| None)
        };
        let long = ["long", "unsigned long", "long int", "int long unsigned", "const long", "signed long int"];
        assert_eq!(long.map(size), [Some((4, 8)); 6]);
        for (text, old, new) in [
            ("unsigned", 4, 4),
            ("int unsigned", 4, 4),
            ("long unsigned long", 8, 8),
            ("short int", 2, 2),
            ("unsigned char", 1, 1),
            ("long double", 12, 16),
            ("unsigned long *", 4, 8),
        ] {
            assert_eq!(size(text), Some((old, new)), "{text}");
        }
        for text in ["long long long", "unsigned double", "short char", "int int", "const", "unsigned long size"] {
            assert_eq!(size(text), None, "{text}");
        }
    }

    #[test]
    fn macros_do_not_grow_without_an_end() {
        let level = |n| format!("#define L{n} (L{} + L{})\n", n + 1, n + 1);
        let text: String = (0..18).map(level).collect();
        let text = text + "#define L18 sizeof(void *)\nchar a[L0], b[L14];\n";
        let reach = [Arc::new(Source::new(text))];
        assert_eq!(length(&reach, "b", 20, &mut |_| None), Some((64, 128)));
        assert_eq!(length(&reach, "a", 20, &mut |_| None), None);
    }
}
