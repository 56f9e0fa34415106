//! The one door to the YAML parser.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};

use super::{DEPTH, Key, NODES, Node, Value};

type Failure = (usize, String);

/// A list or map that is not at its end yet.
struct Open {
    node: Node,
    tag: Option<String>,
    anchor: usize,
    /// The key that waits for its value.
    key: Option<Key>,
}

/// The first document of a text.
pub(super) fn parse(text: &str) -> Result<Node, Failure> {
    let mut open: Vec<Open> = Vec::new();
    let mut anchors: BTreeMap<usize, Node> = BTreeMap::new();
    let (mut root, mut count) = (None, 0);
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|e| (e.marker().line(), e.info().to_owned()))?;
        let line = span.start.line();
        let started = |value, tag: Option<std::borrow::Cow<Tag>>, anchor| Open {
            node: Node { line, value },
            tag: tag.and_then(|t| long_form(&t)),
            anchor,
            key: None,
        };
        let done = match event {
            Event::SequenceStart(anchor, tag) => {
                open.push(started(Value::List(Vec::new()), tag, anchor));
                None
            }
            Event::MappingStart(anchor, tag) => {
                open.push(started(Value::Map(Vec::new()), tag, anchor));
                None
            }
            Event::Scalar(text, style, anchor, tag) => Some(started(scalar(&text, style), tag, anchor)),
            Event::Alias(anchor) => {
                let node = anchors.get(&anchor).ok_or((line, "an alias within what it stands for".to_owned()))?;
                count += size(node);
                Some(Open { node: node.clone(), tag: None, anchor: 0, key: None })
            }
            Event::SequenceEnd | Event::MappingEnd => open.pop(),
            Event::DocumentEnd => break,
            _ => None,
        };
        count += 1;
        if open.len() > DEPTH || count > NODES {
            return Err((line, "nests deeper or grows larger than any file of this kind".to_owned()));
        }
        let Some(Open { mut node, tag, anchor, .. }) = done else { continue };
        if let Some(tag) = tag {
            let key = Key { name: tag, line: node.line };
            node = Node { line: node.line, value: Value::Map(vec![(key, node)]) };
        }
        if anchor > 0 {
            anchors.insert(anchor, node.clone());
        }
        match open.last_mut() {
            None => root = Some(node),
            Some(parent) => put(parent, node)?,
        }
    }
    root.ok_or((1, "the file is empty".to_owned()))
}

fn put(parent: &mut Open, node: Node) -> Result<(), Failure> {
    match (&mut parent.node.value, parent.key.take()) {
        (Value::List(items), _) => items.push(node),
        (Value::Map(entries), Some(key)) => entries.push((key, node)),
        (Value::Map(entries), None) => {
            let name = node.text().ok_or((node.line, "a key that is not a name".to_owned()))?.to_owned();
            if entries.iter().any(|(k, _)| k.name == name) {
                return Err((node.line, format!("`{name}` stands here twice")));
            }
            parent.key = Some(Key { name, line: node.line });
        }
        _ => {}
    }
    Ok(())
}

fn size(node: &Node) -> usize {
    let mut count = 0;
    node.walk(&mut |_| count += 1);
    count
}

fn scalar(text: &str, style: ScalarStyle) -> Value {
    let quoted = style != ScalarStyle::Plain;
    if !quoted && matches!(text, "" | "~" | "null") {
        return Value::Null;
    }
    Value::Scalar { text: text.to_owned(), quoted }
}

/// `!Ref` is `Ref`, `!Sub` is `Fn::Sub`; YAML's own tags say nothing here.
fn long_form(tag: &Tag) -> Option<String> {
    match (tag.handle.as_str(), tag.suffix.as_str()) {
        ("!", name @ ("Ref" | "Condition")) => Some(name.to_owned()),
        ("!", name) if !name.is_empty() => Some(format!("Fn::{name}")),
        _ => None,
    }
}
