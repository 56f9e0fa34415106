//! The stacks of an environment as they would be sent: template and parameters. Needs no account, and the same settings give
//! the same bytes.

use std::fmt::Write as _;

use serde_json::{Map, json};

use super::stack::{Stack, TAG, Wanted};
use super::template::Parameter;

/// A YAML document for each stack: its parameters as comments, its template as it is.
#[must_use]
pub fn text(stacks: &[Stack]) -> String {
    let mut out = String::new();
    for stack in stacks {
        let _ = writeln!(out, "---\n# stack `{}` of `{}`, with", stack.name, stack.part.file());
        let rows: Vec<_> = stack.template.parameters().iter().map(|p| row(stack, p)).collect();
        let width = |n: fn(&(String, String, &'static str)) -> usize| rows.iter().map(n).max().unwrap_or(0);
        let (names, values) = (width(|r| r.0.chars().count()), width(|r| r.1.chars().count().min(50)));
        for (name, value, said) in &rows {
            let _ = writeln!(out, "#   {name:names$}  {value:values$}  {said}");
        }
        let _ = writeln!(out, "#   tag {TAG} = {}", stack.environment);
        out += stack.part.text();
    }
    out
}

/// Name and value of a parameter, and who says it.
fn row(stack: &Stack, parameter: &Parameter) -> (String, String, &'static str) {
    let name = parameter.name.clone();
    let Some(value) = stack.parameters.get(&name) else {
        return (name, quoted(parameter.default.as_deref().unwrap_or("")), "the template's own");
    };
    let text = match &value.setting {
        Wanted::Setting(setting) => quoted(&setting.to_string()),
        Wanted::Image => "(the image to begin with)".to_owned(),
    };
    (name, text, value.said)
}

/// Nothing of a value ends a comment.
fn quoted(text: &str) -> String {
    if text.is_empty() {
        "\"\"".to_owned()
    } else {
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
    }
}

/// One object.
#[must_use]
pub fn json(stacks: &[Stack]) -> String {
    let each = stacks.iter().map(|stack| {
        let parameters: Map<_, _> = stack
            .parameters
            .iter()
            .map(|(name, value)| {
                let text = match &value.setting {
                    Wanted::Setting(setting) => json!(setting.to_string()),
                    Wanted::Image => json!(null),
                };
                (name.clone(), text)
            })
            .collect();
        json!({
            "stack": stack.name,
            "part": stack.part.name(),
            "parameters": parameters,
            "tags": {TAG: stack.environment},
            "template": stack.part.text(),
        })
    });
    format!("{:#}\n", json!({"version": 1, "stacks": each.collect::<Vec<_>>()}))
}
