use crate::doc::Node;
use crate::rules::{Level, Rule};
use crate::verify::Found;
use crate::world::{File, Kind, Part, World};

pub(super) const RULE: Rule = Rule {
    level: Level::Breaks,
    summary: "container name or port differ between task definition, appspec and service",
    why: "The load balancer's container has to be one of the task definition. A release whose files agree works, and \
          the next rollback to a revision of the other name fails.",
    remedy: "use one name and one port in task definition, appspec and service",
    source: "https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-resources.html",
    look,
};

fn look(world: &World, found: &mut Found) {
    let released: Vec<_> = world.containers().filter(|(t, _)| t.file.kind == Kind::TaskDefinition).collect();
    let first: Vec<_> = world.containers().filter(|(t, _)| t.file.kind == Kind::Template).collect();
    for (file, target) in world.targets() {
        compare(world, file, target.get("LoadBalancerInfo"), &released, found);
    }
    for service in world.services() {
        for balancer in service.list("LoadBalancers") {
            compare(world, service.file, Some(balancer), &first, found);
            compare(world, service.file, Some(balancer), &released, found);
        }
    }
}

/// `ContainerName` and `ContainerPort` of a load balancer against the containers that are there.
fn compare(world: &World, file: &File, balancer: Option<&Node>, containers: &[(Part, &Node)], found: &mut Found) {
    let Some(balancer) = balancer else { return };
    let value = |node: &Node, key| node.get(key).and_then(|n| world.value(file, n));
    let Some(name) = value(balancer, "ContainerName") else { return };
    let names: Vec<Option<String>> =
        containers.iter().map(|(t, c)| c.get("name").and_then(|n| world.value(t.file, n))).collect();
    if names.iter().any(Option::is_none) || names.is_empty() {
        return;
    }
    let Some(at) = names.iter().position(|n| n.as_ref() == Some(&name)) else {
        let others: Vec<String> = names.into_iter().flatten().collect();
        let line = balancer.line_of("ContainerName");
        let other = containers[0].0.file.path.display();
        found.at(file, line, format!("the container is `{name}` here and `{}` in `{other}`", others.join("`, `")));
        return;
    };
    let (task, container) = containers[at];
    let ports: Vec<Option<String>> = container
        .get("portMappings")
        .map_or(&[][..], Node::items)
        .iter()
        .map(|m| m.get("containerPort").and_then(|p| world.value(task.file, p)))
        .collect();
    let port = value(balancer, "ContainerPort");
    if port.is_some() && ports.iter().all(Option::is_some) && !ports.contains(&port) {
        let line = balancer.line_of("ContainerPort");
        let port = port.unwrap_or_default();
        found.at(file, line, format!("port {port} here is no port of `{name}` in `{}`", task.file.path.display()));
    }
}
