//! What an appspec says.
//! <https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure.html>

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::yaml;

/// An appspec for a service on ECS.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct AppSpec {
    pub(crate) task_definition: String,
    pub(crate) container: String,
    pub(crate) port: u64,
    /// What else the task set gets, in the names of ECS.
    pub(crate) settings: Value,
    /// Lambda functions by lifecycle event.
    pub(crate) hooks: BTreeMap<String, String>,
}

/// Names are taken whatever their case.
fn get<'a>(value: &'a Value, name: &str) -> &'a Value {
    let found = value.as_object().and_then(|map| map.iter().find(|(k, _)| k.eq_ignore_ascii_case(name)));
    found.map_or(&Value::Null, |(_, v)| v)
}

/// The same with names as the API of ECS has them: they begin small.
fn small(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let lower = |k: &String| k.chars().take(1).flat_map(char::to_lowercase).chain(k.chars().skip(1)).collect();
            Value::Object(map.iter().map(|(k, v)| (lower(k), small(v))).collect::<Map<_, _>>())
        }
        Value::Array(items) => items.iter().map(small).collect(),
        other => other.clone(),
    }
}

impl AppSpec {
    /// Reads one.
    ///
    /// # Errors
    /// What it lacks, in words.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let root = yaml::parse(text)?;
        let resources = get(&root, "Resources").as_array().map_or(&[][..], Vec::as_slice);
        let [resource] = resources else { return Err("`Resources` has one entry".to_owned()) };
        let service = resource.as_object().and_then(|m| m.values().next()).unwrap_or(&Value::Null);
        if get(service, "Type") != "AWS::ECS::Service" {
            return Err("`Type` is `AWS::ECS::Service`".to_owned());
        }
        let properties = get(service, "Properties");
        let balancer = get(properties, "LoadBalancerInfo");
        let word = |of: &Value, name: &str| {
            let found = get(of, name).as_str().map(str::to_owned).filter(|w| !w.is_empty());
            found.ok_or_else(|| format!("`{name}` is missing"))
        };
        let mut settings = json!({});
        for name in ["PlatformVersion", "NetworkConfiguration", "CapacityProviderStrategy"] {
            let value = get(properties, name);
            if !value.is_null() {
                let key = name[..1].to_lowercase() + &name[1..];
                settings[key] = small(value);
            }
        }
        let mut hooks = BTreeMap::new();
        for (event, function) in
            get(&root, "Hooks").as_array().into_iter().flatten().filter_map(Value::as_object).flatten()
        {
            let function = function.as_str().ok_or_else(|| format!("the hook of `{event}` is no function"))?;
            hooks.insert(event.clone(), function.to_owned());
        }
        let port = get(balancer, "ContainerPort").as_u64().ok_or("`ContainerPort` is a number")?;
        Ok(Self {
            task_definition: word(properties, "TaskDefinition")?,
            container: word(balancer, "ContainerName")?,
            port,
            settings,
            hooks,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_in_any_case() {
        let text = r#"{"version": 1, "resources": [{"targetService": {"type": "AWS::ECS::Service", "properties": {
            "taskDefinition": "td:1", "loadBalancerInfo": {"containerName": "c", "containerPort": 80},
            "capacityProviderStrategy": [{"CapacityProvider": "FARGATE", "Weight": 1}]}}}],
            "hooks": [{"AfterInstall": "f"}]}"#;
        let spec = AppSpec::parse(text).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!((spec.task_definition.as_str(), spec.container.as_str(), spec.port), ("td:1", "c", 80));
        assert_eq!(spec.settings, json!({"capacityProviderStrategy": [{"capacityProvider": "FARGATE", "weight": 1}]}));
        assert_eq!(spec.hooks["AfterInstall"], "f");
        let quoted = text.replace("80", "\"80\"");
        assert_eq!(AppSpec::parse(&quoted), Err("`ContainerPort` is a number".to_owned()));
    }
}
