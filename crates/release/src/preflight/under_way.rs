//! Whether anything is under way already.

use super::picture::{list, text};
use super::{Fault, Item, Picture, Question, Seen, none_of};

pub(super) const ITEMS: &[Item] = &[
    Item {
        id: "no_deployment",
        rule: "a deployment group has one deployment at a time, and that one counts until the old tasks are gone",
        remedy: "`release watch` follows it, `release finish-now` ends its last wait, `release abort` undoes it",
        source: "https://docs.aws.amazon.com/codedeploy/latest/userguide/limits.html",
        look: deployment,
    },
    Item {
        id: "no_execution",
        rule: "a run waits for the one before it, or overtakes it, as the pipeline's mode says",
        remedy: "`release watch` with its id follows it, `release abort` stops it",
        source: "https://docs.aws.amazon.com/codepipeline/latest/userguide/concepts-how-it-works.html",
        look: execution,
    },
];

fn deployment(p: &Picture) -> Seen {
    let running = list(&p.told(Question::Deployments)?["deployments"]).iter().map(|id| Fault {
        resource: format!("deployment {}", text(id)),
        what: "it is under way".to_owned(),
        key: None,
    });
    none_of(running.collect(), "no deployment is under way".to_owned())
}

fn execution(p: &Picture) -> Seen {
    let all = list(&p.told(Question::Executions)?["pipelineExecutionSummaries"]);
    let running = all.iter().filter(|e| matches!(text(&e["status"]), "InProgress" | "Stopping")).map(|e| Fault {
        resource: format!("pipeline execution {}", text(&e["pipelineExecutionId"])),
        what: format!("its status is {}", text(&e["status"])),
        key: None,
    });
    none_of(running.collect(), "no run of the pipeline is under way".to_owned())
}
