//! A registry's challenge to get a token: where from, for what. RFC 9110, 11.6.1.

use super::request::fail;
use crate::http::{Response, Url, header};
use crate::{Result, http};

/// Where a registry wants its tokens to come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Challenge {
    pub(super) realm: Url,
    pub(super) service: Option<String>,
    pub(super) scope: Option<String>,
}

impl Challenge {
    /// The challenge in an answer, where there is one that asks for a token.
    ///
    /// # Errors
    /// When its realm is none that a password may be sent to.
    pub(super) fn of(response: &Response, registry: &Url) -> Result<Option<Self>> {
        let headers = response.headers().get_all(header::WWW_AUTHENTICATE).iter();
        let Some(parameters) = headers.filter_map(|h| h.to_str().ok()).find_map(bearer) else { return Ok(None) };
        let of = |name: &str| parameters.iter().find(|(n, _)| n == name).map(|(_, value)| value.clone());
        let realm = of("realm").ok_or_else(|| fail("token", "the registry asks for a token and names no realm"))?;
        let realm = checked(&realm, registry)?;
        Ok(Some(Self { realm, service: of("service"), scope: of("scope") }))
    }
}

/// A realm as far as it can be trusted: a password goes over TLS, or stays on this machine.
fn checked(realm: &str, registry: &Url) -> Result<Url> {
    let shown: String = realm.chars().filter(|c| !c.is_control()).take(200).collect();
    let bad = |why: &str| fail("token", format!("the registry's realm `{shown}` {why}; no password was sent there"));
    let url = Url::parse(realm).map_err(|_| bad("is no address"))?;
    if url.host_str().is_none() || !url.username().is_empty() || url.password().is_some() {
        return Err(bad("is no address of a host"));
    }
    let here = http::is_loopback(url.as_str()) && http::is_loopback(registry.as_str());
    match url.scheme() {
        "https" => Ok(url),
        "http" if here && registry.scheme() == "http" => Ok(url),
        _ => Err(bad("is not HTTPS")),
    }
}

/// The parameters of a `Bearer` challenge in a header (RFC 9110, 11.6.1); `None` where it has none.
fn bearer(text: &str) -> Option<Vec<(String, String)>> {
    let mut rest = text.trim();
    let mut found: Option<Vec<(String, String)>> = None;
    while !rest.is_empty() {
        let end = rest.find(|c: char| c == '=' || c == ',' || c.is_whitespace()).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let after = after.trim_start();
        let Some(value) = after.strip_prefix('=') else {
            // A word without a value begins a challenge; the next scheme ends ours.
            if found.is_some() && !word.is_empty() {
                break;
            }
            if word.eq_ignore_ascii_case("bearer") {
                found = Some(Vec::new());
            }
            rest = after.trim_start_matches(',').trim_start();
            continue;
        };
        let value = value.trim_start();
        let (value, after) = word_of(value);
        if let Some(parameters) = &mut found {
            parameters.push((word.to_ascii_lowercase(), value));
        }
        rest = after.trim_start().trim_start_matches(',').trim_start();
    }
    found
}

/// A value of a challenge, quoted or not, and what comes after it.
fn word_of(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let (value, after) = text.split_at(text.find([',', ' ']).unwrap_or(text.len()));
        return (value.to_owned(), after);
    };
    let mut value = String::new();
    let mut letters = quoted.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return (value, &quoted[at + 1..]),
            '\\' => value.extend(letters.next().map(|(_, next)| next)),
            other => value.push(other),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_are_taken_apart() {
        let of = |all: &[(&str, &str)]| {
            Some(all.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect::<Vec<_>>())
        };
        let hub = r#"Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push""#;
        let want = [
            ("realm", "https://auth.docker.io/token"),
            ("service", "registry.docker.io"),
            ("scope", "repository:a/b:pull,push"),
        ];
        assert_eq!(bearer(hub), of(&want));
        assert_eq!(
            bearer(r#"bearer  Realm=https://x , service = "a \"b\"""#),
            of(&[("realm", "https://x"), ("service", "a \"b\"")])
        );
        assert_eq!(bearer(r#"Basic realm="Bearer x", Bearer realm="y", Digest realm="z""#), of(&[("realm", "y")]));
        assert_eq!(bearer(r#"Basic realm="https://x""#), None);
        for odd in [
            "",
            "Bearer",
            "Bearer realm",
            "Bearer realm=",
            "Bearer realm=\"",
            "Bearer realm=\"\\",
            "Bearer ,,,=,=\"é",
            "=",
            "Bearer =\"x",
        ] {
            let _ = bearer(odd);
        }
    }

    #[test]
    fn realms_are_hosts_over_tls_or_here() {
        let far = Url::parse("https://ghcr.io").unwrap();
        let near = Url::parse("http://127.0.0.1:5000").unwrap();
        assert!(checked("https://ghcr.io/token", &far).is_ok());
        assert!(checked("https://auth.docker.io/token", &far).is_ok());
        assert!(checked("http://127.0.0.1:5001/token", &near).is_ok());
        for bad in [
            "http://ghcr.io/token",
            "http://127.0.0.1/token",
            "ftp://x/",
            "https://",
            "token",
            "https://a:b@c/",
            "file:///etc/passwd",
        ] {
            let error = checked(bad, &far).unwrap_err().to_string();
            assert!(error.contains("no password was sent"), "{bad}: {error}");
        }
        assert!(checked("http://example.org/token", &near).is_err());
    }
}
