//! The way from the load balancer to the tasks, and room for them.

use serde_json::Value;

use super::picture::{list, text};
use super::{Bad, Item, Picture, Question, Seen, against, fault};

const GROUPS: &str =
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-update-security-groups.html";

pub(super) const ITEMS: &[Item] = &[
    Item {
        id: "security_group_in",
        rule: "a task that the load balancer cannot reach at the container's port is never healthy",
        remedy: "allow the port of the container in a security group of the tasks, from the load balancer's",
        source: GROUPS,
        look: inward,
    },
    Item {
        id: "security_group_out",
        rule: "the load balancer sends traffic and health checks by its own security groups",
        remedy: "allow the port of the container in the outbound rules of the load balancer's security group",
        source: GROUPS,
        look: outward,
    },
    Item {
        id: "subnets_room",
        rule: "each task has an address of its own, and a release runs old and new tasks side by side",
        remedy: "free addresses in the subnets of the service, or give it others",
        source: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html",
        look: room,
    },
];

/// Security groups of the tasks, by the primary task set or else the service.
fn of_tasks(p: &Picture) -> Result<Vec<&str>, Bad> {
    let of = |v: &Value| v["networkConfiguration"]["awsvpcConfiguration"].is_object();
    let whose = p.primary().ok().filter(|set| of(set)).map_or_else(|| p.service(), Ok)?;
    Ok(list(&whose["networkConfiguration"]["awsvpcConfiguration"]["securityGroups"]).iter().map(text).collect())
}

fn of_balancer(p: &Picture) -> Result<Vec<&str>, Bad> {
    let groups: Vec<&str> =
        list(&p.told(Question::Balancer)?["LoadBalancers"][0]["SecurityGroups"]).iter().map(text).collect();
    if groups.is_empty() { super::skip("the load balancer has no security groups") } else { Ok(groups) }
}

/// Whether a rule lets a port through to or from one of these groups. Addresses and prefix lists may mean them: whose they
/// are is not known here.
fn lets(rule: &Value, port: u16, peers: &[&str]) -> bool {
    let number = |v: &Value| v.as_str().and_then(|t| t.parse::<i32>().ok());
    let port = i32::from(port);
    let protocol = text(&rule["ipProtocol"]);
    let ports = protocol == "-1"
        || matches!(protocol, "tcp" | "6")
            && number(&rule["fromPort"]).is_none_or(|from| from <= port)
            && number(&rule["toPort"]).is_none_or(|to| to == -1 || to >= port);
    let addresses = ["ipRanges", "ipv6Ranges", "prefixListIds"].iter().any(|name| !list(&rule[*name]).is_empty());
    ports && (addresses || list(&rule["groups"]).iter().any(|g| peers.contains(&text(&g["groupId"]))))
}

/// Whether any rule of any of the groups does.
fn any(p: &Picture, question: Question, rules: &str, peers: &[&str]) -> Result<bool, Bad> {
    let groups = list(&p.told(question)?["securityGroupInfo"]);
    let port = p.environment.task.port;
    Ok(groups.iter().flat_map(|g| list(&g[rules])).any(|rule| lets(rule, port, peers)))
}

fn inward(p: &Picture) -> Seen {
    let (tasks, balancer) = (of_tasks(p)?, of_balancer(p)?);
    let port = p.environment.task.port;
    if any(p, Question::TaskSecurity, "ipPermissions", &balancer)? {
        return Ok(format!("{} lets port {port} in", tasks.join(", ")));
    }
    let what = format!("nothing lets port {port} in from {}", balancer.join(", "));
    Err(against("task.port", format!("security group {}", tasks.join(", ")), what))
}

fn outward(p: &Picture) -> Seen {
    let (tasks, balancer) = (of_tasks(p)?, of_balancer(p)?);
    let port = p.environment.task.port;
    if any(p, Question::BalancerSecurity, "ipPermissionsEgress", &tasks)? {
        return Ok(format!("{} lets port {port} out", balancer.join(", ")));
    }
    let what = format!("nothing lets port {port} out to {}", tasks.join(", "));
    Err(against("task.port", format!("security group {}", balancer.join(", ")), what))
}

fn room(p: &Picture) -> Seen {
    let wanted = p.service()?["desiredCount"].as_u64().unwrap_or(0);
    let subnets = list(&p.told(Question::Subnets)?["subnetSet"]);
    let free = |s: &Value| text(&s["availableIpAddressCount"]).parse::<u64>().unwrap_or(0);
    let sum: u64 = subnets.iter().map(free).sum();
    if sum < wanted {
        let ids: Vec<&str> = subnets.iter().map(|s| text(&s["subnetId"])).collect();
        let what = format!("{sum} addresses are free, the new tasks need {wanted}");
        return Err(fault(format!("subnets {}", ids.join(", ")), what));
    }
    Ok(format!("{sum} addresses are free, the new tasks need {wanted}"))
}
