use crate::rules::{Level, Rule};
use crate::verify::Found;
use crate::world::World;

pub(super) const RULE: Rule = Rule {
    level: Level::Stops,
    summary: "a circuit breaker on a service that CodeDeploy releases",
    why: "It is for rolling updates of ECS only; the service is refused.",
    remedy: "leave it out: alarms and the automatic rollback of CodeDeploy do this",
    source: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html",
    look,
};

fn look(world: &World, found: &mut Found) {
    let path = "DeploymentConfiguration.DeploymentCircuitBreaker";
    for service in world.services() {
        if service.node.at(path).is_some() {
            found.at(service.file, service.line_of(path), format!("{} has a circuit breaker", service.title()));
        }
    }
}
