use crate::doc::Node;
use crate::rules::{Level, Rule};
use crate::verify::Found;
use crate::world::World;

pub(super) const RULE: Rule = Rule {
    level: Level::Breaks,
    summary: "a bucket with a name of its own, or one that goes with the stack",
    why: "Names of buckets are global: the second copy of the stack fails. Without `DeletionPolicy: Retain` deleting \
          the stack stops at the versions that are in it.",
    remedy: "leave `BucketName` out and set `DeletionPolicy: Retain`; the stack's outputs tell the name",
    source: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html",
    look,
};

fn look(world: &World, found: &mut Found) {
    for bucket in world.resources("AWS::S3::Bucket") {
        let kept = bucket.whole.get("DeletionPolicy").and_then(Node::text) == Some("Retain");
        match (bucket.node.get("BucketName").is_some(), kept) {
            (true, _) => {
                found.at(
                    bucket.file,
                    bucket.line_of("BucketName"),
                    format!("{} has a name of its own", bucket.title()),
                );
            }
            (false, false) => found.at(bucket.file, bucket.line, format!("{} goes with the stack", bucket.title())),
            (false, true) => {}
        }
    }
}
