//! Where a base image is: `host/repository:tag@sha256:...`.

use std::fmt;
use std::str::FromStr;

use crate::image::hex_of;

/// A base image by its registry, repository, and tag or digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Host of the registry, and its port where it has one.
    pub host: String,
    /// Name of the repository.
    pub repository: String,
    /// Tag, which may name another image tomorrow.
    pub tag: Option<String>,
    /// Digest of the manifest or index; it counts where there is a tag too.
    pub digest: Option<String>,
}

impl Reference {
    /// What the registry is asked for.
    #[must_use]
    pub fn wanted(&self) -> &str {
        self.digest.as_deref().or(self.tag.as_deref()).unwrap_or_default()
    }

    /// The host that answers: Docker Hub's name is none.
    #[must_use]
    pub fn server(&self) -> &str {
        if self.host == "docker.io" { "registry-1.docker.io" } else { &self.host }
    }

    /// The name without the digest, as `org.opencontainers.image.base.name` has it.
    #[must_use]
    pub fn name(&self) -> String {
        let tag = self.tag.as_ref().map_or(String::new(), |t| format!(":{t}"));
        format!("{}/{}{tag}", self.host, self.repository)
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digest = self.digest.as_ref().map_or(String::new(), |d| format!("@{d}"));
        write!(f, "{}{digest}", self.name())
    }
}

impl FromStr for Reference {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (rest, digest) = text.split_once('@').map_or((text, None), |(rest, digest)| (rest, Some(digest)));
        if let Some(digest) = digest.filter(|d| hex_of(d).is_none()) {
            return Err(format!("`{digest}` is no digest: expected `sha256:` and 64 digits of hex in lower case"));
        }
        let (host, path) = rest.split_once('/').unwrap_or(("", rest));
        // Without such a letter it is a folder of some registry that everyone takes to be meant.
        if !(host.contains(['.', ':']) || host == "localhost") {
            let todo = "write the registry too, as in `docker.io/library/debian:12` or `public.ecr.aws/...`";
            return Err(format!("it names no registry: {todo}"));
        }
        if !host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:[]".contains(&b)) {
            return Err(format!("`{host}` is no host"));
        }
        let (repository, tag) = match path.rsplit_once(':') {
            Some((repository, tag)) => (repository, Some(tag)),
            None => (path, None),
        };
        let plain = |p: &str| {
            p.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
                && p.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b))
        };
        if !repository.split('/').all(plain) {
            return Err(format!("`{repository}` is no name of a repository"));
        }
        let word = |b: u8| b.is_ascii_alphanumeric() || b"_.-".contains(&b);
        if let Some(tag) =
            tag.filter(|t| t.is_empty() || t.len() > 128 || t.starts_with(['.', '-']) || !t.bytes().all(word))
        {
            return Err(format!("`{tag}` is no tag"));
        }
        if tag.is_none() && digest.is_none() {
            return Err("it has neither digest nor tag: add `@sha256:...`, so that it names one image for ever".into());
        }
        let official = host == "docker.io" && !repository.contains('/');
        let repository = if official { format!("library/{repository}") } else { repository.to_owned() };
        let owned = |t: Option<&str>| t.map(str::to_owned);
        Ok(Self { host: host.to_owned(), repository, tag: owned(tag), digest: owned(digest) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_taken_apart() {
        let sum = format!("sha256:{}", "a".repeat(64));
        let of = |text: &str| text.parse::<Reference>().unwrap();
        let one = of(&format!("127.0.0.1:5000/a/b:v1@{sum}"));
        assert_eq!((one.host.as_str(), one.repository.as_str(), one.wanted()), ("127.0.0.1:5000", "a/b", sum.as_str()));
        assert_eq!(
            (one.name().as_str(), one.to_string()),
            ("127.0.0.1:5000/a/b:v1", format!("127.0.0.1:5000/a/b:v1@{sum}"))
        );
        let hub = of("docker.io/debian:12");
        assert_eq!(
            (hub.server(), hub.repository.as_str(), hub.wanted()),
            ("registry-1.docker.io", "library/debian", "12")
        );
        assert_eq!(of("localhost/a:b").tag.as_deref(), Some("b"));
        for bad in [
            "",
            "debian",
            "debian:12",
            "library/debian:12",
            "gcr.io/a",
            "gcr.io/:x",
            "gcr.io/a:",
            "gcr.io/a@sha256:1",
            "gcr.io/A:x",
            "gcr.io/../a:x",
            "gcr.io/a//b:x",
            "gcr.io/a:-x",
            "u@h.io/a:x",
            "h\u{1b}.io/a:x",
            "gcr.io/a:b c",
        ] {
            assert!(bad.parse::<Reference>().is_err(), "{bad}");
        }
    }
}
