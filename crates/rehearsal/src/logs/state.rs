//! Streams and their lines.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::clock::Time;

/// Lines by group and stream, each at its time, which may be to come.
#[derive(Clone, Debug, Default)]
pub(crate) struct Logs(BTreeMap<(String, String), Vec<(Time, String)>>);

impl Logs {
    pub(crate) fn write(&mut self, place: (String, String), at: Time, line: &str) {
        self.0.entry(place).or_default().push((at, line.to_owned()));
    }

    /// The lines of a stream until now; nothing where none was written yet.
    pub(super) fn read(&self, group: &str, stream: &str, now: Time) -> Option<Vec<&(Time, String)>> {
        let all = self.0.get(&(group.to_owned(), stream.to_owned()))?;
        let lines: Vec<_> = all.iter().filter(|(at, _)| *at <= now).collect();
        (!lines.is_empty()).then_some(lines)
    }
}

/// Group and stream of each container of a task that writes by awslogs.
pub(crate) fn streams(definition: &Value, task: &str) -> Vec<(String, String)> {
    let containers = definition["containerDefinitions"].as_array().into_iter().flatten();
    let place = |c: &Value| {
        let config = &c["logConfiguration"];
        let option = |name: &str| config["options"][name].as_str();
        let stream = format!("{}/{}/{task}", option("awslogs-stream-prefix")?, c["name"].as_str()?);
        (config["logDriver"] == "awslogs").then_some((option("awslogs-group")?.to_owned(), stream))
    };
    containers.filter_map(place).collect()
}
