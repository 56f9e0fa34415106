//! The one door to the YAML parser: an appspec, in YAML or JSON, as a value.

use serde_json::{Map, Value};

use saphyr_parser::{Event, Parser, ScalarStyle};

/// Deeper than any appspec.
const DEPTH: usize = 32;

/// The first document of a text. Aliases, which no appspec needs, are refused.
///
/// # Errors
/// What is wrong, with the line.
pub(crate) fn parse(text: &str) -> Result<Value, String> {
    // What is open, with the key that waits for its value.
    let mut open: Vec<(Value, Option<String>)> = Vec::new();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|e| format!("line {}: {}", e.marker().line(), e.info()))?;
        let at = |message: &str| format!("line {}: {message}", span.start.line());
        let done = match event {
            Event::SequenceStart(..) => {
                open.push((Value::Array(Vec::new()), None));
                None
            }
            Event::MappingStart(..) => {
                open.push((Value::Object(Map::new()), None));
                None
            }
            Event::Scalar(text, style, ..) => Some(scalar(&text, style)),
            Event::Alias(_) => return Err(at("an alias")),
            Event::SequenceEnd | Event::MappingEnd => open.pop().map(|(value, _)| value),
            Event::DocumentEnd => break,
            _ => None,
        };
        if open.len() > DEPTH {
            return Err(at("nests too deep"));
        }
        let Some(value) = done else { continue };
        match open.last_mut() {
            None => return Ok(value),
            Some((Value::Array(items), _)) => items.push(value),
            Some((Value::Object(map), key)) => match key.take() {
                Some(name) => {
                    map.insert(name, value);
                }
                None => *key = Some(name(&value).ok_or_else(|| at("a key that is no name"))?),
            },
            Some(_) => {}
        }
    }
    Err("the file is empty".to_owned())
}

fn name(value: &Value) -> Option<String> {
    match value {
        Value::String(s) => Some(s.clone()),
        Value::Number(n) => Some(n.to_string()),
        Value::Bool(b) => Some(b.to_string()),
        _ => None,
    }
}

/// By YAML's core schema.
fn scalar(text: &str, style: ScalarStyle) -> Value {
    if style != ScalarStyle::Plain {
        return Value::from(text);
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ => match (text.parse::<i64>(), text.parse::<f64>()) {
            (Ok(n), _) => Value::from(n),
            (_, Ok(n)) if text.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '.') => Value::from(n),
            _ => Value::from(text),
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::parse;

    #[test]
    fn yaml_and_json_are_values() {
        let yaml = "version: 0.0\nResources:\n  - TargetService: {Type: AWS::ECS::Service, Port: 80, Name: \"80\"}\nHooks: []\n";
        let want = json!({
            "version": 0.0, "Resources": [{"TargetService": {"Type": "AWS::ECS::Service", "Port": 80, "Name": "80"}}],
            "Hooks": [],
        });
        assert_eq!(parse(yaml), Ok(want.clone()));
        assert_eq!(parse(&want.to_string()), Ok(want));
        for broken in ["", "a: [", "a: &x 1\nb: *x", "{[]: 1}", &"[".repeat(100)] {
            assert!(parse(broken).is_err(), "{broken}");
        }
    }
}
