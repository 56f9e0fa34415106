//! What a lifecycle policy would do to a repository, before anybody sets it. `StartLifecyclePolicyPreview` and
//! `GetLifecyclePolicyPreview`, Amazon ECR API reference.

use std::time::Duration;

use aws_sdk_ecr::Client;
use aws_sdk_ecr::error::ProvideErrorMetadata;
use aws_sdk_ecr::types::{LifecyclePolicyPreviewResult, LifecyclePolicyPreviewStatus, LifecyclePolicyPreviewSummary};

/// How often a preview is asked for before it is left alone.
const TRIES: usize = 20;
/// Images that are named.
const NAMED: usize = 5;

/// In words, which images would go: `3 images would expire: v1, v2, v3`. Where there is no preview, why not.
pub async fn preview(client: &Client, repository: &str, policy: &str, every: Duration) -> Result<String, String> {
    let start = client.start_lifecycle_policy_preview().repository_name(repository).lifecycle_policy_text(policy);
    match start.send().await {
        Ok(_) => {}
        // Somebody looks at this repository just now: perhaps at another policy.
        Err(e) => return Err(e.code().unwrap_or("no answer").to_owned()),
    }
    for _ in 0..TRIES {
        let asked = client.get_lifecycle_policy_preview().repository_name(repository).max_results(100).send().await;
        let told = asked.map_err(|e| e.code().unwrap_or("no answer").to_owned())?;
        match told.status() {
            Some(LifecyclePolicyPreviewStatus::Complete) => {
                let listed = told.preview_results();
                let count = told.summary().and_then(LifecyclePolicyPreviewSummary::expiring_image_total_count);
                let count = count.and_then(|c| usize::try_from(c).ok()).unwrap_or(listed.len());
                let names: Vec<String> = listed.iter().take(NAMED).map(name).collect();
                let rest = if count > names.len() && !names.is_empty() { ", ..." } else { "" };
                return Ok(match count {
                    0 => "no image would expire".into(),
                    1 => format!("1 image would expire: {}", names.join(", ")),
                    _ => format!("{count} images would expire: {}{rest}", names.join(", ")),
                });
            }
            Some(LifecyclePolicyPreviewStatus::InProgress) => tokio::time::sleep(every).await,
            other => return Err(other.map_or("no status", LifecyclePolicyPreviewStatus::as_str).to_owned()),
        }
    }
    Err("it takes longer than anybody waits".into())
}

/// Its tags, or its digest where it has none.
fn name(image: &LifecyclePolicyPreviewResult) -> String {
    match image.image_tags() {
        [] => image.image_digest().unwrap_or("without a name").to_owned(),
        tags => tags.join(" and "),
    }
}
