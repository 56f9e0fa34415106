//! One request to a registry, its answer, and what is the matter when there is none.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::http::{Method, Response, StatusCode, Url, header};
use crate::{Error, Result};

/// Larger answers than this are none that we asked for: manifests have at most 4 MiB (distribution specification).
pub(super) const LARGEST_ANSWER: usize = 4 << 20;
/// Of an error only its beginning is told.
pub(super) const LARGEST_ERROR: usize = 16 << 10;
/// How often a registry may send us elsewhere.
const REDIRECTS: usize = 5;

/// What is sent along.
#[derive(Clone, Debug)]
pub(super) enum Payload {
    Empty,
    Bytes(Vec<u8>),
    /// Path, digest, from, to.
    Part(PathBuf, String, u64, u64),
}

/// One request.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: Vec<(header::HeaderName, String)>,
    pub(super) payload: Payload,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: header::HeaderMap,
    pub(super) url: Url,
    pub(super) body: Vec<u8>,
}

/// Why there is no answer to work with.
#[derive(Debug)]
pub(super) enum Trouble {
    /// It may go better later; when, if the registry says so.
    Later {
        why: String,
        asked: Option<Duration>,
        cut: bool,
    },
    Fatal(Error),
}

pub(super) fn fail(what: &str, message: impl fmt::Display) -> Error {
    Error::Registry { what: what.to_owned(), message: message.to_string() }
}

impl Request {
    pub(super) fn new(method: Method, url: Url) -> Self {
        Self { method, url, headers: Vec::new(), payload: Payload::Empty }
    }

    pub(super) fn header(mut self, name: header::HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(super) fn payload(mut self, payload: Payload) -> Self {
        self.payload = payload;
        self
    }
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|v| v.to_str().ok())
    }

    /// The answer, when it has one of these statuses.
    pub(super) fn expect(self, what: &str, statuses: &[u16]) -> Result<Self> {
        if statuses.contains(&self.status.as_u16()) { Ok(self) } else { Err(refused(what, &self)) }
    }
}

/// Reads a body up to a size.
pub(super) async fn read(what: &str, mut response: Response, most: usize) -> std::result::Result<Answer, Trouble> {
    let (status, headers, url) = (response.status(), response.headers().clone(), response.url().clone());
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > most => {
                return Err(Trouble::Fatal(fail(
                    what,
                    format!("answers with more than {most} bytes, which is no answer to this"),
                )));
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return Ok(Answer { status, headers, url, body }),
            Err(e) => return Err(trouble(&e)),
        }
    }
}

/// Where a request is sent to; bodies go only where they were meant to go.
pub(super) fn redirect(what: &str, request: &Request, from: &Url, response: &Response, hops: usize) -> Result<Url> {
    let to = response.headers().get(header::LOCATION).and_then(|l| l.to_str().ok());
    let to = to.and_then(|l| from.join(l).ok()).ok_or_else(|| fail(what, "sends us elsewhere without saying where"))?;
    let host = to.host_str().unwrap_or("").to_owned();
    if hops > REDIRECTS {
        return Err(fail(what, format!("sends us elsewhere more than {REDIRECTS} times, at last to `{host}`")));
    }
    if request.method != Method::GET && request.method != Method::HEAD {
        return Err(fail(what, format!("sends an upload to `{host}`, which is not followed")));
    }
    if from.scheme() == "https" && to.scheme() != "https" {
        return Err(fail(what, format!("sends us from HTTPS to `{}` at `{host}`, which is not followed", to.scheme())));
    }
    Ok(to)
}

/// Statuses that may be others later.
pub(super) fn busy(response: Response) -> std::result::Result<Response, Trouble> {
    let status = response.status();
    if !matches!(status.as_u16(), 408 | 429 | 500 | 502 | 503 | 504) {
        return Ok(response);
    }
    let after = response.headers().get(header::RETRY_AFTER).and_then(|v| v.to_str().ok()?.parse().ok());
    Err(Trouble::Later { why: format!("answered {status}"), asked: after.map(Duration::from_secs), cut: false })
}

/// What the network says is worth another try; what we did wrong is not.
pub(super) fn trouble(error: &crate::http::Failure) -> Trouble {
    let mut why = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        why = inner.to_string();
        source = inner.source();
    }
    if error.is_builder() {
        return Trouble::Fatal(fail("request", why));
    }
    Trouble::Later { why, asked: None, cut: !error.is_connect() && !error.is_timeout() }
}

/// What a registry refuses, in its own words as far as they can be shown.
pub(super) fn refused(what: &str, answer: &Answer) -> Error {
    let words = said(&answer.body);
    let hint = match answer.status.as_u16() {
        401 => "; is there a user and password for it, and are they right?",
        403 => "; may this user do that?",
        404 => "; is there such a repository?",
        _ => "",
    };
    let words = if words.is_empty() { String::new() } else { format!(": {words}") };
    fail(what, format!("answered {}{words}{hint}", answer.status))
}

/// The errors of a body as `CODE message`, or its beginning; without characters that move the cursor.
pub(super) fn said(body: &[u8]) -> String {
    #[derive(serde::Deserialize)]
    struct Errors {
        errors: Vec<One>,
    }
    #[derive(serde::Deserialize)]
    struct One {
        #[serde(default)]
        code: String,
        #[serde(default)]
        message: String,
    }
    let text = match serde_json::from_slice::<Errors>(body) {
        Ok(e) => e
            .errors
            .iter()
            .map(|e| format!("{} {}", e.code, e.message).trim().to_owned())
            .collect::<Vec<_>>()
            .join(", "),
        Err(_) => String::from_utf8_lossy(&body[..body.len().min(400)]).into_owned(),
    };
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_registry_do_no_harm() {
        assert_eq!(said(br#"{"errors":[{"code":"DENIED","message":"no"},{"code":"B"}]}"#), "DENIED no, B");
        assert_eq!(said(b"plain\x1b[2J\r\nwords\0"), "plain [2J  words");
        assert_eq!(said("[".repeat(100_000).as_bytes()).len(), 300);
        assert_eq!(said(br#"{"errors":[{"code":7}]}"#), r#"{"errors":[{"code":7}]}"#);
        assert_eq!(said(b"\xff\xfe"), "\u{fffd}\u{fffd}");
    }
}
