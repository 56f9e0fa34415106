//! Registries that ask for a token: "Token Authentication Specification" of the distribution project.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{Method, StatusCode, header};
use axum::response::Response;
use serde_json::json;

use super::{Inner, denied, refuse, reply};

/// How tokens are asked for (Docker Hub, GHCR, Harbor). The registry gives them itself, at `/token`.
#[derive(Clone, Debug, Default)]
pub struct Bearer {
    /// The realm that is named instead.
    pub realm: Option<String>,
    /// The scope that is asked for instead of the one that is needed.
    pub scope: Option<String>,
    /// Each token is good for so many requests, `None` for all.
    pub uses: Option<usize>,
    /// What is said of how many seconds it is good.
    pub seconds: Option<u64>,
    /// Nobody in particular gets tokens too, to pull.
    pub anonymous: bool,
}

/// Tokens that were given.
#[derive(Default)]
pub(super) struct Given(Mutex<HashMap<String, Token>>);

struct Token {
    scopes: Vec<String>,
    uses: usize,
}

impl Given {
    /// The scopes of each, in the order in which they were given.
    pub(super) fn scopes(&self) -> Vec<String> {
        let given = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (0..given.len()).filter_map(|n| given.get(&name(n))).map(|t| t.scopes.join(" ")).collect()
    }
}

fn name(number: usize) -> String {
    format!("token-{number}")
}

/// The scope that a request needs.
fn needed(parts: &Parts) -> Option<(String, &'static str)> {
    let path = parts.uri.path().strip_prefix("/v2/")?;
    let ends = ["/blobs/uploads", "/blobs/", "/manifests/", "/tags/", "/referrers/"];
    let (repository, _) = ends.iter().find_map(|end| path.rsplit_once(end))?;
    let read = parts.method == Method::GET || parts.method == Method::HEAD;
    Some((repository.to_owned(), if read { "pull" } else { "push" }))
}

fn allows(scopes: &[String], repository: &str, action: &str) -> bool {
    scopes.iter().any(|s| {
        let rest = s.strip_prefix("repository:").and_then(|r| r.rsplit_once(':'));
        rest.is_some_and(|(name, actions)| name == repository && actions.split(',').any(|a| a == action))
    })
}

fn given(parts: &Parts) -> Option<&str> {
    parts.headers.get(header::AUTHORIZATION)?.to_str().ok()
}

/// Why a request may not be answered, where tokens are asked for.
pub(super) fn lacks(inner: &Inner, bearer: &Bearer, parts: &Parts) -> Option<Response> {
    let need = needed(parts);
    let mut tokens = inner.given.0.lock().unwrap_or_else(PoisonError::into_inner);
    let token = given(parts).and_then(|g| g.strip_prefix("Bearer ")).and_then(|t| tokens.get_mut(t));
    if let Some(token) = token.filter(|t| bearer.uses.is_none_or(|most| t.uses < most)) {
        token.uses += 1;
        if need.as_ref().is_none_or(|(name, action)| allows(&token.scopes, name, action)) {
            return None;
        }
    }
    let host = parts.headers.get(header::HOST).and_then(|h| h.to_str().ok()).unwrap_or("");
    let realm = bearer.realm.clone().unwrap_or_else(|| format!("http://{host}/token"));
    let usual = || {
        need.map(|(name, action)| {
            let actions = if action == "push" { "pull,push" } else { "pull" };
            format!("repository:{name}:{actions}")
        })
    };
    let scope = bearer.scope.clone().or_else(usual).map_or(String::new(), |s| format!(",scope=\"{s}\""));
    let challenge = format!("Bearer realm=\"{realm}\",service=\"registry\"{scope}");
    let body = Body::from(r#"{"errors":[{"code":"UNAUTHORIZED","message":"a token is needed"}]}"#);
    Some(reply(StatusCode::UNAUTHORIZED, &[("www-authenticate", &challenge)], body))
}

/// Whether the token of a request lets it pull from another repository.
pub(super) fn may_pull(inner: &Inner, parts: &Parts, repository: &str) -> bool {
    let tokens = inner.given.0.lock().unwrap_or_else(PoisonError::into_inner);
    let token = given(parts).and_then(|g| g.strip_prefix("Bearer ")).and_then(|t| tokens.get(t));
    token.is_some_and(|t| allows(&t.scopes, repository, "pull"))
}

/// Gives a token to whoever has the password.
pub(super) fn give(inner: &Inner, bearer: &Bearer, parts: &Parts) -> Response {
    let shown = given(parts);
    let nobody = shown.is_none() && bearer.anonymous;
    if !nobody && let Some(denied) = denied(inner, shown) {
        return denied;
    }
    let query = parts.uri.query().unwrap_or("");
    let mut scopes: Vec<String> = query
        .split('&')
        .filter_map(|p| p.strip_prefix("scope="))
        .map(|s| s.replace("%3A", ":").replace("%2F", "/").replace("%2C", ","))
        .collect();
    if nobody {
        for scope in &mut scopes {
            *scope = scope.replace("pull,push", "pull").replace(":push", ":");
        }
    }
    if scopes.iter().any(|s| s.contains('%')) {
        return refuse(StatusCode::BAD_REQUEST, "UNSUPPORTED");
    }
    let mut tokens = inner.given.0.lock().unwrap_or_else(PoisonError::into_inner);
    let name = name(tokens.len());
    tokens.insert(name.clone(), Token { scopes, uses: 0 });
    let mut answer = json!({"token": name});
    if let Some(seconds) = bearer.seconds {
        answer["expires_in"] = seconds.into();
    }
    reply(StatusCode::OK, &[("content-type", "application/json")], Body::from(answer.to_string()))
}
