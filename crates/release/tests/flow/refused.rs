//! What is refused, put off, or never said.

use std::sync::Arc;

use aws_credential_types::Credentials;
use rehearsal::{Fault, Setup};
use release::Error;
use release::aws::{BlueGreen, Client};
use release::bundle::ImageRef;
use release::flow::engine::{Handover, Run};
use release::flow::pace::Wall;
use release::flow::{Engine, begin, record};

use crate::stage::{self, NAME, Stage};

#[tokio::test]
async fn two_at_once_is_refused_in_words() {
    let stage = Stage::new(false).await;
    let first = stage.deploy(&stage.image("first").await).await.unwrap();
    let id = first.run.deployment.clone().unwrap();
    let error = stage.deploy(&stage.image("second").await).await.unwrap_err().to_string();
    assert!(
        error.starts_with(&format!("another release is under way ({id}), and there can be one at a time")),
        "{error}"
    );
    // Somebody who asked before the first one began is refused by CodeDeploy itself, in the same words.
    let image = ImageRef::new("x", &stage.image("third").await).unwrap();
    let what = Handover { image, key: "k".into(), version: "v".into(), again: None };
    let error = stage.engine.start(&what).await.unwrap_err();
    assert!(matches!(&error, Error::Busy(running) if *running == id), "{error}");
    assert_eq!(stage.world.state(rehearsal::World::deployments).len(), 1);
}

#[tokio::test]
async fn throttling_backs_off_and_goes_on() {
    let stage = Stage::new(true).await;
    let new = stage.image("new").await;
    for operation in
        ["GetDeployment", "StartPipelineExecution", "DescribeListeners", "PutObject", "ListActionExecutions"]
    {
        stage.world.fault(Fault::Throttle { operation: operation.into(), times: 4 });
    }
    stage.world.fault(Fault::ServerError { operation: "GetDeploymentTarget".into(), times: 2 });
    let outcome = stage.release(&new).await;
    assert!(outcome.good(), "{outcome:?}");
    assert!(stage.said(&["CodeDeploy GetDeployment: ThrottlingException, asked again in"]));
    assert!(stage.said(&["Elastic Load Balancing DescribeListeners: Throttling, asked again in"]));
    assert!(stage.said(&["S3 PutObject: SlowDown, asked again in"]));
    assert_eq!(stage.calls("StartPipelineExecution"), 5);
    assert_eq!(stage.world.state(rehearsal::World::deployments).len(), 1);
}

/// An endpoint whose lists always have one more page.
#[tokio::test]
async fn lists_without_end_end() {
    let app = axum::Router::new().fallback(async |headers: axum::http::HeaderMap| {
        let json = headers.contains_key("x-amz-target");
        let page = if json {
            r#"{"nextToken": "more"}"#
        } else {
            "<ListBucketResult><NextContinuationToken>more</NextContinuationToken></ListBucketResult>"
        };
        page.to_owned()
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    let keys = Credentials::new("key", "secret", None, None, "test");
    let client = Client::with("ap-northeast-1", &url, keys, Arc::new(Wall::default()), Arc::new(|_| {})).unwrap();
    let engine = BlueGreen::new(client, &stage::environment(true)).await.unwrap();
    let objects = engine.list("releases/").await.unwrap_err().to_string();
    assert_eq!(objects, "S3, ListObjectsV2: the list has no end after 1000 pages: is the endpoint the right one?");
    let tasks = engine.stopped("ecs-svc/1").await.unwrap_err().to_string();
    assert!(tasks.starts_with("ECS, ListTasks: the list has no end after 1000 pages"), "{tasks}");
    let run = Run { execution: Some("e".into()), ..Run::default() };
    let actions = engine.look(&run, true).await.unwrap_err().to_string();
    assert!(actions.starts_with("CodePipeline, ListActionExecutions: the list has no end"), "{actions}");
}

/// Whoever is cut off right after the start has not lost the reason.
#[tokio::test]
async fn a_reason_is_on_record_from_the_beginning() {
    let stage = Stage::new(true).await;
    let new = stage.image("new").await;
    let reason = Some("the alarm itself is broken");
    begin::deploy(&stage.engine, NAME, &stage.environment, &new, reason, &stage.tell).await.unwrap();
    let records = record::latest(&stage.engine, NAME, 9).await.unwrap();
    assert_eq!((records.len(), records[0].forced.as_deref()), (1, reason));
    assert_eq!(stage.calls("PutObject"), 2, "the archive and one record");
}

#[tokio::test]
async fn what_may_have_been_done_is_not_done_twice() {
    let stage = Stage::new(false).await;
    stage.world.fault(Fault::ServerError { operation: "CreateDeployment".into(), times: 1 });
    let error = stage.deploy(&stage.image("new").await).await.unwrap_err().to_string();
    assert!(error.starts_with("CodeDeploy, CreateDeployment: InternalFailure"), "{error}");
    assert_eq!(stage.calls("CreateDeployment"), 1);
}

#[tokio::test]
async fn what_must_not_be_is_refused_before_anything_is_done() {
    let stage = Stage::new(true).await;
    let error = stage.deploy(&stage::digest(b"nobody")).await.unwrap_err().to_string();
    assert!(error.contains("has no image sha256:") && error.contains("push it first"), "{error}");
    let error = stage.deploy("latest").await.unwrap_err().to_string();
    assert!(error.contains("a tag may mean another image tomorrow"), "{error}");
    let mut other = stage.environment.clone();
    other.account = "210987654321".into();
    let new = stage.image("new").await;
    let error = begin::deploy(&stage.engine, NAME, &other, &new, None, &stage.tell).await.unwrap_err().to_string();
    assert!(error.contains("credentials are of the account 123456789012, release.toml has 210987654321"), "{error}");
    stage.world.fault(Fault::ExpiredCredentials);
    let error = stage.deploy(&new).await.unwrap_err().to_string();
    assert!(error.contains("the credentials have expired"), "{error}");
    assert_eq!(stage.calls("PutObject"), 0);
}

#[tokio::test]
async fn a_service_of_the_other_engine_is_recognised() {
    let stage = Stage::of(true, Setup { controller: "ECS".into(), ..Setup::of("auctiond") }).await;
    let error = stage.deploy(&stage.image("new").await).await.unwrap_err().to_string();
    assert!(
        error.contains("the deployment controller ECS: it is released by ECS itself, by its strategy BLUE_GREEN"),
        "{error}"
    );
    assert_eq!((stage.calls("PutObject"), stage.world.state(rehearsal::World::deployments).len()), (0, 0));
}

#[tokio::test]
async fn no_credentials_in_anything_that_is_told() {
    let stage = Stage::new(true).await;
    assert!(stage.release(&stage.image("new").await).await.good());
    stage.world.fault(Fault::NeverHealthy);
    assert!(!stage.release(&stage.image("sick").await).await.good());
    stage.world.fault(Fault::ExpiredCredentials);
    let error = stage.deploy(&stage.image("late").await).await.unwrap_err();
    let all = format!("{}{error}{error:?}", stage.everything());
    assert!(all.contains("GetCallerIdentity") && all.contains("\"event\":\"call\""), "calls are told");
    for secret in [stage::SECRET, stage::TOKEN, stage::KEY_ID, "AWS4-HMAC"] {
        assert!(!all.contains(secret), "`{secret}` is told");
    }
}
