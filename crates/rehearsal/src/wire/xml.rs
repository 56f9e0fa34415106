//! Values as XML: a member is an element, an item of a list is `member`.

use serde_json::Value;

/// Text that stands for itself between tags.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\r' => out.push_str("&#xD;"),
            // XML 1.0 has no way to write the other controls.
            c if c < ' ' && c != '\n' && c != '\t' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// What stands between the tags of a value.
pub(crate) fn content(value: &Value) -> String {
    inner(value, "member")
}

/// The same with another name for what is in lists.
pub(crate) fn inner(value: &Value, item: &str) -> String {
    let element = |name: &str, value: &Value| format!("<{name}>{}</{name}>", inner(value, item));
    match value {
        Value::Null => String::new(),
        Value::Bool(b) => b.to_string(),
        Value::Number(n) => n.to_string(),
        Value::String(s) => escape(s),
        Value::Array(items) => items.iter().map(|i| element(item, i)).collect(),
        // A map of the query protocol: <https://smithy.io/2.0/aws/protocols/aws-query-protocol.html>
        Value::Object(map) if map.len() == 1 && map.get("entry").is_some_and(Value::is_array) => {
            map["entry"].as_array().into_iter().flatten().map(|entry| element("entry", entry)).collect()
        }
        Value::Object(map) => map.iter().filter(|(_, v)| !v.is_null()).map(|(k, v)| element(k, v)).collect(),
    }
}

/// A value with its tags.
pub(crate) fn element(name: &str, value: &Value) -> String {
    format!("<{name}>{}</{name}>", content(value))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_elements() {
        let value = json!({"A": ["x<y", 1], "B": {"C": true}, "N": null});
        assert_eq!(content(&value), "<A><member>x&lt;y</member><member>1</member></A><B><C>true</C></B>");
    }
}
