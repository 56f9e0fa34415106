//! Repositories of Amazon ECR, against moto, an independent emulator of its control plane.

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use aws_sdk_ecr::Client;
use aws_sdk_ecr::config::{BehaviorVersion, Credentials, Region};
use container::config::Wanted;
use container::ecr::repository::{self, Outcome};

struct Moto {
    child: Child,
    client: Client,
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn moto() -> Moto {
    let tool = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/ci-tools/moto/bin/moto_server");
    let address = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    let child = Command::new(&tool)
        .args(["-H", "127.0.0.1", "-p", &address.port().to_string()])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("moto_server; ci/setup installs it");
    let begin = Instant::now();
    while TcpStream::connect(address).is_err() {
        assert!(begin.elapsed() < Duration::from_mins(1), "moto does not start");
        std::thread::sleep(Duration::from_millis(50));
    }
    let config = aws_sdk_ecr::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .credentials_provider(Credentials::new("AKIATEST", "hidden-key", None, None, "test"))
        .region(Region::new("eu-west-1"))
        .endpoint_url(format!("http://{address}"))
        .build();
    Moto { child, client: Client::from_conf(config) }
}

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
