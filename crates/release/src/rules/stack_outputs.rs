use crate::rules::{Level, Rule};
use crate::verify::Found;
use crate::world::{Kind, World};

pub(super) const RULE: Rule = Rule {
    level: Level::Quality,
    summary: "a stack of a service that tells nothing of what it made",
    why: "Names and ARNs are then copied by hand into deployment group and pipeline, and copied wrong.",
    remedy: "add `Outputs`: cluster, service, listeners, target groups, bucket",
    source: "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/outputs-section-structure.html",
    look,
};

fn look(world: &World, found: &mut Found) {
    for file in world.of(Kind::Template) {
        let serves = world.services().any(|s| s.file.path == file.path);
        if serves && file.root.get("Outputs").is_none() {
            found.at(file, file.root.line_of("Resources"), "no `Outputs`");
        }
    }
}
