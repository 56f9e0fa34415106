use crate::rules::{Level, Rule};
use crate::verify::Found;
use crate::world::World;

pub(super) const RULE: Rule = Rule {
    level: Level::Breaks,
    summary: "no alarm stops a release",
    why: "A program that answers its health check and fails at everything else is released to the end.",
    remedy: "name alarms in `AlarmConfiguration`, enabled, and add `DEPLOYMENT_STOP_ON_ALARM` to the events of the \
             automatic rollback",
    source: "https://docs.aws.amazon.com/codedeploy/latest/userguide/deployments-rollback-and-redeploy.html",
    look,
};

fn look(world: &World, found: &mut Found) {
    for group in world.groups() {
        let on = world.known(&group, "AlarmConfiguration.Enabled").as_deref() == Some("true");
        let alarms = group.list("AlarmConfiguration.Alarms");
        let event =
            group.list("AutoRollbackConfiguration.Events").iter().any(|e| e.text() == Some("DEPLOYMENT_STOP_ON_ALARM"));
        if !on || alarms.is_empty() {
            found.at(group.file, group.line_of("AutoRollbackConfiguration.Events"), "no alarm is asked");
        } else if !event {
            found.at(
                group.file,
                group.line_of("AutoRollbackConfiguration.Events"),
                "an alarm stops the release, and nothing rolls it back",
            );
        } else if alarms.len() > 10 {
            found.at(
                group.file,
                group.line_of("AlarmConfiguration.Alarms"),
                format!("{} alarms, and CodeDeploy takes 10", alarms.len()),
            );
        }
    }
}
