//! How `CodeDeploy` tells of what it has.

use serde_json::{Value, json};

use super::state::{Deployment, EVENTS, Group, Status};
use crate::ecs::{TaskSet, counts};
use crate::world::World;

fn listeners(arn: &str) -> Value {
    json!({"listenerArns": [arn]})
}

fn balancing(group: &Group) -> Value {
    let mut pair = json!({
        "targetGroups": [{"name": group.pair[0]}, {"name": group.pair[1]}],
        "prodTrafficRoute": listeners(&group.production),
    });
    if let Some(test) = &group.test {
        pair["testTrafficRoute"] = listeners(test);
    }
    json!({"targetGroupPairInfoList": [pair]})
}

fn blue_green(group: &Group) -> Value {
    let ready = match group.ready_wait {
        Some(minutes) => json!({"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": minutes}),
        None => json!({"actionOnTimeout": "CONTINUE_DEPLOYMENT", "waitTimeInMinutes": 0}),
    };
    json!({
        "terminateBlueInstancesOnDeploymentSuccess": {
            "action": "TERMINATE", "terminationWaitTimeInMinutes": group.termination_wait,
        },
        "deploymentReadyOption": ready,
    })
}

fn style() -> Value {
    json!({"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"})
}

fn rollback(group: &Group) -> Value {
    json!({"enabled": !group.rollback.is_empty(), "events": group.rollback})
}

pub(super) fn group(world: &World, group: &Group) -> Value {
    let alarms: Vec<Value> = group.alarms.iter().map(|name| json!({"name": name})).collect();
    let mut out = json!({
        "applicationName": group.application,
        "deploymentGroupId": group.id,
        "deploymentGroupName": group.name,
        "deploymentConfigName": group.config,
        "serviceRoleArn": group.role,
        "computePlatform": "ECS",
        "deploymentStyle": style(),
        "blueGreenDeploymentConfiguration": blue_green(group),
        "loadBalancerInfo": balancing(group),
        "ecsServices": [{"clusterName": group.cluster, "serviceName": group.service}],
        "alarmConfiguration": {"enabled": !group.alarms.is_empty(), "ignorePollAlarmFailure": false, "alarms": alarms},
        "autoRollbackConfiguration": rollback(group),
        "triggerConfigurations": [],
        "terminationHookEnabled": false,
    });
    let told = |d: &Deployment| {
        let mut last = json!({"deploymentId": d.id, "status": d.status.name(), "createTime": d.created.json()});
        if let Some(end) = d.completed {
            last["endTime"] = end.json();
        }
        last
    };
    let mine = world.codedeploy.deployments.iter().rev().filter(|d| d.group.name == group.name);
    if let Some(last) = mine.clone().next() {
        out["lastAttemptedDeployment"] = told(last);
    }
    if let Some(good) = mine.clone().find(|d| d.status == Status::Succeeded) {
        out["lastSuccessfulDeployment"] = told(good);
        out["targetRevision"] = good.revision.clone();
    }
    out
}

fn overview(d: &Deployment) -> Value {
    let mut out = json!({});
    for status in ["Pending", "InProgress", "Succeeded", "Failed", "Skipped", "Ready"] {
        out[status] = json!(u8::from(d.started.is_some() && d.target == status));
    }
    out
}

pub(super) fn deployment(d: &Deployment) -> Value {
    let mut out = json!({
        "applicationName": d.group.application,
        "deploymentGroupName": d.group.name,
        "deploymentConfigName": d.group.config,
        "deploymentId": d.id,
        "revision": d.revision,
        "status": d.status.name(),
        "createTime": d.created.json(),
        "deploymentOverview": overview(d),
        "creator": d.creator,
        "ignoreApplicationStopFailures": false,
        "autoRollbackConfiguration": rollback(&d.group),
        "updateOutdatedInstancesOnly": false,
        "deploymentStyle": style(),
        "instanceTerminationWaitTimeStarted": d.waits,
        "blueGreenDeploymentConfiguration": blue_green(&d.group),
        "loadBalancerInfo": balancing(&d.group),
        "fileExistsBehavior": "DISALLOW",
        "deploymentStatusMessages": [],
        "computePlatform": "ECS",
    });
    let moments = [("startTime", d.started), ("completeTime", d.completed)];
    for (name, time) in moments.into_iter().filter_map(|(n, t)| Some((n, t?))) {
        out[name] = time.json();
    }
    if let Some(previous) = &d.previous {
        out["previousRevision"] = previous.clone();
    }
    if let Some(text) = &d.description {
        out["description"] = json!(text);
    }
    if let Some((code, message)) = &d.error {
        out["errorInformation"] = json!({"code": code, "message": message});
    }
    if let Some(rollback) = &d.rollback {
        let mut info = json!({"rollbackMessage": rollback.message});
        if let Some(by) = &rollback.by {
            info["rollbackDeploymentId"] = json!(by);
        }
        if let Some(of) = &rollback.of {
            info["rollbackTriggeringDeploymentId"] = json!(of);
        }
        out["rollbackInfo"] = info;
    }
    out
}

/// The one target of a deployment.
pub(super) fn target(world: &World, d: &Deployment) -> Value {
    let events = EVENTS.iter().zip(&d.events).map(|(name, event)| {
        let mut out = json!({"lifecycleEventName": name, "status": event.status});
        for (field, time) in [("startTime", event.begun), ("endTime", event.ended)] {
            if let Some(time) = time {
                out[field] = time.json();
            }
        }
        if let Some(message) = &event.message {
            out["diagnostics"] =
                json!({"errorCode": "UnknownError", "scriptName": "", "message": message, "logTail": ""});
        }
        out
    });
    let service = world.ecs.service(&d.group.cluster, &d.group.service);
    let sets = [(&d.blue, "Blue"), (&d.green, "Green")].into_iter().filter_map(|(id, label)| {
        let set = service?.set(id.as_deref()?)?;
        Some(task_set(world, d, set, label))
    });
    json!({
        "deploymentTargetType": "ECSTarget",
        "ecsTarget": {
            "deploymentId": d.id,
            "targetId": id(&d.group),
            "targetArn": world.service_arn(&d.group.cluster, &d.group.service),
            "lastUpdatedAt": d.updated.json(),
            "lifecycleEvents": events.collect::<Vec<_>>(),
            "status": d.target,
            "taskSetsInfo": sets.collect::<Vec<_>>(),
        },
    })
}

pub(super) fn id(group: &Group) -> String {
    format!("{}:{}", group.cluster, group.service)
}

fn task_set(world: &World, d: &Deployment, set: &TaskSet, label: &str) -> Value {
    let (running, pending) = counts(world, set);
    let name = world.elb.group(&set.target_group).map(|g| g.name.as_str());
    json!({
        // So it is written in the API.
        "identifer": set.id,
        "desiredCount": set.desired,
        "pendingCount": pending,
        "runningCount": running,
        "status": set.status.name(),
        "trafficWeight": world.elb.share(&d.group.production, &set.target_group),
        "targetGroup": {"name": name},
        "taskSetLabel": label,
    })
}
