use crate::doc::Node;
use crate::rules::{Level, Rule};
use crate::verify::Found;
use crate::world::World;

pub(super) const RULE: Rule = Rule {
    level: Level::Quality,
    summary: "sources of one stage that wait for each other",
    why: "They need nothing of each other, and what they resolve is further apart in time.",
    remedy: "give them the same `RunOrder`",
    source: "https://docs.aws.amazon.com/codepipeline/latest/userguide/action-requirements.html",
    look,
};

fn look(world: &World, found: &mut Found) {
    for pipeline in world.pipelines() {
        for stage in pipeline.list("Stages") {
            let actions = stage.get("Actions").map_or(&[][..], Node::items);
            let sources =
                actions.iter().filter(|a| a.at("ActionTypeId.Category").and_then(Node::text) == Some("Source"));
            for action in sources {
                let order = action.get("RunOrder").and_then(Node::text).unwrap_or("1");
                if order != "1" {
                    found.at(pipeline.file, action.line_of("RunOrder"), format!("this source runs as number {order}"));
                }
            }
        }
    }
}
