//! What a release would do, without doing it.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::begin;
use super::cost::{self, Overlap};
use super::engine::{Engine, Serving, Traffic};
use super::event;
use super::plain::plain;
use crate::Result;
use crate::bundle::{self, Image};
use crate::config::Environment;

/// What would happen.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// The environment.
    pub environment: String,
    /// Account and region.
    pub account: String,
    /// Who would do it.
    pub by: String,
    /// The image by digest.
    pub image: String,
    /// SHA-256 of the archive.
    pub archive: String,
    /// Its size in bytes.
    pub size: usize,
    /// Whether it goes to a key of its own, which no rule waits for.
    pub own_key: bool,
    /// The pipeline, if one does it.
    pub pipeline: Option<String>,
    /// How traffic would move.
    pub traffic: Traffic,
    /// How long old and new tasks run side by side, and what that costs; none where the old ones are not ended.
    pub overlap: Option<Overlap>,
    /// What of the task definition would be another than the one that serves.
    pub changes: Vec<String>,
    /// Who serves now.
    pub serving: Vec<Serving>,
    /// The deployment that stands in the way.
    pub busy: Option<String>,
}

/// Looks at everything that a release would look at.
///
/// # Errors
/// When a release could not begin, except for another one that is under way.
pub async fn plan(engine: &impl Engine, name: &str, environment: &Environment, digest: &str) -> Result<Plan> {
    let caller = begin::account(engine, environment).await?;
    engine.fits().await?;
    let image = engine.image(digest).await?;
    let bytes = bundle::archive(&bundle::files(environment))?;
    let serving = engine.serving().await?;
    let new = bundle::task_definition(environment, &Image::Exact(image.clone()));
    let (mut changes, mut old) = (Vec::new(), Value::Null);
    let primary = serving.iter().find(|s| s.status == "PRIMARY");
    if let Some(primary) = primary {
        old = engine.definition(&primary.task_definition).await?;
        differences("", &old, &new, &mut changes);
    }
    let traffic = engine.traffic().await?;
    let running = primary.map_or(0, |s| s.running);
    let overlap = traffic.minutes().map(|minutes| cost::overlap(environment, &old, running, minutes));
    let place = engine.place("releases").await?;
    Ok(Plan {
        environment: name.to_owned(),
        account: format!("{}, {}", environment.account, environment.region),
        by: caller.arn,
        image: image.uri(),
        archive: Sha256::digest(&bytes).iter().fold(String::new(), |out, b| format!("{out}{b:02x}")),
        size: bytes.len(),
        own_key: place != environment.key,
        pipeline: environment.pipeline.as_ref().map(ToString::to_string),
        traffic,
        overlap,
        changes,
        serving,
        busy: engine.busy().await?,
    })
}

/// What ECS says of a task definition besides what it was registered with.
const ECS_ADDS: [&str; 9] = [
    "taskDefinitionArn",
    "revision",
    "status",
    "requiresAttributes",
    "compatibilities",
    "registeredAt",
    "registeredBy",
    "deregisteredAt",
    "deleteRequestedAt",
];

fn nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(a) => a.is_empty(),
        Value::Object(o) => o.is_empty(),
        Value::String(s) => s.is_empty(),
        Value::Number(n) => n.as_f64() == Some(0.0),
        Value::Bool(_) => false,
    }
}

/// Differences by the path of what differs; what is absent and what is empty is the same. Values of environment variables
/// are not told: some have secrets there.
fn differences(path: &str, old: &Value, new: &Value, out: &mut Vec<String>) {
    if old == new || nothing(old) && nothing(new) {
        return;
    }
    if let (Value::Object(o), Value::Object(n)) = (old, new) {
        let mut keys: Vec<&String> = o.keys().chain(n.keys()).collect();
        keys.sort();
        keys.dedup();
        for key in keys.into_iter().filter(|k| !path.is_empty() || !ECS_ADDS.contains(&k.as_str())) {
            if key == "hostPort" && !n.contains_key(key) && o.get(key) == o.get("containerPort") {
                continue; // ECS adds it under awsvpc
            }
            let below = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            differences(&below, o.get(key).unwrap_or(&Value::Null), n.get(key).unwrap_or(&Value::Null), out);
        }
        return;
    }
    let empty = Vec::new();
    let elements = |v: &Value| v.as_array().unwrap_or(&empty).clone();
    if old.is_array() || new.is_array() {
        let (o, n) = (elements(old), elements(new));
        let name = |v: &Value| v["name"].as_str().map(str::to_owned);
        if o.iter().chain(&n).all(|v| name(v).is_some()) {
            let mut names: Vec<String> = o.iter().chain(&n).filter_map(name).collect();
            names.sort();
            names.dedup();
            for one in names {
                let of = |all: &[Value]| all.iter().find(|v| v["name"] == *one).cloned().unwrap_or_default();
                differences(&format!("{path}[{one}]"), &of(&o), &of(&n), out);
            }
            return;
        }
        for at in 0..o.len().max(n.len()) {
            let of = |all: &[Value]| all.get(at).cloned().unwrap_or_default();
            differences(&format!("{path}[{at}]"), &of(&o), &of(&n), out);
        }
        return;
    }
    let hidden = path.contains(".environment[") || path.contains(".secrets[");
    let shown = |v: &Value| if hidden { "(not shown)".to_owned() } else { v.to_string() };
    out.push(match (nothing(old), nothing(new)) {
        (true, _) => format!("+ {path}: {}", shown(new)),
        (_, true) => format!("- {path}: {}", shown(old)),
        _ => format!("~ {path}: {} -> {}", shown(old), shown(new)),
    });
}

impl Plan {
    /// For people.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::new();
        let mut line = |name: &str, text: &str| {
            let _ = writeln!(out, "{name:12} {}", plain(text));
        };
        line("release", &format!("{} to {} (account {})", self.image, self.environment, self.account));
        line("by", &self.by);
        let place =
            if self.own_key { "a key of its own" } else { "the pipeline's own key: a rule may start a second run" };
        line("archive", &format!("sha256:{}, {} bytes, under {place}", self.archive, self.size));
        let way = self.pipeline.as_ref().map_or("CodeDeploy straight".to_owned(), |p| format!("the pipeline {p}"));
        line("through", &way);
        for set in &self.serving {
            line("serves now", &event::serving(set));
        }
        line("traffic", &self.traffic.text());
        if let Some(overlap) = &self.overlap {
            line("overlap", &overlap.text());
            line("cost", &overlap.cost());
        }
        line(
            "task",
            if self.changes.is_empty() { "as the one that serves" } else { "differs from the one that serves:" },
        );
        for change in &self.changes {
            line("", change);
        }
        match &self.busy {
            Some(id) => line("not now", &format!("the deployment {id} is under way")),
            None => line("now", "no deployment is under way"),
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_ecs_adds_is_no_difference_and_values_of_variables_are_not_told() {
        let old = json!({
            "taskDefinitionArn": "x", "revision": 3, "cpu": "256", "volumes": [], "pidMode": "task",
            "containerDefinitions": [{"name": "a", "image": "r@sha256:1", "cpu": 0, "environment": [{"name": "K", "value": "old secret"}]}],
        });
        let new = json!({
            "cpu": "512",
            "containerDefinitions": [{"name": "a", "image": "r@sha256:2", "environment": [{"name": "K", "value": "new secret"}]}],
        });
        let mut out = Vec::new();
        differences("", &old, &new, &mut out);
        assert_eq!(
            out,
            [
                "~ containerDefinitions[a].environment[K].value: (not shown) -> (not shown)",
                "~ containerDefinitions[a].image: \"r@sha256:1\" -> \"r@sha256:2\"",
                "~ cpu: \"256\" -> \"512\"",
                "- pidMode: \"task\"",
            ]
        );
    }

    #[test]
    fn traffic_in_time() {
        let of = |steps: &[(u64, f64)], wait| Traffic { config: "C".into(), steps: steps.to_vec(), wait, said: None };
        assert_eq!(
            of(&[(0, 10.0), (5, 100.0)], Some(60)).text(),
            "10 % at once, 100 % after 5 min, old tasks end after 65 min (C)"
        );
        let linear: Vec<(u64, f64)> =
            (0..10).map(|n| (n * 3, 10.0 * f64::from(u32::try_from(n).unwrap() + 1))).collect();
        assert_eq!(
            of(&linear, Some(5)).text(),
            "10 % at once, 10 % more every 3 min, 100 % after 27 min, old tasks end after 32 min (C)"
        );
        assert_eq!(of(&[(0, 100.0)], None).text(), "100 % at once, old tasks stay (C)");
        assert_eq!(of(&[], Some(5)).text(), "as C says");
    }
}
