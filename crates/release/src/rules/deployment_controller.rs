use crate::rules::{Level, Rule};
use crate::verify::Found;
use crate::world::World;

pub(super) const RULE: Rule = Rule {
    level: Level::Stops,
    summary: "a deployment group for a service that CodeDeploy may not release",
    why: "\"Deployment group's ECS service must be configured for a CODE_DEPLOY deployment controller\". The \
          controller cannot be changed later.",
    remedy: "`DeploymentController: {Type: CODE_DEPLOY}` on a new service",
    source: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-bluegreen.html",
    look,
};

fn look(world: &World, found: &mut Found) {
    if world.groups().next().is_none() {
        return;
    }
    for service in world.resources("AWS::ECS::Service") {
        if world.known(&service, "DeploymentController.Type").as_deref() != Some("CODE_DEPLOY") {
            found.at(
                service.file,
                service.line_of("DeploymentController.Type"),
                format!("{} is not for CodeDeploy", service.title()),
            );
        }
    }
}
