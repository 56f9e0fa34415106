//! Amazon EC2, as thin as a preflight needs it: the network that the tasks are in. Nothing flows in it.

use serde_json::{Value, json};

use crate::refusal::{Answer, Refusal, refuse};
use crate::world::World;

/// The network that all is in.
pub(crate) const VPC: &str = "vpc-0a1b2c3d4e5f60718";
/// The subnets of the tasks.
pub(crate) const SUBNETS: [&str; 2] = ["subnet-0a1b2c3d4e5f60718", "subnet-1a1b2c3d4e5f60718"];
/// The security group of the tasks.
pub(crate) const TASKS: &str = "sg-0a1b2c3d4e5f60718";
/// The security group of the load balancer.
pub(crate) const BALANCER: &str = "sg-1a1b2c3d4e5f60718";

pub(crate) fn answer(world: &mut World, action: &str, input: &Value) -> Answer {
    match action {
        "DescribeSecurityGroups" => {
            let all = [security_group(world, TASKS), security_group(world, BALANCER)];
            Ok(json!({"securityGroupInfo": chosen(&all, "groupId", &input["GroupId"], "InvalidGroup.NotFound")?}))
        }
        "DescribeSubnets" => {
            let all = SUBNETS.map(|id| subnet(world, id));
            Ok(json!({"subnetSet": chosen(&all, "subnetId", &input["SubnetId"], "InvalidSubnetID.NotFound")?}))
        }
        _ => Err(Refusal::unknown(action)),
    }
}

/// Those that are asked for; all where none is.
fn chosen(all: &[Value], id: &str, wanted: &Value, code: &'static str) -> Answer<Vec<Value>> {
    let Some(wanted) = wanted.as_array() else { return Ok(all.to_vec()) };
    let find = |name: &Value| {
        let found = all.iter().find(|one| one[id] == *name).cloned();
        found.ok_or_else(|| refuse(code, format!("The ID '{}' does not exist", name.as_str().unwrap_or(""))))
    };
    wanted.iter().map(find).collect()
}

/// The load balancer reaches the tasks at the port of the container, as the templates have it.
fn security_group(world: &World, id: &str) -> Value {
    let port = world.elb.groups.first().map_or(0, |g| g.port);
    let rule = |port: u16, peer: Value| {
        let mut out = json!({"ipProtocol": "tcp", "fromPort": port, "toPort": port});
        if peer.is_string() {
            out["groups"] = json!([{"userId": world.account, "groupId": peer}]);
        } else {
            out["ipRanges"] = json!([{"cidrIp": "0.0.0.0/0"}]);
        }
        out
    };
    let (name, from, to) = if id == TASKS {
        ("tasks", vec![rule(port, json!(BALANCER))], vec![rule(443, Value::Null)])
    } else {
        ("balancer", vec![rule(443, Value::Null)], vec![rule(port, json!(TASKS))])
    };
    json!({
        "groupId": id, "groupName": name, "groupDescription": name, "vpcId": VPC, "ownerId": world.account,
        "ipPermissions": from, "ipPermissionsEgress": to,
    })
}

fn subnet(world: &World, id: &str) -> Value {
    json!({
        "subnetId": id, "vpcId": VPC, "state": "available", "cidrBlock": "10.0.0.0/24", "availableIpAddressCount": 240,
        "ownerId": world.account,
    })
}
