use crate::doc::Node;
use crate::rules::{Level, Rule};
use crate::verify::Found;
use crate::world::World;

pub(super) const RULE: Rule = Rule {
    level: Level::Risk,
    summary: "tasks have public addresses",
    why: "They are reached, and reach out, past the load balancer's subnets.",
    remedy: "`AssignPublicIp: DISABLED` in private subnets, with NAT or VPC endpoints for ECR, S3 and logs",
    source: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html",
    look,
};

fn look(world: &World, found: &mut Found) {
    let path = "NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp";
    for service in world.resources("AWS::ECS::Service") {
        if world.known(&service, path).as_deref() == Some("ENABLED") {
            found.at(
                service.file,
                service.line_of(path),
                format!("tasks of {} have public addresses", service.title()),
            );
        }
    }
    for (file, target) in world.targets() {
        if target.at(path).and_then(Node::text) == Some("ENABLED") {
            found.at(file, target.line_of(path), "new tasks have public addresses");
        }
    }
}
