use crate::rules::{Level, Rule};
use crate::verify::Found;
use crate::world::{World, reference};

pub(super) const RULE: Rule = Rule {
    level: Level::Breaks,
    summary: "the stack gives a service of CodeDeploy its task definition by revision",
    why: "Every later change of the stack sends the whole service, and ECS answers \"Unable to update task \
          definition on services with a CODE_DEPLOY deployment controller\".",
    remedy: "name the family without a revision: `TaskDefinition: !Sub ${Service}-first`, with `DependsOn` the task \
             definition",
    source: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html",
    look,
};

fn look(world: &World, found: &mut Found) {
    for service in world.services() {
        if service
            .node
            .get("TaskDefinition")
            .and_then(reference)
            .is_some_and(|r| service.file.resources().any(|p| p.name == r))
        {
            found.at(service.file, service.line_of("TaskDefinition"), "the revision changes with the stack");
        }
    }
}
