use crate::doc::Node;
use crate::rules::{Level, Rule};
use crate::verify::Found;
use crate::world::World;

pub(super) const RULE: Rule = Rule {
    level: Level::Breaks,
    summary: "the image is taken by a tag that may mean another image when the pipeline runs",
    why: "The pipeline resolves the tag and the archive at different moments: a release can get the image of the \
          next one, and starting an old run again deploys a new image.",
    remedy: "have the EventBridge rule pass `IMAGE_DIGEST` by an input transformer, or start with `sourceRevisions`; \
             make tags immutable",
    source: "https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-trigger-source-overrides.html",
    look,
};

fn look(world: &World, found: &mut Found) {
    let pins = |t: &Node| {
        t.at("InputTransformer.InputTemplate").and_then(Node::text).is_some_and(|t| t.contains("IMAGE_DIGEST"))
    };
    let pinned = world.event_rules("aws.ecr").any(|r| r.list("Targets").iter().any(pins));
    for (pipeline, action) in world.actions("ECR") {
        let tag =
            action.at("Configuration.ImageTag").map_or(Some("latest".to_owned()), |n| world.value(pipeline.file, n));
        if !pinned {
            let line = action.line_of("Configuration.ImageTag");
            found.at(
                pipeline.file,
                line,
                format!("the image is what `{}` means at that moment", tag.as_deref().unwrap_or("the tag")),
            );
        }
    }
}
