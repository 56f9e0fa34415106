//! Buckets, keys, versions.

use std::collections::BTreeMap;

use axum::body::Bytes;
use sha2::{Digest, Sha256};

use crate::clock::Time;
use crate::refusal::{Answer, refuse};

/// One version of an object.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    pub(crate) version: String,
    pub(crate) bytes: Bytes,
    pub(crate) kind: String,
    pub(crate) put: Time,
    /// `x-amz-meta-` headers, without that prefix.
    pub(crate) metadata: BTreeMap<String, String>,
}

impl Object {
    /// Its entity tag. Not the MD5 sum, as with objects that are encrypted with a key of KMS.
    pub(crate) fn etag(&self) -> String {
        use std::fmt::Write;
        let mut out = String::from("\"");
        for byte in &Sha256::digest(&self.bytes)[..16] {
            let _ = write!(out, "{byte:02x}");
        }
        out + "\""
    }
}

/// Versions by key, the newest last.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bucket {
    pub(crate) versioned: bool,
    /// Days after which its lifecycle deletes old versions. It is told and not done.
    pub(crate) days: Option<u32>,
    pub(crate) keys: BTreeMap<String, Vec<Object>>,
}

/// All buckets, by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Buckets(pub(crate) BTreeMap<String, Bucket>);

impl Buckets {
    pub(crate) fn bucket(&self, name: &str) -> Answer<&Bucket> {
        self.0.get(name).ok_or_else(|| refuse("NoSuchBucket", "The specified bucket does not exist").status(404))
    }

    /// The newest version, or the one that is asked for.
    pub(crate) fn object(&self, bucket: &str, key: &str, version: Option<&str>) -> Answer<&Object> {
        let versions = self.bucket(bucket)?.keys.get(key);
        let Some(wanted) = version else {
            let missing = || refuse("NoSuchKey", "The specified key does not exist.").status(404);
            return versions.and_then(|v| v.last()).ok_or_else(missing);
        };
        let missing = || refuse("NoSuchVersion", "The specified version does not exist.").status(404);
        versions.and_then(|v| v.iter().find(|o| o.version == wanted)).ok_or_else(missing)
    }

    /// Puts a version. A bucket that keeps none has one, whose name is `null`.
    pub(crate) fn put(&mut self, bucket: &str, key: &str, object: Object) -> Answer<()> {
        self.bucket(bucket)?;
        let Some(bucket) = self.0.get_mut(bucket) else { return Ok(()) };
        let versions = bucket.keys.entry(key.to_owned()).or_default();
        if bucket.versioned {
            versions.push(object);
        } else {
            *versions = vec![Object { version: "null".to_owned(), ..object }];
        }
        Ok(())
    }
}
