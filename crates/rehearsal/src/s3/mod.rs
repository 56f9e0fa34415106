//! Amazon S3, as thin as a release needs it: buckets with versions.

mod chunked;
pub(crate) mod protocol;
mod state;

pub(crate) use state::{Bucket, Buckets, Object};
