//! Where a listener sends its traffic.

use std::collections::BTreeMap;

use serde_json::json;

use super::service::BALANCING;
use super::{Client, xml};
use crate::Result;
use crate::flow::seen::Health;

/// Hundredths of a listener's traffic by ARN of target group.
pub(super) async fn shares(client: &Client, listener: &str) -> Result<BTreeMap<String, f64>> {
    let answer = client.ask(BALANCING, "DescribeListeners", &json!({"ListenerArns": [listener]})).await?;
    Ok(of(&answer.body))
}

/// The ARN of a target group by its name.
pub(super) async fn group(client: &Client, name: &str) -> Result<Option<String>> {
    let answer = client.ask(BALANCING, "DescribeTargetGroups", &json!({"Names": [name]})).await?;
    let rows = xml::rows(&answer.body, "member", &["TargetGroupArn"]);
    Ok(rows.into_iter().find_map(|mut r| r.remove("TargetGroupArn")))
}

/// How the targets of a target group are.
pub(super) async fn health(client: &Client, group: &str) -> Result<Health> {
    let answer = client.ask(BALANCING, "DescribeTargetHealth", &json!({"TargetGroupArn": group})).await?;
    Ok(states(&answer.body))
}

fn states(xml: &[u8]) -> Health {
    let mut out = Health::default();
    let mut others: BTreeMap<String, u64> = BTreeMap::new();
    for row in xml::rows(xml, "TargetHealth", &["State", "Description"]) {
        // What is on its way out of the group belongs to the past.
        match row.get("State").map_or("", String::as_str) {
            "draining" => continue,
            "healthy" => out.healthy += 1,
            state => {
                let why = row.get("Description").map_or(String::new(), |d| format!(" ({d})"));
                *others.entry(format!("{state}{why}")).or_default() += 1;
            }
        }
        out.of += 1;
    }
    out.others = others.into_iter().map(|(state, n)| format!("{n} {state}")).collect();
    out
}

fn of(xml: &[u8]) -> BTreeMap<String, f64> {
    let rows = xml::rows(xml, "member", &["TargetGroupArn", "Weight"]);
    let weighted: Vec<(String, f64)> =
        rows.iter().filter_map(|r| Some((r.get("TargetGroupArn")?.clone(), r.get("Weight")?.parse().ok()?))).collect();
    let sum: f64 = weighted.iter().map(|(_, w)| w).sum();
    if sum > 0.0 {
        return weighted.into_iter().map(|(arn, w)| (arn, w / sum * 100.0)).collect();
    }
    // An action that names one target group and no weights.
    rows.iter().filter_map(|r| Some((r.get("TargetGroupArn")?.clone(), 100.0))).take(1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_and_one_alone() {
        let two = "<R><DefaultActions><member><Type>forward</Type><ForwardConfig><TargetGroups><member><TargetGroupArn>a</TargetGroupArn>\
            <Weight>1</Weight></member><member><TargetGroupArn>b</TargetGroupArn><Weight>3</Weight></member></TargetGroups></ForwardConfig>\
            </member></DefaultActions></R>";
        assert_eq!(of(two.as_bytes()), BTreeMap::from([("a".into(), 25.0), ("b".into(), 75.0)]));
        let one = "<R><DefaultActions><member><TargetGroupArn>a</TargetGroupArn></member></DefaultActions></R>";
        assert_eq!(of(one.as_bytes()), BTreeMap::from([("a".into(), 100.0)]));
    }
}
