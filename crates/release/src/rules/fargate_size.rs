use crate::fargate;
use crate::rules::{Level, Rule};
use crate::verify::Found;
use crate::world::World;

pub(super) const RULE: Rule = Rule {
    level: Level::Stops,
    summary: "CPU and memory are no pair that Fargate has",
    why: "Registering works for other launch types; on Fargate \"No Fargate configuration exists for given values\".",
    remedy: "take a pair of the table in the source",
    source: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html",
    look,
};

fn look(world: &World, found: &mut Found) {
    for task in world.task_definitions() {
        let number = |key| world.known(&task, key).and_then(|v| v.parse::<u32>().ok());
        let fargate = task.list("requiresCompatibilities").iter().any(|c| c.text() == Some("FARGATE"));
        if let Some((cpu, memory)) = number("cpu").zip(number("memory")).filter(|_| fargate)
            && let Err(why) = fargate::fits(cpu, memory)
        {
            found.at(task.file, task.line_of("memory"), why);
        }
    }
}
