use crate::rules::{Level, Rule};
use crate::verify::Found;
use crate::world::World;

pub(super) const RULE: Rule = Rule {
    level: Level::Breaks,
    summary: "the deployment group does not say how traffic moves, or with a configuration that is not for ECS",
    why: "Without a name all traffic moves at once; names without `ECS` are for servers or Lambda.",
    remedy: "name one, such as `CodeDeployDefault.ECSCanary10Percent5Minutes`",
    source: "https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html",
    look,
};

fn look(world: &World, found: &mut Found) {
    for group in world.groups() {
        match group.node.get("deploymentConfigName") {
            None => found.at(group.file, group.line_of("deploymentGroupName"), "all traffic moves at once"),
            Some(name) => {
                let name = world.value(group.file, name).unwrap_or_default();
                if name.starts_with("CodeDeployDefault.") && !name.starts_with("CodeDeployDefault.ECS") {
                    found.at(group.file, group.line_of("deploymentConfigName"), format!("`{name}` is not for ECS"));
                }
            }
        }
    }
}
