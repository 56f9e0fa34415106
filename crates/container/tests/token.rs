//! Registries that ask for a token: of themselves, of other servers, and of servers that mean harm.

mod support;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::http::{HeaderMap, StatusCode, Uri};
use container::registry::{Bearer, Quirks, Registry};
use container::transfer::{self, Login, Options, Remote};
use support::{Heard, chunks, image, quick, remote, skopeo, who};

async fn registry(bearer: Bearer) -> Registry {
    let passwords = vec![(who("s3cret"), None)];
    let quirks =
        Quirks { passwords, bearer: Some(bearer), mounts: true, blobs_of_their_own: true, ..Quirks::default() };
    Registry::start_as(quirks).await.unwrap()
}

fn ours(registry: &Registry) -> Remote {
    Remote::with(&registry.url(), Login::Fixed(who("s3cret")), quick(), Arc::new(|_| {})).unwrap()
}

async fn serve(app: axum::Router) -> String {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    url
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_for_each_scope_and_no_more() {
    let dir = tempfile::tempdir().unwrap();
    let mut image = image(dir.path(), 100, 31);
    let registry = registry(Bearer { seconds: Some(300), ..Bearer::default() }).await;
    let remote = ours(&registry);
    transfer::push(&image, &remote, "v1", &chunks()).await.unwrap();
    assert_eq!(registry.granted(), ["repository:test/case:pull", "repository:test/case:pull,push"]);
    // The next one asks for nothing new; one that borrows asks for the other repository too.
    assert!(transfer::push(&image, &remote, "v1", &chunks()).await.unwrap().unchanged);
    assert_eq!(registry.granted().len(), 2);
    image.name = "test/second".into();
    let options = Options { mount_from: Some("test/case".into()), ..chunks() };
    let lent = transfer::push(&image, &remote, "v1", &options).await.unwrap();
    assert_eq!((lent.mounted, lent.sent), (4, 0));
    assert_eq!(registry.granted()[3], "repository:test/second:pull,push repository:test/case:pull");
    // Two witnesses: skopeo finds its way through the same questions, and finds what we pushed.
    let inspected = tokio::task::spawn_blocking({
        let place = format!("docker://{}/test/case:v1", registry.address);
        move || skopeo(&["inspect", "--tls-verify=false", "--creds", "AWS:s3cret", &place])
    });
    assert!(inspected.await.unwrap().contains(&image.digest));
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_that_end_are_renewed_before_and_after() {
    let dir = tempfile::tempdir().unwrap();
    let image = image(dir.path(), 20 << 20, 32);
    // Each is refused after two requests, whatever was said of its time.
    let short = registry(Bearer { uses: Some(2), seconds: Some(300), ..Bearer::default() }).await;
    let pushed = transfer::push(&image, &ours(&short), "v1", &Options { at_once: 1, ..chunks() }).await.unwrap();
    assert_eq!(pushed.sent, 4);
    let renewed = short.granted().len();
    assert!(renewed > 5, "{renewed}");
    // What is told to end at once is not tried with again, so that no body is sent in vain.
    let over = registry(Bearer { seconds: Some(0), ..Bearer::default() }).await;
    transfer::push(&image, &ours(&over), "v1", &Options { at_once: 1, ..chunks() }).await.unwrap();
    assert_eq!(over.granted().len() + 1, over.requests() - over.granted().len(), "one refusal, at the first request");
    assert_eq!(over.digest_of(&image.name, "v1"), Some(image.digest));
}

#[tokio::test(flavor = "multi_thread")]
async fn four_at_once_share_a_token() {
    let dir = tempfile::tempdir().unwrap();
    let image = image(dir.path(), 100, 33);
    let registry = registry(Bearer::default()).await;
    let remote = ours(&registry);
    let one = || {
        let (remote, image) = (remote.clone(), image.clone());
        tokio::spawn(async move { transfer::push(&image, &remote, "v1", &chunks()).await })
    };
    let all = [one(), one(), one(), one()];
    for push in all {
        push.await.unwrap().unwrap();
    }
    assert!(registry.granted().len() <= 4, "{:?}", registry.granted());
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_in_particular_may_pull() {
    let dir = tempfile::tempdir().unwrap();
    let image = image(dir.path(), 100, 34);
    let registry = registry(Bearer { anonymous: true, ..Bearer::default() }).await;
    transfer::push(&image, &ours(&registry), "v1", &chunks()).await.unwrap();
    let nobody = remote(&registry.url(), &Heard::default());
    let pulled = transfer::pull(&nobody, &image.name, &image.digest, &dir.path().join("pulled")).await.unwrap();
    assert_eq!(pulled.blobs, image.blobs);
    let error = transfer::push(&image, &nobody, "v2", &chunks()).await.unwrap_err().to_string();
    assert!(error.contains("401") && error.contains("is there a user and password"), "{error}");
    // A wrong password gets no token, and is not shown.
    let wrong = Login::Fixed(who("wr0ng"));
    let wrong = Remote::with(&registry.url(), wrong, quick(), Arc::new(|_| {})).unwrap();
    let error = transfer::push(&image, &wrong, "v2", &chunks()).await.unwrap_err().to_string();
    assert!(error.contains("token of `127.0.0.1`") && error.contains("401") && !error.contains("wr0ng"), "{error}");
}

/// What a push says to a registry whose realm is another server, and what that was shown.
async fn with_realm(app: axum::Router, path: &str, scope: Option<&str>) -> String {
    let realm = format!("{}{path}", serve(app).await);
    let scope = scope.map(str::to_owned);
    let registry = registry(Bearer { realm: Some(realm), scope, ..Bearer::default() }).await;
    let dir = tempfile::tempdir().unwrap();
    let image = image(dir.path(), 100, 35);
    let error = transfer::push(&image, &ours(&registry), "v1", &chunks()).await.unwrap_err().to_string();
    assert!(!error.contains("s3cret"), "{error}");
    error
}

#[tokio::test(flavor = "multi_thread")]
async fn a_realm_that_sends_us_elsewhere_is_not_followed() {
    let reached = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&reached);
    let other = serve(axum::Router::new().fallback(move || async move {
        count.fetch_add(1, Ordering::SeqCst);
        r#"{"token":"x"}"#
    }))
    .await;
    let app = axum::Router::new().fallback(move || async move { axum::response::Redirect::temporary(&other) });
    let error = with_realm(app, "/token", None).await;
    assert!(error.contains("sends us elsewhere, which is not followed"), "{error}");
    assert_eq!(reached.load(Ordering::SeqCst), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_of_a_realm_are_bounded_and_checked() {
    let endless = axum::Router::new().fallback(|| async { "x".repeat(1 << 20) });
    let error = with_realm(endless, "/token", None).await;
    assert!(error.contains("answers with more than"), "{error}");
    for (body, want) in [
        ("{}", "without a token"),
        ("[", "something else"),
        (r#"{"token":"a\r\nHost: evil"}"#, "without a token that can be sent"),
        (r#"{"token":7}"#, "something else"),
        (r#"{"token":"hush-hush","expires_in":"soon"}"#, "something else"),
    ] {
        let error = with_realm(axum::Router::new().fallback(move || async move { body }), "/token", None).await;
        assert!(error.contains(want) && !error.contains("hush"), "{body}: {error}");
    }
    let busy = axum::Router::new().fallback(|| async { StatusCode::SERVICE_UNAVAILABLE });
    let error = with_realm(busy, "/token", None).await;
    assert!(error.contains("503") && error.contains("tried 6 times"), "{error}");
    // A token that the registry does not take is asked for twice and not for ever.
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let useless = axum::Router::new().fallback(move || async move {
        count.fetch_add(1, Ordering::SeqCst);
        r#"{"access_token":"x","expires_in":600}"#
    });
    let error = with_realm(useless, "/token", None).await;
    assert!(error.contains("401") && asked.load(Ordering::SeqCst) == 2, "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_realm_learns_the_password_only_as_it_may() {
    let shown: Arc<Mutex<Vec<String>>> = Arc::default();
    let heard = Arc::clone(&shown);
    let app = axum::Router::new().fallback(move |headers: HeaderMap, uri: Uri| async move {
        let password = headers.get("authorization").map_or("none", |h| h.to_str().unwrap());
        heard.lock().unwrap().push(format!("{password} {uri}"));
        r#"{"token":"x"}"#
    });
    // A registry must not have us fetch tokens for the repositories of others.
    let error = with_realm(app.clone(), "/token", Some("repository:victim/app:pull,push")).await;
    assert!(error.contains("`repository:victim/app:pull,push`, which is not what was asked"), "{error}");
    assert_eq!(*shown.lock().unwrap(), [] as [String; 0]);
    // A realm that is there gets it, with what else was in its address.
    with_realm(app, "/token?a=b", None).await;
    let shown = shown.lock().unwrap().clone();
    assert!(
        shown[0].starts_with("Basic ") && shown[0].contains("/token?a=b&service=registry&scope=repository%3Atest"),
        "{shown:?}"
    );
    // One in the clear on another machine is not even asked for its address.
    for realm in ["http://203.0.113.7/token", "http://example.invalid/token", "ftp://x/", "nothing"] {
        let registry = registry(Bearer { realm: Some(realm.into()), ..Bearer::default() }).await;
        let dir = tempfile::tempdir().unwrap();
        let error = transfer::push(&image(dir.path(), 9, 36), &ours(&registry), "v1", &chunks()).await.unwrap_err();
        assert!(error.to_string().contains("no password was sent there"), "{error}");
    }
}
