//! Cluster and service, and whether the new task fits them.

use serde_json::Value;

use super::picture::{list, text};
use super::{Fault, Item, Picture, Question, Seen, against, fault, none_of};

const LOAD_BALANCER: &str = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LoadBalancer.html";

pub(super) const ITEMS: &[Item] = &[
    Item {
        id: "capacity_providers",
        rule: "tasks run on capacity providers that their cluster is associated with",
        remedy: "associate them with the cluster: aws ecs put-cluster-capacity-providers",
        source: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html",
        look: capacity,
    },
    Item {
        id: "cluster",
        rule: "a service runs in a cluster that is ACTIVE",
        remedy: "name the cluster as it is",
        source: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeClusters.html",
        look: cluster,
    },
    Item {
        id: "container_name",
        rule: "a task set registers the container that the appspec names, which has to be in its task definition; a rollback \
               has the old task definition and the new appspec",
        remedy: "give the container one name in task definition, appspec and service",
        source: LOAD_BALANCER,
        look: name,
    },
    Item {
        id: "container_port",
        rule: "a task set registers the container's port that the appspec names, which has to be in its task definition",
        remedy: "give the container one port in task definition, appspec and service",
        source: LOAD_BALANCER,
        look: port,
    },
    Item {
        id: "controller",
        rule: "CodeDeploy releases services whose deployment controller is CODE_DEPLOY, which they get when they are made",
        remedy: "make the service anew with that controller; one of ECS's own is released by ECS",
        source: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentController.html",
        look: controller,
    },
    Item {
        id: "service",
        rule: "a release goes to a service that is ACTIVE",
        remedy: "name the service as it is",
        source: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html",
        look: service,
    },
];

fn cluster(p: &Picture) -> Seen {
    let name = p.environment.cluster.to_string();
    let told = list(&p.told(Question::Cluster)?["clusters"]);
    match told.first().map(|c| text(&c["status"])) {
        Some("ACTIVE") => Ok(name),
        Some(status) => Err(against("cluster", format!("cluster {name}"), format!("its status is {status}"))),
        None => Err(against("cluster", format!("cluster {name}"), "there is none in this account and region")),
    }
}

fn capacity(p: &Picture) -> Seen {
    let Some(cluster) = list(&p.told(Question::Cluster)?["clusters"]).first() else {
        return super::skip("the cluster is not there");
    };
    let has: Vec<&str> = list(&cluster["capacityProviders"]).iter().map(text).collect();
    let meant: Vec<&str> = p.environment.task.capacity.keys().map(String::as_str).collect();
    if meant.is_empty() {
        return super::skip("release.toml has no `capacity`: tasks run by launch type");
    }
    let absent = meant.iter().filter(|m| !has.contains(m)).map(|m| Fault {
        resource: format!("cluster {}", p.environment.cluster),
        what: format!("the capacity provider {m} is not associated with it"),
        key: Some("task.capacity"),
    });
    none_of(absent.collect(), meant.join(", "))
}

fn service(p: &Picture) -> Seen {
    let resource = format!("service {}/{}", p.environment.cluster, p.environment.service);
    if p.code(Question::Service) == Some("ServiceNotFoundException") {
        return Err(against("service", resource, "there is none in the cluster"));
    }
    let told = list(&p.told(Question::Service)?["services"]);
    match told.first().map(|s| text(&s["status"])) {
        Some("ACTIVE") => Ok(resource),
        Some(status) => Err(against("service", resource, format!("its status is {status}"))),
        None => Err(against("service", resource, "there is none in the cluster")),
    }
}

fn controller(p: &Picture) -> Seen {
    // A service that names none has ECS's own.
    let kind = p.service()?["deploymentController"]["type"].as_str().unwrap_or("ECS");
    if kind != "CODE_DEPLOY" {
        let what = format!("its deployment controller is {kind}: it is not released by CodeDeploy");
        return Err(fault(format!("service {}", p.environment.service), what));
    }
    Ok(kind.to_owned())
}

fn name(p: &Picture) -> Seen {
    let meant = p.environment.task.container.as_str();
    let serving = text(&p.primary()?["loadBalancers"][0]["containerName"]);
    if serving != meant {
        let what = format!("its tasks are registered by the container `{serving}`, release.toml has `{meant}`");
        return Err(against("task.container", format!("service {}", p.environment.service), what));
    }
    running(p)?;
    Ok(format!("`{meant}` in service and running task definition"))
}

/// The container of the running task definition.
fn running(p: &Picture) -> Result<&Value, super::Bad> {
    let definition = &p.told(Question::Running)?["taskDefinition"];
    let meant = p.environment.task.container.as_str();
    list(&definition["containerDefinitions"]).iter().find(|c| c["name"] == meant).ok_or_else(|| {
        let what = format!("it has no container `{meant}`: a rollback to it would fail");
        against("task.container", text(&definition["taskDefinitionArn"]), what)
    })
}

fn port(p: &Picture) -> Seen {
    let meant = u64::from(p.environment.task.port);
    let serving = p.primary()?["loadBalancers"][0]["containerPort"].as_u64().unwrap_or(0);
    if serving != meant {
        let what = format!("its tasks are registered by port {serving}, release.toml has {meant}");
        return Err(against("task.port", format!("service {}", p.environment.service), what));
    }
    let Ok(container) = running(p) else { return super::skip("the running task definition has no such container") };
    if !list(&container["portMappings"]).iter().any(|m| m["containerPort"] == meant) {
        let what = format!("its container has no port {meant}: a rollback to it would fail");
        let arn = text(&p.told(Question::Running)?["taskDefinition"]["taskDefinitionArn"]);
        return Err(against("task.port", arn, what));
    }
    Ok(format!("{meant} in service and running task definition"))
}
