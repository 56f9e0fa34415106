//! One endpoint for all services: who is meant, by which protocol. No service is named elsewhere here.

mod control;
mod json;
mod query;
mod registry;
#[cfg(test)]
mod tests;
pub(crate) mod xml;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use container::registry::Registry;

use crate::clock::Clock;
use crate::s3;
use crate::world::World;

/// The largest body of a request, in bytes.
const LARGEST: usize = 64 << 20;

/// What all requests share.
pub(crate) struct Shared {
    pub(crate) world: Mutex<World>,
    pub(crate) clock: Clock,
    pub(crate) registry: Registry,
    /// What each answer of a service waits, by the clock on the wall.
    pub(crate) latency: Duration,
}

impl Shared {
    /// The world as it is now.
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        world.step(self.clock.now());
        world
    }
}

/// Answers whatever comes.
pub(crate) async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    if request.uri().path() == "/v2" || request.uri().path().starts_with("/v2/") {
        return registry::answer(&shared, request).await;
    }
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, LARGEST).await else {
        return reply(StatusCode::PAYLOAD_TOO_LARGE, &[], String::new());
    };
    if let Some(verb) = parts.uri.path().strip_prefix("/_rehearsal/") {
        return control::answer(&shared, &parts.method, verb, &body);
    }
    tokio::time::sleep(shared.latency).await;
    if let Some(target) = text(&parts.headers, "x-amz-target") {
        return json::answer(&mut shared.world(), &parts, target, &body);
    }
    let kind = text(&parts.headers, header::CONTENT_TYPE.as_str()).unwrap_or("");
    if parts.uri.path() == "/" && kind.starts_with("application/x-www-form-urlencoded") {
        return query::answer(&mut shared.world(), &parts, &body);
    }
    s3::protocol::answer(&mut shared.world(), &parts, &body)
}

/// Whether a request is signed. Signatures are not checked: whoever has any is let in.
pub(crate) fn signed(parts: &Parts) -> bool {
    let header = text(&parts.headers, header::AUTHORIZATION.as_str());
    header.is_some_and(|h| h.starts_with("AWS4-")) || parts.uri.query().is_some_and(|q| q.contains("X-Amz-Signature="))
}

pub(crate) fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

pub(crate) fn reply(status: StatusCode, headers: &[(&str, &str)], body: impl Into<Body>) -> Response {
    let mut builder = Response::builder().status(status);
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    builder.body(body.into()).unwrap_or_else(|_| {
        // A header that cannot be sent came out of the request.
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::BAD_REQUEST;
        response
    })
}
