//! Operations of load balancing.

use serde_json::{Value, json};

use super::{Listener, TargetGroup};
use crate::ec2::{self, VPC};
use crate::ecs::Task;
use crate::refusal::{Answer, Refusal, refuse};
use crate::world::World;

pub(crate) fn answer(world: &mut World, action: &str, input: &Value) -> Answer {
    match action {
        "DescribeLoadBalancers" => {
            let (arns, wanted) = (names(&input["LoadBalancerArns"]), names(&input["Names"]));
            if arns.iter().any(|arn| *arn != world.elb.arn) || wanted.iter().any(|name| *name != world.elb.name) {
                return Err(refuse("LoadBalancerNotFound", "One or more load balancers not found"));
            }
            Ok(json!({"LoadBalancers": [balancer(world)]}))
        }
        "DescribeListeners" => listeners(world, input),
        "DescribeRules" => rules(world, input),
        "DescribeTargetGroups" => groups(world, input),
        "DescribeTargetHealth" => health(world, input),
        _ => Err(Refusal::unknown(action)),
    }
}

fn names(input: &Value) -> Vec<&str> {
    input.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

fn balancer(world: &World) -> Value {
    json!({
        "LoadBalancerArn": world.elb.arn,
        "LoadBalancerName": world.elb.name,
        "DNSName": format!("{}.{}.elb.amazonaws.com", world.elb.name, world.region),
        "Scheme": "internet-facing",
        "Type": "application",
        "VpcId": VPC,
        "SecurityGroups": [ec2::BALANCER],
        "State": {"Code": "active"},
        "IpAddressType": "ipv4",
    })
}

fn actions(listener: &Listener) -> Value {
    let targets: Vec<Value> =
        listener.weights.iter().map(|(arn, weight)| json!({"TargetGroupArn": arn, "Weight": weight})).collect();
    let mut action = json!({
        "Type": "forward", "Order": 1,
        "ForwardConfig": {"TargetGroups": targets, "TargetGroupStickinessConfig": {"Enabled": false}},
    });
    if let [(only, _)] = listener.weights.as_slice() {
        action["TargetGroupArn"] = json!(only);
    }
    json!([action])
}

fn listeners(world: &World, input: &Value) -> Answer {
    let wanted = names(&input["ListenerArns"]);
    let not_found = || refuse("ListenerNotFound", "One or more listeners not found");
    if wanted.iter().any(|arn| world.elb.listener(arn).is_none()) {
        return Err(not_found());
    }
    if input["LoadBalancerArn"].as_str().is_some_and(|arn| arn != world.elb.arn) {
        return Err(refuse("LoadBalancerNotFound", "One or more load balancers not found"));
    }
    let told = world.elb.listeners.iter().filter(|l| wanted.is_empty() || wanted.contains(&l.arn.as_str())).map(|l| {
        json!({
            "ListenerArn": l.arn, "LoadBalancerArn": world.elb.arn, "Port": l.port, "Protocol": "HTTPS",
            "DefaultActions": actions(l),
        })
    });
    Ok(json!({"Listeners": told.collect::<Vec<_>>()}))
}

/// Each listener has its default rule alone.
fn rules(world: &World, input: &Value) -> Answer {
    let rule = |arn: &str| format!("{}/default", arn.replace(":listener/", ":listener-rule/"));
    let wanted = names(&input["RuleArns"]);
    let listener = input["ListenerArn"].as_str();
    let chosen: Vec<&Listener> = world
        .elb
        .listeners
        .iter()
        .filter(|l| listener.is_some_and(|arn| arn == l.arn) || wanted.contains(&rule(&l.arn).as_str()))
        .collect();
    if chosen.is_empty() {
        return Err(match listener {
            Some(_) => refuse("ListenerNotFound", "One or more listeners not found"),
            None => refuse("RuleNotFound", "One or more rules not found"),
        });
    }
    let told = chosen.into_iter().map(|l| {
        json!({"RuleArn": rule(&l.arn), "Priority": "default", "Conditions": [], "Actions": actions(l), "IsDefault": true})
    });
    Ok(json!({"Rules": told.collect::<Vec<_>>()}))
}

fn groups(world: &World, input: &Value) -> Answer {
    let (arns, wanted) = (names(&input["TargetGroupArns"]), names(&input["Names"]));
    let missing = arns.iter().any(|arn| world.elb.group(arn).is_none())
        || wanted.iter().any(|name| world.elb.group_named(name).is_none());
    if missing {
        return Err(no_group());
    }
    let chosen = |g: &&TargetGroup| {
        (arns.is_empty() && wanted.is_empty()) || arns.contains(&g.arn.as_str()) || wanted.contains(&g.name.as_str())
    };
    let told = world.elb.groups.iter().filter(chosen).map(|g| {
        let used = world.elb.listeners.iter().any(|l| l.weights.iter().any(|(arn, _)| *arn == g.arn));
        json!({
            "TargetGroupArn": g.arn, "TargetGroupName": g.name, "Protocol": "HTTP", "Port": g.port, "TargetType": "ip", "VpcId": VPC,
            "HealthCheckEnabled": true, "HealthCheckPath": "/health", "HealthCheckPort": "traffic-port",
            "HealthCheckProtocol": "HTTP", "HealthCheckIntervalSeconds": 15, "HealthCheckTimeoutSeconds": 5,
            "HealthyThresholdCount": 2, "UnhealthyThresholdCount": 3, "Matcher": {"HttpCode": "200"},
            "LoadBalancerArns": if used { json!([world.elb.arn]) } else { json!([]) },
        })
    });
    Ok(json!({"TargetGroups": told.collect::<Vec<_>>()}))
}

fn no_group() -> Refusal {
    refuse("TargetGroupNotFound", "One or more target groups not found")
}

fn health(world: &World, input: &Value) -> Answer {
    let arn = input["TargetGroupArn"].as_str().unwrap_or("");
    world.elb.group(arn).ok_or_else(no_group)?;
    let tasks = world.ecs.tasks.iter().filter(|t| t.target_group == arn && t.running(world.now));
    let told: Vec<Value> = tasks
        .map(|task| {
            json!({
                "Target": {"Id": task.address, "Port": task.port},
                "HealthCheckPort": task.port.to_string(),
                "TargetHealth": state(world, task),
            })
        })
        .collect();
    Ok(json!({"TargetHealthDescriptions": told}))
}

fn state(world: &World, task: &Task) -> Value {
    let used = world.elb.listeners.iter().any(|l| l.weights.iter().any(|(arn, _)| *arn == task.target_group));
    if task.replaced {
        json!({"State": "draining", "Reason": "Target.DeregistrationInProgress",
               "Description": "Target deregistration is in progress"})
    } else if task.healthy.is_none() {
        json!({"State": "unhealthy", "Reason": "Target.FailedHealthChecks", "Description": "Health checks failed"})
    } else if !used {
        json!({"State": "unused", "Reason": "Target.NotInUse",
               "Description": "Target group is not configured to receive traffic from the load balancer"})
    } else if task.healthy.is_some_and(|h| h > world.now) {
        json!({"State": "initial", "Reason": "Elb.InitialHealthChecking",
               "Description": "Initial health checks in progress"})
    } else {
        json!({"State": "healthy"})
    }
}
