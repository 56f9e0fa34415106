//! Stacks taken away, the last one first. What holds data is named, and goes only when its name is said.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde::Serialize;

use super::apply::{Outcome, failed};
use super::event::{Event, Tell};
use super::follow::Follow;
use super::kinds;
use super::prepare::{Ask, not_ours};
use super::seen;
use super::stack::{Stack, TAG};
use super::state;
use super::template::Template;
use crate::Result;
use crate::doc::Node;
use crate::verify::plain;

/// What would go.
#[derive(Clone, Debug, Serialize)]
pub struct Demolition {
    /// The stacks, in the order in which they go.
    pub stacks: Vec<Doomed>,
    /// Why nothing goes.
    pub refused: Vec<String>,
}

/// A stack that would go.
#[derive(Clone, Debug, Serialize)]
pub struct Doomed {
    /// Its name.
    pub stack: String,
    /// Its ARN.
    pub id: String,
    /// What goes with it and holds data.
    pub loses: Vec<Held>,
    /// What stays.
    pub leaves: Vec<Held>,
    /// How many resources go that a template makes again.
    pub others: usize,
    /// Load balancers whose protection is taken off first.
    pub protected: Vec<String>,
}

/// A resource that holds data.
#[derive(Clone, Debug, Serialize)]
pub struct Held {
    /// Logical name.
    pub name: String,
    /// The resource, by the name that has to be said.
    pub physical: String,
    /// Type.
    pub kind: String,
    /// What it holds.
    pub holds: String,
}

/// Looks at what would go, the last stack first.
///
/// # Errors
/// When AWS refuses.
pub async fn plan(ask: &Ask<'_>, stacks: &[Stack]) -> Result<Demolition> {
    let mut out = Demolition { stacks: Vec::new(), refused: Vec::new() };
    for stack in stacks.iter().rev() {
        let Some(live) = ask.aws.stack(&stack.name).await? else { continue };
        if live.tags.get(TAG) != Some(&stack.environment) {
            let why = not_ours(stack, &live).split(": ").next().unwrap_or_default().to_owned();
            out.refused.push(format!("`{}`: {why}: it is not for this command to delete", stack.name));
            continue;
        }
        if state::state(&live.status) == state::State::Busy {
            out.refused.push(format!("`{}` is {}: again when that has ended", stack.name, live.status));
            continue;
        }
        if live.protected {
            out.refused.push(format!(
                "`{0}` is protected: `aws cloudformation update-termination-protection --no-enable-termination-protection \
                 --stack-name {0}` says that it may go",
                stack.name
            ));
        }
        let standing = ask.aws.standing(&live, &[]).await;
        if let Some(id) = standing.deployment {
            out.refused.push(format!("`{}`: the deployment {id} is under way: `release abort` undoes it", stack.name));
        }
        if state::state(&live.status) == state::State::None {
            // There is a change set and nothing else.
            out.stacks.push(doomed(stack, &live, Vec::new(), None));
            continue;
        }
        let resources = ask.aws.resources(&live.id).await?;
        let text = ask.aws.template(&live.id).await?;
        let old = Template::parse("the template of the stack", &text).ok();
        out.stacks.push(doomed(stack, &live, resources, old.as_ref()));
    }
    Ok(out)
}

fn doomed(stack: &Stack, live: &seen::Stack, resources: Vec<seen::Resource>, template: Option<&Template>) -> Doomed {
    let mut out = Doomed {
        stack: stack.name.clone(),
        id: live.id.clone(),
        loses: Vec::new(),
        leaves: Vec::new(),
        others: 0,
        protected: Vec::new(),
    };
    for r in resources.into_iter().filter(|r| !r.physical.is_empty() && r.status != "DELETE_COMPLETE") {
        let of = template.and_then(|t| t.resource(&r.name));
        let kept = of.as_ref().is_some_and(|of| of.kept);
        if r.kind == "AWS::ElasticLoadBalancingV2::LoadBalancer"
            && of.as_ref().is_some_and(|of| protects(of.properties))
        {
            out.protected.push(r.physical.clone());
        }
        let holds = kinds::holds(&r.kind).unwrap_or(if kept { "what it holds" } else { "" });
        match (holds, kept) {
            ("", _) => out.others += 1,
            (what, kept) => {
                let held = Held { name: r.name, physical: r.physical, kind: r.kind, holds: what.to_owned() };
                if kept { out.leaves.push(held) } else { out.loses.push(held) }
            }
        }
    }
    out
}

/// Whether a load balancer of a template may not be deleted.
fn protects(properties: Option<&Node>) -> bool {
    let attributes = properties.and_then(|p| p.get("LoadBalancerAttributes")).map_or(&[][..], Node::items);
    let text = |a: &Node, key: &str| a.get(key).and_then(Node::text).map(str::to_owned);
    attributes.iter().any(|a| {
        text(a, "Key").as_deref() == Some("deletion_protection.enabled") && text(a, "Value").as_deref() == Some("true")
    })
}

impl Demolition {
    /// The names that have to be said: of each stack, and of each resource whose data is lost.
    #[must_use]
    pub fn names(&self) -> BTreeSet<&str> {
        let lost = self.stacks.iter().flat_map(|s| s.loses.iter().map(|h| h.physical.as_str()));
        self.stacks.iter().map(|s| s.stack.as_str()).chain(lost).collect()
    }

    /// For people.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::new();
        for stack in &self.stacks {
            let _ = writeln!(
                out,
                "\x1b[1mstack {}\x1b[0m goes, with {} resources that hold no data",
                plain(&stack.stack),
                stack.others
            );
            let held = |h: &Held| {
                format!("{}  {} ({}), with its {}", plain(&h.physical), plain(&h.name), plain(&h.kind), h.holds)
            };
            for h in &stack.loses {
                let _ = writeln!(out, "  \x1b[31mLOST\x1b[0m         {}", held(h));
            }
            for h in &stack.leaves {
                let _ = writeln!(out, "  left behind  {}", held(h));
            }
            for p in &stack.protected {
                let _ = writeln!(out, "  unprotected  {}: its deletion protection is taken off first", plain(p));
            }
        }
        for refused in &self.refused {
            let _ = writeln!(out, "\x1b[31mrefused\x1b[0m: {}", plain(refused));
        }
        if self.stacks.is_empty() && self.refused.is_empty() {
            out += "none of the stacks is there\n";
        }
        out
    }

    /// For machines.
    #[must_use]
    pub fn json(&self) -> String {
        let mut value = serde_json::to_value(self).unwrap_or_default();
        value["names"] = self.names().into_iter().collect::<Vec<_>>().into();
        format!("{value:#}\n")
    }
}

/// Takes the stacks away.
///
/// # Errors
/// When AWS refuses.
pub async fn destroy(ask: &Ask<'_>, what: &Demolition, tell: &Tell) -> Result<Outcome> {
    let mut left = Vec::new();
    for stack in &what.stacks {
        let before = ask.aws.last_event(&stack.id).await?.map(|e| e.id);
        for balancer in &stack.protected {
            ask.aws.unprotect(balancer).await?;
        }
        ask.aws.delete(&stack.id).await?;
        tell(&Event::Begun { stack: stack.stack.clone(), what: "delete", id: stack.id.clone() });
        let follow = Follow { aws: ask.aws, pace: ask.pace, every: ask.every, tell };
        let end = follow.to_the_end(&stack.stack, &stack.id, before).await?;
        if end.status != "DELETE_COMPLETE" {
            let outcome = failed(&stack.stack, &end.status);
            tell(&Event::Outcome { outcome: outcome.outcome, text: outcome.text.clone() });
            return Ok(outcome);
        }
        left.extend(stack.leaves.iter().map(|h| format!("`{}` ({})", h.physical, h.kind)));
    }
    let mut text = match what.stacks.len() {
        1 => "the stack is gone".to_owned(),
        n => format!("{n} stacks are gone"),
    };
    if !left.is_empty() {
        let _ = write!(text, "; left behind, and to be paid for: {}", left.join(", "));
    }
    let outcome = Outcome { outcome: "done", text };
    tell(&Event::Outcome { outcome: outcome.outcome, text: outcome.text.clone() });
    Ok(outcome)
}
