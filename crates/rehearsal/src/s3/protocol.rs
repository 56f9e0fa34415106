//! S3's own protocol: bucket and key in the path, everything else in headers and the query.

use std::collections::BTreeMap;

use axum::body::{Body, Bytes};
use axum::http::request::Parts;
use axum::http::{HeaderName, Method, StatusCode};
use axum::response::Response;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::{Object, chunked};
use crate::fault::Dialect;
use crate::refusal::{Answer, Refusal, refuse};
use crate::wire::{reply, signed, text, xml};
use crate::world::World;

const SPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

/// What a request is about.
struct Asked<'a> {
    parts: &'a Parts,
    bucket: String,
    key: String,
    query: BTreeMap<String, String>,
}

impl Asked<'_> {
    fn version(&self) -> Option<&str> {
        self.query.get("versionId").map(String::as_str)
    }

    fn prefix(&self) -> &str {
        self.query.get("prefix").map_or("", String::as_str)
    }
}

pub(crate) fn answer(world: &mut World, parts: &Parts, body: &Bytes) -> Response {
    let path = percent_decode_str(parts.uri.path()).decode_utf8_lossy().into_owned();
    let (bucket, key) = path[1.min(path.len())..].split_once('/').unwrap_or((path.trim_start_matches('/'), ""));
    let query = form_urlencoded::parse(parts.uri.query().unwrap_or("").as_bytes()).into_owned().collect();
    let asked = Asked { parts, bucket: bucket.to_owned(), key: key.to_owned(), query };
    let id = world.ids.request();
    let mut response = call(world, &asked, body).unwrap_or_else(|refusal| refused(&refusal, &asked, &id));
    if let Ok(value) = id.parse() {
        response.headers_mut().insert(HeaderName::from_static("x-amz-request-id"), value);
    }
    response
}

fn refused(refusal: &Refusal, asked: &Asked, id: &str) -> Response {
    let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::BAD_REQUEST);
    let error =
        json!({"Code": refusal.code, "Message": refusal.message, "Resource": asked.parts.uri.path(), "RequestId": id});
    let body = if asked.parts.method == Method::HEAD { String::new() } else { xml::element("Error", &error) };
    reply(status, &[("content-type", "application/xml")], body)
}

fn call(world: &mut World, asked: &Asked, body: &Bytes) -> Answer<Response> {
    let has = |name: &str| asked.query.contains_key(name);
    let operation = match (asked.parts.method.as_str(), asked.bucket.is_empty(), asked.key.is_empty()) {
        ("GET", true, _) => "ListBuckets",
        ("HEAD", false, true) => "HeadBucket",
        ("GET", false, true) if has("versioning") => "GetBucketVersioning",
        ("GET", false, true) if has("location") => "GetBucketLocation",
        ("GET", false, true) if has("notification") => "GetBucketNotificationConfiguration",
        ("GET", false, true) if has("lifecycle") => "GetBucketLifecycleConfiguration",
        ("GET", false, true) if has("versions") => "ListObjectVersions",
        ("GET", false, true) if has("list-type") => "ListObjectsV2",
        ("PUT", false, false) if !has("uploadId") && !has("tagging") => "PutObject",
        ("GET", false, false) if !has("tagging") && !has("acl") && !has("attributes") => "GetObject",
        ("HEAD", false, false) => "HeadObject",
        _ => "",
    };
    if !signed(asked.parts) {
        return Err(refuse("AccessDenied", "Access Denied").status(403));
    }
    if operation.is_empty() {
        let what = format!("{} {}", asked.parts.method, asked.parts.uri);
        return Err(refuse("NotImplemented", format!("the rehearsal has no S3 operation for `{what}`")).status(501));
    }
    if let Some(refusal) = world.asked(operation, Dialect::S3) {
        return Err(refusal);
    }
    match operation {
        "ListBuckets" => {
            let names = world.s3.0.keys().map(|name| format!("<Bucket><Name>{}</Name></Bucket>", xml::escape(name)));
            let all: String = names.collect();
            Ok(document("ListAllMyBucketsResult", &format!("<Buckets>{all}</Buckets>")))
        }
        "HeadBucket" => {
            world.s3.bucket(&asked.bucket)?;
            Ok(reply(StatusCode::OK, &[("x-amz-bucket-region", &world.region)], String::new()))
        }
        "GetBucketVersioning" => {
            let versioned = world.s3.bucket(&asked.bucket)?.versioned;
            Ok(document("VersioningConfiguration", if versioned { "<Status>Enabled</Status>" } else { "" }))
        }
        "GetBucketLocation" => {
            world.s3.bucket(&asked.bucket)?;
            Ok(document("LocationConstraint", &xml::escape(&world.region)))
        }
        "GetBucketNotificationConfiguration" => {
            world.s3.bucket(&asked.bucket)?;
            Ok(document("NotificationConfiguration", "<EventBridgeConfiguration></EventBridgeConfiguration>"))
        }
        "GetBucketLifecycleConfiguration" => {
            let none =
                || refuse("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist").status(404);
            let days = world.s3.bucket(&asked.bucket)?.days.ok_or_else(none)?;
            let rule = json!({
                "ID": "old-versions", "Filter": {"Prefix": ""}, "Status": "Enabled",
                "NoncurrentVersionExpiration": {"NoncurrentDays": days},
            });
            Ok(document("LifecycleConfiguration", &xml::element("Rule", &rule)))
        }
        "PutObject" => put(world, asked, body),
        "GetObject" | "HeadObject" => get(world, asked),
        _ => list(world, asked, operation == "ListObjectVersions"),
    }
}

fn put(world: &mut World, asked: &Asked, body: &Bytes) -> Answer<Response> {
    let headers = &asked.parts.headers;
    let header = |name: &str| text(headers, name).unwrap_or("");
    let streaming = header("x-amz-content-sha256").starts_with("STREAMING-");
    let bytes = if streaming || header("content-encoding").contains("aws-chunked") {
        let broken = || refuse("IncompleteBody", "The request body terminated unexpectedly");
        Bytes::from(chunked::decode(body).ok_or_else(broken)?)
    } else {
        body.clone()
    };
    if header("if-none-match") == "*" && world.s3.object(&asked.bucket, &asked.key, None).is_ok() {
        let message = "At least one of the pre-conditions you specified did not hold";
        return Err(refuse("PreconditionFailed", message).status(412));
    }
    let metadata = headers.iter().filter_map(|(name, value)| {
        let name = name.as_str().strip_prefix("x-amz-meta-")?;
        Some((name.to_owned(), value.to_str().ok()?.to_owned()))
    });
    let object = Object {
        version: world.ids.version(),
        bytes,
        kind: text(headers, "content-type").unwrap_or("binary/octet-stream").to_owned(),
        put: world.now,
        metadata: metadata.collect(),
    };
    let (version, etag) = (object.version.clone(), object.etag());
    world.s3.put(&asked.bucket, &asked.key, object)?;
    world.archive_put(&asked.bucket, &asked.key, &version);
    let mut headers = vec![("etag", etag.as_str())];
    if world.s3.bucket(&asked.bucket)?.versioned {
        headers.push(("x-amz-version-id", version.as_str()));
    }
    Ok(reply(StatusCode::OK, &headers, String::new()))
}

fn get(world: &World, asked: &Asked) -> Answer<Response> {
    let object = world.s3.object(&asked.bucket, &asked.key, asked.version())?;
    let (etag, length, put) = (object.etag(), object.bytes.len().to_string(), object.put.http());
    let names: Vec<(String, &String)> =
        object.metadata.iter().map(|(name, value)| (format!("x-amz-meta-{name}"), value)).collect();
    let mut headers = vec![
        ("etag", etag.as_str()),
        ("content-length", &length),
        ("content-type", &object.kind),
        ("last-modified", &put),
        ("accept-ranges", "bytes"),
    ];
    if world.s3.bucket(&asked.bucket)?.versioned {
        headers.push(("x-amz-version-id", &object.version));
    }
    headers.extend(names.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let body = if asked.parts.method == Method::HEAD { Body::empty() } else { Body::from(object.bytes.clone()) };
    Ok(reply(StatusCode::OK, &headers, body))
}

/// All versions, or the newest of each key. Everything is on one page.
fn list(world: &World, asked: &Asked, versions: bool) -> Answer<Response> {
    let bucket = world.s3.bucket(&asked.bucket)?;
    let mut out = format!(
        "<Name>{}</Name><Prefix>{}</Prefix><IsTruncated>false</IsTruncated>",
        xml::escape(&asked.bucket),
        xml::escape(asked.prefix())
    );
    let mut count = 0;
    for (key, objects) in bucket.keys.iter().filter(|(key, _)| key.starts_with(asked.prefix())) {
        for (back, object) in objects.iter().rev().enumerate().take(if versions { usize::MAX } else { 1 }) {
            count += 1;
            let mut entry = json!({
                "Key": key, "ETag": object.etag(), "Size": object.bytes.len(),
                "LastModified": object.put.iso(), "StorageClass": "STANDARD",
            });
            if versions {
                entry["VersionId"] = Value::from(object.version.as_str());
                entry["IsLatest"] = Value::from(back == 0);
            }
            out += &xml::element(if versions { "Version" } else { "Contents" }, &entry);
        }
    }
    if !versions {
        out += &xml::element("KeyCount", &json!(count));
    }
    Ok(document(if versions { "ListVersionsResult" } else { "ListBucketResult" }, &out))
}

fn document(name: &str, inner: &str) -> Response {
    let text = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{name} xmlns=\"{SPACE}\">{inner}</{name}>");
    reply(StatusCode::OK, &[("content-type", "application/xml")], text)
}
