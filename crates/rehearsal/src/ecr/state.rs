//! Repositories and images.

use std::collections::BTreeMap;

use crate::clock::Time;
use crate::refusal::{Answer, refuse};

/// An image that was pushed.
#[derive(Clone, Debug)]
pub(crate) struct Image {
    pub(crate) digest: String,
    pub(crate) tags: Vec<String>,
    pub(crate) pushed: Time,
    /// Media type of the manifest.
    pub(crate) kind: String,
    /// Bytes of all layers.
    pub(crate) size: u64,
    /// As its configuration says; nothing for an index, or where that is not known.
    pub(crate) architecture: Option<String>,
    pub(crate) manifest: String,
}

/// Images by repository, in the order in which they were first pushed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Repositories(pub(crate) BTreeMap<String, Vec<Image>>);

impl Repositories {
    pub(crate) fn has(&self, repository: &str) -> bool {
        self.0.contains_key(repository)
    }

    pub(crate) fn images(&self, repository: &str, registry: &str) -> Answer<&[Image]> {
        self.0.get(repository).map(Vec::as_slice).ok_or_else(|| {
            let message =
                format!("The repository with name '{repository}' does not exist in the registry with id '{registry}'");
            refuse("RepositoryNotFoundException", message)
        })
    }

    /// By digest, by tag, or by both.
    pub(crate) fn image(&self, repository: &str, digest: Option<&str>, tag: Option<&str>) -> Option<&Image> {
        let fits =
            |i: &&Image| digest.is_none_or(|d| i.digest == d) && tag.is_none_or(|t| i.tags.iter().any(|x| x == t));
        self.0.get(repository)?.iter().find(fits)
    }

    /// A tag leaves the image that had it.
    pub(crate) fn push(&mut self, repository: &str, image: Image, tag: Option<String>) {
        let Some(images) = self.0.get_mut(repository) else { return };
        if let Some(tag) = &tag {
            for other in images.iter_mut() {
                other.tags.retain(|t| t != tag);
            }
        }
        match images.iter_mut().find(|i| i.digest == image.digest) {
            Some(there) => there.tags.extend(tag),
            None => images.push(Image { tags: tag.into_iter().collect(), ..image }),
        }
    }
}
