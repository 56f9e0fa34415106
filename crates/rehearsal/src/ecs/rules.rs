//! What ECS refuses of a task definition.

use serde_json::Value;

use crate::refusal::{Answer, refuse};

/// A task definition that ECS takes.
pub(crate) struct TaskDefinitionInput {
    pub(crate) family: String,
    pub(crate) body: Value,
}

impl TaskDefinitionInput {
    /// Checks the input of `RegisterTaskDefinition`. What ECS fills in is filled in.
    pub(crate) fn new(input: &Value) -> Answer<Self> {
        let family = input["family"].as_str().unwrap_or("");
        let good = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if family.is_empty() || family.len() > 255 || !family.chars().all(good) {
            return Err(refuse("ClientException", "Family contains invalid characters."));
        }
        let containers = input["containerDefinitions"].as_array().map_or(&[][..], Vec::as_slice);
        if containers.is_empty() {
            return Err(refuse("ClientException", "Container definitions list cannot be empty."));
        }
        let fargate = input["requiresCompatibilities"].as_array().is_some_and(|all| all.iter().any(|c| c == "FARGATE"));
        for container in containers {
            let name = container["name"].as_str().unwrap_or("");
            if name.is_empty() {
                return Err(refuse("ClientException", "Container.name should not be null or empty."));
            }
            if container["image"].as_str().is_none_or(str::is_empty) {
                return Err(refuse("ClientException", "Container.image should not be null or empty."));
            }
            if containers.iter().filter(|c| c["name"] == name).count() > 1 {
                return Err(refuse("ClientException", "Container names must be unique."));
            }
        }
        if fargate {
            fargate_size(input)?;
        }
        Ok(Self { family: family.to_owned(), body: filled(input, fargate) })
    }
}

/// The pairs of <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html>.
fn fargate_size(input: &Value) -> Answer<()> {
    if input["networkMode"] != "awsvpc" {
        let text = "Fargate only supports network mode ‘awsvpc’.";
        return Err(refuse("ClientException", text));
    }
    let number = |name: &str| input[name].as_str().and_then(|t| t.trim().parse::<u32>().ok()).unwrap_or(0);
    let (cpu, memory) = (number("cpu"), number("memory"));
    let gib = 1024;
    let fits = match cpu {
        256 => [512, gib, 2 * gib].contains(&memory),
        512 => memory % gib == 0 && (gib..=4 * gib).contains(&memory),
        1024 => memory % gib == 0 && (2 * gib..=8 * gib).contains(&memory),
        2048 => memory % gib == 0 && (4 * gib..=16 * gib).contains(&memory),
        4096 => memory % gib == 0 && (8 * gib..=30 * gib).contains(&memory),
        8192 => memory % (4 * gib) == 0 && (16 * gib..=60 * gib).contains(&memory),
        16384 => memory % (8 * gib) == 0 && (32 * gib..=120 * gib).contains(&memory),
        _ => false,
    };
    if fits {
        return Ok(());
    }
    let text = format!(
        "No Fargate configuration exists for given values: {cpu} CPU, {memory} memory. See the Amazon ECS documentation for \
         the valid values."
    );
    Err(refuse("ClientException", text))
}

/// Lists that ECS tells even when they are empty, and host ports, which are the container's with `awsvpc`.
fn filled(input: &Value, fargate: bool) -> Value {
    let mut body = input.clone();
    if let Value::Object(map) = &mut body {
        map.remove("tags");
        map.entry("volumes").or_insert_with(|| Value::Array(Vec::new()));
        map.entry("placementConstraints").or_insert_with(|| Value::Array(Vec::new()));
    }
    let containers = body.get_mut("containerDefinitions").and_then(Value::as_array_mut);
    for container in containers.into_iter().flatten() {
        let ports = container.get_mut("portMappings").and_then(Value::as_array_mut);
        for port in ports.into_iter().flatten().filter(|_| fargate) {
            if port["hostPort"].is_null() && port.is_object() {
                port["hostPort"] = port["containerPort"].clone();
            }
            if port["protocol"].is_null() && port.is_object() {
                port["protocol"] = Value::from("tcp");
            }
        }
    }
    body
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn with(cpu: &str, memory: &str) -> Answer<TaskDefinitionInput> {
        TaskDefinitionInput::new(&json!({
            "family": "a", "cpu": cpu, "memory": memory, "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"],
            "containerDefinitions": [{"name": "a", "image": "i", "portMappings": [{"containerPort": 80}]}],
        }))
    }

    #[test]
    fn fargate_has_certain_sizes() {
        let good = with("256", "512").unwrap_or_else(|r| panic!("{r:?}"));
        assert_eq!(good.body["containerDefinitions"][0]["portMappings"][0]["hostPort"], 80);
        assert_eq!(good.body["volumes"], json!([]));
        for (cpu, memory) in [("256", "3072"), ("300", "512"), ("1024", "1024"), ("x", ""), ("8192", "17408")] {
            let refusal = with(cpu, memory).err().unwrap_or_else(|| panic!("{cpu} {memory} is taken"));
            assert!(refusal.message.starts_with("No Fargate configuration exists"), "{refusal:?}");
        }
    }
}
