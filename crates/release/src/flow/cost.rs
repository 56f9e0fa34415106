//! What the overlap of old and new tasks costs.

use serde::Serialize;
use serde_json::Value;

use crate::config::Environment;

/// Prices of Fargate, in billionths of a US dollar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Prices {
    /// One vCPU for an hour.
    pub vcpu_hour: u64,
    /// One GB of memory for an hour.
    pub gb_hour: u64,
}

/// Whose the list prices are: two independent places told them alike in that month. What they are now AWS tells.
const SOURCE: &str = "list price as of 2026-03; today's: https://aws.amazon.com/fargate/pricing/";

/// List prices of Linux on demand by region and architecture; for those that are not here `[environment.NAME.prices]` says
/// them.
const LIST: &[(&str, &str, Prices)] = &[("us-east-1", "X86_64", Prices { vcpu_hour: 40_480_000, gb_hour: 4_445_000 })];

/// The extra running of tasks that a release brings.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Overlap {
    /// Tasks that run besides.
    pub tasks: u64,
    /// For how long, without the time that new tasks take to get well.
    pub minutes: u64,
    /// Hours of one vCPU that they use.
    pub vcpu_hours: f64,
    /// Hours of one GB of memory that they use.
    pub gb_hours: f64,
    /// US dollars for that, where a price is known.
    pub usd: Option<f64>,
    /// Whose price it is.
    pub price: Option<String>,
    /// Whether some of the tasks run on `FARGATE_SPOT`, which costs less.
    pub spot: bool,
}

/// A size that stands as text or as a number in a task definition.
fn size(definition: &Value, name: &str, or: u32) -> f64 {
    let told = &definition[name];
    let told = told.as_str().and_then(|t| t.parse::<u32>().ok()).or_else(|| u32::try_from(told.as_u64()?).ok());
    f64::from(told.unwrap_or(or))
}

/// The overlap of `tasks` of the task definition that serves, which run on for `minutes` beside the new ones.
#[must_use]
#[allow(clippy::cast_precision_loss)] // hours and cents
pub fn overlap(environment: &Environment, serves: &Value, tasks: u64, minutes: u64) -> Overlap {
    let task = &environment.task;
    let hours = tasks as f64 * minutes as f64 / 60.0;
    let vcpu_hours = hours * size(serves, "cpu", task.cpu) / 1024.0;
    let gb_hours = hours * size(serves, "memory", task.memory) / 1024.0;
    let listed = LIST.iter().find(|(region, kind, _)| *region == environment.region && *kind == task.architecture);
    let known = environment.prices.map(|p| (p, "release.toml")).or(listed.map(|(.., p)| (*p, SOURCE)));
    let usd = |p: Prices| (vcpu_hours * p.vcpu_hour as f64 + gb_hours * p.gb_hour as f64) / 1e9;
    Overlap {
        tasks,
        minutes,
        vcpu_hours,
        gb_hours,
        usd: known.map(|(p, _)| usd(p)),
        price: known.map(|(_, whose)| whose.to_owned()),
        spot: task.capacity.get("FARGATE_SPOT").is_some_and(|weight| *weight > 0),
    }
}

impl Overlap {
    /// How long, for people.
    #[must_use]
    pub fn text(&self) -> String {
        let Self { tasks, minutes, .. } = self;
        format!("{tasks} tasks more for {minutes} min and the time that new tasks take to get well")
    }

    /// How much, for people.
    #[must_use]
    pub fn cost(&self) -> String {
        let Self { vcpu_hours, gb_hours, .. } = self;
        let hours = format!("{vcpu_hours:.3} vCPU-hours and {gb_hours:.3} GB-hours more in these minutes");
        match (self.usd, &self.price) {
            (Some(usd), Some(whose)) => {
                let spot = if self.spot { "; less where they run on FARGATE_SPOT" } else { "" };
                format!("{hours}, {usd:.4} USD ({whose}){spot}")
            }
            _ => format!("{hours}; a price needs `prices` in release.toml"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use serde_json::json;

    fn environment(region: &str, prices: &str) -> Environment {
        let text = include_str!("../../tests/plans/first/release.toml").replace("ap-northeast-1", region) + prices;
        let config = Config::parse("release.toml".as_ref(), &text, &|_| None).unwrap_or_else(|e| panic!("{e}"));
        config.environments["production"].clone()
    }

    #[test]
    fn hours_and_prices() {
        let serves = json!({"cpu": "512", "memory": "2048"});
        let here = overlap(&environment("us-east-1", ""), &serves, 4, 90);
        // Four tasks for an hour and a half: six task-hours of half a vCPU and two GB.
        assert!((here.vcpu_hours - 3.0).abs() < 1e-9 && (here.gb_hours - 12.0).abs() < 1e-9, "{here:?}");
        assert!((here.usd.unwrap_or(0.0) - (3.0 * 0.04048 + 12.0 * 0.004_445)).abs() < 1e-9, "{here:?}");
        assert!(here.cost().contains("0.1748 USD (list price as of 2026-03"), "{}", here.cost());
        // What is not known is not guessed, and what release.toml says counts before the list.
        let there = overlap(&environment("eu-west-1", ""), &serves, 4, 90);
        assert_eq!((there.usd, there.price), (None, None));
        let own = "\n[environment.production.prices]\nvcpu-hour = 0.05\ngb-hour = 0.006\n";
        for region in ["us-east-1", "eu-west-1"] {
            let own = overlap(&environment(region, own), &serves, 4, 90);
            assert!(own.cost().contains(", 0.2220 USD (release.toml); less where"), "{}", own.cost());
        }
        // A definition without sizes of its own has those that are meant.
        let meant = overlap(&environment("us-east-1", ""), &json!({"cpu": []}), 1, 60);
        assert!((meant.vcpu_hours - 0.25).abs() < 1e-9 && (meant.gb_hours - 0.5).abs() < 1e-9, "{meant:?}");
    }
}
