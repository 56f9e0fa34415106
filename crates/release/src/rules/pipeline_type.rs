use crate::rules::{Level, Rule};
use crate::verify::Found;
use crate::world::World;

pub(super) const RULE: Rule = Rule {
    level: Level::Quality,
    summary: "a pipeline of type V1",
    why: "Execution modes, variables, source revisions by event and rollback of stages are of V2.",
    remedy: "`PipelineType: V2`, with an `ExecutionMode`",
    source: "https://docs.aws.amazon.com/codepipeline/latest/userguide/pipeline-types.html",
    look,
};

fn look(world: &World, found: &mut Found) {
    for pipeline in world.pipelines() {
        if world.known(&pipeline, "PipelineType").as_deref() != Some("V2") {
            found.at(pipeline.file, pipeline.line_of("PipelineType"), "the pipeline is of type V1");
        }
    }
}
