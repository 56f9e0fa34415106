use crate::rules::{Level, Rule};
use crate::verify::Found;
use crate::world::{Part, World, reference};

pub(super) const RULE: Rule = Rule {
    level: Level::Risk,
    summary: "a bucket that does not shut the public out, or does not say how it is encrypted",
    why: "One policy or access list by mistake makes it public; without a policy it answers without TLS.",
    remedy: "all four settings of `PublicAccessBlockConfiguration`, `BucketEncryption`, and a bucket policy that \
             denies what comes without TLS",
    source: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
    look,
};

fn look(world: &World, found: &mut Found) {
    for bucket in world.resources("AWS::S3::Bucket") {
        let settings = ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"];
        let shut =
            |s: &&str| world.known(&bucket, &format!("PublicAccessBlockConfiguration.{s}")).as_deref() == Some("true");
        let policy = |p: Part| p.node.get("Bucket").and_then(reference) == Some(bucket.name);
        let missing: Vec<&str> = [
            (!settings.iter().all(shut), "`PublicAccessBlockConfiguration`"),
            (bucket.node.get("BucketEncryption").is_none(), "`BucketEncryption`"),
            (!world.resources("AWS::S3::BucketPolicy").any(policy), "a bucket policy"),
        ]
        .iter()
        .filter(|m| m.0)
        .map(|m| m.1)
        .collect();
        if !missing.is_empty() {
            found.at(bucket.file, bucket.line, format!("{} lacks {}", bucket.title(), missing.join(", ")));
        }
    }
}
