//! How registries differ from the distribution specification and from each other: a switch for each.

use std::collections::BTreeSet;

use super::Bearer;
use crate::ecr::Credentials;

/// What a registry does otherwise. The default is the specification.
#[derive(Clone, Debug, Default)]
#[allow(clippy::struct_excessive_bools)] // each is a switch by itself
pub struct Quirks {
    /// Who may do anything; everyone where there is none. Each is good for so many requests, `None` for all; after them the
    /// next one is asked for.
    pub passwords: Vec<(Credentials, Option<usize>)>,
    /// Requests need a token, which those passwords are good for (Docker Hub, GHCR, Harbor).
    pub bearer: Option<Bearer>,
    /// An expired password is told by 403 and plain text instead of 401 (Amazon ECR).
    pub expiry_is_403: bool,
    /// PATCH answers 201 instead of 202 (Amazon ECR).
    pub patch_is_201: bool,
    /// A chunk that is not the last has at least so many bytes (Amazon ECR: 5 MiB).
    pub least_chunk: usize,
    /// POST for an upload to another repository than these cuts the connection (Amazon ECR).
    pub only: Option<BTreeSet<String>>,
    /// Blobs are lent from one repository to another, which Amazon ECR does not do unless the account wants it.
    pub mounts: bool,
    /// A blob is seen only in the repositories that it was pushed to or mounted into.
    pub blobs_of_their_own: bool,
    /// So many requests that begin an upload are answered 429 first.
    pub busy: usize,
    /// What `Retry-After` says then, in seconds.
    pub retry_after: Option<u64>,
    /// A manifest with `;` in its media type is answered 405 (Amazon ECR).
    pub picky_types: bool,
    /// `OCI-Subject` is answered although there is no referrers API (Amazon ECR).
    pub subject_header: bool,
    /// The referrers API of the specification 1.1 is there.
    pub referrers: bool,
    /// GET of a blob is sent to this address instead, such as `http://127.0.0.1:1234`.
    pub blobs_at: Option<String>,
    /// It cannot say how much of an upload it has.
    pub no_status: bool,
    /// It forgets uploads that were cut.
    pub forgetful: bool,
    /// PUT of a manifest takes these bytes for the ones that were sent.
    pub keeps_other_manifest: bool,
}

impl Quirks {
    /// Amazon ECR as far as it is known: its differences, without a password.
    #[must_use]
    pub fn ecr(repositories: &[&str]) -> Self {
        Self {
            expiry_is_403: true,
            patch_is_201: true,
            least_chunk: 5 << 20,
            only: Some(repositories.iter().map(|r| (*r).to_owned()).collect()),
            picky_types: true,
            subject_header: true,
            ..Self::default()
        }
    }
}
