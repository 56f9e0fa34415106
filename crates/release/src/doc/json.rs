//! The one door to the JSON parser with places. It is as strict as the services are: no comments, no trailing commas.

use jsonc_parser::ast;
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use super::{DEPTH, Key, Node, Value};

/// A whole text.
pub(super) fn parse(text: &str) -> Result<Node, (usize, String)> {
    let strict = ParseOptions {
        allow_comments: false,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    let lines = Lines(text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i).collect());
    let result = parse_to_ast(text, &CollectOptions::default(), &strict)
        .map_err(|e| (e.line_display(), format!("not JSON as AWS takes it: {}", e.kind())))?;
    let value = result.value.ok_or((1, "the file is empty".to_owned()))?;
    lines.node(&value, 0)
}

/// Where lines end.
struct Lines(Vec<usize>);

impl Lines {
    fn of(&self, byte: usize) -> usize {
        self.0.partition_point(|end| *end < byte) + 1
    }

    fn node(&self, value: &ast::Value, depth: usize) -> Result<Node, (usize, String)> {
        let line = self.of(value.range().start);
        if depth > DEPTH {
            return Err((line, "nests deeper than any file of this kind".to_owned()));
        }
        let bare = |text: &str| Value::Scalar { text: text.to_owned(), quoted: false };
        let value = match value {
            ast::Value::StringLit(s) => Value::Scalar { text: s.value.clone().into_owned(), quoted: true },
            ast::Value::NumberLit(n) => bare(n.value),
            ast::Value::BooleanLit(b) => bare(if b.value { "true" } else { "false" }),
            ast::Value::NullKeyword(_) => Value::Null,
            ast::Value::Array(a) => {
                Value::List(a.elements.iter().map(|e| self.node(e, depth + 1)).collect::<Result<_, _>>()?)
            }
            ast::Value::Object(o) => {
                let mut entries: Vec<(Key, Node)> = Vec::with_capacity(o.properties.len());
                for p in &o.properties {
                    let key = Key { name: p.name.as_str().to_owned(), line: self.of(p.range.start) };
                    if entries.iter().any(|(k, _)| k.name == key.name) {
                        return Err((key.line, format!("`{}` stands here twice", key.name)));
                    }
                    entries.push((key, self.node(&p.value, depth + 1)?));
                }
                Value::Map(entries)
            }
        };
        Ok(Node { line, value })
    }
}
