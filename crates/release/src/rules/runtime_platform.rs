use crate::rules::{Level, Rule};
use crate::verify::Found;
use crate::world::World;

pub(super) const RULE: Rule = Rule {
    level: Level::Breaks,
    summary: "the task definition does not say what the image was built for",
    why: "Fargate takes X86_64 then; an image that was built on an ARM machine ends with \"exec format error\".",
    remedy: "set `runtimePlatform` with `cpuArchitecture` and `operatingSystemFamily`",
    source: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RuntimePlatform.html",
    look,
};

fn look(world: &World, found: &mut Found) {
    for task in world.task_definitions() {
        if task.node.at("runtimePlatform.cpuArchitecture").is_none() {
            found.at(task.file, task.line_of("requiresCompatibilities"), "no `cpuArchitecture`: X86_64 is assumed");
        }
    }
}
