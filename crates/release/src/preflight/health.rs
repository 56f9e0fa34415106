//! What a load balancer asks tasks, to know whether they are well.

use super::picture::{list, text};
use super::{Fault, Item, Picture, Question, Seen, fault, none_of, skip};

const SOURCE: &str =
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html";

pub(super) const ITEMS: &[Item] = &[
    Item {
        id: "health_answer",
        rule: "new tasks get traffic when they answer the health check well; else a release fails after an hour",
        remedy: "let the program answer this path so, or let both target groups ask another one; what needs more than its \
                 image to be well is released with `--force`",
        source: SOURCE,
        look: answer,
    },
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

/// Whether a status is among those that a target group takes: `200`, `200,302` or `200-299`.
fn takes(codes: &str, status: u64) -> bool {
    codes.split(',').any(|part| {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        matches!((from.trim().parse::<u64>(), to.trim().parse::<u64>()), (Ok(from), Ok(to)) if from <= status && status <= to)
    })
}

fn answer(p: &Picture) -> Seen {
    let told = p.told(Question::Trial)?;
    let image = format!("image {}", p.image.as_deref().unwrap_or_default());
    if let Some(why) = told["fails"].as_str() {
        return Err(fault(image, format!("run on this machine, it does not answer: {why}")));
    }
    let (mut faults, mut well) = (Vec::new(), Vec::new());
    for group in p.targets()? {
        let (path, codes) = (text(&group["HealthCheckPath"]), text(&group["Matcher"]["HttpCode"]));
        let Some(status) =
            list(&told["answers"]).iter().find(|a| a["path"] == *path).and_then(|a| a["status"].as_u64())
        else {
            return skip(format!("{} {path} was not asked here", text(&group["HealthCheckProtocol"])));
        };
        let said = format!("{path} answers {status} on this machine");
        if takes(codes, status) {
            well.push(said);
        } else {
            let what = format!("{said}, the target group {} takes {codes}", text(&group["TargetGroupName"]));
            faults.push(Fault { resource: image.clone(), what, key: None });
        }
    }
    well.dedup();
    none_of(faults, format!("{}, under {}", well.join(", "), text(&told["runtime"])))
}

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
