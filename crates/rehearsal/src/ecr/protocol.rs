//! Operations of ECR's control plane.

use aws_smithy_types::base64::encode;
use serde_json::{Value, json};

use super::Image;
use crate::refusal::{Answer, Refusal, refuse};
use crate::world::World;

/// How long a password of ECR is good for, in hours.
const HOURS: u64 = 12;

pub(crate) fn answer(world: &mut World, operation: &str, input: &Value) -> Answer {
    let repository = input["repositoryName"].as_str().unwrap_or("");
    match operation {
        "DescribeRepositories" => repositories(world, input),
        "DescribeImages" => {
            let all = world.ecr.images(repository, &world.account)?;
            let found = wanted(world, repository, input)?;
            let chosen: Vec<&Image> = found.unwrap_or_else(|| all.iter().collect());
            let details: Vec<Value> = chosen.into_iter().map(|i| described(world, repository, i)).collect();
            Ok(json!({"imageDetails": details}))
        }
        "BatchGetImage" => batch(world, repository, input),
        "GetDownloadUrlForLayer" => layer(world, repository, input),
        "ListImageReferrers" => referrers(world, repository, input),
        "GetAuthorizationToken" => Ok(json!({"authorizationData": [{
            "authorizationToken": encode("AWS:rehearsal"),
            "expiresAt": world.now.after(std::time::Duration::from_hours(HOURS)).json(),
            "proxyEndpoint": format!("https://{}", world.registry()),
        }]})),
        _ => Err(Refusal::unknown(operation)),
    }
}

fn repositories(world: &World, input: &Value) -> Answer {
    let names: Vec<&str> = match input["repositoryNames"].as_array() {
        Some(names) => names.iter().filter_map(Value::as_str).collect(),
        None => world.ecr.0.keys().map(String::as_str).collect(),
    };
    let mut out = Vec::new();
    for name in names {
        world.ecr.images(name, &world.account)?;
        out.push(json!({
            "repositoryName": name,
            "registryId": world.account,
            "repositoryArn": format!("arn:aws:ecr:{}:{}:repository/{name}", world.region, world.account),
            "repositoryUri": format!("{}/{name}", world.registry()),
            "imageTagMutability": "MUTABLE",
        }));
    }
    Ok(json!({"repositories": out}))
}

/// Layers and configurations are the registry's, which is behind the same address.
fn layer(world: &World, repository: &str, input: &Value) -> Answer {
    let images = world.ecr.images(repository, &world.account)?;
    let digest = input["layerDigest"].as_str().unwrap_or("");
    if digest.is_empty() || !images.iter().any(|i| i.manifest.contains(&format!("\"{digest}\""))) {
        let text =
            format!("The layer with digest '{digest}' does not exist in the repository with name '{repository}'");
        return Err(refuse("LayersNotFoundException", text));
    }
    Ok(json!({"downloadUrl": format!("{}/v2/{repository}/blobs/{digest}", world.url), "layerDigest": digest}))
}

/// What names an image as its subject. Everything is on one page.
fn referrers(world: &World, repository: &str, input: &Value) -> Answer {
    let subject = input["subjectId"]["imageDigest"].as_str().unwrap_or("");
    let images = world.ecr.images(repository, &world.account)?;
    let told = images.iter().filter_map(|image| {
        let manifest: Value = serde_json::from_str(&image.manifest).ok()?;
        let refers = manifest["subject"]["digest"] == *subject;
        let mut out = json!({
            "digest": image.digest, "mediaType": image.kind, "size": image.manifest.len(), "artifactStatus": "ACTIVE",
        });
        for name in ["artifactType", "annotations"].into_iter().filter(|n| !manifest[*n].is_null()) {
            out[name] = manifest[name].clone();
        }
        refers.then_some(out)
    });
    Ok(json!({"referrers": told.collect::<Vec<_>>()}))
}

fn names(id: &Value) -> (Option<&str>, Option<&str>) {
    (id["imageDigest"].as_str(), id["imageTag"].as_str())
}

/// The images that `imageIds` names, or nothing where it names none.
fn wanted<'a>(world: &'a World, repository: &str, input: &Value) -> Answer<Option<Vec<&'a Image>>> {
    let Some(ids) = input["imageIds"].as_array() else { return Ok(None) };
    let find = |id| {
        let (digest, tag) = names(id);
        world.ecr.image(repository, digest, tag).ok_or_else(|| not_found(world, repository, digest, tag))
    };
    ids.iter().map(find).collect::<Answer<_>>().map(Some)
}

/// What ECR says of an image that is not there.
pub(crate) fn not_found(world: &World, repository: &str, digest: Option<&str>, tag: Option<&str>) -> Refusal {
    let message = format!(
        "The image with imageId {{imageDigest:'{}', imageTag:'{}'}} does not exist within the repository with name \
         '{repository}' in the registry with id '{}'",
        digest.unwrap_or("null"),
        tag.unwrap_or("null"),
        world.account
    );
    refuse("ImageNotFoundException", message)
}

fn described(world: &World, repository: &str, image: &Image) -> Value {
    let mut out = json!({
        "registryId": world.account,
        "repositoryName": repository,
        "imageDigest": image.digest,
        "imageSizeInBytes": image.size,
        "imagePushedAt": image.pushed.json(),
        "imageManifestMediaType": image.kind,
    });
    if !image.tags.is_empty() {
        out["imageTags"] = json!(image.tags);
    }
    out
}

fn batch(world: &World, repository: &str, input: &Value) -> Answer {
    world.ecr.images(repository, &world.account)?;
    let (mut images, mut failures) = (Vec::new(), Vec::new());
    for id in input["imageIds"].as_array().into_iter().flatten() {
        let (digest, tag) = names(id);
        match world.ecr.image(repository, digest, tag) {
            Some(image) => {
                let mut told = json!({"imageDigest": image.digest});
                if let Some(tag) = tag {
                    told["imageTag"] = json!(tag);
                }
                images.push(json!({
                    "registryId": world.account,
                    "repositoryName": repository,
                    "imageId": told,
                    "imageManifest": image.manifest,
                    "imageManifestMediaType": image.kind,
                }));
            }
            None => failures.push(json!({
                "imageId": id, "failureCode": "ImageNotFound", "failureReason": "Requested image not found",
            })),
        }
    }
    Ok(json!({"images": images, "failures": failures}))
}
