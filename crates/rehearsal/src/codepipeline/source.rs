//! Source actions: the version or digest that was asked for, or what key and tag mean now.

use axum::body::Bytes;
use serde_json::json;

use super::archive;
use super::engine::Worked;
use super::state::{Action, Pipeline, Progress, Revision};
use crate::clock::Time;
use crate::ecr::protocol::not_found;
use crate::refusal::Refusal;
use crate::s3::Object;
use crate::world::World;

/// The action could not be done as it is set up; in the words of the service that refused.
fn refused(refusal: Refusal) -> (&'static str, String) {
    ("ConfigurationError", refusal.message)
}

/// What the action of a run has found: the artifact in the artifact bucket, the revision, variables.
struct Found<'a> {
    bytes: Bytes,
    id: String,
    summary: String,
    created: Time,
    variables: Vec<(&'a str, String)>,
}

fn keep(world: &mut World, p: &mut Pipeline, at: (usize, usize), action: &Action, found: Found) -> Worked {
    let (e, r) = at;
    let artifact = action.outputs.first().cloned().unwrap_or_default();
    let short = |text: &str, most: usize| text.chars().take(most).collect::<String>();
    let key = format!("{}/{}/{}", short(&p.name, 20), short(&artifact, 10), short(&world.ids.version(), 7));
    let object = Object {
        version: world.ids.version(),
        bytes: found.bytes,
        kind: "application/zip".to_owned(),
        put: world.now,
        metadata: std::collections::BTreeMap::new(),
    };
    world.s3.put(&p.bucket, &key, object).map_err(refused)?;
    let execution = &mut p.executions[e];
    execution.artifacts.insert(artifact.clone(), key);
    execution.revisions.retain(|old| old.action != action.name);
    execution.revisions.push(Revision {
        action: action.name.clone(),
        artifact,
        id: found.id,
        summary: found.summary.clone(),
        created: found.created,
    });
    let run = &mut execution.runs[r];
    run.summary = Some(found.summary);
    run.variables = found.variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Ok(Progress::Succeeded)
}

/// The S3 source.
/// <https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-S3.html>
pub(super) fn archive(world: &mut World, p: &mut Pipeline, e: usize, r: usize, action: &Action) -> Worked {
    let execution = &p.executions[e];
    let bucket = action.setting("S3Bucket").unwrap_or("");
    let key = execution.override_of(&action.name, "S3_OBJECT_KEY").or(action.setting("S3ObjectKey")).unwrap_or("");
    let version = execution.override_of(&action.name, "S3_OBJECT_VERSION_ID");
    if !world.s3.bucket(bucket).map_err(refused)?.versioned {
        return Err(("ConfigurationError", format!("versioning is not enabled on the bucket {bucket}")));
    }
    let object = world.s3.object(bucket, key, version).map_err(refused)?.clone();
    let found = Found {
        summary: format!("Amazon S3 version id: {}", object.version),
        created: object.put,
        variables: vec![
            ("BucketName", bucket.to_owned()),
            ("ETag", object.etag().trim_matches('"').to_owned()),
            ("ObjectKey", key.to_owned()),
            ("VersionId", object.version.clone()),
        ],
        id: object.version,
        bytes: object.bytes,
    };
    keep(world, p, (e, r), action, found)
}

/// The ECR source. Its artifact is an archive with `imageDetail.json`, all of whose values are text.
/// <https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECR.html>
pub(super) fn image(world: &mut World, p: &mut Pipeline, e: usize, r: usize, action: &Action) -> Worked {
    let repository = action.setting("RepositoryName").unwrap_or("");
    let digest = p.executions[e].override_of(&action.name, "IMAGE_DIGEST");
    let tag = action.setting("ImageTag").unwrap_or("latest");
    world.ecr.images(repository, &world.account).map_err(refused)?;
    // A digest is looked for whatever its tags are.
    let wanted = digest.is_none().then_some(tag);
    let Some(image) = world.ecr.image(repository, digest, wanted).cloned() else {
        return Err(refused(not_found(world, repository, digest, wanted)));
    };
    let uri = format!("{}/{repository}@{}", world.registry(), image.digest);
    let detail = json!({
        "ImageSizeInBytes": image.size.to_string(),
        "ImageDigest": image.digest,
        "Version": "1.0",
        "ImagePushedAt": image.pushed.http(),
        "RegistryId": world.account,
        "RepositoryName": repository,
        "ImageURI": uri,
        "ImageTags": image.tags,
    });
    let bytes = archive::of(&[("imageDetail.json", &detail.to_string())]);
    let bytes = bytes.ok_or(("SystemUnavailable", "the artifact could not be written".to_owned()))?;
    let found = Found {
        bytes: Bytes::from(bytes),
        summary: image.digest.clone(),
        created: image.pushed,
        variables: vec![
            ("RegistryId", world.account.clone()),
            ("RepositoryName", repository.to_owned()),
            ("ImageTag", image.tags.first().cloned().unwrap_or_else(|| tag.to_owned())),
            ("ImageDigest", image.digest.clone()),
            ("ImageURI", uri),
        ],
        id: image.digest,
    };
    keep(world, p, (e, r), action, found)
}
