//! A registry in this process, on loopback, in memory: the distribution protocol (OCI distribution specification 1.1) as
//! far as a push and a pull need it. It checks every digest, and refuses a manifest whose blobs it has not got.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_smithy_types::base64::encode;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{Method, StatusCode, Uri, header};
use axum::response::Response;
use oci_spec::image::ImageManifest;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::ecr::Credentials;
use crate::layer::digest;
use crate::{Error, Result};

/// The largest blob or manifest it takes, in bytes.
const LARGEST: usize = 1 << 30;

#[derive(Default)]
struct Store {
    blobs: HashMap<String, Bytes>,
    /// By repository and tag or digest.
    manifests: HashMap<(String, String), Bytes>,
    uploads: HashMap<String, Vec<u8>>,
}

type Shared = Arc<Mutex<Store>>;

/// The header that every request must have, where one is asked for.
type Authorization = Option<Arc<str>>;

/// A running registry; it ends when this is dropped.
#[derive(Debug)]
pub struct Registry {
    /// Where it listens.
    pub address: SocketAddr,
    task: JoinHandle<()>,
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
        Self::start_for(None).await
    }

    /// The same for those only who have these credentials, asked for by HTTP Basic as Amazon ECR does.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start_for(credentials: Option<&Credentials>) -> Result<Self> {
        let basic = |c: &Credentials| format!("Basic {}", encode(format!("{}:{}", c.user, c.password)));
        let wanted: Authorization = credentials.map(basic).map(Arc::from);
        let bound = TcpListener::bind(("127.0.0.1", 0)).await;
        let listener = bound.map_err(Error::io("cannot listen on", "127.0.0.1"))?;
        let address = listener.local_addr().map_err(Error::io("cannot listen on", "127.0.0.1"))?;
        let app =
            Router::new().fallback(answer).layer(DefaultBodyLimit::disable()).with_state((Shared::default(), wanted));
        let task = tokio::spawn(async move {
            // An error here ends the registry, which the client then cannot reach and says so.
            let _ = axum::serve(listener, app).await;
        });
        Ok(Self { address, task })
    }
}

fn lock(store: &Shared) -> MutexGuard<'_, Store> {
    store.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn answer(State((store, wanted)): State<(Shared, Authorization)>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let given = parts.headers.get(header::AUTHORIZATION).and_then(|h| h.to_str().ok());
    if wanted.is_some_and(|w| given != Some(&*w)) {
        return refuse(StatusCode::UNAUTHORIZED, "UNAUTHORIZED");
    }
    let Ok(body) = axum::body::to_bytes(body, LARGEST).await else {
        return refuse(StatusCode::PAYLOAD_TOO_LARGE, "SIZE_INVALID");
    };
    route(&store, &parts.method, &parts.uri, body)
}

/// `/v2/<repository>/(blobs|manifests)/...`; a repository may have slashes.
fn route(store: &Shared, method: &Method, uri: &Uri, body: Bytes) -> Response {
    let path = uri.path();
    if path == "/v2/" || path == "/v2" {
        return reply(StatusCode::OK, &[], Body::empty());
    }
    let Some(rest) = path.strip_prefix("/v2/") else { return refuse(StatusCode::NOT_FOUND, "UNSUPPORTED") };
    if let Some((repo, upload)) = rest.split_once("/blobs/uploads") {
        return upload_blob(store, method, repo, upload.trim_matches('/'), uri.query().unwrap_or(""), &body);
    }
    if let Some((_, name)) = rest.rsplit_once("/blobs/") {
        return match lock(store).blobs.get(name) {
            Some(blob) if method == Method::GET || method == Method::HEAD => {
                let length = blob.len().to_string();
                let headers = [("docker-content-digest", name), (header::CONTENT_LENGTH.as_str(), length.as_str())];
                let body = if method == Method::HEAD { Body::empty() } else { Body::from(blob.clone()) };
                reply(StatusCode::OK, &headers, body)
            }
            Some(_) => refuse(StatusCode::METHOD_NOT_ALLOWED, "UNSUPPORTED"),
            None => refuse(StatusCode::NOT_FOUND, "BLOB_UNKNOWN"),
        };
    }
    if let Some((repo, reference)) = rest.rsplit_once("/manifests/") {
        return manifest(store, method, repo, reference, body);
    }
    refuse(StatusCode::NOT_FOUND, "UNSUPPORTED")
}

fn upload_blob(store: &Shared, method: &Method, repo: &str, id: &str, query: &str, body: &[u8]) -> Response {
    let mut store = lock(store);
    if method == Method::POST {
        let id = format!("upload-{}", store.uploads.len());
        store.uploads.insert(id.clone(), Vec::new());
        let location = format!("/v2/{repo}/blobs/uploads/{id}");
        return reply(StatusCode::ACCEPTED, &[("location", location.as_str())], Body::empty());
    }
    let Some(part) = store.uploads.get_mut(id) else { return refuse(StatusCode::NOT_FOUND, "BLOB_UPLOAD_UNKNOWN") };
    part.extend_from_slice(body);
    if method == Method::PATCH {
        let location = format!("/v2/{repo}/blobs/uploads/{id}");
        return reply(StatusCode::ACCEPTED, &[("location", location.as_str())], Body::empty());
    }
    let claimed = query.split('&').find_map(|p| p.strip_prefix("digest=")).unwrap_or("").replace("%3A", ":");
    let blob = store.uploads.remove(id).unwrap_or_default();
    if method != Method::PUT || digest(&blob) != claimed {
        return refuse(StatusCode::BAD_REQUEST, "DIGEST_INVALID");
    }
    let location = format!("/v2/{repo}/blobs/{claimed}");
    store.blobs.insert(claimed, blob.into());
    reply(StatusCode::CREATED, &[("location", location.as_str())], Body::empty())
}

fn manifest(store: &Shared, method: &Method, repo: &str, reference: &str, body: Bytes) -> Response {
    let mut store = lock(store);
    let key = (repo.to_owned(), reference.to_owned());
    if method == Method::PUT {
        let Ok(parsed) = ImageManifest::from_reader(&body[..]) else {
            return refuse(StatusCode::BAD_REQUEST, "MANIFEST_INVALID");
        };
        let known = |d: &oci_spec::image::Descriptor| store.blobs.contains_key(&d.digest().to_string());
        if !known(parsed.config()) || !parsed.layers().iter().all(known) {
            return refuse(StatusCode::BAD_REQUEST, "MANIFEST_BLOB_UNKNOWN");
        }
        let name = digest(&body);
        store.manifests.insert((repo.to_owned(), name.clone()), body.clone());
        store.manifests.insert(key, body);
        return reply(StatusCode::CREATED, &[("docker-content-digest", name.as_str())], Body::empty());
    }
    let Some(bytes) = store.manifests.get(&key) else { return refuse(StatusCode::NOT_FOUND, "MANIFEST_UNKNOWN") };
    let (name, length) = (digest(bytes), bytes.len().to_string());
    let headers = [
        ("docker-content-digest", name.as_str()),
        (header::CONTENT_TYPE.as_str(), "application/vnd.oci.image.manifest.v1+json"),
        (header::CONTENT_LENGTH.as_str(), length.as_str()),
    ];
    let body = if method == Method::HEAD { Body::empty() } else { Body::from(bytes.clone()) };
    reply(StatusCode::OK, &headers, body)
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
