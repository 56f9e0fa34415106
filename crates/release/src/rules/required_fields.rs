use crate::rules::{Level, Rule};
use crate::verify::Found;
use crate::world::World;

pub(super) const RULE: Rule = Rule {
    level: Level::Stops,
    summary: "a task definition without something that registering it needs",
    why: "The pipeline fails at RegisterTaskDefinition.",
    remedy: "add the field",
    source: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html",
    look,
};

fn look(world: &World, found: &mut Found) {
    for task in world.task_definitions() {
        for key in ["family", "cpu", "memory", "requiresCompatibilities", "containerDefinitions"] {
            if task.node.get(key).is_none() {
                found.at(task.file, task.line, format!("no `{key}`"));
            }
        }
        let count = task.list("containerDefinitions").len();
        if count == 0 && task.node.get("containerDefinitions").is_some() {
            found.at(task.file, task.line_of("containerDefinitions"), "no container");
        }
    }
    for (task, container) in world.containers() {
        for key in ["name", "image"] {
            if container.get(key).is_none() {
                found.at(task.file, container.line, format!("a container without `{key}`"));
            }
        }
    }
}
