use crate::rules::{Level, Rule};
use crate::verify::Found;
use crate::world::World;

pub(super) const RULE: Rule = Rule {
    level: Level::Quality,
    summary: "a container whose output is kept nowhere",
    why: "Fargate keeps no output: why a new task failed cannot be told.",
    remedy: "`logConfiguration` with `awslogs`, and a log group with retention",
    source: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html",
    look,
};

fn look(world: &World, found: &mut Found) {
    for (task, container) in world.containers() {
        if container.get("logConfiguration").is_none() {
            found.at(task.file, container.line, "the container has no `logConfiguration`");
        }
    }
}
