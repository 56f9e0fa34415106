use crate::rules::{Level, Rule};
use crate::verify::Found;
use crate::world::World;

pub(super) const RULE: Rule = Rule {
    level: Level::Breaks,
    summary: "nothing scales the service",
    why: "The number of tasks stays what it was when the stack was made, whatever comes.",
    remedy: "add `AWS::ApplicationAutoScaling::ScalableTarget` and a scaling policy; a release may double the tasks \
             meanwhile",
    source: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-auto-scaling.html",
    look,
};

fn look(world: &World, found: &mut Found) {
    if world.resources("AWS::ApplicationAutoScaling::ScalableTarget").next().is_none() {
        for service in world.services() {
            found.at(service.file, service.line, format!("{} has a fixed number of tasks", service.title()));
        }
    }
}
