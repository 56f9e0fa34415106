//! An image to and from a registry: OCI distribution specification 1.1.
//!
//! ```text
//! remote   a registry, and who we are there: retries, tokens, redirects
//! challenge where a registry wants its tokens to come from
//! token    tokens, each for what is needed
//! request  one request, its answer, bounded, and what is the matter when there is none
//! body     a part of a file as the body of a request, told as it goes
//! upload   one blob: there already, mounted, or sent in chunks, from where the registry has it
//! state    where uploads are, on disk, so that a cut one goes on in the next run
//! push     an image: blobs at the same time, manifest last, its digest read back
//! referrer what is said of an image, beside it in the registry
//! sign     signatures of an image, where cosign looks for them
//! pull     an image by its digest, everything checked
//! ```

mod body;
mod challenge;
mod pull;
mod push;
mod referrer;
mod remote;
mod request;
mod sign;
mod state;
mod token;
mod upload;

use std::sync::Arc;
use std::time::Duration;

pub use pull::pull;
pub(crate) use pull::{blob_to, manifest};
pub use push::{Known, Lender, Options, Pushed, push};
pub use referrer::{Artifact, By, attach, attached};
pub use remote::{Ask, Login, Patience, Remote};
pub use sign::sign;

/// What happens during a transfer, for whoever shows it.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A blob begins to be sent, from this byte on.
    Begins {
        /// Its digest.
        digest: String,
        /// Its bytes.
        size: u64,
        /// How many of them the registry has already.
        from: u64,
    },
    /// So many bytes of a blob are on their way or there.
    Sent {
        /// Its digest.
        digest: String,
        /// Bytes from its beginning.
        bytes: u64,
    },
    /// The registry has taken so many bytes of a blob: from there an upload goes on.
    Kept {
        /// Its digest.
        digest: String,
        /// Bytes from its beginning.
        bytes: u64,
    },
    /// The registry has a blob now.
    Done {
        /// Its digest.
        digest: String,
        /// Its bytes.
        size: u64,
        /// By which means.
        how: How,
    },
    /// Something is tried again.
    Waits {
        /// What.
        what: String,
        /// Why.
        why: String,
        /// How long.
        time: Duration,
    },
    /// An upload begins anew, since the registry does not know it any more.
    Restarts {
        /// Its digest.
        digest: String,
        /// Why.
        why: String,
    },
}

/// How a blob came to a registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// It was sent.
    Sent,
    /// It was there.
    There,
    /// It was in another repository of the registry, which lent it.
    Mounted,
}

/// Who is told.
pub type Tell = Arc<dyn Fn(&Event) + Send + Sync>;
