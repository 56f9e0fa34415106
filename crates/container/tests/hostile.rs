//! A registry that lies, never ends, sends us elsewhere or breaks off: a clear error, no password lost, memory bounded.

mod support;

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use container::image::Image;
use container::registry::{Quirks, Registry};
use container::rootfs;
use container::transfer::{self, Login, Remote};
use sha2::{Digest, Sha256};
use support::{Heard, chunks, image, quick, remote, who};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

async fn serve(app: Router) -> String {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    url
}

/// Answers every connection with these bytes and closes it.
async fn raw(bytes: Vec<u8>) -> String {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let bytes = bytes.clone();
            tokio::spawn(async move {
                let _ = stream.read(&mut [0; 4096]).await;
                let _ = stream.write_all(&bytes).await;
            });
        }
    });
    url
}

/// A body without an end.
struct Endless;

impl http_body::Body for Endless {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<std::io::Result<http_body::Frame<Bytes>>>> {
        std::task::Poll::Ready(Some(Ok(http_body::Frame::data(Bytes::from_static(&[b'x'; 16384])))))
    }
}

fn sum(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold("sha256:".to_owned(), |sum, b| format!("{sum}{b:02x}"))
}

async fn push(image: &Image, url: &str) -> String {
    let heard = Heard::default();
    transfer::push(image, &remote(url, &heard), "v1", &chunks()).await.unwrap_err().to_string()
}

async fn pull(url: &str, digest: &str) -> String {
    let dir = tempfile::tempdir().unwrap();
    let heard = Heard::default();
    let pulled = transfer::pull(&remote(url, &heard), "test/case", digest, dir.path()).await;
    let left = fs::read_dir(dir.path().join("blobs/sha256"))
        .map_or(0, |d| d.filter(|e| e.as_ref().unwrap().path().extension().is_some()).count());
    assert_eq!(left, 0, "nothing half done is left");
    assert!(!dir.path().join("index.json").exists(), "no image without its blobs");
    pulled.unwrap_err().to_string()
}

/// A registry with one manifest, and blobs that are answered by a function.
async fn with_manifest(manifest: Vec<u8>, blob: fn() -> Response) -> (String, String) {
    let digest = sum(&manifest);
    let app = Router::new().fallback(move |uri: Uri| async move {
        if uri.path().contains("/manifests/") { manifest.into_response() } else { blob() }
    });
    (serve(app).await, digest)
}

fn manifest(digest: &str, size: &str) -> Vec<u8> {
    let descriptor =
        |kind: &str| format!(r#"{{"mediaType":"application/vnd.oci.image.{kind}","digest":"{digest}","size":{size}}}"#);
    let (config, layer) = (descriptor("config.v1+json"), descriptor("layer.v1.tar+gzip"));
    format!(r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{config},"layers":[{layer}]}}"#).into()
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_digests() {
    let dir = tempfile::tempdir().unwrap();
    let image = image(dir.path(), 100, 31);
    // Other bytes than the digest says, found out by the registry.
    let broken = support::image(dir.path(), 100, 32);
    let blob = broken.blobs.iter().find(|b| !image.blobs.contains(b) && b.media_type.contains("layer")).unwrap();
    let mut bytes = fs::read(broken.path(blob)).unwrap();
    bytes[20] ^= 1;
    fs::write(broken.path(blob), &bytes).unwrap();
    let registry = Registry::start().await.unwrap();
    let error = push(&broken, &registry.url()).await;
    assert!(error.contains(&blob.digest) && error.contains("DIGEST_INVALID"), "{error}");
    // A file of another size never gets that far.
    fs::write(broken.path(blob), "short").unwrap();
    let error = push(&broken, &registry.url()).await;
    assert!(error.contains("has 5 bytes, expected") && error.contains("build the image again"), "{error}");
    // A registry that says it keeps something else, in each of its answers.
    let lying = Registry::start_as(Quirks { keeps_other_manifest: true, ..Quirks::default() }).await.unwrap();
    let error = push(&image, &lying.url()).await;
    assert!(error.contains("manifest: keeps `sha256:") && error.contains(&image.digest), "{error}");
    let other = format!("sha256:{}", "0".repeat(64));
    let says = other.clone();
    let app = Router::new().fallback(move |method: Method| async move {
        match method {
            Method::POST => (StatusCode::ACCEPTED, [(header::LOCATION.as_str(), "/v2/u".to_owned())]).into_response(),
            Method::PUT => (StatusCode::CREATED, [("docker-content-digest", says)]).into_response(),
            _ => StatusCode::NOT_FOUND.into_response(),
        }
    });
    let error = push(&image, &serve(app).await).await;
    assert!(error.contains(&format!("keeps it as `{other}`")), "{error}");
    let app = Router::new().fallback(|method: Method| async move {
        if method == Method::HEAD {
            (StatusCode::OK, "some other length").into_response()
        } else {
            StatusCode::NOT_FOUND.into_response()
        }
    });
    let error = push(&image, &serve(app).await).await;
    assert!(error.contains("the registry has it with 17 bytes instead of"), "{error}");
    // And what is pulled.
    let (url, digest) = with_manifest(manifest(&sum(b"good"), "4"), || "evil".into_response()).await;
    let error = pull(&url, &digest).await;
    assert!(error.contains(&format!("sent `{}`", sum(b"evil"))), "{error}");
    let error = pull(&url, &other).await;
    assert!(error.contains(&format!("sent `{digest}` for `{other}`")), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_without_an_end() {
    let dir = tempfile::tempdir().unwrap();
    let image = image(dir.path(), 100, 33);
    for status in [200, 202, 400, 403, 404] {
        let app =
            Router::new().fallback(move || async move { (StatusCode::from_u16(status).unwrap(), Body::new(Endless)) });
        let url = serve(app).await;
        let error = push(&image, &url).await;
        let error = error + &pull(&url, &image.digest).await;
        assert!(error.contains("bytes, which is no answer to this"), "{status}: {error}");
    }
    let (url, digest) = with_manifest(manifest(&sum(b"good"), "4"), || Body::new(Endless).into_response()).await;
    let error = pull(&url, &digest).await;
    assert!(error.contains("is longer than the 4 bytes that its manifest says"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn absurd_sizes() {
    for size in ["18446744073709551615", "99999999999999"] {
        let (url, digest) = with_manifest(manifest(&sum(b"good"), size), || "good".into_response()).await;
        let error = pull(&url, &digest).await;
        assert!(error.contains("more than any registry takes"), "{error}");
    }
    for size in ["-1", "1e99", "\"4\""] {
        let (url, digest) = with_manifest(manifest(&sum(b"good"), size), || "good".into_response()).await;
        assert!(pull(&url, &digest).await.contains("manifest"));
    }
    let dir = tempfile::tempdir().unwrap();
    let image = image(dir.path(), 20 << 20, 34);
    for range in ["0-18446744073709551615", "0-99999999", "0-0", "7-9", "x", "-", "0-1-2"] {
        let app = Router::new().fallback(move |method: Method| async move {
            let status = match method {
                Method::POST | Method::PATCH => StatusCode::ACCEPTED,
                Method::GET => StatusCode::NO_CONTENT,
                _ => StatusCode::NOT_FOUND,
            };
            (status, [("location", "/v2/u"), ("range", range)])
        });
        let error = push(&image, &serve(app).await).await;
        assert!(error.contains("registry, blob"), "{range}: {error}");
    }
    let long = raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999\r\n\r\nx".to_vec()).await;
    let error = pull(&long, &image.digest).await;
    assert!(error.contains("tried 6 times"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_break_off() {
    let dir = tempfile::tempdir().unwrap();
    let image = image(dir.path(), 100, 35);
    for bytes in [
        &b""[..],
        b"HTTP/1.1 2",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
        b"\0\0\0\0",
        b"HTTP/1.1 999 ?\r\n\r\n",
    ] {
        let url = raw(bytes.to_vec()).await;
        for error in [push(&image, &url).await, pull(&url, &image.digest).await] {
            assert!(error.starts_with("registry, "), "{error}");
        }
    }
    let headers = [b"HTTP/1.1 200 OK\r\nX: ".to_vec(), vec![b'x'; 10 << 20]].concat();
    assert!(push(&image, &raw(headers).await).await.starts_with("registry, "));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_json_and_what_is_no_manifest() {
    let dir = tempfile::tempdir().unwrap();
    let image = image(dir.path(), 100, 36);
    for text in ["", "{", "null", "[]", "{\"schemaVersion\":2}", &"[".repeat(1 << 20), &"{\"a\":".repeat(100_000)] {
        let bytes = text.as_bytes().to_vec();
        let (url, digest) = with_manifest(bytes.clone(), || StatusCode::NOT_FOUND.into_response()).await;
        let error = pull(&url, &digest).await;
        assert!(error.contains("manifest"), "{error}");
        let app = Router::new().fallback(move || async move { (StatusCode::BAD_REQUEST, bytes) });
        let error = push(&image, &serve(app).await).await;
        assert!(error.contains("400") && error.len() < 600, "{error}");
    }
    for digest in ["sha256:../../../../tmp/x", "sha512:00", "", "sha256:zz"] {
        let (url, wanted) = with_manifest(manifest(digest, "4"), || "evil".into_response()).await;
        let error = pull(&url, &wanted).await;
        assert!(error.contains("manifest"), "{digest}: {error}");
    }
    let app = Router::new().fallback(|method: Method| async move {
        (
            if method == Method::HEAD { StatusCode::NOT_FOUND } else { StatusCode::BAD_REQUEST },
            "\x1b[2J\x1b]0;title\x07\r\nboo",
        )
    });
    let error = push(&image, &serve(app).await).await;
    assert!(!error.contains('\x1b') && !error.contains('\x07') && error.contains("boo"), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn sent_elsewhere() {
    let dir = tempfile::tempdir().unwrap();
    let image = image(dir.path(), 100, 37);
    // Round and round.
    let app = Router::new().fallback(|uri: Uri| async move { axum::response::Redirect::temporary(uri.path()) });
    let url = serve(app).await;
    let error = pull(&url, &image.digest).await;
    assert!(error.contains("sends us elsewhere more than 5 times"), "{error}");
    assert!(push(&image, &url).await.contains("more than 5 times"));
    // An upload is not sent on: neither its bytes nor who we are.
    let came = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&came);
    let other = serve(Router::new().fallback(move || async move {
        count.fetch_add(1, Ordering::SeqCst);
        StatusCode::OK
    }))
    .await;
    let to = other.clone();
    let app = Router::new().fallback(move |method: Method| async move {
        if method == Method::HEAD {
            StatusCode::NOT_FOUND.into_response()
        } else {
            axum::response::Redirect::temporary(&to).into_response()
        }
    });
    let error = push(&image, &serve(app).await).await;
    assert!(error.contains("sends an upload to `127.0.0.1`, which is not followed"), "{error}");
    assert_eq!(came.load(Ordering::SeqCst), 0);
    for nowhere in ["", "http://", "::::"] {
        let app =
            Router::new().fallback(move || async move { (StatusCode::TEMPORARY_REDIRECT, [("location", nowhere)]) });
        let error = pull(&serve(app).await, &image.digest).await;
        assert!(error.contains("elsewhere") || error.contains("5 times"), "{error}");
    }
}

/// A registry that names another host as the place of an upload must not get our password there.
#[tokio::test(flavor = "multi_thread")]
async fn a_password_does_not_follow_to_another_host() {
    let dir = tempfile::tempdir().unwrap();
    let image = image(dir.path(), 100, 38);
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let other = serve(Router::new().fallback(move |headers: HeaderMap| async move {
        tell.send(headers.contains_key(header::AUTHORIZATION)).unwrap();
        StatusCode::IM_A_TEAPOT
    }))
    .await;
    let location = format!("{other}/upload");
    let first = serve(Router::new().fallback(move |method: Method| async move {
        let status = if method == Method::POST { StatusCode::ACCEPTED } else { StatusCode::NOT_FOUND };
        (status, [(header::LOCATION, location)])
    }))
    .await;
    let remote = Remote::with(&first, Login::Fixed(who("s3cret")), quick(), Arc::new(|_| {})).unwrap();
    let error = transfer::push(&image, &remote, "v1", &chunks()).await.unwrap_err().to_string();
    assert!(error.contains("418"), "{error}");
    assert_eq!(told.recv().await, Some(false));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_says_nothing_is_left() {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let mut all = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            all.push(stream);
        }
    });
    let dir = tempfile::tempdir().unwrap();
    let image = image(dir.path(), 100, 39);
    let patience = transfer::Patience { tries: 2, silence: std::time::Duration::from_millis(200), ..quick() };
    let remote = Remote::with(&url, Login::Nobody, patience, Arc::new(|_| {})).unwrap();
    let error = transfer::push(&image, &remote, "v1", &chunks()).await.unwrap_err().to_string();
    assert!(error.contains("tried 2 times"), "{error}");
}

/// A layer of somebody else must not write outside of the folder that it is unpacked into.
#[test]
fn layers_that_lead_out_of_their_folder() {
    use std::io::Write;
    let dir = tempfile::tempdir().unwrap();
    let outside = dir.path().join("outside");
    fs::create_dir(&outside).unwrap();
    let link = |path: &str, to: &str| {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::Symlink);
        header.set_size(0);
        (path.to_owned(), header, Some(to.to_owned()))
    };
    let file = |path: &str| {
        let mut header = tar::Header::new_gnu();
        header.set_size(4);
        header.set_mode(0o644);
        (path.to_owned(), header, None)
    };
    for (n, entries) in [
        vec![file("../outside/f")],
        vec![link("l", outside.to_str().unwrap()), file("l/f")],
        vec![file("/../outside/f")],
    ]
    .into_iter()
    .enumerate()
    {
        let mut tar = tar::Builder::new(Vec::new());
        for (path, mut header, to) in entries {
            // The crate refuses to write such a path; its field is set by hand.
            let name = path.as_bytes();
            header.as_old_mut().name[..name.len()].copy_from_slice(name);
            if let Some(to) = &to {
                header.set_link_name(to).unwrap();
            }
            header.set_cksum();
            tar.append(&header, if to.is_some() { &b""[..] } else { &b"evil"[..] }).unwrap();
        }
        let layout = dir.path().join(format!("layout-{n}"));
        let blobs = layout.join("blobs/sha256");
        fs::create_dir_all(&blobs).unwrap();
        let put = |bytes: &[u8]| {
            let digest = sum(bytes);
            fs::File::create(blobs.join(&digest[7..])).unwrap().write_all(bytes).unwrap();
            digest
        };
        let bytes = tar.into_inner().unwrap();
        let layer = put(&bytes);
        let config = put(br#"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}"#);
        let text = format!(
            r#"{{"schemaVersion":2,"config":{{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{config}","size":1}},
            "layers":[{{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"{layer}","size":{}}}]}}"#,
            bytes.len()
        );
        let digest = put(text.as_bytes());
        let index = format!(
            r#"{{"schemaVersion":2,"manifests":[{{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{digest}","size":{}}}]}}"#,
            text.len()
        );
        fs::write(layout.join("index.json"), index).unwrap();
        let image = Image::open(&layout, "case").unwrap();
        let _ = rootfs::unpack(&image, &dir.path().join(format!("root-{n}")), false);
        assert_eq!(fs::read_dir(&outside).unwrap().count(), 0, "case {n}");
    }
}
