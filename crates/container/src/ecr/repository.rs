//! A repository of Amazon ECR: made where it is absent, compared where it is there, never changed.

use std::time::Duration;

use aws_sdk_ecr::Client;
use aws_sdk_ecr::error::{DisplayErrorContext, ProvideErrorMetadata};
use aws_sdk_ecr::types::{
    EncryptionConfiguration, EncryptionType, ImageScanningConfiguration, ImageTagMutability, Repository, Tag,
};

use super::{client, lifecycle};
use crate::config::Wanted;
use crate::{Error, Result};

/// What became of a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was absent and is there now.
    Made {
        /// Its address, without a tag.
        uri: String,
    },
    /// It was there.
    There {
        /// Its address, without a tag.
        uri: String,
        /// In which settings it differs from what is wanted, in words.
        differences: Vec<String>,
    },
}

/// Makes sure that a repository is there, with the account's own credentials.
///
/// # Errors
/// When ECR refuses, or the repository is absent and `make` is false.
pub async fn ensure(region: &str, name: &str, wanted: &Wanted, make: bool) -> Result<Outcome> {
    with(&client(region).await, region, name, wanted, make).await
}

/// The same with a client, wherever that leads.
///
/// # Errors
/// As for [`ensure`].
pub async fn with(client: &Client, region: &str, name: &str, wanted: &Wanted, make: bool) -> Result<Outcome> {
    let fail = |what: &str, e: &dyn std::fmt::Display, code: Option<&str>| {
        let hint = match code {
            Some("AccessDeniedException") => format!("; may these credentials ecr:{what}?"),
            Some("LimitExceededException") => "; the account has as many repositories as it may have".into(),
            Some("KmsException") => "; does the key exist, and may ECR use it?".into(),
            _ => String::new(),
        };
        Error::Registry { what: format!("Amazon ECR in {region}, {what} of `{name}`"), message: format!("{e}{hint}") }
    };
    let described = client.describe_repositories().repository_names(name).send().await;
    match described {
        Ok(found) => {
            let Some(repository) = found.repositories().first() else {
                return Err(fail("DescribeRepositories", &"answered without a repository", None));
            };
            let mut differences = compare(repository, wanted);
            if let Some(arn) = repository.repository_arn() {
                let listed = client.list_tags_for_resource().resource_arn(arn).send().await;
                // Who may push need not be allowed to read tags: then they are not compared, and that is said.
                match listed {
                    Ok(listed) => differences.extend(tags(listed.tags(), wanted)),
                    Err(e) => differences.push(format!("tags cannot be compared: {}", e.code().unwrap_or("no answer"))),
                }
            }
            if let Some(text) = &wanted.lifecycle {
                let policy = client.get_lifecycle_policy().repository_name(name).send().await;
                let there = policy.ok().and_then(|p| p.lifecycle_policy_text().map(str::to_owned));
                let json = |t: &str| serde_json::from_str::<serde_json::Value>(t).ok();
                if there.as_deref().and_then(json) != json(text) {
                    let state = if there.is_some() { "another one" } else { "none" };
                    let then = match lifecycle::preview(client, name, text, Duration::from_secs(1)).await {
                        Ok(words) => format!("with that of image.toml {words}"),
                        Err(why) => format!("no preview of that of image.toml: {why}"),
                    };
                    differences.push(format!("lifecycle policy: wanted as in image.toml, it has {state}; {then}"));
                }
            }
            Ok(Outcome::There { uri: repository.repository_uri().unwrap_or(name).to_owned(), differences })
        }
        Err(e) if e.code() == Some("RepositoryNotFoundException") && make => {
            let uri =
                create(client, name, wanted).await.map_err(|(what, text, code)| fail(what, &text, code.as_deref()))?;
            Ok(Outcome::Made { uri })
        }
        Err(e) if e.code() == Some("RepositoryNotFoundException") => {
            let message = "there is none; make it, or let `--create-repository` do it";
            Err(fail("DescribeRepositories", &message, None))
        }
        Err(e) => Err(fail("DescribeRepositories", &DisplayErrorContext(&e), e.code())),
    }
}

type Refused = (&'static str, String, Option<String>);

async fn create(client: &Client, name: &str, wanted: &Wanted) -> std::result::Result<String, Refused> {
    let encryption = match &wanted.kms_key {
        Some(key) => EncryptionConfiguration::builder().encryption_type(EncryptionType::Kms).kms_key(key).build(),
        None => EncryptionConfiguration::builder().encryption_type(EncryptionType::Aes256).build(),
    };
    let encryption = encryption.map_err(|e| ("CreateRepository", e.to_string(), None))?;
    let mut tags = Vec::new();
    for (key, value) in &wanted.tags {
        let tag = Tag::builder().key(key).value(value).build();
        tags.push(tag.map_err(|e| ("CreateRepository", e.to_string(), None))?);
    }
    let made = client
        .create_repository()
        .repository_name(name)
        .image_tag_mutability(mutability(wanted))
        .image_scanning_configuration(ImageScanningConfiguration::builder().scan_on_push(wanted.scan).build())
        .encryption_configuration(encryption)
        .set_tags(Some(tags).filter(|t| !t.is_empty()))
        .send()
        .await;
    let uri = match made {
        Ok(made) => made.repository().and_then(Repository::repository_uri).unwrap_or(name).to_owned(),
        // Somebody was quicker.
        Err(e) if e.code() == Some("RepositoryAlreadyExistsException") => name.to_owned(),
        Err(e) => return Err(("CreateRepository", DisplayErrorContext(&e).to_string(), e.code().map(str::to_owned))),
    };
    if let Some(text) = &wanted.lifecycle {
        let put = client.put_lifecycle_policy().repository_name(name).lifecycle_policy_text(text).send().await;
        put.map_err(|e| ("PutLifecyclePolicy", DisplayErrorContext(&e).to_string(), e.code().map(str::to_owned)))?;
    }
    Ok(uri)
}

fn mutability(wanted: &Wanted) -> ImageTagMutability {
    if wanted.mutable { ImageTagMutability::Mutable } else { ImageTagMutability::Immutable }
}

fn compare(repository: &Repository, wanted: &Wanted) -> Vec<String> {
    let mut differences = Vec::new();
    let mut differ = |what: &str, wanted: &str, has: &str| {
        if wanted != has {
            differences.push(format!("{what}: wanted {wanted}, it has {has}"));
        }
    };
    let has = repository.image_tag_mutability().map_or("none", ImageTagMutability::as_str);
    differ("tag mutability", mutability(wanted).as_str(), has);
    let scan = repository.image_scanning_configuration().is_some_and(ImageScanningConfiguration::scan_on_push);
    let word = |on: bool| if on { "on" } else { "off" };
    differ("scan on push", word(wanted.scan), word(scan));
    let encryption = repository.encryption_configuration();
    let has = encryption.map_or("AES256", |e| e.encryption_type().as_str());
    differ("encryption", if wanted.kms_key.is_some() { "KMS" } else { "AES256" }, has);
    if let (Some(key), Some(has)) = (&wanted.kms_key, encryption.and_then(EncryptionConfiguration::kms_key)) {
        differ("key", key, has);
    }
    differences
}

/// Tags that are wanted and are not there, or have another value. Others are nobody's business here.
fn tags(there: &[Tag], wanted: &Wanted) -> Vec<String> {
    let differs = |(key, value): (&String, &String)| {
        let has = there.iter().find(|t| t.key() == key).map(Tag::value);
        (has != Some(value)).then(|| {
            format!("tag `{key}`: wanted `{value}`, it has {}", has.map_or("none".into(), |h| format!("`{h}`")))
        })
    };
    wanted.tags.iter().filter_map(differs).collect()
}
