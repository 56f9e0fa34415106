//! `infrastructure` of an environment in `release.toml`: names of stacks, and the parameters that nothing else says.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::{Spanned, Value};

use super::stack;
use super::template::{Part, Template};
use crate::Result;
use crate::config::Reader;
use crate::setting::Setting;

/// What the table says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Infrastructure {
    /// Name of the repository's stack, where it is not that of the service with `-repository`.
    pub repository: Option<String>,
    /// Name of the pipeline's stack, where it is not that of the service with `-pipeline`.
    pub pipeline: Option<String>,
    /// Parameters of the templates by their names; those that the environment says elsewhere are not among them.
    pub parameters: BTreeMap<String, Setting>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Table {
    repository: Option<Spanned<String>>,
    pipeline: Option<Spanned<String>>,
    #[serde(default)]
    parameters: BTreeMap<String, Spanned<Value>>,
}

impl Table {
    /// The table, checked against the parameters that the templates have.
    pub(crate) fn read(self, reader: &Reader) -> Result<Infrastructure> {
        let name = |key: &str, value: &Option<Spanned<String>>| -> Result<Option<String>> {
            value.as_ref().map(|v| reader.known(key, v, is_stack, "the name of a stack")).transpose()
        };
        let (repository, pipeline) = (name("repository", &self.repository)?, name("pipeline", &self.pipeline)?);
        let templates = Part::ALL.iter().map(|p| p.template()).collect::<Result<Vec<_>>>()?;
        let mut parameters = BTreeMap::new();
        for (key, value) in self.parameters {
            let fail = |message: &str| reader.error(Some(value.span().start), message);
            let text = plain(value.get_ref())
                .ok_or_else(|| fail(&format!("`{key}`: expected text, a number, or a list of texts")))?;
            if let Some(said) = stack::said_elsewhere(&key) {
                return Err(fail(&format!("`{key}` comes from {said}: it is not said twice")));
            }
            let of: Vec<_> = templates.iter().filter_map(|t| t.parameter(&key)).collect();
            if of.is_empty() {
                let names = free(&templates).join("`, `");
                return Err(fail(&format!("no template has a parameter `{key}`; there are `{names}`")));
            }
            let setting = reader.setting(&key, &Spanned::new(value.span(), text))?;
            if let Setting::Known(known) = &setting {
                for parameter in of {
                    parameter.takes(known).map_err(|e| fail(&format!("`{key} = {known}`: {e}")))?;
                }
            }
            parameters.insert(key, setting);
        }
        Ok(Infrastructure { repository, pipeline, parameters })
    }
}

/// The parameters that may stand in the table.
fn free(templates: &[Template]) -> Vec<&str> {
    let names = templates.iter().flat_map(Template::parameters).map(|p| p.name.as_str());
    let mut names: Vec<&str> = names.filter(|n| stack::said_elsewhere(n).is_none()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// As a parameter is handed over: lists are joined by commas.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(s) => Some(s.clone()),
        Value::Integer(n) => Some(n.to_string()),
        Value::Float(n) => Some(n.to_string()),
        Value::Array(all) => {
            let each: Option<Vec<&str>> = all.iter().map(Value::as_str).collect();
            each.map(|e| e.join(","))
        }
        _ => None,
    }
}

/// Whether a stack can have this name.
fn is_stack(text: &str) -> bool {
    text.len() <= 128
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}
