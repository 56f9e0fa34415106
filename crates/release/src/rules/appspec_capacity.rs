use crate::rules::{Level, Rule};
use crate::verify::Found;
use crate::world::World;

pub(super) const RULE: Rule = Rule {
    level: Level::Breaks,
    summary: "the service has a capacity provider strategy and the appspec none",
    why: "CodeDeploy makes the new tasks as the appspec says: the service's strategy is gone after the first \
          release, and with it the mix of Fargate and Spot.",
    remedy: "repeat `CapacityProviderStrategy` in the appspec, or give the service a `LaunchType`",
    source: "https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-resources.html",
    look,
};

fn look(world: &World, found: &mut Found) {
    let Some(service) = world.services().find(|s| !s.list("CapacityProviderStrategy").is_empty()) else { return };
    for (file, target) in world.targets() {
        if target.get("CapacityProviderStrategy").is_none() {
            let line = target.line.saturating_sub(1).max(1);
            found.at(file, line, format!("has no strategy, {} has one", service.title()));
        }
    }
}
