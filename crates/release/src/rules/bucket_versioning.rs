use crate::rules::{Level, Rule};
use crate::verify::Found;
use crate::world::World;

pub(super) const RULE: Rule = Rule {
    level: Level::Stops,
    summary: "the pipeline takes its archive from a bucket without versions",
    why: "CodePipeline takes S3 sources from versioned buckets only.",
    remedy: "`VersioningConfiguration: {Status: Enabled}`",
    source: "https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-S3.html",
    look,
};

fn look(world: &World, found: &mut Found) {
    for bucket in world.resources("AWS::S3::Bucket") {
        if world.known(&bucket, "VersioningConfiguration.Status").as_deref() != Some("Enabled") {
            found.at(
                bucket.file,
                bucket.line_of("VersioningConfiguration.Status"),
                format!("{} keeps no versions", bucket.title()),
            );
        }
    }
}
