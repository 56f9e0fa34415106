use crate::doc::Node;
use crate::rules::{Level, Rule};
use crate::verify::Found;
use crate::world::World;

pub(super) const RULE: Rule = Rule {
    level: Level::Quality,
    summary: "a task without a role of its own, or a container that may write to its image",
    why: "Without a task role the program has no rights, or people give them to the execution role; without a stop \
          timeout and a read-only file system a release ends and begins less cleanly than it could.",
    remedy: "set `taskRoleArn`, `readonlyRootFilesystem: true` and `stopTimeout`",
    source: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/security-tasks-containers.html",
    look,
};

fn look(world: &World, found: &mut Found) {
    for (task, container) in world.containers() {
        let mut missing = Vec::new();
        if task.node.get("taskRoleArn").is_none() {
            missing.push("`taskRoleArn`");
        }
        if container.get("readonlyRootFilesystem").and_then(Node::text) != Some("true") {
            missing.push("`readonlyRootFilesystem`");
        }
        if container.get("stopTimeout").is_none() {
            missing.push("`stopTimeout`");
        }
        if !missing.is_empty() {
            found.at(task.file, container.line, format!("lacks {}", missing.join(", ")));
        }
    }
}
