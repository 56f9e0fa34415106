//! An image pushed by the container crate's own push, asked for by the AWS SDK for Rust, copied by skopeo.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

use aws_sdk_ecr::Client;
use aws_sdk_ecr::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_ecr::types::ImageIdentifier;
use container::config::Config;
use container::image::{Image, Options};
use container::plan::{Machine, Plan};
use container::transfer::{self, Login, Patience, Remote};
use rehearsal::{Rehearsal, Setup};

fn image(dir: &std::path::Path) -> Image {
    let file = dir.join("image.toml");
    let text = "[image]\nname = \"shop\"\nentrypoint = [\"/bin/true\"]\n\
                [[program]]\nfrom = \"/bin/true\"\nto = \"/bin/true\"\nported = false\n";
    fs::write(&file, text).unwrap();
    let plan = Plan::new(&Config::load(&file).unwrap(), &Machine { root: dir, folders: &BTreeMap::new() }).unwrap();
    Image::build(&plan, &Options::default(), &dir.join("layout")).unwrap()
}

fn client(url: &str) -> Client {
    let config = aws_sdk_ecr::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .credentials_provider(Credentials::new("AKIATEST", "hidden-key", None, None, "test"))
        .region(Region::new("ap-northeast-1"))
        .endpoint_url(url)
        .build();
    Client::from_conf(config)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_pushed_is_an_image_of_the_repository() {
    let dir = tempfile::tempdir().unwrap();
    let image = image(dir.path());
    let rehearsal = Rehearsal::start(Setup::of("shop")).await.unwrap();
    let remote = Remote::with(rehearsal.url(), Login::Nobody, Patience::default(), Arc::new(|_| {})).unwrap();
    let pushed = transfer::push(&image, &remote, "release", &transfer::Options::default()).await.unwrap();
    assert!(pushed.sent > 1, "{pushed:?}");

    let ecr = client(rehearsal.url());
    let wanted = ImageIdentifier::builder().image_tag("release").build();
    let told = ecr.describe_images().repository_name("shop").image_ids(wanted).send().await.unwrap();
    assert_eq!(told.image_details()[0].image_digest(), Some(image.digest.as_str()));
    assert_eq!(told.image_details()[0].image_tags(), ["release"]);
    let absent = ImageIdentifier::builder().image_tag("absent").build();
    let error = ecr.describe_images().repository_name("shop").image_ids(absent).send().await.unwrap_err();
    assert!(error.into_service_error().is_image_not_found_exception());
    let error = ecr.describe_images().repository_name("other").send().await.unwrap_err();
    assert!(error.into_service_error().is_repository_not_found_exception());

    // Another reader takes it by the digest.
    let to = format!("dir:{}", dir.path().join("copy").display());
    let from = format!("docker://{}/shop@{}", rehearsal.url().trim_start_matches("http://"), image.digest);
    let copied = tokio::process::Command::new("skopeo")
        .args(["copy", "--quiet", "--preserve-digests", "--src-tls-verify=false", &from, &to])
        .output()
        .await
        .expect("skopeo; ci/setup installs it");
    assert!(copied.status.success(), "{}", String::from_utf8_lossy(&copied.stderr));
    let manifest = fs::read(dir.path().join("copy/manifest.json")).unwrap();
    assert_eq!(manifest, image.manifest);

    // A repository that is not there takes nothing.
    let other = Image { name: "other".to_owned(), ..image };
    assert!(transfer::push(&other, &remote, "v1", &transfer::Options::default()).await.is_err());
}
