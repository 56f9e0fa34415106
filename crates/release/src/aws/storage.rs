//! Objects of S3. Buckets stand in the path, which any endpoint understands.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use serde_json::Value;

use super::client::{PAGES, endless};
use super::message::{Call, unread};
use super::service::S3;
use super::{Client, xml};
use crate::{Error, Result};

/// What stands for itself in a path and in a query (RFC 3986, unreserved).
const VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const PATH: &AsciiSet = &VALUE.remove(b'/');

fn call(operation: &str, method: &'static str, bucket: &str, key: &str, query: &str) -> Call {
    let mut path = format!("/{bucket}");
    if !key.is_empty() {
        path = format!("{path}/{}", utf8_percent_encode(key, PATH));
    }
    if !query.is_empty() {
        path = format!("{path}?{query}");
    }
    let operation = operation.to_owned();
    Call { service: S3, operation, method, path, headers: Vec::new(), body: Vec::new(), again: true }
}

/// Puts an object. Its version.
pub(super) async fn put(client: &Client, bucket: &str, key: &str, kind: &str, bytes: Vec<u8>) -> Result<String> {
    let mut call = call("PutObject", "PUT", bucket, key, "");
    call.headers.push(("content-type".to_owned(), kind.to_owned()));
    call.body = bytes;
    let answer = client.call(&call).await?;
    let version = answer.header("x-amz-version-id").filter(|v| !v.is_empty() && *v != "null");
    version.map(str::to_owned).ok_or_else(|| {
        Error::Release(format!(
            "the bucket `{bucket}` keeps no versions, and a release is pinned to one: turn versioning on"
        ))
    })
}

/// What a bucket is set to: `versioning`, `location`, `notification` or `lifecycle`.
pub(super) async fn setting(client: &Client, bucket: &str, what: &str) -> Result<Value> {
    let operation = match what {
        "versioning" => "GetBucketVersioning",
        "location" => "GetBucketLocation",
        "notification" => "GetBucketNotificationConfiguration",
        _ => "GetBucketLifecycleConfiguration",
    };
    let answer = client.call(&call(operation, "GET", bucket, "", what)).await?;
    xml::tree(&answer.body).ok_or_else(|| unread(S3, operation))
}

/// Gets an object, or `None` when it is not there.
pub(super) async fn get(client: &Client, bucket: &str, key: &str, version: Option<&str>) -> Result<Option<Vec<u8>>> {
    let query = version.map(|v| format!("versionId={}", utf8_percent_encode(v, VALUE))).unwrap_or_default();
    match client.call(&call("GetObject", "GET", bucket, key, &query)).await {
        Ok(answer) => Ok(Some(answer.body)),
        Err(Error::Aws(r)) if matches!(r.code.as_str(), "NoSuchKey" | "NoSuchVersion") => Ok(None),
        Err(e) => Err(e),
    }
}

/// Keys that begin so, in their order.
pub(super) async fn list(client: &Client, bucket: &str, prefix: &str) -> Result<Vec<String>> {
    let mut keys = Vec::new();
    let mut next: Option<String> = None;
    for _ in 0..PAGES {
        let mut query = format!("list-type=2&prefix={}", utf8_percent_encode(prefix, VALUE));
        if let Some(token) = &next {
            query = format!("continuation-token={}&{query}", utf8_percent_encode(token, VALUE));
        }
        let answer = client.call(&call("ListObjectsV2", "GET", bucket, "", &query)).await?;
        let found = xml::rows(&answer.body, "Contents", &["Key"]);
        keys.extend(found.into_iter().filter_map(|mut r| r.remove("Key")));
        let whole = xml::rows(&answer.body, "ListBucketResult", &["NextContinuationToken"]);
        next = whole.into_iter().next().and_then(|mut r| r.remove("NextContinuationToken"));
        if next.is_none() {
            return Ok(keys);
        }
    }
    Err(endless(S3, "ListObjectsV2"))
}
