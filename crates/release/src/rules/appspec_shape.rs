use crate::doc::Node;
use crate::rules::{Level, Rule};
use crate::verify::Found;
use crate::world::{Kind, World};

pub(super) const RULE: Rule = Rule {
    level: Level::Stops,
    summary: "an appspec that CodeDeploy does not take for ECS",
    why: "The deployment is refused before anything happens.",
    remedy: "one resource of type `AWS::ECS::Service` with `TaskDefinition`, and `LoadBalancerInfo` with container \
             name and a port that is a number",
    source: "https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-resources.html",
    look,
};

fn look(world: &World, found: &mut Found) {
    let pipeline = world.actions("CodeDeployToECS").next().is_some();
    for file in world.of(Kind::AppSpec) {
        let resources = file.root.get("Resources").map_or(&[][..], Node::items);
        let line = file.root.line_of("Resources");
        let [resource] = resources else {
            found.at(file, line, format!("{} resources, and there is one service", resources.len()));
            continue;
        };
        let service = resource.entries().first().map(|(_, n)| n);
        let kind = service.and_then(|s| s.get("Type")).and_then(Node::text);
        if kind != Some("AWS::ECS::Service") {
            found.at(file, resource.line, "the type is not `AWS::ECS::Service`");
        }
        let Some(properties) = service.and_then(|s| s.get("Properties")) else {
            found.at(file, resource.line, "no `Properties`");
            continue;
        };
        for path in ["TaskDefinition", "LoadBalancerInfo.ContainerName", "LoadBalancerInfo.ContainerPort"] {
            if properties.at(path).is_none() {
                found.at(file, properties.line, format!("no `{path}`"));
            }
        }
        let port = properties.at("LoadBalancerInfo.ContainerPort").and_then(Node::text);
        if port.is_some_and(|p| p.parse::<u16>().is_err()) {
            found.at(file, properties.line_of("LoadBalancerInfo.ContainerPort"), "the port is not a number");
        }
        let task = properties.get("TaskDefinition").and_then(Node::text);
        if pipeline && task.is_some_and(|t| t != "<TASK_DEFINITION>") {
            found.at(
                file,
                properties.line_of("TaskDefinition"),
                "the pipeline puts its task definition where `<TASK_DEFINITION>` stands",
            );
        }
    }
}
