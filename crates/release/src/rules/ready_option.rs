use crate::rules::{Level, Rule};
use crate::verify::Found;
use crate::world::World;

pub(super) const RULE: Rule = Rule {
    level: Level::Stops,
    summary: "the deployment is to go on by itself and to wait",
    why: "With `CONTINUE_DEPLOYMENT` the wait has to be 0: InvalidBlueGreenDeploymentConfigurationException.",
    remedy: "wait 0 minutes, or `STOP_DEPLOYMENT`, which waits for somebody to go on",
    source: "https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_DeploymentReadyOption.html",
    look,
};

fn look(world: &World, found: &mut Found) {
    let path = "BlueGreenDeploymentConfiguration.DeploymentReadyOption";
    for group in world.groups() {
        let get = |key: &str| world.known(&group, &format!("{path}.{key}"));
        let waits = get("WaitTimeInMinutes").is_some_and(|w| w != "0");
        if get("ActionOnTimeout").as_deref() == Some("CONTINUE_DEPLOYMENT") && waits {
            found.at(group.file, group.line_of(&format!("{path}.WaitTimeInMinutes")), "waits, and goes on by itself");
        }
        let keep =
            "BlueGreenDeploymentConfiguration.TerminateBlueInstancesOnDeploymentSuccess.TerminationWaitTimeInMinutes";
        if world.known(&group, keep).and_then(|w| w.parse::<u32>().ok()).is_some_and(|w| w > 2880) {
            found.at(group.file, group.line_of(keep), "old tasks can be kept for 2880 minutes");
        }
    }
}
