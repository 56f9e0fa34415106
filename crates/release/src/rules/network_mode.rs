use crate::doc::Node;
use crate::rules::{Level, Rule};
use crate::verify::Found;
use crate::world::World;

pub(super) const RULE: Rule = Rule {
    level: Level::Stops,
    summary: "a task for Fargate without network mode awsvpc",
    why: "Fargate has no other; the task definition is refused.",
    remedy: "`networkMode: awsvpc`, and host ports equal to container ports or left out",
    source: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html",
    look,
};

fn look(world: &World, found: &mut Found) {
    for task in world.task_definitions() {
        let fargate = task.list("requiresCompatibilities").iter().any(|c| c.text() == Some("FARGATE"));
        if fargate && world.known(&task, "networkMode").as_deref() != Some("awsvpc") {
            found.at(task.file, task.line_of("networkMode"), "the network mode is not `awsvpc`");
        }
    }
    for (task, container) in world.containers() {
        for mapping in container.get("portMappings").map_or(&[][..], Node::items) {
            let port = |key| mapping.get(key).and_then(|n| world.value(task.file, n));
            if port("hostPort").zip(port("containerPort")).is_some_and(|(h, c)| h != c) {
                found.at(task.file, mapping.line_of("hostPort"), "host port and container port differ");
            }
        }
    }
}
