//! The bucket of the archives.

use serde_json::Value;

use super::picture::{list, text};
use super::{Fault, Item, Picture, Question, Seen, against, fault, none_of};

pub(super) const ITEMS: &[Item] = &[
    Item {
        id: "bucket_history",
        rule: "starting an older version, rolling a stage back and retrying it need the stored version of the archive",
        remedy: "keep old versions as long as you may want to go back: 30 days at least",
        source: "https://docs.aws.amazon.com/codepipeline/latest/userguide/stage-rollback.html",
        look: history,
    },
    Item {
        id: "bucket_region",
        rule: "the bucket of an S3 source is in the region of the pipeline",
        remedy: "name the bucket of this region in release.toml, or make one",
        source: "https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-S3.html",
        look: region,
    },
    Item {
        id: "bucket_versioning",
        rule: "the bucket of an S3 source keeps versions; a release is pinned to one",
        remedy: "turn versioning on: aws s3api put-bucket-versioning",
        source: "https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-S3.html",
        look: versioning,
    },
];

/// Days below which a rollback is likely to find nothing; the rule `short_history` of files has the same.
const DAYS: u64 = 30;

fn region(p: &Picture) -> Seen {
    let (bucket, meant) = (p.environment.bucket.to_string(), &p.environment.region);
    if let Some(words) = p.gone(Question::Location) {
        return Err(against("bucket", format!("bucket {bucket}"), words));
    }
    // Two regions have names from before there were names.
    let region = match p.told(Question::Location)?.as_str().unwrap_or("") {
        "" => "us-east-1",
        "EU" => "eu-west-1",
        region => region,
    };
    if region != meant {
        return Err(against(
            "region",
            format!("bucket {bucket}"),
            format!("it is in {region}, release.toml has {meant}"),
        ));
    }
    Ok(format!("{bucket} in {region}"))
}

fn versioning(p: &Picture) -> Seen {
    let told = p.told(Question::Versioning)?;
    match text(&told["Status"]) {
        "Enabled" => Ok("versions are kept".to_owned()),
        other => {
            let how = if other.is_empty() { "never was turned on" } else { "is suspended" };
            Err(fault(format!("bucket {}", p.environment.bucket), format!("versioning {how}")))
        }
    }
}

fn history(p: &Picture) -> Seen {
    if p.gone(Question::Lifecycle).is_some() && p.gone(Question::Location).is_none() {
        return Ok("old versions are kept for ever".to_owned());
    }
    let told = p.told(Question::Lifecycle)?;
    let one = [told["Rule"].clone()];
    let rules = if told["Rule"].is_array() { list(&told["Rule"]) } else { &one };
    let mut faults = Vec::new();
    let mut least = None;
    for rule in rules.iter().filter(|r| r["Status"] == "Enabled" && concerns(p, r)) {
        let Some(days) = rule["NoncurrentVersionExpiration"]["NoncurrentDays"].as_str().and_then(|d| d.parse().ok())
        else {
            continue;
        };
        least = Some(least.map_or(days, |l: u64| l.min(days)));
        if days < DAYS {
            let what = format!("the lifecycle rule `{}` deletes old versions after {days} days", text(&rule["ID"]));
            faults.push(Fault { resource: format!("bucket {}", p.environment.bucket), what, key: None });
        }
    }
    let well = least.map_or("old versions are kept for ever".to_owned(), |d| format!("old versions are kept {d} days"));
    none_of(faults, well)
}

/// Whether a lifecycle rule is about archives or records of releases.
fn concerns(p: &Picture, rule: &Value) -> bool {
    let prefixes = [&rule["Prefix"], &rule["Filter"]["Prefix"], &rule["Filter"]["And"]["Prefix"]];
    let prefix = prefixes.into_iter().find_map(Value::as_str).unwrap_or("");
    let ours = |key: &str| key.starts_with(prefix) || prefix.starts_with(key);
    prefix.is_empty() || ours(&p.environment.key) || ours("releases/")
}
