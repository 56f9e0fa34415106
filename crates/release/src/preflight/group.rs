//! The deployment group.

use super::picture::{last, list, text};
use super::{Item, Picture, Question, Seen, against, fault};

pub(super) const ITEMS: &[Item] = &[
    Item {
        id: "deployment_config",
        rule: "a deployment to ECS goes by a configuration of the compute platform ECS",
        remedy: "name one that is there: `aws deploy list-deployment-configs` lists them",
        source: "https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html",
        look: config,
    },
    Item {
        id: "deployment_group",
        rule: "a deployment is made in a group of an application, whose compute platform is ECS",
        remedy: "name application and group as they are, or make them with service.yaml",
        source: "https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-groups-create-ecs.html",
        look: exists,
    },
    Item {
        id: "group_service",
        rule: "a group releases the one service that it names, and a service is in one group",
        remedy: "let release.toml and the deployment group name the same cluster and service",
        source: "https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_ECSService.html",
        look: service,
    },
];

fn exists(p: &Picture) -> Seen {
    let (application, name) = (&p.environment.application, &p.environment.deployment_group);
    let resource = format!("deployment group {application}/{name}");
    match p.code(Question::Group) {
        Some("ApplicationDoesNotExistException") => {
            return Err(against("application", resource, "there is no such application in this account and region"));
        }
        Some("DeploymentGroupDoesNotExistException") => {
            return Err(against("deployment-group", resource, "the application has no such group"));
        }
        _ => {}
    }
    let platform = text(&p.group()?["computePlatform"]);
    if platform != "ECS" {
        return Err(fault(resource, format!("its compute platform is {platform}")));
    }
    Ok(format!("{application}/{name}"))
}

fn service(p: &Picture) -> Seen {
    let services = list(&p.group()?["ecsServices"]);
    let told = services.first().map(|s| (last(text(&s["clusterName"])), last(text(&s["serviceName"]))));
    let meant = (p.environment.cluster.to_string(), p.environment.service.to_string());
    let resource = format!("deployment group {}", p.environment.deployment_group);
    match told {
        Some((c, s)) if (last(&meant.0), last(&meant.1)) == (c, s) => Ok(format!("it releases {c}/{s}")),
        Some((c, s)) => {
            let what =
                format!("it releases the service `{s}` of `{c}`, release.toml has `{}` of `{}`", meant.1, meant.0);
            let key = if c == last(&meant.0) { "service" } else { "cluster" };
            Err(against(key, resource, what))
        }
        None => Err(fault(resource, "it names no service of ECS")),
    }
}

fn config(p: &Picture) -> Seen {
    let ours = &p.environment.deployment_config;
    // The action of a pipeline names no configuration: the group's counts.
    let piped = p.environment.pipeline.is_some();
    if p.code(Question::DeploymentConfig) == Some("DeploymentConfigDoesNotExistException") {
        let resource = format!("deployment configuration {ours}");
        return Err(against(
            "deployment-config",
            resource,
            "there is no such configuration in this account and region",
        ));
    }
    let told = &p.told(Question::DeploymentConfig)?["deploymentConfigInfo"];
    let (name, platform) = (text(&told["deploymentConfigName"]), text(&told["computePlatform"]));
    if platform != "ECS" {
        let what = format!("it is for {platform}, not for ECS");
        return Err(fault(format!("deployment configuration {name}"), what));
    }
    if piped && name != ours {
        let what = format!("the group has it, release.toml has {ours}: a pipeline goes by the group's");
        return Err(against("deployment-config", format!("deployment configuration {name}"), what));
    }
    Ok(name.to_owned())
}
