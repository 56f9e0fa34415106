//! A registry, who we are there, and one request to it.

use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::request::{
    Answer, LARGEST_ANSWER, LARGEST_ERROR, Payload, Request, Trouble, busy, fail, read, redirect, refused, said,
    trouble,
};
use crate::http::{Body, Client, Method, Response, StatusCode, Url, header};
use tokio::sync::Mutex;

use super::body::FilePart;
use super::challenge::Challenge;
use super::token::{Need, Tokens, Who};
use super::{Event, Tell};
use crate::ecr::{self, Credentials};
use crate::{Error, Result, http};

/// A question that gives credentials.
pub type Ask = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Result<Credentials>> + Send>> + Send + Sync>;

/// Who we are at a registry.
#[derive(Clone)]
pub enum Login {
    /// Nobody.
    Nobody,
    /// Always the same.
    Fixed(Credentials),
    /// Asked for, and asked for again when the registry does not take them any more.
    Asked(Ask),
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nobody => "Nobody",
            Self::Fixed(_) => "Fixed",
            Self::Asked(_) => "Asked",
        })
    }
}

/// How often and how long something is tried.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Tries without any progress.
    pub tries: u32,
    /// The first wait is up to this long, each further one up to twice as long.
    pub first: Duration,
    /// No wait is longer, but for what the registry asks for.
    pub longest: Duration,
    /// How long a server may be silent.
    pub silence: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        let second = Duration::from_secs(1);
        Self { tries: 8, first: second / 2, longest: 20 * second, silence: 60 * second }
    }
}

impl Patience {
    /// How long to wait before the next try: anything up to the whole time ("full jitter"), so that those who were
    /// refused together do not come back together. What the registry asks for is the least.
    pub(super) fn wait(&self, failures: u32, asked: Option<Duration>) -> Duration {
        let most = self.first.saturating_mul(1 << failures.min(16)).min(self.longest);
        // The standard library's hasher is seeded at random.
        let random = RandomState::new().build_hasher().finish() % 1000;
        let share = most.mul_f64(f64::from(u32::try_from(random).unwrap_or(500)) / 1000.0);
        asked.map_or(share, |a| a.min(Duration::from_mins(2)) + share)
    }
}

/// A registry: where it is, and who we are there.
#[derive(Clone)]
pub struct Remote {
    pub(super) base: Url,
    login: Login,
    credentials: Arc<Mutex<Option<Credentials>>>,
    tokens: Arc<Mutex<Tokens>>,
    client: Client,
    pub(super) patience: Patience,
    pub(super) tell: Tell,
}

impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remote").field("base", &self.base.as_str()).field("login", &self.login).finish_non_exhaustive()
    }
}

impl Remote {
    /// A registry that asks nobody who they are.
    ///
    /// # Errors
    /// When the URL is none, or the HTTP client cannot be set up.
    pub fn open(base: &str) -> Result<Self> {
        Self::with(base, Login::Nobody, Patience::default(), Arc::new(|_| {}))
    }

    /// The registry of a host: plain HTTP on loopback, HTTPS elsewhere, with a token where it is Amazon's.
    ///
    /// # Errors
    /// When the host is none, or Amazon ECR gives no token.
    pub fn of_host(host: &str, login: Login, tell: Tell) -> Result<Self> {
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        let scheme = if matches!(name, "localhost" | "127.0.0.1" | "[::1]") { "http" } else { "https" };
        let login = match (ecr::region(host), login) {
            (Some(region), Login::Nobody) => ecr::asked(region),
            (_, login) => login,
        };
        Self::with(&format!("{scheme}://{host}"), login, Patience::default(), tell)
    }

    /// A registry with credentials: sent as HTTP Basic with every request to it, or where it asks for tokens to the realm
    /// that it names over TLS, and never elsewhere.
    ///
    /// # Errors
    /// When the URL is none, or the HTTP client cannot be set up.
    pub fn with(base: &str, login: Login, patience: Patience, tell: Tell) -> Result<Self> {
        let url = Url::parse(base).map_err(|e| fail(base, format!("is no address of a registry: {e}")))?;
        if url.host_str().is_none() || url.path() != "/" || !url.username().is_empty() {
            return Err(fail(base, "is no address of a registry: expected a host and perhaps a port"));
        }
        let client = http::client(base, patience.silence)?;
        Ok(Self { base: url, login, credentials: Arc::default(), tokens: Arc::default(), client, patience, tell })
    }

    /// The URL of something of a repository.
    pub(super) fn url(&self, repository: &str, rest: &str) -> Result<Url> {
        let plain = |p: &str| {
            !p.is_empty()
                && p != "."
                && p != ".."
                && p.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
        };
        if !repository.split('/').all(plain) {
            return Err(fail(repository, "is no name of a repository"));
        }
        self.base.join(&format!("/v2/{repository}/{rest}")).map_err(|e| fail(repository, e))
    }

    async fn credentials(&self) -> Result<Option<Credentials>> {
        match &self.login {
            Login::Nobody => Ok(None),
            Login::Fixed(c) => Ok(Some(c.clone())),
            Login::Asked(ask) => {
                let mut kept = self.credentials.lock().await;
                if kept.is_none() {
                    *kept = Some(ask().await?);
                }
                Ok(kept.clone())
            }
        }
    }

    /// Forgets credentials that the registry does not take; false where there are no others to be had.
    async fn forget(&self, refused: Option<&Credentials>) -> bool {
        let mut kept = self.credentials.lock().await;
        // Another request may have got new ones meanwhile.
        if kept.as_ref() == refused {
            *kept = None;
        }
        matches!(self.login, Login::Asked(_))
    }

    /// A token where the registry asks for them.
    async fn token(
        &self,
        need: &Need,
        refused: Option<&str>,
        challenge: Option<Challenge>,
        credentials: Option<&Credentials>,
    ) -> std::result::Result<Option<String>, Trouble> {
        let who = Who { credentials, silence: self.patience.silence };
        // Those who come together get one token: the others wait here for it.
        self.tokens.lock().await.get(need, refused, challenge, &who).await
    }

    /// Sends a request once, follows it where it is sent, and reads at most [`LARGEST_ANSWER`].
    pub(super) async fn once(&self, what: &str, request: &Request) -> std::result::Result<Answer, Trouble> {
        let response = self.response(what, request).await?;
        read(what, response, LARGEST_ANSWER).await
    }

    /// The same without reading the body.
    pub(super) async fn response(&self, what: &str, request: &Request) -> std::result::Result<Response, Trouble> {
        let mut url = request.url.clone();
        let (mut renewed, mut tokens) = (false, 0);
        let mut hops = 0;
        let need = Need::of(request);
        let mut fresh = None;
        loop {
            let credentials = self.credentials().await.map_err(Trouble::Fatal)?;
            let ours = url.origin() == self.base.origin();
            let token = match fresh.take() {
                None if ours => self.token(&need, None, None, credentials.as_ref()).await?,
                fresh => fresh.filter(|_| ours),
            };
            let mut builder = self.client.request(request.method.clone(), url.clone());
            for (name, value) in &request.headers {
                builder = builder.header(name, value);
            }
            // Another host has no business with our password.
            if let Some(token) = &token {
                builder = builder.bearer_auth(token);
            } else if let Some(c) = credentials.as_ref().filter(|_| ours) {
                builder = builder.basic_auth(&c.user, Some(&c.password));
            }
            builder = match &request.payload {
                Payload::Empty if request.method == Method::GET || request.method == Method::HEAD => builder,
                Payload::Empty => builder.header(header::CONTENT_LENGTH, 0),
                Payload::Bytes(bytes) => builder.body(bytes.clone()),
                Payload::Part(path, digest, from, to) => {
                    let part = FilePart::open(path, *from, *to, digest, &self.tell);
                    let part = part.map_err(|e| Trouble::Fatal(Error::io("cannot read", path)(e)))?;
                    builder.header(header::CONTENT_LENGTH, to - from).body(Body::wrap(part))
                }
            };
            let response = builder.send().await.map_err(|e| trouble(&e))?;
            let status = response.status();
            if status.is_redirection() {
                hops += 1;
                url = redirect(what, request, &url, &response, hops).map_err(Trouble::Fatal)?;
                continue;
            }
            if !ours || renewed || !matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
                return busy(response);
            }
            let challenge = Challenge::of(&response, &self.base).map_err(Trouble::Fatal)?;
            if let Some(challenge) = challenge.filter(|_| status == StatusCode::UNAUTHORIZED) {
                tokens += 1;
                fresh = self.token(&need, token.as_deref(), Some(challenge), credentials.as_ref()).await?;
                // The first may be one that another request got, and was old by then.
                renewed = tokens > 1;
                continue;
            }
            // Amazon ECR says of a token that it has expired by 403 and plain text.
            let answer = read(what, response, LARGEST_ERROR).await?;
            // The answer to HEAD has no text: then new credentials are worth one try.
            let silent = request.method == Method::HEAD && answer.body.is_empty();
            let expired =
                status == StatusCode::UNAUTHORIZED || silent || said(&answer.body).contains("token has expired");
            if !expired || !self.forget(credentials.as_ref()).await {
                return Err(Trouble::Fatal(refused(what, &answer)));
            }
            renewed = true;
        }
    }

    /// Sends a request until there is an answer, as often as patience allows.
    pub(super) async fn ask(&self, what: &str, request: &Request) -> Result<Answer> {
        let mut failures = 0;
        loop {
            match self.once(what, request).await {
                Ok(answer) => return Ok(answer),
                Err(Trouble::Fatal(e)) => return Err(e),
                Err(Trouble::Later { why, asked, .. }) => {
                    failures += 1;
                    self.pause(what, why, failures, asked).await?;
                }
            }
        }
    }

    /// Waits before the next try; an error when there have been too many.
    pub(super) async fn pause(&self, what: &str, why: String, failures: u32, asked: Option<Duration>) -> Result<()> {
        if failures >= self.patience.tries {
            return Err(fail(what, format!("{why}; tried {failures} times, run it again to go on from here")));
        }
        let time = self.patience.wait(failures, asked);
        (self.tell)(&Event::Waits { what: what.to_owned(), why, time });
        tokio::time::sleep(time).await;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_are_bounded() {
        let patience = Patience::default();
        let longest = |failures, asked| (0..200).map(|_| patience.wait(failures, asked)).max().unwrap();
        assert!(longest(0, None) <= Duration::from_millis(500));
        assert!(longest(3, None) > Duration::from_secs(2), "up to four seconds");
        assert!(longest(u32::MAX, None) <= Duration::from_secs(20));
        let waits: std::collections::HashSet<Duration> = (0..50).map(|_| patience.wait(5, None)).collect();
        assert!(waits.len() > 10, "they differ");
        let least = (0..50).map(|_| patience.wait(0, Some(Duration::from_secs(3)))).min().unwrap();
        assert!(least >= Duration::from_secs(3));
        assert!(patience.wait(0, Some(Duration::from_secs(u64::MAX))) < Duration::from_secs(121));
    }

    #[test]
    fn names_and_addresses() {
        let remote = Remote::open("http://127.0.0.1:5000").unwrap();
        assert_eq!(remote.url("a/b-c", "blobs/x").unwrap().as_str(), "http://127.0.0.1:5000/v2/a/b-c/blobs/x");
        for bad in ["", "a//b", "../a", "a/..", "a?b", "a#b", "a%2fb", "a b", "/a"] {
            assert!(remote.url(bad, "x").is_err(), "{bad}");
        }
        for (host, url) in [
            ("127.0.0.1:5000", "http://127.0.0.1:5000/"),
            ("ghcr.io", "https://ghcr.io/"),
            ("localhost", "http://localhost/"),
        ] {
            assert_eq!(Remote::of_host(host, Login::Nobody, Arc::new(|_| {})).unwrap().base.as_str(), url);
        }
    }
}
