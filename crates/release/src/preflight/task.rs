//! The task that is to run.

use super::{Item, Picture, Seen, against};
use crate::fargate;

pub(super) const ITEMS: &[Item] = &[Item {
    id: "task_size",
    rule: "Fargate has certain pairs of CPU and memory",
    remedy: "take a pair of the table",
    source: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html",
    look,
}];

fn look(p: &Picture) -> Seen {
    let task = &p.environment.task;
    match fargate::fits(task.cpu, task.memory) {
        Ok(()) => Ok(format!("{} CPU units, {} MiB", task.cpu, task.memory)),
        Err(words) => Err(against("task.memory", format!("task definition {}", task.family), words)),
    }
}
