//! The image that is to be released.

use serde_json::Value;

use super::picture::{list, text};
use super::{Bad, Item, Picture, Question, Seen, against, fault, skip};

pub(super) const ITEMS: &[Item] = &[
    Item {
        id: "image_evidence",
        rule: "what was audited and verified is said beside an image, by an artifact that refers to it",
        remedy: "push the image with `cargo xtask image push`, which brings its evidence along",
        source: "https://docs.aws.amazon.com/AmazonECR/latest/userguide/images-artifacts.html",
        look: evidence,
    },
    Item {
        id: "image_exists",
        rule: "ECS pulls an image by its digest, and a task whose image is not there does not start",
        remedy: "push it first: `cargo xtask image push`",
        source: "https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImages.html",
        look: exists,
    },
    Item {
        id: "image_platform",
        rule: "a task runs on the processor that its runtime platform names; a program for another one does not start",
        remedy: "build the image for the task's processor, or name the image's in `architecture`",
        source: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RuntimePlatform.html",
        look: platform,
    },
    Item {
        id: "image_scan",
        rule: "a scan of ECR grades what it finds in an image",
        remedy: "build the image from mended packages; `aws ecr describe-image-scan-findings` lists what was found",
        source: "https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning.html",
        look: scan,
    },
];

/// By this predicate type the evidence of an audit is known.
const EVIDENCE: &str = "urn:legacy-port:audit:v1";

fn resource(p: &Picture) -> String {
    format!("{}@{}", p.environment.repository, p.image.as_deref().unwrap_or("(no digest)"))
}

fn exists(p: &Picture) -> Seen {
    if let Some(words) = p.gone(Question::Image) {
        let repository = p.code(Question::Image) == Some("RepositoryNotFoundException");
        return Err(if repository { against("repository", resource(p), words) } else { fault(resource(p), words) });
    }
    let details = list(&p.told(Question::Image)?["imageDetails"]);
    let found = details.iter().find(|d| d["imageDigest"].as_str() == p.image.as_deref());
    found.map_or_else(|| Err(fault(resource(p), "the repository has no such image")), |_| Ok(resource(p)))
}

/// Platforms of the image, `os/architecture`.
fn platforms(p: &Picture) -> Result<Vec<String>, Bad> {
    let both = |v: &Value| format!("{}/{}", text(&v["os"]), text(&v["architecture"]));
    let manifest = text(&p.told(Question::Manifest)?["images"][0]["imageManifest"]);
    let manifest: Value = serde_json::from_str(manifest).unwrap_or_default();
    let all = list(&manifest["manifests"]);
    if all.is_empty() {
        return Ok(vec![both(p.told(Question::ImageConfig)?)]);
    }
    Ok(all.iter().map(|m| both(&m["platform"])).collect())
}

fn platform(p: &Picture) -> Seen {
    let architecture = p.environment.task.architecture.as_str();
    let wanted = if architecture == "ARM64" { "linux/arm64" } else { "linux/amd64" };
    let has = platforms(p)?;
    if has.iter().any(|h| h == wanted) {
        return Ok(format!("{wanted}, as the task wants with {architecture}"));
    }
    let what = format!("it is for {}, the task runs on {architecture}, which is {wanted}", has.join(", "));
    Err(against("task.architecture", resource(p), what))
}

fn evidence(p: &Picture) -> Seen {
    let told = list(&p.told(Question::Referrers)?["referrers"]);
    let is = |r: &&Value| r["annotations"]["in-toto.io/predicate-type"] == EVIDENCE;
    match told.iter().find(is) {
        Some(found) => Ok(format!("{} beside the image", text(&found["digest"]))),
        // Who has never had it in hand cannot miss it.
        None if p.gone(Question::Image).is_some() => skip("there is no image"),
        None => Err(fault(resource(p), format!("no evidence refers to it; {} other artifacts do", told.len()))),
    }
}

fn scan(p: &Picture) -> Seen {
    let details = list(&p.told(Question::Image)?["imageDetails"]);
    let detail = details.first().unwrap_or(&Value::Null);
    if !detail["imageScanFindingsSummary"].is_object() {
        return skip("the repository has not scanned it");
    }
    let counts = &detail["imageScanFindingsSummary"]["findingSeverityCounts"];
    match counts["CRITICAL"].as_u64().unwrap_or(0) {
        0 => Ok(format!("nothing critical, {} of high severity", counts["HIGH"].as_u64().unwrap_or(0))),
        critical => Err(fault(resource(p), format!("{critical} findings of critical severity"))),
    }
}
