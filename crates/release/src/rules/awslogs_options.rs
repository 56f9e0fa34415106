use crate::doc::Node;
use crate::rules::{Level, Rule};
use crate::verify::Found;
use crate::world::World;

pub(super) const RULE: Rule = Rule {
    level: Level::Stops,
    summary: "awslogs without an option that it needs on Fargate",
    why: "The task does not start: group, region and stream prefix are required there.",
    remedy: "set `awslogs-group`, `awslogs-region` and `awslogs-stream-prefix`",
    source: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specify-log-config.html",
    look,
};

fn look(world: &World, found: &mut Found) {
    for (task, container) in world.containers() {
        let Some(log) = container.get("logConfiguration") else { continue };
        if log.get("logDriver").and_then(Node::text) != Some("awslogs") {
            continue;
        }
        for option in ["awslogs-group", "awslogs-region", "awslogs-stream-prefix"] {
            if log.get("options").and_then(|o| o.get(option)).is_none() {
                found.at(task.file, container.line_of("logConfiguration"), format!("no `{option}`"));
            }
        }
    }
}
