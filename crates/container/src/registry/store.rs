//! What a registry keeps, and what it answers from it.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::{Body, Bytes};
use axum::http::{Method, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};

use super::{LARGEST, Quirks, refuse, reply};
use crate::layer::digest;

#[derive(Default)]
pub(super) struct Store {
    pub(super) blobs: HashMap<String, Bytes>,
    /// Which repositories have a blob.
    owners: HashMap<String, Vec<String>>,
    /// By repository and tag or digest: media type and bytes.
    manifests: BTreeMap<(String, String), (String, Bytes)>,
    pub(super) uploads: HashMap<String, Vec<u8>>,
    begun: usize,
}

pub(super) type Shared = Arc<Mutex<Store>>;

pub(super) fn lock(store: &Shared) -> MutexGuard<'_, Store> {
    store.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn parameter(query: &str, name: &str) -> Option<String> {
    let value = query.split('&').find_map(|p| p.strip_prefix(name)?.strip_prefix('='))?;
    Some(value.replace("%3A", ":").replace("%2F", "/"))
}

impl Store {
    pub(super) fn digest_of(&self, repo: &str, tag: &str) -> Option<String> {
        self.manifests.get(&(repo.to_owned(), tag.to_owned())).map(|(_, bytes)| digest(bytes))
    }

    pub(super) fn knows(&self, repo: &str) -> bool {
        self.manifests.keys().any(|(r, _)| r == repo)
    }

    pub(super) fn tags(&self, repo: &str) -> String {
        let tags: Vec<&str> =
            self.manifests.keys().filter(|(r, t)| r == repo && !t.contains(':')).map(|(_, t)| t.as_str()).collect();
        json!({"name": repo, "tags": tags}).to_string()
    }

    pub(super) fn blob(&self, quirks: &Quirks, method: &Method, path: &str, name: &str) -> Response {
        let repo = path.trim_start_matches("/v2/").rsplit_once("/blobs/").map_or("", |(repo, _)| repo);
        let seen = !quirks.blobs_of_their_own || self.owners.get(name).is_some_and(|o| o.iter().any(|o| o == repo));
        match self.blobs.get(name).filter(|_| seen) {
            Some(_) if *method == Method::GET && quirks.blobs_at.is_some() => {
                let to = format!("{}{path}", quirks.blobs_at.as_deref().unwrap_or(""));
                reply(StatusCode::TEMPORARY_REDIRECT, &[("location", to.as_str())], Body::empty())
            }
            Some(blob) if *method == Method::GET || *method == Method::HEAD => {
                let length = blob.len().to_string();
                let headers = [("docker-content-digest", name), (header::CONTENT_LENGTH.as_str(), length.as_str())];
                let body = if *method == Method::HEAD { Body::empty() } else { Body::from(blob.clone()) };
                reply(StatusCode::OK, &headers, body)
            }
            Some(_) => refuse(StatusCode::METHOD_NOT_ALLOWED, "UNSUPPORTED"),
            None => refuse(StatusCode::NOT_FOUND, "BLOB_UNKNOWN"),
        }
    }

    pub(super) fn begin(&mut self, quirks: &Quirks, repo: &str, query: &str) -> Response {
        if let (Some(mount), Some(from)) = (parameter(query, "mount"), parameter(query, "from"))
            && quirks.mounts
            && self.owners.get(&mount).is_some_and(|o| o.contains(&from))
        {
            let location = format!("/v2/{repo}/blobs/{mount}");
            self.owners.entry(mount).or_default().push(repo.to_owned());
            return reply(StatusCode::CREATED, &[("location", location.as_str())], Body::empty());
        }
        self.begun += 1;
        let id = format!("upload-{}", self.begun);
        self.uploads.insert(id.clone(), Vec::new());
        let location = format!("/v2/{repo}/blobs/uploads/{id}");
        reply(StatusCode::ACCEPTED, &[("location", location.as_str())], Body::empty())
    }

    fn progress(&self, repo: &str, id: &str, status: StatusCode) -> Response {
        let location = format!("/v2/{repo}/blobs/uploads/{id}");
        let size = self.uploads.get(id).map_or(0, Vec::len);
        let range = format!("0-{}", size.saturating_sub(1));
        reply(status, &[("location", location.as_str()), ("range", range.as_str())], Body::empty())
    }

    pub(super) fn status(&self, quirks: &Quirks, repo: &str, id: &str) -> Response {
        match self.uploads.get(id) {
            _ if quirks.no_status => refuse(StatusCode::METHOD_NOT_ALLOWED, "UNSUPPORTED"),
            None => refuse(StatusCode::NOT_FOUND, "BLOB_UPLOAD_UNKNOWN"),
            Some(_) => self.progress(repo, id, StatusCode::NO_CONTENT),
        }
    }

    /// What is answered where an upload is not there, or does not go on where the chunk begins.
    pub(super) fn ready(&self, repo: &str, id: &str, range: Option<&str>) -> Option<Response> {
        let Some(part) = self.uploads.get(id) else {
            return Some(refuse(StatusCode::NOT_FOUND, "BLOB_UPLOAD_UNKNOWN"));
        };
        let begin = range.and_then(|r| r.split_once('-')?.0.parse::<usize>().ok());
        begin.filter(|b| *b != part.len()).map(|_| self.progress(repo, id, StatusCode::RANGE_NOT_SATISFIABLE))
    }

    /// False where it has become too large.
    pub(super) fn append(&mut self, id: &str, data: &[u8]) -> bool {
        let Some(part) = self.uploads.get_mut(id).filter(|p| p.len() + data.len() <= LARGEST) else { return false };
        part.extend_from_slice(data);
        true
    }

    pub(super) fn patched(&mut self, quirks: &Quirks, repo: &str, id: &str, came: usize) -> Response {
        let name = format!("{id} short");
        // A short chunk must be the last: the next one is then refused.
        if self.uploads.contains_key(&name) {
            return refuse(StatusCode::BAD_REQUEST, "BLOB_UPLOAD_INVALID");
        }
        if came < quirks.least_chunk {
            self.uploads.insert(name, Vec::new());
        }
        self.progress(repo, id, if quirks.patch_is_201 { StatusCode::CREATED } else { StatusCode::ACCEPTED })
    }

    pub(super) fn finish(&mut self, repo: &str, id: &str, query: &str) -> Response {
        let claimed = parameter(query, "digest").unwrap_or_default();
        let blob = self.uploads.remove(id).unwrap_or_default();
        if digest(&blob) != claimed {
            return refuse(StatusCode::BAD_REQUEST, "DIGEST_INVALID");
        }
        let location = format!("/v2/{repo}/blobs/{claimed}");
        let headers = [("location", location.as_str()), ("docker-content-digest", claimed.as_str())];
        let response = reply(StatusCode::CREATED, &headers, Body::empty());
        self.owners.entry(claimed.clone()).or_default().push(repo.to_owned());
        self.blobs.insert(claimed, blob.into());
        response
    }

    pub(super) fn put_manifest(
        &mut self,
        quirks: &Quirks,
        repo: &str,
        reference: &str,
        kind: &str,
        body: Bytes,
    ) -> Response {
        let parsed: Option<Value> = serde_json::from_slice(&body).ok();
        let Some(parsed) = parsed.filter(|_| !(quirks.picky_types && kind.contains(';'))) else {
            let message = r#"{"errors":[{"code":"UNSUPPORTED","message":"Invalid parameter at 'ImageManifest' failed to satisfy constraint: 'Invalid JSON syntax'"}]}"#;
            return reply(StatusCode::METHOD_NOT_ALLOWED, &[], Body::from(message));
        };
        let of = |field: &str| parsed[field].as_array().cloned().unwrap_or_default();
        let wanted: Vec<Value> =
            of("layers").into_iter().chain([parsed["config"].clone()]).filter(|v| !v.is_null()).collect();
        let missing = wanted.iter().any(|d| !self.blobs.contains_key(d["digest"].as_str().unwrap_or("")));
        let alone = of("manifests").iter().any(|m| self.digest_of(repo, m["digest"].as_str().unwrap_or("")).is_none());
        if parsed["schemaVersion"] != 2 || (wanted.is_empty() && parsed["manifests"].is_null()) {
            return refuse(StatusCode::BAD_REQUEST, "MANIFEST_INVALID");
        }
        if missing || alone {
            return refuse(StatusCode::BAD_REQUEST, "MANIFEST_BLOB_UNKNOWN");
        }
        let name = digest(&body);
        if reference.contains(':') && reference != name {
            return refuse(StatusCode::BAD_REQUEST, "DIGEST_INVALID");
        }
        let kept = if quirks.keeps_other_manifest { Bytes::from(format!("{parsed} ")) } else { body };
        for key in [name.as_str(), reference] {
            self.manifests.insert((repo.to_owned(), key.to_owned()), (kind.to_owned(), kept.clone()));
        }
        let mut headers = vec![("docker-content-digest", name.as_str())];
        let subject = parsed["subject"]["digest"].as_str().filter(|_| quirks.subject_header || quirks.referrers);
        headers.extend(subject.map(|s| ("oci-subject", s)));
        reply(StatusCode::CREATED, &headers, Body::empty())
    }

    pub(super) fn get_manifest(&self, method: &Method, repo: &str, reference: &str) -> Response {
        let Some((kind, bytes)) = self.manifests.get(&(repo.to_owned(), reference.to_owned())) else {
            return refuse(StatusCode::NOT_FOUND, "MANIFEST_UNKNOWN");
        };
        let (name, length) = (digest(bytes), bytes.len().to_string());
        let headers = [
            ("docker-content-digest", name.as_str()),
            (header::CONTENT_TYPE.as_str(), kind.as_str()),
            (header::CONTENT_LENGTH.as_str(), length.as_str()),
        ];
        let body = if *method == Method::HEAD { Body::empty() } else { Body::from(bytes.clone()) };
        reply(StatusCode::OK, &headers, body)
    }

    pub(super) fn referrers(&self, quirks: &Quirks, repo: &str, subject: &str) -> Response {
        if !quirks.referrers {
            return refuse(StatusCode::NOT_FOUND, "UNSUPPORTED");
        }
        let mine = self.manifests.iter().filter(|((r, name), _)| r == repo && name.contains(':'));
        let found: Vec<Value> = mine
            .filter_map(|((_, name), (kind, bytes))| {
                let parsed: Value = serde_json::from_slice(bytes).ok()?;
                let refers = parsed["subject"]["digest"] == *subject;
                refers.then(|| json!({"mediaType": kind, "digest": name, "size": bytes.len(), "artifactType": parsed["artifactType"]}))
            })
            .collect();
        let kind = "application/vnd.oci.image.index.v1+json";
        let body = json!({"schemaVersion": 2, "mediaType": kind, "manifests": found}).to_string();
        reply(StatusCode::OK, &[("content-type", kind)], Body::from(body))
    }
}
