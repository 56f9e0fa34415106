//! How ECS tells of what it has.

use serde_json::{Map, Value, json};

use super::{Service, Task, TaskDefinition, TaskSet, TaskSetStatus};
use crate::world::World;

pub(super) fn task_definition(definition: &TaskDefinition) -> Value {
    let mut out = definition.body.clone();
    if let Value::Object(map) = &mut out {
        let fargate =
            definition.body["requiresCompatibilities"].as_array().is_some_and(|c| c.iter().any(|c| c == "FARGATE"));
        map.insert("taskDefinitionArn".into(), json!(definition.arn));
        map.insert("revision".into(), json!(definition.revision));
        map.insert("status".into(), json!("ACTIVE"));
        map.insert("registeredAt".into(), definition.registered.json());
        map.insert("compatibilities".into(), if fargate { json!(["EC2", "FARGATE"]) } else { json!(["EC2"]) });
    }
    out
}

/// Running and pending tasks of a set.
pub(crate) fn counts(world: &World, set: &TaskSet) -> (usize, usize) {
    let running = world.ecs.live(&set.id, world.now).filter(|t| t.running(world.now)).count();
    (running, world.ecs.live(&set.id, world.now).count() - running)
}

fn steady(world: &World, set: &TaskSet) -> bool {
    set.status == TaskSetStatus::Draining || world.ecs.steady(set, world.now).is_some_and(|t| t <= world.now)
}

pub(super) fn task_set(world: &World, service: &Service, set: &TaskSet) -> Value {
    let (running, pending) = counts(world, set);
    let mut out = json!({
        "id": set.id,
        "taskSetArn": set.arn,
        "serviceArn": service.arn,
        "clusterArn": world.cluster_arn(&service.cluster),
        "startedBy": "CODE_DEPLOY",
        "status": set.status.name(),
        "taskDefinition": set.task_definition,
        "computedDesiredCount": set.desired,
        "pendingCount": pending,
        "runningCount": running,
        "createdAt": set.created.json(),
        "updatedAt": set.updated.json(),
        "loadBalancers": [{
            "targetGroupArn": set.target_group, "containerName": set.container, "containerPort": set.port,
        }],
        "scale": {"value": if set.desired == 0 { 0.0 } else { 100.0 }, "unit": "PERCENT"},
        "stabilityStatus": if steady(world, set) { "STEADY_STATE" } else { "STABILIZING" },
        "stabilityStatusAt": set.updated.json(),
        "tags": [],
    });
    merge(&mut out, &set.settings);
    if let Some(external) = &set.external {
        out["externalId"] = json!(external);
    }
    if set.settings["capacityProviderStrategy"].is_null() {
        out["launchType"] = json!("FARGATE");
    }
    out
}

fn merge(out: &mut Value, more: &Value) {
    let empty = Map::new();
    for (name, value) in more.as_object().unwrap_or(&empty) {
        out[name] = value.clone();
    }
}

pub(super) fn service(world: &World, service: &Service) -> Value {
    let (mut running, mut pending) = (0, 0);
    for set in &service.sets {
        let (r, p) = counts(world, set);
        (running, pending) = (running + r, pending + p);
    }
    let primary = service.primary();
    let sets: Vec<Value> = service.sets.iter().map(|s| task_set(world, service, s)).collect();
    let events: Vec<Value> = service
        .events
        .iter()
        .enumerate()
        .rev()
        .take(100)
        .map(|(i, (time, text))| json!({"id": format!("event-{i}"), "createdAt": time.json(), "message": text}))
        .collect();
    let mut out = json!({
        "serviceArn": service.arn,
        "serviceName": service.name,
        "clusterArn": world.cluster_arn(&service.cluster),
        "status": "ACTIVE",
        "desiredCount": service.desired,
        "runningCount": running,
        "pendingCount": pending,
        "schedulingStrategy": "REPLICA",
        "deploymentController": {"type": service.controller},
        "deployments": [],
        "taskSets": sets,
        "events": events,
        "createdAt": service.created.json(),
        "roleArn": world.role("aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"),
        "placementConstraints": [],
        "placementStrategy": [],
        "propagateTags": "SERVICE",
        "enableECSManagedTags": true,
    });
    merge(&mut out, &service.settings);
    if service.controller == "ECS" {
        out["deploymentConfiguration"] = json!({"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 5});
    }
    if let Some(primary) = primary {
        out["taskDefinition"] = json!(primary.task_definition);
        out["loadBalancers"] = json!([{
            "targetGroupArn": primary.target_group, "containerName": primary.container, "containerPort": primary.port,
        }]);
        // A release without a strategy takes the service's away.
        if primary.settings["capacityProviderStrategy"].is_null() {
            if let Value::Object(map) = &mut out {
                map.remove("capacityProviderStrategy");
            }
            out["launchType"] = json!("FARGATE");
        }
        merge(&mut out, &primary.settings);
    }
    out
}

pub(super) fn task(world: &World, task: &Task) -> Value {
    let now = world.now;
    let status = task.status(now);
    let definition = world.ecs.definition(&task.task_definition);
    let stop = task.stop.as_ref().filter(|s| s.at <= now);
    let container = |(name, image): (&str, &str)| {
        let mut out = json!({
            "containerArn": format!("{}/{name}", task.arn.replace(":task/", ":container/")),
            "taskArn": task.arn,
            "name": name,
            "image": image,
            "lastStatus": if status == "PROVISIONING" { "PENDING" } else { status },
            "healthStatus": "UNKNOWN",
            "networkInterfaces": [{"attachmentId": task.id, "privateIpv4Address": task.address}],
        });
        if let Some((_, digest)) = image.split_once('@') {
            out["imageDigest"] = json!(digest);
        }
        if let Some(exit) = stop.and_then(|s| s.exit) {
            out["exitCode"] = json!(exit);
        }
        out
    };
    let containers: Vec<Value> =
        definition.map(|d| d.images().into_iter().map(container).collect()).unwrap_or_default();
    let cluster = world.ecs.services.iter().find(|s| s.name == task.service).map_or("", |s| s.cluster.as_str());
    let mut out = json!({
        "taskArn": task.arn,
        "clusterArn": world.cluster_arn(cluster),
        "taskDefinitionArn": task.task_definition,
        "group": format!("service:{}", task.service),
        "startedBy": task.set,
        "launchType": "FARGATE",
        "lastStatus": status,
        "desiredStatus": if stop.is_some() { "STOPPED" } else { "RUNNING" },
        "healthStatus": "UNKNOWN",
        "connectivity": "CONNECTED",
        "createdAt": task.created.json(),
        "containers": containers,
        "attachments": [{
            "id": task.id, "type": "ElasticNetworkInterface", "status": "ATTACHED",
            "details": [{"name": "privateIPv4Address", "value": task.address}],
        }],
    });
    if let Some(definition) = definition {
        for field in ["cpu", "memory"] {
            out[field] = definition.body[field].clone();
        }
    }
    if let Some(starts) = task.starts.filter(|s| *s <= now) {
        out["startedAt"] = starts.json();
    }
    if let Some(stop) = stop {
        out["stoppingAt"] = stop.at.json();
        out["stoppedAt"] = stop.at.json();
        out["stopCode"] = json!(stop.code);
        out["stoppedReason"] = json!(stop.reason);
    }
    out
}
