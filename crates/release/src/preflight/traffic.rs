//! Where the traffic goes: load balancer, listeners, the two target groups, and the task set that serves.

use serde_json::Value;

use super::picture::{list, text};
use super::{Bad, Fault, Item, Picture, Question, Seen, fault, none_of, skip};

const ROUTE: &str = "https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_TrafficRoute.html";
const PAIR: &str = "https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_TargetGroupPairInfo.html";

pub(super) const ITEMS: &[Item] = &[
    Item {
        id: "listener",
        rule: "a traffic route of CodeDeploy is the ARN of one listener; a rule of a listener is none",
        remedy: "name the listener in the deployment group: `...:listener/app/<name>/<id>/<id>`",
        source: ROUTE,
        look: |p| listener(p, "prodTrafficRoute", Question::Listener),
    },
    Item {
        id: "listener_traffic",
        rule: "CodeDeploy shifts traffic from the target group of the primary task set, which has to be behind the listener",
        remedy: "point the listener's default action back to the target group of the primary task set; a stack update may have \
                 moved it",
        source: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-bluegreen.html",
        look: traffic,
    },
    Item {
        id: "load_balancer",
        rule: "traffic moves on a load balancer that is active; on a network load balancer it can only move at once",
        remedy: "wait until it is active; for a network load balancer take `CodeDeployDefault.ECSAllAtOnce`",
        source: "https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html",
        look: balancer,
    },
    Item {
        id: "target_group_balancer",
        rule: "a target group is used by one load balancer, and its targets are in that one's VPC",
        remedy: "name two target groups of this load balancer's VPC in the group, which no other load balancer uses",
        source: "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html",
        look: behind,
    },
    Item {
        id: "target_groups",
        rule: "blue and green are two target groups, which are there before a release",
        remedy: "name two that are there in the deployment group",
        source: PAIR,
        look: groups,
    },
    Item {
        id: "target_type",
        rule: "tasks of the network mode awsvpc, as all on Fargate are, register by address: the target type is `ip`",
        remedy: "make the target groups anew with the target type `ip`; it cannot be changed",
        source: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/alb.html",
        look: kind,
    },
    Item {
        id: "test_listener",
        rule: "the test route is the ARN of one listener, another one than production's",
        remedy: "name a listener of its own as the test route of the deployment group",
        source: ROUTE,
        look: |p| {
            if list(&p.pair()?["testTrafficRoute"]["listenerArns"]).is_empty() {
                return skip(
                    "the deployment group has none: nothing tries new tasks before they get production traffic",
                );
            }
            listener(p, "testTrafficRoute", Question::TestListener)
        },
    },
];

fn group(p: &Picture) -> String {
    format!("deployment group {}", p.environment.deployment_group)
}

fn listener(p: &Picture, route: &str, question: Question) -> Seen {
    let arns: Vec<&str> = list(&p.pair()?[route]["listenerArns"]).iter().map(text).collect();
    let [arn] = arns.as_slice() else {
        return Err(fault(group(p), format!("its `{route}` names {} listeners, and one is what it takes", arns.len())));
    };
    if arn.contains(":listener-rule/") {
        return Err(fault(*arn, format!("the `{route}` of the deployment group names a rule of a listener")));
    }
    if route == "testTrafficRoute" && p.pair()?["prodTrafficRoute"]["listenerArns"][0] == **arn {
        return Err(fault(*arn, "it is production's listener too"));
    }
    if let Some(words) = p.gone(question) {
        return Err(fault(*arn, words));
    }
    let told = &p.told(question)?["Listeners"][0];
    Ok(format!("{} on port {}", text(&told["Protocol"]), text(&told["Port"])))
}

/// Target groups that a listener forwards to, with their weights.
fn forwards(listener: &Value) -> Vec<(&str, u64)> {
    let mut out = Vec::new();
    for action in list(&listener["DefaultActions"]) {
        let all = list(&action["ForwardConfig"]["TargetGroups"]);
        let weight = |g: &Value| text(&g["Weight"]).parse().unwrap_or(1);
        out.extend(all.iter().map(|g| (text(&g["TargetGroupArn"]), weight(g))));
        if all.is_empty() && action["TargetGroupArn"].is_string() {
            out.push((text(&action["TargetGroupArn"]), 1));
        }
    }
    // One alone has everything, whatever its weight.
    if let [only] = out.as_mut_slice() {
        only.1 = only.1.max(1);
    }
    out
}

fn traffic(p: &Picture) -> Seen {
    let listener = &p.told(Question::Listener)?["Listeners"][0];
    let primary = text(&p.primary()?["loadBalancers"][0]["targetGroupArn"]);
    let pair: Vec<&str> = p.targets()?.iter().map(|g| text(&g["TargetGroupArn"])).collect();
    let arn = text(&listener["ListenerArn"]);
    let shares: Vec<(&str, u64)> = forwards(listener).into_iter().filter(|(_, weight)| *weight > 0).collect();
    if !pair.contains(&primary) {
        let what = format!("the primary task set is behind {primary}, which the deployment group does not name");
        return Err(fault(format!("service {}", p.environment.service), what));
    }
    match shares.as_slice() {
        [] => Err(fault(arn, "its default action forwards to no target group")),
        [(only, _)] if *only == primary => {
            Ok(format!("all of it to {}, behind which the primary task set is", name(only)))
        }
        all if all.iter().any(|(group, _)| *group == primary) => {
            if !list(&p.told(Question::Deployments)?["deployments"]).is_empty() {
                return skip("a deployment is moving it");
            }
            let others: Vec<&str> = all.iter().map(|(group, _)| name(group)).collect();
            Err(fault(arn, format!("it splits traffic between {} although no deployment runs", others.join(" and "))))
        }
        all => {
            let to: Vec<&str> = all.iter().map(|(group, _)| name(group)).collect();
            let what = format!("it forwards to {}, the primary task set is behind {}", to.join(", "), name(primary));
            Err(fault(arn, what))
        }
    }
}

/// The name in the ARN of a target group.
fn name(arn: &str) -> &str {
    arn.rsplit('/').nth(1).unwrap_or(arn)
}

fn balancer(p: &Picture) -> Seen {
    if let Some(words) = p.gone(Question::Balancer) {
        return Err(fault("load balancer", words));
    }
    let told = &p.told(Question::Balancer)?["LoadBalancers"][0];
    let (arn, kind, state) = (text(&told["LoadBalancerArn"]), text(&told["Type"]), text(&told["State"]["Code"]));
    if !matches!(state, "active" | "active_impaired") {
        return Err(fault(arn, format!("its state is {state}")));
    }
    if kind == "network"
        && let Ok(config) = p.told(Question::DeploymentConfig)
    {
        let routing = text(&config["deploymentConfigInfo"]["trafficRoutingConfig"]["type"]);
        if routing != "AllAtOnce" {
            return Err(fault(arn, format!("it is a network load balancer, and traffic moves by {routing}")));
        }
    }
    Ok(format!("{} load balancer {}, {state}", kind, text(&told["LoadBalancerName"])))
}

fn groups(p: &Picture) -> Seen {
    let named: Vec<&str> = list(&p.pair()?["targetGroups"]).iter().map(|g| text(&g["name"])).collect();
    let [one, two] = named.as_slice() else {
        return Err(fault(group(p), format!("it names {} target groups, and two is what it takes", named.len())));
    };
    if one == two {
        return Err(fault(group(p), format!("both of its target groups are {one}")));
    }
    let asked = [(one, Question::FirstTargets), (two, Question::SecondTargets)];
    let absent = asked.into_iter().filter_map(|(name, question)| {
        let what = p.gone(question)?.to_owned();
        Some(Fault { resource: format!("target group {name}"), what, key: None })
    });
    let absent: Vec<Fault> = absent.collect();
    if absent.is_empty() {
        p.targets()?;
    }
    none_of(absent, format!("{one} and {two}"))
}

fn kind(p: &Picture) -> Seen {
    each(p, "both are of the type ip", |g| {
        let kind = text(&g["TargetType"]);
        (kind != "ip").then(|| format!("its target type is {kind}"))
    })
}

fn behind(p: &Picture) -> Seen {
    let balancer = &p.told(Question::Balancer)?["LoadBalancers"][0];
    let (arn, vpc) = (text(&balancer["LoadBalancerArn"]), &balancer["VpcId"]);
    each(p, "both are this load balancer's or free, in its VPC", |g| {
        if let Some(other) = list(&g["LoadBalancerArns"]).iter().find(|a| **a != *arn) {
            return Some(format!("it is behind another load balancer, {}", text(other)));
        }
        (g["VpcId"] != *vpc).then(|| format!("it is in {}, the load balancer in {}", text(&g["VpcId"]), text(vpc)))
    })
}

fn each(p: &Picture, well: &str, wrong: impl Fn(&Value) -> Option<String>) -> Result<String, Bad> {
    let fault = |g: &Value| Some(Fault { resource: text(&g["TargetGroupArn"]).to_owned(), what: wrong(g)?, key: None });
    none_of(p.targets()?.into_iter().filter_map(fault).collect(), well.to_owned())
}
