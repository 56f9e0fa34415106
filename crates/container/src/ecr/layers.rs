//! Which layers Amazon ECR has, asked for all at once. `BatchCheckLayerAvailability`, Amazon ECR API reference.

use std::collections::BTreeSet;
use std::sync::Arc;

use aws_sdk_ecr::Client;
use aws_sdk_ecr::types::LayerAvailability;

use super::client;
use crate::transfer::Known;

/// Digests that one call takes at most.
const AT_ONCE: usize = 100;

/// The question for a push, with the account's own credentials.
#[must_use]
pub fn known(region: &str) -> Known {
    let region = region.to_owned();
    Arc::new(move |repository, digests| {
        let region = region.clone();
        Box::pin(async move { with(&client(&region).await, &repository, &digests).await })
    })
}

/// The layers of these that a repository has. `None` where ECR does not tell, as those who may push and not ask: then the
/// registry is asked for each.
pub async fn with(client: &Client, repository: &str, digests: &[String]) -> Option<BTreeSet<String>> {
    let mut there = BTreeSet::new();
    for some in digests.chunks(AT_ONCE) {
        let asked = client.batch_check_layer_availability().repository_name(repository);
        let answer = asked.set_layer_digests(Some(some.to_vec())).send().await.ok()?;
        let available = |l: &&aws_sdk_ecr::types::Layer| l.layer_availability() == Some(&LayerAvailability::Available);
        let named = answer.layers().iter().filter(available).filter_map(|l| l.layer_digest());
        // What was not asked for is no answer.
        there.extend(named.filter(|d| some.iter().any(|s| s == d)).map(str::to_owned));
    }
    Some(there)
}
