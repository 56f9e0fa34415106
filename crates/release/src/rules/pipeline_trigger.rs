use crate::doc::Node;
use crate::rules::{Level, Rule};
use crate::verify::Found;
use crate::world::{Kind, World};

pub(super) const RULE: Rule = Rule {
    level: Level::Stops,
    summary: "a source of a pipeline that nothing starts",
    why: "With `PollForSourceChanges: false` an EventBridge rule has to start the pipeline, and ECR is never polled. \
          Without a rule only a person starts it.",
    remedy: "add an `AWS::Events::Rule` for the source with the pipeline as target and a role that may start it",
    source: "https://docs.aws.amazon.com/codepipeline/latest/userguide/create-S3-source-events.html",
    look,
};

fn look(world: &World, found: &mut Found) {
    for (provider, source) in [("S3", "aws.s3"), ("ECR", "aws.ecr")] {
        for (pipeline, action) in world.actions(provider).filter(|(p, _)| p.file.kind == Kind::Template) {
            let poll = action.at("Configuration.PollForSourceChanges").and_then(Node::text) != Some("false");
            let deploys =
                provider == "ECR" || action.at("ActionTypeId.Category").and_then(Node::text) == Some("Source");
            let started =
                world.event_rules(source).any(|r| r.list("Targets").iter().any(|t| t.get("RoleArn").is_some()));
            if deploys && !started && !(poll && provider == "S3") {
                let line =
                    if provider == "S3" { action.line_of("Configuration.PollForSourceChanges") } else { action.line };
                found.at(pipeline.file, line, format!("no rule for events of `{source}` starts the pipeline"));
            }
        }
    }
}
