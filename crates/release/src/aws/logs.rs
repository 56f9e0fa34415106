//! Logs that awslogs has written.
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specify-log-config.html>

use serde_json::{Value, json};

use super::Client;
use super::blue_green::text;
use super::service::LOGS;
use crate::{Error, Result};

/// Lines of a container that are told.
const LINES: usize = 10;

/// Where a container writes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) group: String,
    pub(super) region: String,
    stream: String,
}

/// The place of a container of a task, when its task definition has awslogs for it.
pub(super) fn place(definition: &Value, container: &str, task: &str) -> Option<Place> {
    let all = definition["containerDefinitions"].as_array()?;
    let config = &all.iter().find(|c| c["name"] == container)?["logConfiguration"];
    let option = |name: &str| config["options"][name].as_str();
    if config["logDriver"] != "awslogs" {
        return None;
    }
    Some(Place {
        group: option("awslogs-group")?.to_owned(),
        region: option("awslogs-region").unwrap_or_default().to_owned(),
        stream: format!("{}/{container}/{task}", option("awslogs-stream-prefix")?),
    })
}

/// The last lines there; none when nothing was ever written.
pub(super) async fn last(client: &Client, place: &Place) -> Result<Vec<String>> {
    let input = json!({
        "logGroupName": place.group, "logStreamName": place.stream, "limit": LINES, "startFromHead": false,
    });
    match client.json(LOGS, "GetLogEvents", &input).await {
        Ok(answer) => {
            let events = answer["events"].as_array().into_iter().flatten();
            // What a program writes at once is an event, whatever line ends are in it.
            let lines: Vec<String> =
                events.flat_map(|e| text(&e["message"]).lines().map(str::to_owned).collect::<Vec<_>>()).collect();
            Ok(lines[lines.len().saturating_sub(LINES)..].to_vec())
        }
        Err(Error::Aws(r)) if r.code == "ResourceNotFoundException" => Ok(Vec::new()),
        Err(e) => Err(e),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_prefix_container_task() {
        let with = |driver: &str| {
            let options = json!({"awslogs-group": "g", "awslogs-region": "r", "awslogs-stream-prefix": "p"});
            json!({"containerDefinitions": [{"name": "c", "logConfiguration": {"logDriver": driver, "options": options}}]})
        };
        let there = place(&with("awslogs"), "c", "t").unwrap();
        assert_eq!((there.group.as_str(), there.stream.as_str()), ("g", "p/c/t"));
        assert_eq!((place(&with("splunk"), "c", "t"), place(&with("awslogs"), "d", "t")), (None, None));
    }
}
