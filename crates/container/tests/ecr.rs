//! Repositories of Amazon ECR, against moto, an independent emulator of its control plane.

#[path = "support/moto.rs"]
mod emulator;
mod support;

use container::config::Wanted;
use container::ecr::repository::{self, Outcome};
use container::ecr::{layers, lifecycle};
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
            // moto has no previews.
            "lifecycle policy: wanted as in image.toml, it has another one; no preview of that of image.toml: no answer",
        ]
    );
    let there = repository::with(client, "eu-west-1", "a/case", &wanted, true).await.unwrap();
    assert_eq!(there, Outcome::There { uri, differences: Vec::new() });
}

#[tokio::test(flavor = "multi_thread")]
async fn layers_are_asked_for_all_at_once() {
    use container::transfer::{self, Known};
    use std::sync::Arc;

    let dir = tempfile::tempdir().unwrap();
    let image = support::image(dir.path(), 100, 51);
    let moto = moto();
    moto.client.create_repository().repository_name(&image.name).send().await.unwrap();
    let digests: Vec<String> = image.blobs.iter().map(|b| b.digest.clone()).collect();
    assert_eq!(layers::with(&moto.client, &image.name, &digests).await.unwrap().len(), 0);
    // One of them by the control plane's own upload.
    let bytes = std::fs::read(image.path(&image.blobs[0])).unwrap();
    let last = i64::try_from(bytes.len()).unwrap() - 1;
    let begun = moto.client.initiate_layer_upload().repository_name(&image.name).send().await.unwrap();
    let id = begun.upload_id().unwrap();
    let part = moto.client.upload_layer_part().repository_name(&image.name).upload_id(id);
    let part = part.part_first_byte(0).part_last_byte(last).layer_part_blob(aws_smithy_types::Blob::new(bytes));
    part.send().await.unwrap();
    let complete = moto.client.complete_layer_upload().repository_name(&image.name).upload_id(id);
    complete.layer_digests(&digests[0]).send().await.unwrap();
    let there = layers::with(&moto.client, &image.name, &digests).await.unwrap();
    assert_eq!(there.into_iter().collect::<Vec<_>>(), digests[..1]);
    assert_eq!(layers::with(&moto.client, "absent", &digests).await, None);

    // Told of none, some or nothing: the push ends the same, with a question less for each that was told of.
    let told = |of: Option<&[String]>| -> Known {
        let of = of.map(|of| of.iter().cloned().collect());
        Arc::new(move |_, _| {
            let of = of.clone();
            Box::pin(async move { of })
        })
    };
    let mut requests = Vec::new();
    for known in [None, Some(told(None)), Some(told(Some(&[])))] {
        let registry = container::registry::Registry::start().await.unwrap();
        let remote = support::remote(&registry.url(), &support::Heard::default());
        let options = transfer::Options { known, ..support::chunks() };
        assert_eq!(transfer::push(&image, &remote, "v1", &options).await.unwrap().sent, 4);
        assert_eq!(registry.digest_of(&image.name, "v1"), Some(image.digest.clone()));
        requests.push(registry.requests());
        // Another tag of what is there: the tag is asked for, put, and read back.
        let options = transfer::Options { known: Some(told(Some(&digests))), ..support::chunks() };
        let before = registry.requests();
        assert_eq!(transfer::push(&image, &remote, "v2", &options).await.unwrap().there, 4);
        assert_eq!(registry.requests() - before, 3);
    }
    assert_eq!(requests[0], requests[1]);
    assert_eq!(requests[0], requests[2] + 4, "no HEAD for any of the four");
}

#[tokio::test]
async fn a_policy_is_previewed_and_not_set() {
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use axum::http::{HeaderMap, StatusCode};
    use serde_json::json;

    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let heard = Arc::clone(&asked);
    let app = axum::Router::new().fallback(move |headers: HeaderMap, body: String| async move {
        let target = headers["x-amz-target"].to_str().unwrap().rsplit_once('.').unwrap().1.to_owned();
        let repository = serde_json::from_str::<serde_json::Value>(&body).unwrap()["repositoryName"].clone();
        let mut heard = heard.lock().unwrap();
        heard.push(target.clone());
        let first = heard.iter().filter(|t| **t == target).count() == 1;
        let (status, answer) = match (target.as_str(), repository.as_str().unwrap()) {
            ("StartLifecyclePolicyPreview", "busy") => {
                (400, json!({"__type": "LifecyclePolicyPreviewInProgressException", "message": "wait"}))
            }
            ("StartLifecyclePolicyPreview", _) => (200, json!({"status": "IN_PROGRESS"})),
            ("GetLifecyclePolicyPreview", _) if first => (200, json!({"status": "IN_PROGRESS"})),
            ("GetLifecyclePolicyPreview", "none") => (200, json!({"status": "COMPLETE", "previewResults": []})),
            ("GetLifecyclePolicyPreview", "ended") => (200, json!({"status": "FAILED"})),
            ("GetLifecyclePolicyPreview", _) => (
                200,
                json!({"status": "COMPLETE", "previewResults": [
                {"imageTags": ["v1", "old"], "imageDigest": "sha256:1"}, {"imageDigest": "sha256:2"}],
                "summary": {"expiringImageTotalCount": 7}}),
            ),
            other => panic!("{other:?} is not asked for"),
        };
        (StatusCode::from_u16(status).unwrap(), [("content-type", "application/x-amz-json-1.1")], answer.to_string())
    });
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    let client = emulator::client(&url);
    let ask = |name: &'static str| lifecycle::preview(&client, name, POLICY, Duration::from_millis(5));
    assert_eq!(ask("a").await.unwrap(), "7 images would expire: v1 and old, sha256:2, ...");
    assert_eq!(ask("none").await.unwrap(), "no image would expire");
    assert_eq!(ask("ended").await.unwrap_err(), "FAILED");
    assert_eq!(ask("busy").await.unwrap_err(), "LifecyclePolicyPreviewInProgressException");
    assert!(asked.lock().unwrap().iter().all(|t| t.ends_with("LifecyclePolicyPreview")), "nothing is set");
}
