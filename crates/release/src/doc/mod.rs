//! YAML and JSON with the line of every value, for files that other people wrote.

mod json;
mod yaml;

use std::path::{Path, PathBuf};

use crate::{Error, Result};

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Line of its first character, from 1.
    pub line: usize,
    /// What it is.
    pub value: Value,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Nothing, or `null`.
    Null,
    /// Text, a number or a truth value, as it is written.
    Scalar {
        /// The characters.
        text: String,
        /// Whether they stand in quotes (or in a block), so that they are text whatever they look like.
        quoted: bool,
    },
    /// A list.
    List(Vec<Node>),
    /// Keys and values in the order of the file. `!Ref x` and `!GetAtt a.b` are read as their long forms
    /// `Ref: x` and `Fn::GetAtt: a.b`.
    Map(Vec<(Key, Node)>),
}

/// A key and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The name.
    pub name: String,
    /// Line, from 1.
    pub line: usize,
}

/// How deep files may nest: more than any of these services takes, little enough for any stack.
const DEPTH: usize = 100;

/// Aliases of YAML are copied: a bound on what becomes of a small file.
const NODES: usize = 200_000;

/// Reads a file: JSON by its name or its first character, else YAML.
///
/// # Errors
/// With the line, when it is neither.
pub fn read(path: &Path) -> Result<Node> {
    let text = std::fs::read_to_string(path).map_err(Error::io("cannot read", path))?;
    parse(path, &text)
}

/// The same for a text in hand; `path` is what errors name, and its ending says what is expected.
///
/// # Errors
/// As [`read`].
pub fn parse(path: &Path, text: &str) -> Result<Node> {
    let json = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("json"));
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let result = if json || text.trim_start().starts_with('{') { json::parse(text) } else { yaml::parse(text) };
    result.map_err(|(line, message)| Error::File { path: PathBuf::from(path), line: Some(line), message })
}

impl Node {
    /// The value of a key, however it is capitalised: `CloudFormation` writes `ContainerName` where the API has
    /// `containerName`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|(_, v)| v)
    }

    /// A key with its value.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<(&Key, &Self)> {
        self.entries().iter().find(|(k, _)| k.name.eq_ignore_ascii_case(key)).map(|(k, v)| (k, v))
    }

    /// The value at the end of keys that dots part.
    #[must_use]
    pub fn at(&self, path: &str) -> Option<&Self> {
        path.split('.').try_fold(self, |node, key| node.get(key))
    }

    /// The line of the last key of a path that is there; its own when none is.
    #[must_use]
    pub fn line_of(&self, path: &str) -> usize {
        let (mut node, mut line) = (self, self.line);
        for key in path.split('.') {
            let Some((k, v)) = node.entry(key) else { break };
            (node, line) = (v, k.line);
        }
        line
    }

    /// The characters of a scalar.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The elements of a list; none for anything else.
    #[must_use]
    pub fn items(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// A list's elements, or the one value that stands where a list may.
    #[must_use]
    pub fn each(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            Value::Null => &[],
            _ => std::slice::from_ref(self),
        }
    }

    /// The keys and values of a map; none for anything else.
    #[must_use]
    pub fn entries(&self) -> &[(Key, Self)] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// Calls a function for this value and all below it.
    pub fn walk<'a>(&'a self, see: &mut impl FnMut(&'a Self)) {
        see(self);
        self.items().iter().for_each(|n| n.walk(see));
        self.entries().iter().for_each(|(_, n)| n.walk(see));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn yaml(text: &str) -> Result<Node> {
        parse(Path::new("a.yaml"), text)
    }

    #[test]
    fn tags_are_read_as_their_long_forms_with_lines() {
        let n = yaml("A: !Ref b\nC:\n  - !Sub \"x-${y}\"\n  - !GetAtt [a, Arn]\n  - !If [p, 1, '2']\n").unwrap();
        assert_eq!(n.at("a.ref").unwrap().text(), Some("b"));
        assert_eq!(n.line_of("a"), 1);
        let c = n.get("C").unwrap().items();
        assert_eq!(c[0].get("Fn::Sub").unwrap().text(), Some("x-${y}"));
        assert_eq!(c[1].get("Fn::GetAtt").unwrap().items()[1].text(), Some("Arn"));
        assert_eq!(c[1].line, 4);
        let Value::Scalar { quoted, .. } = &c[2].get("Fn::If").unwrap().items()[2].value else { panic!() };
        assert!(quoted);
    }

    #[test]
    fn json_has_lines_and_is_strict() {
        let file = Path::new("t.json");
        let n = parse(file, "{\n \"a\": [1,\n  {\"b\": true}]\n}").unwrap();
        assert_eq!(n.get("a").unwrap().items()[1].entry("b").unwrap().0.line, 3);
        for (bad, line) in [("{\n// why\n\"a\": 1}", 2), ("{\"a\": 1,\n}", 1), ("{\n\n\"a\" 1}", 3), ("", 1)] {
            let e = parse(file, bad).unwrap_err().to_string();
            assert!(e.contains(&format!("line {line}")), "{bad:?}: {e}");
        }
    }

    #[test]
    fn nothing_makes_it_panic_or_grow() {
        let deep = "[".repeat(100_000);
        let nested = "- ".repeat(5_000) + "a";
        let laughs = (1..30)
            .fold("a0: &a0 [x, x]\n".to_owned(), |t, i| t + &format!("a{i}: &a{i} [*a{0}, *a{0}, *a{0}]\n", i - 1));
        for text in
            [&deep, &nested, &laughs, "a: *b", "a: &a [*a]", "\t- x", "? [a]\n: b", "%YAML 9\n", "--- a\n--- b\n"]
        {
            let _ = yaml(text);
            let _ = parse(Path::new("a.json"), text);
        }
        assert!(yaml(&deep).is_err() && yaml(&nested).is_err() && yaml(&laughs).is_err());
    }
}
