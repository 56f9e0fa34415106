//! What is broken in the rehearsal itself, and what is never said.

use std::collections::BTreeSet;
use std::time::Duration;

use container::http::Http;
use rehearsal::{Fault, Setup};
use release::flow::watch::Until;
use release::preflight::look;

use super::{report, running, skipped, wrong};
use crate::stage::{self, Stage};

/// A call of an operation that the flow has no use for.
async fn call(stage: &Stage, target: &str, body: &str) {
    let http = Http::new(stage.world.url(), Duration::from_secs(10)).unwrap();
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let headers = [header("x-amz-target", target), header("authorization", "AWS4-HMAC-SHA256 any")];
    let answer = http.send("POST", stage.world.url(), &headers, body.as_bytes().to_vec()).await.unwrap();
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
}

#[tokio::test]
async fn an_alarm_a_closed_stage_and_an_image_for_another_processor() {
    let stage = Stage::new(true).await;
    let arm = stage.push("arm", "arm64", None).await;
    assert_eq!(wrong(&look(&stage.engine.picture(Some(&arm)).await)), ["image_evidence", "image_platform"].into());
    let none = stage::digest(b"nobody");
    assert_eq!(wrong(&look(&stage.engine.picture(Some(&none)).await)), ["image_exists"].into());
    let image = running(&stage);
    stage.world.fault(Fault::Alarm { name: "auctiond-5xx".into() });
    assert_eq!(wrong(&look(&stage.engine.picture(Some(&image)).await)), ["alarms_quiet"].into());
    stage.world.no_faults();
    let body = r#"{"pipelineName": "auctiond-pipeline", "stageName": "DeployToEcs", "transitionType": "Inbound",
        "reason": "freeze"}"#;
    call(&stage, "CodePipeline_20150709.DisableStageTransition", body).await;
    let outcomes = look(&stage.engine.picture(Some(&image)).await);
    assert_eq!(wrong(&outcomes), ["pipeline_transitions"].into());
    assert!(
        report(outcomes, "").text(false).contains("the transition into the stage `DeployToEcs` is disabled: freeze")
    );
}

#[tokio::test]
async fn a_release_under_way_stands_in_the_way_and_one_that_is_over_does_not() {
    let stage = Stage::new(true).await;
    let new = stage.image("new").await;
    let mut begun = stage.deploy(&new).await.unwrap();
    stage.follow(&mut begun, Until::Released).await.unwrap();
    let outcomes = look(&stage.engine.picture(None).await);
    assert_eq!(wrong(&outcomes), ["no_deployment", "no_execution"].into());
    let deployment = begun.run.deployment.clone().unwrap();
    assert!(report(outcomes, "").text(false).contains(&format!("deployment {deployment}: it is under way")));
    stage.follow(&mut begun, Until::Finished).await.unwrap();
    // The other target group serves now.
    assert_eq!(wrong(&look(&stage.engine.picture(None).await)), BTreeSet::new());
}

#[tokio::test]
async fn names_that_are_nobodys() {
    let mut stage = Stage::new(true).await;
    for (from, to, expected) in [
        ("cluster = \"auctiond\"", "cluster = \"moon\"", &["cluster", "group_service"][..]),
        ("service = \"auctiond\"", "service = \"moon\"", &["service", "group_service"]),
        ("application = \"auctiond\"", "application = \"moon\"", &["deployment_group", "pipeline_action"]),
        ("pipeline = \"auctiond-pipeline\"", "pipeline = \"moon\"", &["pipeline_sources"]),
        ("bucket = \"auctiond-sourcebucket\"", "bucket = \"moon\"", &["bucket_region", "pipeline_sources"]),
        ("repository = \"auctiond\"", "repository = \"moon\"", &["image_exists", "pipeline_sources"]),
        ("role/auctiond-TaskRole", "role/moon", &["task_role"]),
    ] {
        let text = stage::toml(true).replacen(from, to, 1);
        let config = release::config::Config::parse("release.toml".as_ref(), &text, &|_| None).unwrap();
        stage.environment = config.environment(stage::NAME).unwrap().clone();
        let engine = stage::engine(&stage.world, &stage.environment, &stage.pace, &stage.tell).await;
        let wrong = wrong(&look(&engine.picture(Some(&running(&stage))).await));
        // What such a role or service may do is another matter.
        let wrong: BTreeSet<&str> = wrong.into_iter().filter(|i| !i.ends_with("_may")).collect();
        assert_eq!(wrong, expected.iter().copied().collect(), "{to}");
    }
}

#[tokio::test]
async fn who_may_not_ask_or_asks_too_often() {
    let stage = Stage::of(true, Setup { test_listener: false, alarms: Vec::new(), ..Setup::of("auctiond") }).await;
    for operation in
        ["GetRole", "SimulatePrincipalPolicy", "DescribeListeners", "GetBucketVersioning", "ListImageReferrers"]
    {
        stage.world.fault(Fault::Denied { operation: operation.into() });
    }
    stage.world.fault(Fault::Throttle { operation: "GetDeploymentGroup".into(), times: 3 });
    let outcomes = look(&stage.engine.picture(Some(&running(&stage))).await);
    assert_eq!(wrong(&outcomes), BTreeSet::new());
    let expected = [
        "alarms_exist",
        "alarms_quiet",
        "bucket_versioning",
        "deploy_role",
        "deploy_role_may",
        "execution_role",
        "execution_role_may",
        "health_answer",
        "image_evidence",
        "image_scan",
        "listener",
        "listener_traffic",
        "pipeline_role",
        "pipeline_role_may",
        "task_role",
        "test_listener",
        "trigger_archive",
        "trigger_bucket",
        "trigger_image",
    ];
    assert_eq!(skipped(&outcomes), expected.into());
    assert_eq!(stage.calls("GetDeploymentGroup"), 4);
    assert!(report(outcomes, "").text(true).contains("may these credentials call GetRole there?"));
}

#[tokio::test]
async fn no_credentials_in_a_picture_or_a_report() {
    let stage = Stage::new(true).await;
    let mut all = Vec::new();
    for fault in [None, Some(Fault::Denied { operation: "GetRole".into() }), Some(Fault::ExpiredCredentials)] {
        let expired = fault == Some(Fault::ExpiredCredentials);
        if let Some(fault) = fault {
            stage.world.fault(fault);
        }
        let picture = stage.engine.picture(Some(&running(&stage))).await;
        let outcomes = look(&picture);
        if expired {
            assert_eq!(wrong(&outcomes), ["credentials"].into());
        }
        let report = report(outcomes, &stage::toml(true));
        all.push(format!("{}{}{}{:?}{picture:?}", report.text(true), report.value(), report.sarif(), report.outcomes));
    }
    let all = all.join("\n") + &stage.everything();
    assert!(all.contains("GetCallerIdentity") && all.contains("The security token included in the request is expired"));
    for secret in [stage::SECRET, stage::TOKEN, stage::KEY_ID, "AWS4-HMAC"] {
        assert!(!all.contains(secret), "`{secret}` is told");
    }
}
