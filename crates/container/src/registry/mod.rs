//! A registry in this process, on loopback, in memory: the distribution protocol (OCI distribution specification 1.1) as
//! far as a push and a pull need it. It checks every digest, refuses a manifest whose blobs it has not got, and can be told to
//! differ as other registries do.

mod net;
mod quirks;
mod store;
mod token;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_smithy_types::base64::encode;
use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::Response;
use http_body_util::BodyExt;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::{Error, Result};
use net::{Cut, Listening, Wire};
pub use quirks::Quirks;
use store::lock;
pub use token::Bearer;

/// The largest blob it takes, in bytes.
const LARGEST: usize = 1 << 30;
/// The largest manifest.
const LARGEST_MANIFEST: usize = 4 << 20;

/// What all requests share.
struct Inner {
    store: store::Shared,
    quirks: Quirks,
    /// How many requests each password was good for.
    uses: Vec<AtomicUsize>,
    busy: AtomicUsize,
    requests: AtomicUsize,
    given: token::Given,
}

/// A running registry; it ends when this is dropped.
#[derive(Debug)]
pub struct Registry {
    /// Where it listens.
    pub address: SocketAddr,
    task: JoinHandle<()>,
    wire: Arc<Wire>,
    inner: Arc<Inner>,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inner").finish_non_exhaustive()
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Registry {
    /// Starts one on a free port of loopback.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start() -> Result<Self> {
        Self::start_as(Quirks::default()).await
    }

    /// The same with differences.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start_as(quirks: Quirks) -> Result<Self> {
        let bound = TcpListener::bind(("127.0.0.1", 0)).await;
        let tcp = bound.map_err(Error::io("cannot listen on", "127.0.0.1"))?;
        let address = tcp.local_addr().map_err(Error::io("cannot listen on", "127.0.0.1"))?;
        let wire = Arc::new(Wire::default());
        let inner = Arc::new(Inner {
            store: store::Shared::default(),
            uses: quirks.passwords.iter().map(|_| AtomicUsize::new(0)).collect(),
            busy: AtomicUsize::new(quirks.busy),
            requests: AtomicUsize::new(0),
            given: token::Given::default(),
            quirks,
        });
        let app = Router::new().fallback(answer).layer(DefaultBodyLimit::disable()).with_state(Arc::clone(&inner));
        let listening = Listening { tcp, wire: Arc::clone(&wire) };
        let task = tokio::spawn(async move {
            // An error here ends the registry, which the client then cannot reach and says so.
            let _ = axum::serve(listening, app.into_make_service_with_connect_info::<Cut>()).await;
        });
        Ok(Self { address, task, wire, inner })
    }

    /// Answers a request without a connection, for a server that this registry is a part of.
    pub async fn answer(&self, request: Request) -> Response {
        answer(State(Arc::clone(&self.inner)), ConnectInfo(Cut::default()), request).await
    }

    /// Its address as a URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Cuts a connection once, when so many more bytes have come from clients.
    pub fn cut_after(&self, bytes: u64) {
        self.wire.budget.store(i64::try_from(bytes).unwrap_or(i64::MAX), Ordering::SeqCst);
    }

    /// Bytes that clients have sent, with headers.
    #[must_use]
    pub fn received(&self) -> u64 {
        self.wire.received.load(Ordering::SeqCst)
    }

    /// Requests so far.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.inner.requests.load(Ordering::SeqCst)
    }

    /// The scopes of each token that it gave.
    #[must_use]
    pub fn granted(&self) -> Vec<String> {
        self.inner.given.scopes()
    }

    /// Digest of the manifest under a tag.
    #[must_use]
    pub fn digest_of(&self, repository: &str, tag: &str) -> Option<String> {
        lock(&self.inner.store).digest_of(repository, tag)
    }

    /// Bytes of a blob.
    #[must_use]
    pub fn blob(&self, digest: &str) -> Option<Vec<u8>> {
        lock(&self.inner.store).blobs.get(digest).map(|b| b.to_vec())
    }
}

/// Why a request may not be answered; nothing when it may.
fn denied(inner: &Inner, given: Option<&str>) -> Option<Response> {
    let passwords = &inner.quirks.passwords;
    if passwords.is_empty() {
        return None;
    }
    let basic = |i: usize| format!("Basic {}", encode(format!("{}:{}", passwords[i].0.user, passwords[i].0.password)));
    let index = (0..passwords.len()).find(|i| given == Some(&*basic(*i)));
    let plain = |text: &'static str| reply(StatusCode::FORBIDDEN, &[("content-type", "text/plain")], Body::from(text));
    let Some(i) = index else {
        let challenge = "Basic realm=\"registry\",service=\"ecr.amazonaws.com\"";
        let body = Body::from(r#"{"errors":[{"code":"UNAUTHORIZED","message":"who are you"}]}"#);
        return Some(reply(StatusCode::UNAUTHORIZED, &[("www-authenticate", challenge)], body));
    };
    let uses = inner.uses[i].fetch_add(1, Ordering::SeqCst);
    if passwords[i].1.is_none_or(|most| uses < most) {
        None
    } else if inner.quirks.expiry_is_403 {
        Some(plain("Your authorization token has expired. Reauthenticate and try again.\n"))
    } else {
        Some(refuse(StatusCode::UNAUTHORIZED, "UNAUTHORIZED"))
    }
}

async fn answer(State(inner): State<Arc<Inner>>, ConnectInfo(cut): ConnectInfo<Cut>, request: Request) -> Response {
    inner.requests.fetch_add(1, Ordering::SeqCst);
    let (parts, body) = request.into_parts();
    let given = parts.headers.get(header::AUTHORIZATION).and_then(|h| h.to_str().ok());
    let (method, path) = (&parts.method, parts.uri.path().to_owned());
    let mut query = parts.uri.query().unwrap_or("").to_owned();
    let denied = match &inner.quirks.bearer {
        Some(bearer) if path == "/token" => return token::give(&inner, bearer, &parts),
        Some(bearer) => token::lacks(&inner, bearer, &parts),
        None => denied(&inner, given),
    };
    if let Some(denied) = denied {
        return denied;
    }
    if let Some(from) = store::parameter(&query, "from").filter(|_| inner.quirks.bearer.is_some())
        && !token::may_pull(&inner, &parts, &from)
    {
        query.clear();
    }
    if path == "/v2/" || path == "/v2" {
        return reply(StatusCode::OK, &[], Body::empty());
    }
    let Some(rest) = path.strip_prefix("/v2/") else { return refuse(StatusCode::NOT_FOUND, "UNSUPPORTED") };
    if let Some((repo, upload)) = rest.split_once("/blobs/uploads") {
        if *method == Method::POST {
            if inner.quirks.only.as_ref().is_some_and(|only| !only.contains(repo)) {
                cut.0.store(true, Ordering::SeqCst);
                return reply(StatusCode::OK, &[], Body::empty());
            }
            if inner.busy.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)).is_ok() {
                let after = inner.quirks.retry_after.map(|s| s.to_string());
                let headers: Vec<(&str, &str)> = after.as_deref().map(|a| ("retry-after", a)).into_iter().collect();
                return reply(
                    StatusCode::TOO_MANY_REQUESTS,
                    &headers,
                    Body::from(r#"{"errors":[{"code":"TOOMANYREQUESTS"}]}"#),
                );
            }
        }
        return upload_blob(&inner, &parts, repo, upload.trim_matches('/'), &query, body).await;
    }
    if let Some((_, name)) = rest.rsplit_once("/blobs/") {
        return lock(&inner.store).blob(&inner.quirks, method, &path, name);
    }
    if let Some((repo, "list")) = rest.rsplit_once("/tags/") {
        let store = lock(&inner.store);
        let known = store.knows(repo) || inner.quirks.only.as_ref().is_some_and(|only| only.contains(repo));
        return if known {
            reply(StatusCode::OK, &[], Body::from(store.tags(repo)))
        } else {
            refuse(StatusCode::NOT_FOUND, "NAME_UNKNOWN")
        };
    }
    if let Some((repo, digest)) = rest.rsplit_once("/referrers/") {
        return lock(&inner.store).referrers(&inner.quirks, repo, digest);
    }
    if let Some((repo, reference)) = rest.rsplit_once("/manifests/") {
        if *method != Method::PUT {
            return lock(&inner.store).get_manifest(method, repo, reference);
        }
        let Ok(body) = axum::body::to_bytes(body, LARGEST_MANIFEST).await else {
            return refuse(StatusCode::PAYLOAD_TOO_LARGE, "SIZE_INVALID");
        };
        let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|h| h.to_str().ok()).unwrap_or("");
        return lock(&inner.store).put_manifest(&inner.quirks, repo, reference, kind, body);
    }
    refuse(StatusCode::NOT_FOUND, "UNSUPPORTED")
}

/// Takes the bytes of an upload as they come, so that what came before a cut is kept.
async fn upload_blob(
    inner: &Inner,
    parts: &axum::http::request::Parts,
    repo: &str,
    id: &str,
    query: &str,
    mut body: Body,
) -> Response {
    let method = &parts.method;
    if *method == Method::POST {
        return lock(&inner.store).begin(&inner.quirks, repo, query);
    }
    if *method == Method::GET {
        return lock(&inner.store).status(&inner.quirks, repo, id);
    }
    let range = parts.headers.get(header::CONTENT_RANGE).and_then(|h| h.to_str().ok()).map(str::to_owned);
    if let Some(refused) = lock(&inner.store).ready(repo, id, range.as_deref()) {
        return refused;
    }
    let mut came = 0;
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else {
            if inner.quirks.forgetful {
                lock(&inner.store).uploads.remove(id);
            }
            return refuse(StatusCode::BAD_REQUEST, "BLOB_UPLOAD_INVALID");
        };
        let Ok(data) = frame.into_data() else { continue };
        came += data.len();
        if !lock(&inner.store).append(id, &data) {
            return refuse(StatusCode::PAYLOAD_TOO_LARGE, "SIZE_INVALID");
        }
    }
    let mut store = lock(&inner.store);
    if *method == Method::PATCH { store.patched(&inner.quirks, repo, id, came) } else { store.finish(repo, id, query) }
}

fn reply(status: StatusCode, headers: &[(&str, &str)], body: Body) -> Response {
    let mut builder = Response::builder().status(status);
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    builder.body(body).unwrap_or_else(|_| {
        // A header that cannot be sent came from the request's path: such a path names nothing.
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::BAD_REQUEST;
        response
    })
}

fn refuse(status: StatusCode, code: &str) -> Response {
    reply(status, &[], Body::from(format!(r#"{{"errors":[{{"code":"{code}"}}]}}"#)))
}
