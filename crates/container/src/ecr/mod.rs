//! The one door to `aws-sdk-ecr`: the user and password that Amazon ECR's registry takes, its repositories, its scans.
//!
//! `GetAuthorizationToken`, Amazon ECR API reference: base64 of `AWS:<password>`, good for 12 hours.

pub mod findings;
pub mod layers;
pub mod lifecycle;
pub mod repository;
pub mod sarif;
pub mod scan;

use std::fmt;
use std::sync::Arc;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_ecr::error::DisplayErrorContext;
use aws_smithy_http_client::{Builder, tls};

use crate::transfer::Login;
use crate::{Error, Result};

/// User and password of a registry. The password is never printed: `Debug` leaves it out, and there is no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The user; `AWS` for ECR.
    pub user: String,
    /// The password.
    pub password: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("user", &self.user).finish_non_exhaustive()
    }
}

/// The region of an ECR host such as `123456789012.dkr.ecr.eu-west-1.amazonaws.com`; `None` for any other host.
#[must_use]
pub fn region(host: &str) -> Option<&str> {
    account_and_region(host).map(|(_, region)| region)
}

/// The same with the account.
#[must_use]
pub fn account_and_region(host: &str) -> Option<(&str, &str)> {
    let (account, rest) = host.split_once('.')?;
    let kinds = ["dkr.ecr.", "dkr.ecr-fips.", "dkr-ecr.", "dkr-ecr-fips."];
    let rest = kinds.iter().find_map(|k| rest.strip_prefix(k))?;
    let (region, domain) = rest.split_once('.')?;
    let digits = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
    let plain = !region.is_empty() && region.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let ours = matches!(domain, "amazonaws.com" | "amazonaws.com.cn" | "amazonaws.eu" | "on.aws");
    (digits && plain && ours).then_some((account, region))
}

/// Asks ECR for the credentials of its registry in a region, with the account's own credentials as every AWS tool finds
/// them: environment, profile, instance or container role.
///
/// # Errors
/// When there are none, or ECR refuses.
pub async fn login(region: &str) -> Result<Credentials> {
    token(&client(region).await, region).await
}

/// The same as a question that is asked again when the registry does not take the answer any more.
#[must_use]
pub fn asked(region: &str) -> Login {
    let region = region.to_owned();
    Login::Asked(Arc::new(move || {
        let region = region.clone();
        Box::pin(async move { login(&region).await })
    }))
}

/// A client with the account's own credentials. `AWS_ENDPOINT_URL_ECR` leads elsewhere, as in every AWS tool.
async fn client(region: &str) -> aws_sdk_ecr::Client {
    aws_sdk_ecr::Client::new(&settings(region).await)
}

/// Credentials and endpoint of AWS as every AWS tool finds them.
pub async fn settings(region: &str) -> SdkConfig {
    let http = Builder::new().tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring)).build_https();
    let loader = aws_config::defaults(BehaviorVersion::latest()).http_client(http);
    loader.region(Region::new(region.to_owned())).load().await
}

async fn token(client: &aws_sdk_ecr::Client, region: &str) -> Result<Credentials> {
    let fail = |message: String| Error::Registry { what: format!("Amazon ECR in {region}"), message };
    let answer = client.get_authorization_token().send().await.map_err(|e| {
        let hint = "are AWS credentials there (AWS_PROFILE, AWS_ACCESS_KEY_ID, a role), and may they ecr:GetAuthorizationToken?";
        fail(format!("gives no token: {}; {hint}", DisplayErrorContext(&e)))
    })?;
    let token = answer.authorization_data().first().and_then(|d| d.authorization_token());
    let token = token.ok_or_else(|| fail("answered without a token".into()))?;
    credentials(token).ok_or_else(|| fail("sent a token that is not base64 of `AWS:<password>`".into()))
}

fn credentials(token: &str) -> Option<Credentials> {
    let bytes = aws_smithy_types::base64::decode(token).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (user, password) = text.split_once(':')?;
    Some(Credentials { user: user.to_owned(), password: password.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_ecr() {
        assert_eq!(region("123456789012.dkr.ecr.eu-west-1.amazonaws.com"), Some("eu-west-1"));
        assert_eq!(region("123456789012.dkr-ecr.eu-west-1.on.aws"), Some("eu-west-1"));
        assert_eq!(
            account_and_region("123456789012.dkr.ecr-fips.us-east-1.amazonaws.com"),
            Some(("123456789012", "us-east-1"))
        );
        assert_eq!(region("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn"), Some("cn-north-1"));
        for other in ["1234567890.dkr.ecr.eu-west-1.amazonaws.com", "ghcr.io", "123456789012.dkr.ecr.x.example.com", ""]
        {
            assert_eq!(region(other), None, "{other}");
        }
    }

    /// ECR's control plane as far as one operation, with the answer given.
    async fn ask(status: u16, answer: &'static str) -> Result<Credentials> {
        use axum::http::{HeaderMap, StatusCode};
        let app = axum::Router::new().fallback(move |headers: HeaderMap| async move {
            let target = headers.get("x-amz-target").and_then(|t| t.to_str().ok());
            assert_eq!(target, Some("AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken"));
            (StatusCode::from_u16(status).unwrap(), [("content-type", "application/x-amz-json-1.1")], answer)
        });
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async { axum::serve(listener, app).await });
        let config = aws_sdk_ecr::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(Builder::new().build_http())
            .credentials_provider(aws_sdk_ecr::config::Credentials::new("AKIATEST", "hidden-key", None, None, "test"))
            .region(Region::new("eu-west-1"))
            .endpoint_url(url)
            .build();
        token(&aws_sdk_ecr::Client::from_conf(config), "eu-west-1").await
    }

    #[tokio::test]
    async fn a_token_is_asked_for_over_the_wire() {
        let answer = r#"{"authorizationData":[{"authorizationToken":"QVdTOnNlY3JldA==","expiresAt":1,
            "proxyEndpoint":"https://123456789012.dkr.ecr.eu-west-1.amazonaws.com"}]}"#;
        let found = ask(200, answer).await.unwrap();
        assert_eq!((found.user.as_str(), found.password.as_str()), ("AWS", "secret"));
        let denied = r#"{"__type":"AccessDeniedException","message":"no"}"#;
        let error = ask(400, denied).await.unwrap_err().to_string();
        assert!(error.contains("AccessDenied") && error.contains("ecr:GetAuthorizationToken"), "{error}");
        assert!(!error.contains("hidden-key") && !error.contains("AKIATEST"), "{error}");
        assert!(ask(200, r#"{"authorizationData":[]}"#).await.unwrap_err().to_string().contains("without a token"));
    }

    #[test]
    fn a_token_is_taken_apart_and_never_printed() {
        let c = credentials("QVdTOnNlY3JldDp3aXRoOmNvbG9ucw==").unwrap();
        assert_eq!((c.user.as_str(), c.password.as_str()), ("AWS", "secret:with:colons"));
        assert!(!format!("{c:?}").contains("secret"));
        assert_eq!(credentials("not base64!"), None);
        assert_eq!(credentials("bm9jb2xvbg=="), None);
    }
}
