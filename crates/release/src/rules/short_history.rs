use crate::rules::{Level, Rule};
use crate::verify::Found;
use crate::world::World;

pub(super) const RULE: Rule = Rule {
    level: Level::Breaks,
    summary: "old versions in a bucket of the release flow are gone after days",
    why: "Starting an older version, rolling a stage back and retrying it need the stored revision.",
    remedy: "keep versions as long as you may want to go back: 30 days at least",
    source: "https://docs.aws.amazon.com/codepipeline/latest/userguide/stage-rollback.html",
    look,
};

/// Days below which a rollback is likely to find nothing.
const DAYS: u32 = 30;

fn look(world: &World, found: &mut Found) {
    for bucket in world.resources("AWS::S3::Bucket") {
        for rule in bucket.list("LifecycleConfiguration.Rules") {
            for path in ["NoncurrentVersionExpirationInDays", "NoncurrentVersionExpiration.NoncurrentDays"] {
                let days = rule.at(path).and_then(|n| world.value(bucket.file, n)?.parse::<u32>().ok());
                if let Some(days) = days.filter(|d| *d < DAYS) {
                    found.at(
                        bucket.file,
                        rule.line_of(path),
                        format!("old versions in {} are deleted after {days} days", bucket.title()),
                    );
                }
            }
        }
    }
}
