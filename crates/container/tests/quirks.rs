//! How Amazon ECR and others differ from the specification: one switch of the registry, one test.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use container::registry::{Quirks, Registry};
use container::transfer::{self, How, Login, Options, Remote};
use support::{Heard, chunks, image, largest, quick, remote, who};

async fn pushed(quirks: Quirks, size: usize) -> (Registry, container::image::Image, Heard, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let image = image(dir.path(), size, 11);
    let registry = Registry::start_as(quirks).await.unwrap();
    let heard = Heard::default();
    transfer::push(&image, &remote(&registry.url(), &heard), "v1", &chunks()).await.unwrap();
    assert_eq!(registry.digest_of(&image.name, "v1"), Some(image.digest.clone()));
    (registry, image, heard, dir)
}

#[tokio::test(flavor = "multi_thread")]
async fn patch_answers_201() {
    pushed(Quirks { patch_is_201: true, ..Quirks::default() }, 20 << 20).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn chunks_have_at_least_5_mib() {
    let least = Quirks { least_chunk: 5 << 20, ..Quirks::default() };
    let (_, _, heard, dir) = pushed(least.clone(), 20 << 20).await;
    assert_eq!(heard.restarts(), 0);
    // Smaller ones are what such a registry refuses.
    let registry = Registry::start_as(least).await.unwrap();
    let image = image(dir.path(), 20 << 20, 12);
    let small = Options { chunk: 1 << 20, ..chunks() };
    let error = transfer::push(&image, &remote(&registry.url(), &heard), "v1", &small).await.unwrap_err().to_string();
    assert!(error.contains("BLOB_UPLOAD_INVALID"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_that_is_not_there_cuts_the_connection() {
    let dir = tempfile::tempdir().unwrap();
    let image = image(dir.path(), 100, 13);
    let registry = Registry::start_as(Quirks::ecr(&["other"])).await.unwrap();
    let heard = Heard::default();
    let error = transfer::push(&image, &remote(&registry.url(), &heard), "v1", &chunks()).await.unwrap_err();
    assert!(error.to_string().contains("repository `test/case` does not exist"), "{error}");
    assert_eq!(heard.waits(), [] as [&str; 0], "it is told at once");
}

#[tokio::test(flavor = "multi_thread")]
async fn blobs_are_mounted_where_a_registry_does_that() {
    for mounts in [true, false] {
        let quirks = Quirks { mounts, ..Quirks::default() };
        let (registry, mut image, _, _dir) = pushed(quirks, 100).await;
        image.name = "test/second".into();
        let options = Options { mount_from: Some("test/case".into()), ..chunks() };
        // Ours knows a blob in every repository; one that was never pushed is not lent either.
        let heard = Heard::default();
        let fresh = Registry::start_as(Quirks { mounts, ..Quirks::default() }).await.unwrap();
        let sent = transfer::push(&image, &remote(&fresh.url(), &heard), "v1", &options).await.unwrap();
        assert_eq!((sent.sent, sent.mounted), (4, 0), "202 means: upload into this session");
        let again = transfer::push(&image, &remote(&registry.url(), &heard), "v1", &options).await.unwrap();
        assert_eq!(again.sent, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mount_that_works_sends_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut image = image(dir.path(), 100, 14);
    let quirks = Quirks { mounts: true, blobs_of_their_own: true, ..Quirks::default() };
    let registry = Registry::start_as(quirks).await.unwrap();
    let heard = Heard::default();
    let remote = remote(&registry.url(), &heard);
    transfer::push(&image, &remote, "v1", &chunks()).await.unwrap();
    image.name = "test/second".into();
    let options = Options { mount_from: Some("test/case".into()), ..chunks() };
    let lent = transfer::push(&image, &remote, "v1", &options).await.unwrap();
    assert_eq!((lent.sent, lent.mounted, lent.there), (0, 4, 0));
    let told = heard.all();
    let mounted = |e: &&transfer::Event| matches!(e, transfer::Event::Done { how: How::Mounted, .. });
    assert_eq!(told.iter().filter(mounted).count(), 4);
    // Without being asked for it sends them.
    image.name = "test/third".into();
    assert_eq!(transfer::push(&image, &remote, "v1", &chunks()).await.unwrap().sent, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_requests_are_waited_for() {
    let (_, _, heard, _dir) = pushed(Quirks { busy: 5, ..Quirks::default() }, 100).await;
    assert_eq!(heard.waits().len(), 5);
    assert!(heard.waits().iter().all(|w| w.contains("429")), "{:?}", heard.waits());
    let dir = tempfile::tempdir().unwrap();
    let image = image(dir.path(), 100, 15);
    let registry = Registry::start_as(Quirks { busy: 1000, ..Quirks::default() }).await.unwrap();
    let error = transfer::push(&image, &remote(&registry.url(), &heard), "v1", &chunks()).await.unwrap_err();
    assert!(error.to_string().contains("429") && error.to_string().contains("tried 6 times"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_retry_after_says_is_the_least() {
    let (_, _, heard, _dir) = pushed(Quirks { busy: 1, retry_after: Some(1), ..Quirks::default() }, 100).await;
    let told = heard.all();
    let time = told.iter().find_map(|e| if let transfer::Event::Waits { time, .. } = e { Some(*time) } else { None });
    assert!(time.unwrap() >= std::time::Duration::from_secs(1), "{time:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manifest_it_dislikes_is_told_in_its_words() {
    pushed(Quirks { picky_types: true, ..Quirks::default() }, 100).await;
    let dir = tempfile::tempdir().unwrap();
    let mut image = image(dir.path(), 100, 16);
    image.manifest.truncate(10);
    let registry = Registry::start_as(Quirks::ecr(&["test/case"])).await.unwrap();
    let error = transfer::push(&image, &remote(&registry.url(), &Heard::default()), "v1", &chunks()).await;
    let error = error.unwrap_err().to_string();
    assert!(error.contains("405") && error.contains("UNSUPPORTED") && error.contains("Invalid JSON syntax"), "{error}");
}

/// Credentials that are good for some requests, then others; how often they were asked for.
async fn expiring(is_403: bool, size: usize) -> (usize, container::Result<transfer::Pushed>) {
    let dir = tempfile::tempdir().unwrap();
    let image = image(dir.path(), size, 17);
    let passwords = (0..4).map(|i| (who(&format!("token-{i}")), Some(4))).chain([(who("token-4"), None)]).collect();
    let registry = Registry::start_as(Quirks { passwords, expiry_is_403: is_403, ..Quirks::default() }).await.unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let login = Login::Asked(Arc::new(move || {
        let n = count.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move { Ok(who(&format!("token-{n}"))) })
    }));
    let remote = Remote::with(&registry.url(), login, quick(), Arc::new(|_| {})).unwrap();
    let pushed = transfer::push(&image, &remote, "v1", &Options { at_once: 1, ..chunks() }).await;
    (asked.load(Ordering::SeqCst), pushed)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_expires_on_the_way_is_renewed() {
    for is_403 in [true, false] {
        let (asked, pushed) = expiring(is_403, 20 << 20).await;
        assert_eq!(pushed.unwrap().sent, 4);
        assert_eq!(asked, 5, "403: {is_403}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_403_that_is_none_of_expiry_is_no_reason_to_ask_again() {
    let dir = tempfile::tempdir().unwrap();
    let image = image(dir.path(), 100, 18);
    let denied = axum::Router::new()
        .fallback(|| async { (axum::http::StatusCode::FORBIDDEN, r#"{"errors":[{"code":"DENIED","message":"no"}]}"#) });
    let url = support_serve(denied).await;
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let login = Login::Asked(Arc::new(move || {
        count.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move { Ok(who("x")) })
    }));
    let remote = Remote::with(&url, login, quick(), Arc::new(|_| {})).unwrap();
    let error = transfer::push(&image, &remote, "v1", &chunks()).await.unwrap_err().to_string();
    assert!(error.contains("403") && error.contains("may this user"), "{error}");
    assert_eq!(asked.load(Ordering::SeqCst), 2, "HEAD cannot say why: one more try, and no third");
}

async fn support_serve(app: axum::Router) -> String {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    url
}

#[tokio::test(flavor = "multi_thread")]
async fn blobs_from_another_host_come_without_our_password() {
    let dir = tempfile::tempdir().unwrap();
    let image = image(dir.path(), 100, 19);
    let store = Registry::start().await.unwrap();
    let heard = Heard::default();
    transfer::push(&image, &remote(&store.url(), &heard), "v1", &chunks()).await.unwrap();
    // The other host, which writes down whether a password came.
    let came = Arc::new(AtomicUsize::new(0));
    let (count, to) = (Arc::clone(&came), store.url());
    let other = axum::Router::new().fallback(move |headers: axum::http::HeaderMap, uri: axum::http::Uri| async move {
        count.fetch_add(if headers.contains_key("authorization") { 1000 } else { 1 }, Ordering::SeqCst);
        axum::response::Redirect::temporary(&format!("{to}{}", uri.path()))
    });
    let quirks = Quirks {
        blobs_at: Some(support_serve(other).await),
        passwords: vec![(who("s3cret"), None)],
        ..Quirks::default()
    };
    let registry = Registry::start_as(quirks).await.unwrap();
    let ours = Remote::with(&registry.url(), Login::Fixed(who("s3cret")), quick(), Arc::new(|_| {})).unwrap();
    transfer::push(&image, &ours, "v1", &chunks()).await.unwrap();
    let pulled = transfer::pull(&ours, &image.name, &image.digest, &dir.path().join("pulled")).await.unwrap();
    assert_eq!(pulled.blobs, image.blobs);
    assert_eq!(came.load(Ordering::SeqCst), 4, "four blobs, no password");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_of_ecr_at_once_with_a_cut() {
    let dir = tempfile::tempdir().unwrap();
    let image = image(dir.path(), 30 << 20, 20);
    let registry = Registry::start_as(Quirks { busy: 2, ..Quirks::ecr(&["test/case"]) }).await.unwrap();
    registry.cut_after(14 << 20);
    let heard = Heard::default();
    transfer::push(&image, &remote(&registry.url(), &heard), "v1", &chunks()).await.unwrap();
    assert_eq!(registry.digest_of(&image.name, "v1"), Some(image.digest.clone()));
    assert!(heard.begins(&largest(&image).digest).len() >= 2);
    assert!(registry.received() < image.size() + (9 << 20));
}
