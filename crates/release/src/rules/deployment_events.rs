use crate::rules::{Level, Rule};
use crate::verify::Found;
use crate::world::{Kind, World};

pub(super) const RULE: Rule = Rule {
    level: Level::Quality,
    summary: "nobody is told what becomes of a deployment",
    why: "The pipeline's own notifications say that it failed, not which deployment and why.",
    remedy: "an `AWS::Events::Rule` for `aws.codedeploy` with the topic as target",
    source: "https://docs.aws.amazon.com/codedeploy/latest/userguide/monitoring-cloudwatch-events.html",
    look,
};

fn look(world: &World, found: &mut Found) {
    let told = world.event_rules("aws.codedeploy").next().is_some()
        || world.groups().any(|g| !g.list("TriggerConfigurations").is_empty());
    for (pipeline, action) in world.actions("CodeDeployToECS").filter(|(p, _)| p.file.kind == Kind::Template) {
        if !told {
            found.at(pipeline.file, action.line, "no rule for events of `aws.codedeploy`");
        }
    }
}
