//! Registries that ask for a token: "Token Authentication Specification" of the distribution project. The realm of a
//! challenge gives a token for a scope to whoever shows the registry's own password there.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::challenge::Challenge;
use super::request::{LARGEST_ERROR, Request, Trouble, busy, fail, read, refused};
use crate::ecr::Credentials;
use crate::http::Method;
use crate::{Result, http};

/// No token is longer, in letters.
const LONGEST: usize = 64 << 10;
/// What the specification takes where a realm does not say how long a token is good.
const USUAL: u64 = 60;

/// What a request needs a token for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Need {
    repository: String,
    write: bool,
    /// The repository that shall lend a blob.
    from: Option<String>,
}

struct Kept {
    value: String,
    until: Instant,
}

/// The tokens of a registry, by what they are good for.
#[derive(Default)]
pub(super) struct Tokens {
    asked: Option<Challenge>,
    kept: HashMap<Need, Kept>,
}

/// A realm and who we are there.
pub(super) struct Who<'a> {
    pub(super) credentials: Option<&'a Credentials>,
    pub(super) silence: Duration,
}

impl Need {
    pub(super) fn of(request: &Request) -> Self {
        let path = request.url.path().strip_prefix("/v2/").unwrap_or("");
        let ends = ["/blobs/uploads/", "/blobs/", "/manifests/", "/tags/", "/referrers/"];
        let repository = ends.iter().find_map(|end| path.rsplit_once(end)).map_or("", |(name, _)| name);
        let post = request.method == Method::POST;
        let from =
            request.url.query_pairs().find(|(name, _)| post && name == "from").map(|(_, from)| from.into_owned());
        let write = request.method != Method::GET && request.method != Method::HEAD;
        Self { repository: repository.to_owned(), write, from }
    }

    /// Whether a token for this is good for another need.
    fn covers(&self, other: &Self) -> bool {
        self.repository == other.repository
            && (self.write || !other.write)
            && (other.from.is_none() || self.from == other.from)
    }

    fn actions(&self) -> &'static [&'static str] {
        if self.write { &["pull", "push"] } else { &["pull"] }
    }

    fn scopes(&self) -> Vec<String> {
        let mut scopes = Vec::new();
        if !self.repository.is_empty() {
            scopes.push(format!("repository:{}:{}", self.repository, self.actions().join(",")));
        }
        scopes.extend(self.from.iter().map(|from| format!("repository:{from}:pull")));
        scopes
    }

    /// The scopes that a registry asks for, as far as this needs them: nobody gets a token from us for the repositories of
    /// others, or to delete.
    fn narrowed(&self, asked: &str) -> Result<Vec<String>> {
        let mut scopes = Vec::new();
        for scope in asked.split(' ').filter(|s| !s.is_empty()) {
            let Some((kind, rest)) = scope.split_once(':') else {
                scopes.push(scope.to_owned());
                continue;
            };
            let (name, actions) = rest.rsplit_once(':').unwrap_or((rest, ""));
            let lends = self.from.as_deref() == Some(name);
            if !kind.starts_with("repository") || (name != self.repository && !lends) {
                let message = format!("the registry wants a token for `{scope}`, which is not what was asked of it");
                return Err(fail("token", message));
            }
            let ours: Vec<&str> = actions.split(',').filter(|a| self.actions().contains(a)).collect();
            if !ours.is_empty() {
                scopes.push(format!("{kind}:{name}:{}", ours.join(",")));
            }
        }
        // A registry that has not seen that a blob shall be lent asks for its own repository alone.
        let missing = self.scopes().into_iter().filter(|s| {
            let name = s.rsplit_once(':').map_or("", |(name, _)| name);
            let same = |known: &str| known.rsplit_once(':').is_none_or(|(known, _)| known == name);
            !scopes.iter().any(|known| same(known))
        });
        let missing: Vec<String> = missing.collect();
        scopes.extend(missing);
        Ok(scopes)
    }
}

impl Tokens {
    /// A token for a need that is not the one that was refused; fetched where none is there. `None` where the registry asks
    /// for none.
    pub(super) async fn get(
        &mut self,
        need: &Need,
        refused: Option<&str>,
        challenge: Option<Challenge>,
        who: &Who<'_>,
    ) -> std::result::Result<Option<String>, Trouble> {
        let now = Instant::now();
        // Whoever is the first to be refused drops all that might be as old; who comes later takes what is there since then.
        let first = refused.is_some_and(|value| self.kept.values().any(|kept| kept.value == value));
        self.kept.retain(|known, kept| kept.until > now && !(first && known.covers(need)));
        let scope = challenge.as_ref().and_then(|c| c.scope.clone());
        if challenge.is_some() {
            self.asked = challenge;
        }
        let Some(asked) = &self.asked else { return Ok(None) };
        if let Some((_, kept)) = self.kept.iter().find(|(known, _)| known.covers(need)) {
            return Ok(Some(kept.value.clone()));
        }
        let scopes = scope.map_or_else(|| Ok(need.scopes()), |s| need.narrowed(&s)).map_err(Trouble::Fatal)?;
        let (value, good) = fetch(asked, &scopes, who).await?;
        self.kept.insert(need.clone(), Kept { value: value.clone(), until: now + good });
        Ok(Some(value))
    }
}

/// Asks a realm for a token; how long it is good.
async fn fetch(
    asked: &Challenge,
    scopes: &[String],
    who: &Who<'_>,
) -> std::result::Result<(String, Duration), Trouble> {
    #[derive(serde::Deserialize)]
    struct Given {
        #[serde(default)]
        token: String,
        #[serde(default)]
        access_token: String,
        expires_in: Option<u64>,
    }
    let mut url = asked.realm.clone();
    let host = url.host_str().unwrap_or("").to_owned();
    let what = format!("token of `{host}`");
    {
        let mut query = url.query_pairs_mut();
        if let Some(service) = &asked.service {
            query.append_pair("service", service);
        }
        for scope in scopes {
            query.append_pair("scope", scope);
        }
        if let Some(c) = who.credentials {
            query.append_pair("account", &c.user);
        }
    }
    // The realm is another server, which may be on this machine where the registry is not, or the other way round.
    let client = http::client(url.as_str(), who.silence).map_err(Trouble::Fatal)?;
    let mut request = client.get(url);
    if let Some(c) = who.credentials {
        request = request.basic_auth(&c.user, Some(&c.password));
    }
    let response = busy(request.send().await.map_err(|e| super::request::trouble(&e))?)?;
    let status = response.status();
    if status.is_redirection() {
        return Err(Trouble::Fatal(fail(&what, "sends us elsewhere, which is not followed")));
    }
    if status.as_u16() != 200 {
        let answer = read(&what, response, LARGEST_ERROR).await?;
        return Err(Trouble::Fatal(refused(&what, &answer)));
    }
    let answer = read(&what, response, LONGEST + LARGEST_ERROR).await?;
    // What is wrong with it is told without its text: there may be a token in it.
    let fatal = |message: &str| Trouble::Fatal(fail(&what, message));
    let given: Given = serde_json::from_slice(&answer.body).map_err(|_| fatal("answered with something else"))?;
    let value = if given.token.is_empty() { given.access_token } else { given.token };
    if value.is_empty() || value.len() > LONGEST || !value.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(fatal("answered without a token that can be sent"));
    }
    let good = given.expires_in.unwrap_or(USUAL);
    // A new one is had before this one ends: a request may take a while.
    Ok((value, Duration::from_secs(good.min(12 * 3600)).mul_f64(0.8)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Url;

    #[test]
    fn a_token_is_for_what_was_asked() {
        let get = |path: &str| Request::new(Method::GET, Url::parse(&format!("https://x/v2/{path}")).unwrap());
        let need = Need::of(&get("a/b/manifests/v1"));
        assert_eq!((need.repository.as_str(), need.write), ("a/b", false));
        assert_eq!(need.narrowed("repository:a/b:pull,push,delete").unwrap(), ["repository:a/b:pull"]);
        assert_eq!(need.narrowed("aws").unwrap(), ["aws"]);
        assert_eq!(need.narrowed("").unwrap(), ["repository:a/b:pull"]);
        for other in [
            "repository:c:pull",
            "registry:catalog:*",
            "repository:a/b/c:pull",
            "repository:a:pull repository:a/b:pull",
        ] {
            assert!(need.narrowed(other).unwrap_err().to_string().contains("which is not what was asked"), "{other}");
        }
        let url = Url::parse("https://x/v2/a/blobs/uploads/?mount=sha256:1&from=c/d").unwrap();
        let mount = Need::of(&Request::new(Method::POST, url));
        assert_eq!(mount.scopes(), ["repository:a:pull,push", "repository:c/d:pull"]);
        assert_eq!(mount.narrowed("repository:a:pull,push").unwrap(), mount.scopes());
        let url = Url::parse("https://x/v2/a-new/blobs/uploads/?mount=sha256:1&from=a").unwrap();
        let mount_of_a = Need::of(&Request::new(Method::POST, url));
        assert_eq!(mount_of_a.narrowed("repository:a-new:pull,push").unwrap(), mount_of_a.scopes(), "a name in a name");
        assert!(mount.covers(&Need::of(&get("a/blobs/x"))) && !need.covers(&mount));
    }
}
