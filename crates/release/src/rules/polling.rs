use crate::doc::Node;
use crate::rules::{Level, Rule};
use crate::verify::Found;
use crate::world::World;

pub(super) const RULE: Rule = Rule {
    level: Level::Quality,
    summary: "a source that is polled although events start the pipeline",
    why: "Each change then starts it twice. `PollForSourceChanges` is true when it is left out.",
    remedy: "`PollForSourceChanges: \"false\"`",
    source: "https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-S3.html",
    look,
};

fn look(world: &World, found: &mut Found) {
    for (pipeline, action) in world.actions("S3") {
        let source = action.at("ActionTypeId.Category").and_then(Node::text) == Some("Source");
        let polls = action.at("Configuration.PollForSourceChanges").and_then(Node::text) != Some("false");
        if source && polls && world.event_rules("aws.s3").next().is_some() {
            found.at(pipeline.file, action.line_of("Configuration.PollForSourceChanges"), "is polled too");
        }
    }
}
