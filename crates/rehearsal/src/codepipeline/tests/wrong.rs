//! Runs that fail, and what is said of them.

use serde_json::{Value, json};

use super::{SPEC, definition, digest, quick, run};
use crate::codedeploy::tests::Stage;

#[test]
fn what_is_wrong_with_artifacts_is_said_in_the_words_of_the_action() {
    let deep = format!("{}{}", "[".repeat(50), "]".repeat(50));
    let bad = definition("<ECR_IMAGE>").replace("512", "700");
    let good = definition("<ECR_IMAGE>");
    let big = format!(
        "{}{}",
        definition("x"),
        (0..900_000_u32).fold(String::new(), |s, n| s + &n.wrapping_mul(2_654_435_761).to_string())
    );
    let cases: &[(&[(&str, &str)], &str)] = &[
        (
            &[("appspec.yaml", SPEC)],
            "Exception while trying to read the task definition artifact file from: SourceArtifact.",
        ),
        (
            &[("taskdef.json", &big), ("appspec.yaml", SPEC)],
            "Exception while trying to read the task definition artifact file from: SourceArtifact.",
        ),
        (&[("taskdef.json", &good), ("appspec.yaml", &deep)], "The revision was specified in an invalid format"),
        (&[("taskdef.json", &bad), ("appspec.yaml", SPEC)], "No Fargate configuration exists for given values"),
        (
            &[("taskdef.json", &good), ("appspec.yaml", &SPEC.replace("Name: a", "Name: b"))],
            "Error code: ECS_UPDATE_ERROR; Error message: The ECS service cannot be updated due to an unexpected error: The \
             container b does not exist",
        ),
    ];
    for (files, want) in cases {
        let mut stage = Stage::new(&quick());
        stage.put(files);
        stage.push('b', "amd64");
        let id = stage.start();
        stage.pass(120);
        assert_eq!(stage.status(&id), "Failed", "{want}");
        let told = stage.failure(&id);
        assert!(told.contains(want), "{told}\nwanted: {want}");
    }
}

#[test]
fn sources_that_are_not_there_fail_the_run() {
    let mut stage = Stage::new(&quick());
    let version = stage.bundle();
    let id = stage.start();
    stage.pass(10);
    assert_eq!(stage.status(&id), "Failed");
    let failures: Vec<Value> = stage.actions(&id).into_iter().filter(|a| a["status"] == "Failed").collect();
    let text = failures[0]["output"]["executionResult"]["errorDetails"]["message"].as_str().unwrap_or("");
    assert!(text.contains("imageTag:'release'") && failures.len() == 1, "{failures:?}");
    stage.push('b', "amd64");
    // The archive that was found is kept; the image alone is looked for again.
    let mut again = run(&id);
    again["stageName"] = json!("GetSource");
    again["retryMode"] = json!("FAILED_ACTIONS");
    stage.ask("RetryStageExecution", &again);
    stage.pass(900);
    assert_eq!((stage.status(&id), stage.actions(&id).len()), ("Succeeded".to_owned(), 4));
    assert_eq!(stage.told_no("RetryStageExecution", &again), "StageNotRetryableException");
    for (action, kind, value) in
        [("S3Source", "IMAGE_DIGEST", digest('b')), ("Deploy", "S3_OBJECT_VERSION_ID", version.clone())]
    {
        let input = json!({"name": "a-pipeline", "sourceRevisions": [
            {"actionName": action, "revisionType": kind, "revisionValue": value}]});
        assert_eq!(stage.told_no("StartPipelineExecution", &input), "ValidationException");
    }
    assert_eq!(stage.told_no("GetPipeline", &json!({"name": "b"})), "PipelineNotFoundException");
}

#[test]
fn a_deployment_that_fails_fails_the_run_with_its_reason() {
    let mut stage = Stage::new(&quick());
    stage.bundle();
    stage.push('b', "arm64");
    let id = stage.start();
    stage.pass(60);
    let stopped: Vec<&str> = stage.world.ecs.tasks.iter().filter_map(|t| t.stop.as_ref().map(|s| s.code)).collect();
    assert!(stopped.contains(&"EssentialContainerExited"), "{stopped:?}");
    stage.pass(4000);
    assert_eq!(stage.status(&id), "Failed");
    let deployment = stage.world.deployments()[0].0.clone();
    let text = stage.failure(&id);
    assert!(
        text.starts_with(&format!("Deployment {deployment} failed. Error code: TIMEOUT; Error message: ")),
        "{text}"
    );
    assert!(stage.serves().ends_with(&digest('a')));
}

#[test]
fn a_group_that_is_busy_fails_the_action_and_a_retry_works() {
    let mut stage = Stage::new(&quick());
    stage.bundle();
    stage.push('b', "amd64");
    let first = stage.start();
    stage.pass(30);
    let mut stop = run(&first);
    stop["abandon"] = json!(true);
    stage.ask("StopPipelineExecution", &stop);
    let second = stage.start();
    stage.pass(10);
    assert_eq!(stage.status(&second), "Failed");
    let text = stage.failure(&second);
    assert!(text.contains("already has an active Deployment"), "{text}");
    stage.pass(600);
    let mut again = run(&second);
    again["stageName"] = json!("DeployToEcs");
    again["retryMode"] = json!("ALL_ACTIONS");
    stage.ask("RetryStageExecution", &again);
    stage.pass(600);
    assert_eq!(stage.status(&second), "Succeeded");
    let mut old = run(&first);
    old["stageName"] = json!("DeployToEcs");
    old["retryMode"] = json!("ALL_ACTIONS");
    assert_eq!(stage.told_no("RetryStageExecution", &old), "NotLatestPipelineExecutionException");
}
