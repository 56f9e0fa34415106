//! The HTTP client that everything here uses, set up once.

use std::time::Duration;

use reqwest::redirect;
pub(crate) use reqwest::{Body, Client, Error as Failure, Method, Response, StatusCode, Url, header};

use crate::{Error, Result};

/// How long a server may take to be reached.
const TO_CONNECT: Duration = Duration::from_secs(15);

/// A client for one server, which gives up when nothing comes for `silence`. Its TLS is ring's: reqwest comes without a
/// provider, so that it and the AWS crates share one. It follows no redirect: who does must decide what goes along.
pub(crate) fn client(url: &str, silence: Duration) -> Result<Client> {
    // A second call finds the provider set, which is what it wants.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = Client::builder().connect_timeout(TO_CONNECT).read_timeout(silence);
    let mut builder = builder.redirect(redirect::Policy::none()).tcp_nodelay(true);
    if is_loopback(url) {
        // A proxy of the environment is for what is outside.
        builder = builder.no_proxy();
    }
    let built = builder.build();
    built.map_err(|e| Error::Registry { what: "HTTP client".into(), message: e.to_string() })
}

/// Whether a URL is of this machine.
#[must_use]
pub fn is_loopback(url: &str) -> bool {
    reqwest::Url::parse(url).is_ok_and(|u| matches!(u.host_str(), Some("localhost" | "127.0.0.1" | "[::1]")))
}

/// A client for whoever makes requests of its own, such as signed ones.
#[derive(Clone, Debug)]
pub struct Http(Client);

/// What came back for a request.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers, their names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// A header, by its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

impl Http {
    /// A client for the server of `url`, which gives up when nothing comes for `silence`.
    ///
    /// # Errors
    /// When it cannot be set up.
    pub fn new(url: &str, silence: Duration) -> Result<Self> {
        Ok(Self(client(url, silence)?))
    }

    /// Sends a request and reads the answer, whatever its status.
    ///
    /// # Errors
    /// In words without the URL, when nothing comes.
    pub async fn send(
        &self,
        method: &str,
        url: &str,
        headers: &[(String, String)],
        body: Vec<u8>,
    ) -> std::result::Result<Answer, String> {
        // The cause is in the chain: the outermost error only says that a request was sent.
        let fail = |e: Failure| {
            let e = e.without_url();
            let mut text = e.to_string();
            let mut source = std::error::Error::source(&e);
            while let Some(next) = source {
                text = format!("{text}: {next}");
                source = next.source();
            }
            text
        };
        let method = Method::from_bytes(method.as_bytes()).map_err(|e| e.to_string())?;
        let mut request = self.0.request(method, url).body(body);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let response = request.send().await.map_err(fail)?;
        let status = response.status().as_u16();
        let text = |(n, v): (&header::HeaderName, &header::HeaderValue)| {
            Some((n.as_str().to_owned(), v.to_str().ok()?.to_owned()))
        };
        let headers = response.headers().iter().filter_map(text).collect();
        let body = response.bytes().await.map_err(fail)?.to_vec();
        Ok(Answer { status, headers, body })
    }
}

/// Status and body of a GET.
///
/// # Errors
/// When there is no answer within `patience`.
pub async fn get(url: &str, patience: Duration) -> Result<(u16, String)> {
    let fail = |e: reqwest::Error| Error::Registry { what: url.to_owned(), message: e.to_string() };
    let response = client(url, patience)?.get(url).timeout(patience).send().await.map_err(fail)?;
    let status = response.status().as_u16();
    Ok((status, response.text().await.map_err(fail)?))
}
