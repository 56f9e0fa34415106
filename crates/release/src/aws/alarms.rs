//! Alarms.

use serde_json::{Value, json};

use super::Client;
use super::blue_green::text;
use super::service::CLOUD_WATCH;
use crate::Result;

/// Those of some alarms that are in the state ALARM, each with its reason.
pub(super) async fn active(client: &Client, names: &[String]) -> Result<Vec<(String, String)>> {
    let input = json!({"AlarmNames": names, "StateValue": "ALARM", "AlarmTypes": ["MetricAlarm", "CompositeAlarm"]});
    let answer = client.json(CLOUD_WATCH, "DescribeAlarms", &input).await?;
    let all = ["MetricAlarms", "CompositeAlarms"].into_iter().filter_map(|kind| answer[kind].as_array()).flatten();
    let told = |a: &Value| (text(&a["AlarmName"]), text(&a["StateReason"]));
    Ok(all.filter(|a| a["StateValue"] == "ALARM").map(told).collect())
}
