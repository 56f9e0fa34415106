//! The alarms that stop a release.

use serde_json::Value;

use super::picture::{list, text};
use super::{Bad, Fault, Item, Picture, Question, Seen, none_of, skip};

const SOURCE: &str =
    "https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-groups-configure-advanced-options.html";

pub(super) const ITEMS: &[Item] = &[
    Item {
        id: "alarms_exist",
        rule: "CodeDeploy watches the alarms that the group names, and stops when one cannot be found",
        remedy: "make the alarm, or take its name out of the deployment group",
        source: SOURCE,
        look: exist,
    },
    Item {
        id: "alarms_quiet",
        rule: "a deployment is stopped as soon as an alarm of its group is in the state ALARM, so also at its beginning",
        remedy: "see to what the alarm says first; `--force` releases what mends it, once the group ignores the alarm",
        source: SOURCE,
        look: quiet,
    },
];

/// Names that the group has; without any there is nothing to look at.
fn named(p: &Picture) -> Result<Vec<&str>, Bad> {
    let settings = &p.group()?["alarmConfiguration"];
    let names: Vec<&str> = list(&settings["alarms"]).iter().map(|a| text(&a["name"])).collect();
    match settings["enabled"].as_bool() {
        Some(true) if !names.is_empty() => Ok(names),
        _ => skip("the deployment group watches no alarms: nothing but a health check stops a bad release"),
    }
}

fn alarms(p: &Picture) -> Result<Vec<&Value>, Bad> {
    let told = p.told(Question::Alarms)?;
    Ok(list(&told["MetricAlarms"]).iter().chain(list(&told["CompositeAlarms"])).collect())
}

fn exist(p: &Picture) -> Seen {
    let (names, alarms) = (named(p)?, alarms(p)?);
    let absent = names.iter().filter(|name| !alarms.iter().any(|a| a["AlarmName"] == **name));
    let what = || "the deployment group names it, and there is no such alarm in this region".to_owned();
    let faults = absent.map(|name| Fault { resource: format!("alarm {name}"), what: what(), key: None }).collect();
    none_of(faults, format!("{} are there", names.join(", ")))
}

fn quiet(p: &Picture) -> Seen {
    let (names, alarms) = (named(p)?, alarms(p)?);
    let loud = alarms.iter().filter(|a| names.iter().any(|n| a["AlarmName"] == *n) && a["StateValue"] == "ALARM");
    let fault = |a: &&Value| Fault {
        resource: format!("alarm {}", text(&a["AlarmName"])),
        what: format!("it is in the state ALARM: {}", text(&a["StateReason"])),
        key: None,
    };
    none_of(loud.map(fault).collect(), "none is in the state ALARM".to_owned())
}
