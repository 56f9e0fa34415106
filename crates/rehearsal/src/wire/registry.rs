//! The registry under `/v2/` is the one of the container crate; what is pushed there is an image of ECR.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{Method, StatusCode, header};
use axum::response::Response;
use serde_json::Value;

use super::{Shared, reply, text};
use crate::ecr::Image;

/// The largest manifest, in bytes; ECR's own limit.
const LARGEST: usize = 4 << 20;

pub(super) async fn answer(shared: &Shared, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let rest = path.strip_prefix("/v2/").unwrap_or("");
    let repository = ["/blobs/", "/manifests/", "/tags/", "/referrers/"]
        .iter()
        .find_map(|part| Some(rest.rsplit_once(part)?.0))
        .map(|repo| repo.strip_suffix("/blobs").unwrap_or(repo));
    if let Some(name) = repository.filter(|name| !shared.world().ecr.has(name)) {
        let message = format!("The repository with name '{name}' does not exist in the registry");
        let body = serde_json::json!({"errors": [{"code": "NAME_UNKNOWN", "message": message}]});
        return reply(StatusCode::NOT_FOUND, &[], body.to_string());
    }
    match rest.rsplit_once("/manifests/") {
        Some((repository, reference)) if request.method() == Method::PUT => {
            let (repository, reference) = (repository.to_owned(), reference.to_owned());
            put(shared, request, &repository, &reference).await
        }
        _ => shared.registry.answer(request).await,
    }
}

async fn put(shared: &Shared, request: Request, repository: &str, reference: &str) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, LARGEST).await else {
        return reply(StatusCode::PAYLOAD_TOO_LARGE, &[], String::new());
    };
    let kind = text(&parts.headers, header::CONTENT_TYPE.as_str()).unwrap_or("").to_owned();
    let response = shared.registry.answer(Request::from_parts(parts, Body::from(bytes.clone()))).await;
    if response.status() != StatusCode::CREATED {
        return response;
    }
    let digest = text(response.headers(), "docker-content-digest").unwrap_or("").to_owned();
    let name = digest.clone();
    let image = described(shared, digest, kind, &bytes);
    let tag = (!reference.contains(':')).then(|| reference.to_owned());
    let mut world = shared.world();
    let now = world.now;
    world.ecr.push(repository, Image { pushed: now, ..image }, tag.clone());
    world.image_pushed(repository, tag.as_deref(), &name);
    drop(world);
    response
}

/// What the manifest and the configuration that it names tell of an image.
fn described(shared: &Shared, digest: String, kind: String, bytes: &[u8]) -> Image {
    let manifest: Value = serde_json::from_slice(bytes).unwrap_or_default();
    let config = manifest["config"]["digest"].as_str().and_then(|d| shared.registry.blob(d));
    let config: Value = config.and_then(|c| serde_json::from_slice(&c).ok()).unwrap_or_default();
    let layers = manifest["layers"].as_array().into_iter().flatten();
    let size = layers.filter_map(|l| l["size"].as_u64()).sum();
    Image {
        digest,
        tags: Vec::new(),
        pushed: crate::clock::Time::default(),
        kind,
        size,
        architecture: config["architecture"].as_str().map(str::to_owned),
        manifest: String::from_utf8_lossy(bytes).into_owned(),
    }
}
