//! What a load balancer asks tasks, to know whether they are well.

use super::picture::text;
use super::{Fault, Item, Picture, Seen, fault, none_of};

const SOURCE: &str =
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html";

pub(super) const ITEMS: &[Item] = &[
    Item {
        id: "health_check_port",
        rule: "a task is healthy when it answers on the port of the health check; else a release fails after an hour",
        remedy: "let both target groups ask the port of the container: `traffic-port`",
        source: SOURCE,
        look: port,
    },
    Item {
        id: "health_check_same",
        rule: "the two target groups take turns, so every second release is judged by the other one's health check",
        remedy: "give both target groups the same health check",
        source: SOURCE,
        look: same,
    },
];

fn port(p: &Picture) -> Seen {
    let meant = p.environment.task.port.to_string();
    let mut faults = Vec::new();
    for group in p.targets()? {
        let asked = text(&group["HealthCheckPort"]);
        if asked != "traffic-port" && asked != meant {
            let what = format!("its health check asks port {asked}, the container has {meant}");
            let resource = text(&group["TargetGroupArn"]).to_owned();
            faults.push(Fault { resource, what, key: Some("task.port") });
        }
    }
    none_of(faults, "both target groups ask the container's port".to_owned())
}

fn same(p: &Picture) -> Seen {
    let [one, two] = p.targets()?;
    let parts = |g: &serde_json::Value| {
        let part = |name: &str| text(&g[name]).to_owned();
        (part("HealthCheckProtocol"), part("HealthCheckPath"), text(&g["Matcher"]["HttpCode"]).to_owned())
    };
    let (a, b) = (parts(one), parts(two));
    let shown = |(protocol, path, codes): &(String, String, String)| format!("{protocol} {path} for {codes}");
    if a != b {
        let what = format!("one is asked {}, the other {}", shown(&a), shown(&b));
        return Err(fault(text(&two["TargetGroupArn"]), what));
    }
    Ok(format!("both are asked {}", shown(&a)))
}
