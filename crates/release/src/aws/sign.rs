//! The one door to `aws-sigv4`: credentials, kept while they are good and never printed, and signatures made with them.

use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings, UriPathNormalizationMode,
    sign,
};
use aws_sigv4::sign::v4;

/// New ones are asked for so long before the old ones end.
const EARLY: Duration = Duration::from_mins(2);

/// Where credentials come from, and those that came last.
pub(super) struct Signer {
    provider: Option<SharedCredentialsProvider>,
    kept: Mutex<Option<Credentials>>,
}

/// A request before it is signed.
pub(super) struct Unsigned<'a> {
    pub(super) method: &'a str,
    pub(super) url: &'a str,
    pub(super) headers: &'a [(String, String)],
    pub(super) body: &'a [u8],
}

impl Signer {
    pub(super) fn new(provider: Option<SharedCredentialsProvider>) -> Self {
        Self { provider, kept: Mutex::new(None) }
    }

    /// Those kept are not to be used again.
    pub(super) fn forget(&self) {
        *self.kept() = None;
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Option<Credentials>> {
        self.kept.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    async fn credentials(&self) -> Result<Credentials, String> {
        let good = |c: &Credentials| c.expiry().is_none_or(|end| end > SystemTime::now() + EARLY);
        if let Some(kept) = self.kept().clone().filter(good) {
            return Ok(kept);
        }
        let hint = "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run on a machine that has a role; of a profile of SSO `aws configure export-credentials` makes variables";
        let provider = self.provider.as_ref().ok_or_else(|| format!("no AWS credentials: {hint}"))?;
        let found = provider.provide_credentials().await.map_err(|e| {
            // The chain of causes has no values of credentials, but files and addresses that explain it.
            let cause = std::error::Error::source(&e).map_or_else(|| e.to_string(), |s| format!("{e}: {s}"));
            format!("no AWS credentials: {cause}; {hint}")
        })?;
        *self.kept() = Some(found.clone());
        Ok(found)
    }

    /// The headers that sign a request.
    pub(super) async fn sign(
        &self,
        region: &str,
        service: &str,
        request: &Unsigned<'_>,
    ) -> Result<Vec<(String, String)>, String> {
        let identity = self.credentials().await?.into();
        let mut settings = SigningSettings::default();
        if service == "s3" {
            // S3 takes paths as they are, and wants the body's sum in a header.
            settings.percent_encoding_mode = PercentEncodingMode::Single;
            settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
            settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        }
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(region)
            .name(service)
            .time(SystemTime::now())
            .settings(settings)
            .build()
            .map_err(|e| e.to_string())?
            .into();
        let headers = request.headers.iter().map(|(n, v)| (n.as_str(), v.as_str()));
        let signable = SignableRequest::new(request.method, request.url, headers, SignableBody::Bytes(request.body));
        let signed = signable.and_then(|s| sign(s, &params)).map_err(|e| e.to_string())?;
        let (instructions, _) = signed.into_parts();
        Ok(instructions.headers().map(|(n, v)| (n.to_owned(), v.to_owned())).collect())
    }

    /// A text without the credentials that are in use: a service that refuses a signature may repeat what it was sent.
    pub(super) fn scrubbed(&self, text: &str) -> String {
        let kept = self.kept();
        let Some(c) = kept.as_ref() else { return text.to_owned() };
        let parts = [Some(c.secret_access_key()), c.session_token(), Some(c.access_key_id())];
        // Short ones, as emulators take them, stand in any text; those of AWS have twenty characters and more.
        let parts = parts.into_iter().flatten().filter(|p| p.len() >= 12);
        parts.fold(text.to_owned(), |text, part| text.replace(part, "[credentials]"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_a_service_repeats_is_scrubbed() {
        let keys = Credentials::new(
            "AKIDEXAMPLEEXAMPLE",
            "secret/of-the+account",
            Some("a-token-of-a-session==".into()),
            None,
            "test",
        );
        let signer = Signer::new(Some(SharedCredentialsProvider::new(keys)));
        let request = Unsigned { method: "GET", url: "http://127.0.0.1/", headers: &[], body: b"" };
        let headers = signer.sign("eu-west-1", "sts", &request).await.unwrap();
        assert!(headers.iter().any(|(n, v)| n == "authorization" && v.contains("/eu-west-1/sts/aws4_request")));
        let repeated = "The Canonical String should have been 'x-amz-security-token:a-token-of-a-session==' for AKIDEXAMPLEEXAMPLE";
        let said = signer.scrubbed(repeated);
        assert_eq!(
            said,
            "The Canonical String should have been 'x-amz-security-token:[credentials]' for [credentials]"
        );
    }
}
