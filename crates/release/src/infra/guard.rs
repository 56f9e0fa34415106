//! Whether an update of the stacks may run now: releases and stacks share listeners and service, and neither knows of the other.

use std::collections::BTreeMap;

use super::seen::{Change, Resource};
use super::template::Template;
use crate::doc::Node;

/// How things stand in the account, as far as it could be seen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Standing {
    /// The deployment that is under way.
    pub deployment: Option<String>,
    /// Hundredths of a listener's traffic by ARN of target group; by the listener's logical name.
    pub listeners: BTreeMap<String, BTreeMap<String, f64>>,
    /// Target group of the primary task set.
    pub primary: Option<String>,
    /// What could not be looked at, and why.
    pub unseen: Vec<String>,
}

const LISTENER: &str = "AWS::ElasticLoadBalancingV2::Listener";
const SERVICE: &str = "AWS::ECS::Service";

/// What ECS refuses to change of a service that `CodeDeploy` releases; `CloudFormation` sends all of it together.
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html>
const FROZEN: [&str; 6] = [
    "CapacityProviderStrategy",
    "LaunchType",
    "LoadBalancers",
    "NetworkConfiguration",
    "PlatformVersion",
    "TaskDefinition",
];

/// Why the changes of a stack must not be made now, and what else is to be known.
#[must_use]
pub fn look(
    standing: &Standing,
    changes: &[Change],
    template: &Template,
    resources: &[Resource],
) -> (Vec<String>, Vec<String>) {
    let (mut refused, mut notes) = (Vec::new(), Vec::new());
    if changes.is_empty() {
        return (refused, notes);
    }
    if let Some(id) = &standing.deployment {
        refused.push(format!(
            "the deployment {id} is under way: `release watch` follows it, `release finish-now` ends its last wait; then \
             again"
        ));
    }
    let physical = |name: &str| resources.iter().find(|r| r.name == name).map(|r| r.physical.as_str());
    let short = |arn: &str| arn.rsplit(":targetgroup/").next().unwrap_or(arn).to_owned();
    for change in changes.iter().filter(|c| c.kind == LISTENER && c.action != "Add") {
        let meant = forwards(template, &change.name).and_then(physical);
        let live = standing.listeners.get(&change.name);
        if let (Some(meant), Some(live)) = (meant, live)
            && !live.is_empty()
            && live.get(meant).is_none_or(|share| *share < 100.0)
        {
            let serves: Vec<String> =
                live.iter().map(|(arn, share)| format!("{share} % to `{}`", short(arn))).collect();
            refused.push(format!(
                "`{}` sends {} since a release moved it, and this change would send all to `{}`, where nothing serves: \
                 release the same image once more, so that it is that one's turn (`release deploy`), then again",
                change.name,
                serves.join(", "),
                short(meant)
            ));
        }
    }
    let forwarding: Vec<_> = standing.listeners.values().filter(|l| !l.is_empty()).collect();
    if let Some(primary) = standing.primary.as_ref().filter(|_| !forwarding.is_empty())
        && forwarding.iter().all(|live| live.get(primary).is_none_or(|share| *share <= 0.0))
    {
        refused.push(format!(
            "the tasks that serve are behind `{}`, and no listener sends anything there: no release can run like that \
             (`Primary taskset target group must be behind listener`): have the listeners forward there first",
            short(primary)
        ));
    }
    for change in changes.iter().filter(|c| c.kind == SERVICE && c.action == "Modify") {
        if change.replacement.as_deref() == Some("True") {
            continue;
        }
        let of: Vec<&str> = change.details.iter().filter_map(|d| d.property.as_deref()).collect();
        let frozen: Vec<&str> = FROZEN.into_iter().filter(|f| of.contains(f)).collect();
        if frozen.is_empty() {
            notes.push(format!(
                "`{}` is changed with all of its properties at once, and ECS may refuse that for a service that CodeDeploy \
                 releases; then everything is taken back",
                change.name
            ));
        } else {
            refused.push(format!(
                "`{}`: ECS refuses another `{}` of a service that CodeDeploy releases: a release brings one, by task \
                 definition and appspec; the stack keeps what it began with",
                change.name,
                frozen.join("`, `")
            ));
        }
    }
    notes.extend(standing.unseen.iter().map(|u| format!("not looked at: {u}")));
    (refused, notes)
}

/// The target group that a listener of a template forwards to, by its logical name.
fn forwards<'a>(template: &'a Template, listener: &str) -> Option<&'a str> {
    let actions = template.resource(listener)?.properties?.get("DefaultActions")?;
    let to = actions.items().iter().find_map(|a| a.get("TargetGroupArn"))?;
    to.get("Ref").and_then(Node::text)
}
