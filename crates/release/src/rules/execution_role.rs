use crate::rules::{Level, Rule};
use crate::verify::Found;
use crate::world::World;

pub(super) const RULE: Rule = Rule {
    level: Level::Stops,
    summary: "a task on Fargate without an execution role",
    why: "The image cannot be pulled from ECR, and awslogs cannot write.",
    remedy: "set `executionRoleArn`",
    source: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html",
    look,
};

fn look(world: &World, found: &mut Found) {
    for task in world.task_definitions() {
        if task.node.get("executionRoleArn").is_none() {
            found.at(task.file, task.line_of("family"), "no `executionRoleArn`");
        }
    }
}
