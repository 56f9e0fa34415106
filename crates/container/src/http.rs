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
fn is_loopback(url: &str) -> bool {
    reqwest::Url::parse(url).is_ok_and(|u| matches!(u.host_str(), Some("localhost" | "127.0.0.1" | "[::1]")))
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
