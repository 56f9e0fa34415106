use crate::rules::{Level, Rule};
use crate::verify::Found;
use crate::world::World;

pub(super) const RULE: Rule = Rule {
    level: Level::Breaks,
    summary: "a failed release is not rolled back",
    why: "The deployment fails and the traffic stays where it was at that moment.",
    remedy: "`AutoRollbackConfiguration: {Enabled: true}` with `DEPLOYMENT_FAILURE` among its events",
    source: "https://docs.aws.amazon.com/codedeploy/latest/userguide/deployments-rollback-and-redeploy.html",
    look,
};

fn look(world: &World, found: &mut Found) {
    for group in world.groups() {
        let on = world.known(&group, "AutoRollbackConfiguration.Enabled").as_deref() == Some("true");
        let failure =
            group.list("AutoRollbackConfiguration.Events").iter().any(|e| e.text() == Some("DEPLOYMENT_FAILURE"));
        if !on || !failure {
            found.at(group.file, group.line_of("AutoRollbackConfiguration.Enabled"), "a failure is not rolled back");
        }
    }
}
