//! Repositories of Amazon ECR, against moto, an independent emulator of its control plane.

#[path = "support/moto.rs"]
mod emulator;

use container::config::Wanted;
use container::ecr::repository::{self, Outcome};
use emulator::moto;

const POLICY: &str = r#"{"rules": [{"rulePriority": 1, "description": "the last twenty images are kept",
    "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 20}, "action": {"type": "expire"}}]}"#;

#[tokio::test]
async fn a_repository_is_made_once_and_compared_afterwards() {
    let moto = moto();
    let client = &moto.client;
    let mut wanted = Wanted { lifecycle: Some(POLICY.into()), ..Wanted::default() };
    wanted.tags.insert("team".into(), "auction".into());
    let absent = repository::with(client, "eu-west-1", "a/case", &wanted, false).await.unwrap_err().to_string();
    assert!(absent.contains("`a/case`") && absent.contains("--create-repository"), "{absent}");
    let made = repository::with(client, "eu-west-1", "a/case", &wanted, true).await.unwrap();
    let Outcome::Made { uri } = made else { panic!("{made:?}") };
    assert!(uri.ends_with(".dkr.ecr.eu-west-1.amazonaws.com/a/case"), "{uri}");
    // It is as it was wanted, by ECR's own word.
    let told = client.describe_repositories().repository_names("a/case").send().await.unwrap();
    let told = &told.repositories()[0];
    assert_eq!(told.image_tag_mutability().unwrap().as_str(), "IMMUTABLE");
    assert!(told.image_scanning_configuration().unwrap().scan_on_push());
    let there = repository::with(client, "eu-west-1", "a/case", &wanted, true).await.unwrap();
    assert_eq!(there, Outcome::There { uri: uri.clone(), differences: Vec::new() });
    // What differs is told and left.
    let mut other = Wanted { mutable: true, scan: false, kms_key: Some("k".into()), ..Wanted::default() };
    other.tags.insert("team".into(), "books".into());
    other.lifecycle = Some(POLICY.replace("20", "30"));
    let there = repository::with(client, "eu-west-1", "a/case", &other, true).await.unwrap();
    let Outcome::There { differences, .. } = there else { panic!("{there:?}") };
    assert_eq!(
        differences,
        [
            "tag mutability: wanted MUTABLE, it has IMMUTABLE",
            "scan on push: wanted off, it has on",
            "encryption: wanted KMS, it has AES256",
            "tag `team`: wanted `books`, it has `auction`",
            "lifecycle policy: wanted as in image.toml, it has another one",
        ]
    );
    let there = repository::with(client, "eu-west-1", "a/case", &wanted, true).await.unwrap();
    assert_eq!(there, Outcome::There { uri, differences: Vec::new() });
}
