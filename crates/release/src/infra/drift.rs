//! Where the account is not as the stacks have it. What releases and scaling change by design is said as such.

use std::fmt::Write as _;
use std::time::Duration;

use serde::Serialize;

use super::seen::{Difference, Drifted};
use super::stack::Stack;
use crate::aws::CloudFormation;
use crate::flow::pace::Pace;
use crate::verify::plain;
use crate::{Error, Result};

/// What of a stack is not as its template has it.
#[derive(Clone, Debug, Serialize)]
pub struct Drift {
    /// The stack.
    pub stack: String,
    /// Whether it is there.
    pub there: bool,
    /// How many resources AWS has compared.
    pub compared: usize,
    /// What differs.
    pub differs: Vec<Differs>,
    /// Types that AWS cannot compare, each with its resources.
    pub unknown: Vec<String>,
}

/// A resource that differs.
#[derive(Clone, Debug, Serialize)]
pub struct Differs {
    /// Logical name.
    pub name: String,
    /// Type.
    pub kind: String,
    /// The resource.
    pub physical: String,
    /// Whether it is gone.
    pub gone: bool,
    /// Properties that nobody should have changed.
    pub differences: Vec<Difference>,
    /// Properties that are changed by design, with who does it.
    pub designed: Vec<(Difference, &'static str)>,
}

/// Types and paths that something changes by design, and what.
const DESIGN: [(&str, &str, &str); 4] = [
    ("AWS::ElasticLoadBalancingV2::Listener", "/DefaultActions", "CodeDeploy moves it with each release"),
    ("AWS::ECS::Service", "/TaskDefinition", "each release has its own"),
    ("AWS::ECS::Service", "/LoadBalancers", "CodeDeploy moves it with each release"),
    ("AWS::ECS::Service", "/DesiredCount", "scaling sets it"),
];

/// How often AWS is asked whether it has compared everything.
const LOOKS: u32 = 600;

impl Drift {
    /// Whether there is something that nobody should have changed.
    #[must_use]
    pub fn bad(&self) -> bool {
        self.differs.iter().any(|d| d.gone || !d.differences.is_empty())
    }
}

/// Has AWS compare the stacks with the account, which changes nothing.
///
/// # Errors
/// When AWS refuses, or cannot compare one.
pub async fn drift(aws: &CloudFormation, pace: &dyn Pace, every: Duration, stacks: &[Stack]) -> Result<Vec<Drift>> {
    let mut out = Vec::new();
    for stack in stacks {
        let Some(live) = aws.stack(&stack.name).await? else {
            let (compared, differs, unknown) = (0, Vec::new(), Vec::new());
            out.push(Drift { stack: stack.name.clone(), there: false, compared, differs, unknown });
            continue;
        };
        let id = aws.detect_drift(&live.id).await?;
        let mut looks = 0;
        loop {
            let (status, reason) = aws.drift_status(&id).await?;
            match status.as_str() {
                "DETECTION_COMPLETE" => break,
                "DETECTION_IN_PROGRESS" if looks < LOOKS => looks += 1,
                other => {
                    let reason = reason.map_or(String::new(), |r| format!(": {r}"));
                    let name = &stack.name;
                    return Err(Error::Release(format!("AWS could not compare the stack `{name}` ({other}){reason}")));
                }
            }
            pace.sleep(every).await;
        }
        out.push(read(&stack.name, aws.drifts(&live.id).await?));
    }
    Ok(out)
}

fn read(stack: &str, all: Vec<Drifted>) -> Drift {
    let mut out = Drift { stack: stack.to_owned(), there: true, compared: 0, differs: Vec::new(), unknown: Vec::new() };
    for one in all {
        match one.status.as_str() {
            "IN_SYNC" => out.compared += 1,
            "MODIFIED" | "DELETED" => {
                out.compared += 1;
                out.differs.push(differs(one));
            }
            _ => out.unknown.push(format!("{} ({})", one.name, one.kind)),
        }
    }
    out.differs.sort_by(|a, b| a.name.cmp(&b.name));
    out.unknown.sort();
    out
}

fn differs(one: Drifted) -> Differs {
    let gone = one.status == "DELETED";
    let mut out = Differs {
        name: one.name,
        kind: one.kind,
        physical: one.physical,
        gone,
        differences: Vec::new(),
        designed: Vec::new(),
    };
    for difference in one.differences {
        let by = DESIGN.iter().find(|(kind, path, _)| {
            let rest = difference.path.strip_prefix(path);
            *kind == out.kind && rest.is_some_and(|r| r.is_empty() || r.starts_with('/'))
        });
        match by {
            Some((.., who)) => out.designed.push((difference, who)),
            None => out.differences.push(difference),
        }
    }
    out
}

/// For people.
#[must_use]
pub fn text(all: &[Drift]) -> String {
    let mut out = String::new();
    for drift in all {
        if !drift.there {
            let _ = writeln!(out, "\x1b[1m{}\x1b[0m: is not there", drift.stack);
            continue;
        }
        let bad = drift.differs.iter().filter(|d| d.gone || !d.differences.is_empty()).count();
        let said = if bad == 0 { "as its template has it".to_owned() } else { format!("{bad} differ") };
        let _ = writeln!(out, "\x1b[1m{}\x1b[0m: {} resources compared, {said}", drift.stack, drift.compared);
        for one in &drift.differs {
            let _ = writeln!(out, "  {} ({}) {}", plain(&one.name), plain(&one.kind), plain(&one.physical));
            if one.gone {
                let _ = writeln!(out, "    \x1b[31mis gone\x1b[0m: somebody has deleted it");
            }
            for d in &one.differences {
                let (path, expected, actual) = (plain(&d.path), plain(&d.expected), plain(&d.actual));
                let _ = writeln!(out, "    \x1b[31m{path}\x1b[0m: expected `{expected}`, is `{actual}`");
            }
            for (d, who) in &one.designed {
                let (path, expected, actual) = (plain(&d.path), plain(&d.expected), plain(&d.actual));
                let _ = writeln!(out, "    {path}: by design, {who}: began with `{expected}`, is `{actual}`");
            }
        }
        if !drift.unknown.is_empty() {
            let _ = writeln!(out, "  not compared by AWS: {}", plain(&drift.unknown.join(", ")));
        }
    }
    out
}

/// For machines.
#[must_use]
pub fn json(all: &[Drift]) -> String {
    format!("{:#}\n", serde_json::json!({"version": 1, "stacks": all}))
}
