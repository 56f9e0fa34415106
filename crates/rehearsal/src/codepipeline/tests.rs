//! Runs by themselves: no HTTP, a clock that the test moves.

use axum::body::Bytes;
use serde_json::{Value, json};

use super::archive;
use super::protocol::answer;
use crate::codedeploy::tests::Stage;
use crate::ecr::Image;
use crate::s3::Object;
use crate::setup::{ExecutionMode, Setup};

mod wrong;

const SPEC: &str = "version: 0.0\nResources:\n  - TargetService:\n      Type: AWS::ECS::Service\n      Properties:\n        \
                    TaskDefinition: <TASK_DEFINITION>\n        LoadBalancerInfo: {ContainerName: a, ContainerPort: 8080}\n";

fn definition(image: &str) -> String {
    json!({
        "family": "a", "cpu": "256", "memory": "512", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"],
        "containerDefinitions": [{"name": "a", "image": image, "portMappings": [{"containerPort": 8080}]}],
    })
    .to_string()
}

fn digest(digit: char) -> String {
    format!("sha256:{}", digit.to_string().repeat(64))
}

/// A setup whose releases are quick.
fn quick() -> Setup {
    Setup { deployment_config: "CodeDeployDefault.ECSAllAtOnce".to_owned(), termination_wait: 1, ..Setup::of("a") }
}

impl Stage {
    fn ask(&mut self, operation: &str, input: &Value) -> Value {
        answer(&mut self.world, operation, input).unwrap_or_else(|r| panic!("{operation}: {r:?}"))
    }

    fn told_no(&mut self, operation: &str, input: &Value) -> String {
        let refusal = answer(&mut self.world, operation, input).err().unwrap_or_else(|| panic!("{operation} is taken"));
        refusal.code.into_owned()
    }

    /// Puts an archive of these files; its version.
    fn put(&mut self, files: &[(&str, &str)]) -> String {
        let bytes = archive::of(files).unwrap_or_default();
        let (version, put) = (self.world.ids.version(), self.world.now);
        let metadata = std::collections::BTreeMap::new();
        let object = Object { version: version.clone(), bytes: Bytes::from(bytes), kind: String::new(), put, metadata };
        self.world.s3.put("a-sourcebucket", "artifacts.zip", object).unwrap_or_else(|r| panic!("{r:?}"));
        version
    }

    fn bundle(&mut self) -> String {
        self.put(&[("taskdef.json", &definition("<ECR_IMAGE>")), ("appspec.yaml", SPEC)])
    }

    fn push(&mut self, digit: char, architecture: &str) {
        let image = Image {
            digest: digest(digit),
            tags: Vec::new(),
            pushed: self.world.now,
            kind: String::new(),
            size: 1,
            architecture: Some(architecture.to_owned()),
            manifest: String::new(),
        };
        self.world.ecr.push("a", image, Some("release".to_owned()));
    }

    fn start(&mut self) -> String {
        self.start_with(&json!([]))
    }

    fn start_with(&mut self, revisions: &Value) -> String {
        let started = self.ask("StartPipelineExecution", &json!({"name": "a-pipeline", "sourceRevisions": revisions}));
        started["pipelineExecutionId"].as_str().unwrap_or("").to_owned()
    }

    fn status(&mut self, id: &str) -> String {
        let told = self.ask("GetPipelineExecution", &run(id));
        told["pipelineExecution"]["status"].as_str().unwrap_or("").to_owned()
    }

    fn actions(&mut self, id: &str) -> Vec<Value> {
        let input = json!({"pipelineName": "a-pipeline", "filter": {"pipelineExecutionId": id}});
        self.ask("ListActionExecutions", &input)["actionExecutionDetails"].as_array().cloned().unwrap_or_default()
    }

    fn failure(&mut self, id: &str) -> String {
        let result = self.actions(id)[0]["output"]["executionResult"].clone();
        result["errorDetails"]["message"].as_str().unwrap_or("").to_owned()
    }

    fn serves(&self) -> String {
        let sets = self.world.task_sets();
        sets.into_iter().find(|s| s.share > 99.0).map(|s| s.images[0].clone()).unwrap_or_default()
    }
}

fn run(id: &str) -> Value {
    json!({"pipelineName": "a-pipeline", "pipelineExecutionId": id})
}

#[test]
fn a_run_deploys_the_very_revisions_that_it_names() {
    let mut stage = Stage::new(&quick());
    let version = stage.bundle();
    stage.push('b', "amd64");
    // What key and tag mean has changed since.
    stage.put(&[("taskdef.json", "{}")]);
    stage.push('c', "amd64");
    let id = stage.start_with(&json!([
        {"actionName": "S3Source", "revisionType": "S3_OBJECT_VERSION_ID", "revisionValue": version},
        {"actionName": "ImageSource", "revisionType": "IMAGE_DIGEST", "revisionValue": digest('b')},
    ]));
    assert_eq!(stage.actions(&id).len(), 2);
    stage.pass(10);
    let actions = stage.actions(&id);
    let deploy = &actions[0];
    assert_eq!((&deploy["actionName"], &deploy["status"]), (&json!("Deploy"), &json!("InProgress")));
    let deployment = stage.world.deployments()[0].0.clone();
    assert_eq!(deploy["output"]["executionResult"]["externalExecutionId"], json!(deployment));
    let told = stage.ask("GetPipelineExecution", &run(&id));
    let mut revisions: Vec<&str> = Vec::new();
    for revision in told["pipelineExecution"]["artifactRevisions"].as_array().into_iter().flatten() {
        revisions.push(revision["revisionId"].as_str().unwrap_or(""));
    }
    assert_eq!(revisions, [&version, &digest('b')]);
    stage.pass(600);
    assert_eq!(stage.status(&id), "Succeeded");
    let want = format!("{}/a@{}", stage.world.registry(), digest('b'));
    assert_eq!(
        (stage.serves(), stage.world.task_sets()[0].task_definition.ends_with("task-definition/a:1")),
        (want, true)
    );
    assert_eq!(stage.actions(&id)[0]["output"]["executionResult"]["externalExecutionSummary"], "Deployment Succeeded");
}

#[test]
fn without_revisions_key_and_tag_are_taken_as_they_are() {
    let mut stage = Stage::new(&quick());
    stage.bundle();
    stage.push('b', "amd64");
    let id = stage.start();
    stage.pass(900);
    assert_eq!(stage.status(&id), "Succeeded");
    assert!(stage.serves().ends_with(&digest('b')));
    let input = json!({"pipelineName": "a-pipeline", "maxResults": 1});
    let page = stage.ask("ListActionExecutions", &input);
    assert_eq!((page["actionExecutionDetails"].as_array().map(Vec::len), &page["nextToken"]), (Some(1), &json!("1")));
}

#[test]
fn runs_queue_or_overtake_each_other() {
    for mode in [ExecutionMode::Queued, ExecutionMode::Superseded] {
        let mut stage = Stage::new(&Setup { mode, ..quick() });
        stage.bundle();
        stage.push('b', "amd64");
        let first = stage.start();
        stage.pass(30);
        let second = stage.start();
        stage.pass(30);
        let third = stage.start();
        stage.pass(5);
        let told = stage.ask("GetPipelineState", &json!({"name": "a-pipeline"}));
        let deploy = &told["stageStates"][1];
        assert_eq!(deploy["latestExecution"]["pipelineExecutionId"], json!(first));
        let waiting = deploy["inboundExecutions"].as_array().map(Vec::len);
        let (want, waits) = match mode {
            ExecutionMode::Queued => ("Succeeded", 2),
            ExecutionMode::Superseded => ("Superseded", 1),
        };
        assert_eq!(waiting, Some(waits), "{mode:?}");
        stage.pass(3600);
        assert_eq!(
            [stage.status(&first), stage.status(&second), stage.status(&third)],
            ["Succeeded", want, "Succeeded"]
        );
        assert_eq!(stage.world.deployments().len(), if want == "Succeeded" { 3 } else { 2 });
    }
}

#[test]
fn a_transition_that_is_disabled_holds_runs_back() {
    let mut stage = Stage::new(&quick());
    stage.bundle();
    stage.push('b', "amd64");
    let closed = json!({"pipelineName": "a-pipeline", "stageName": "DeployToEcs", "transitionType": "Inbound", "reason": "a fair"});
    stage.ask("DisableStageTransition", &closed);
    let id = stage.start();
    stage.pass(3600);
    assert_eq!(stage.status(&id), "InProgress");
    let told = stage.ask("GetPipelineState", &json!({"name": "a-pipeline"}));
    let told = &told["stageStates"][1]["inboundTransitionState"];
    assert_eq!((&told["enabled"], &told["disabledReason"]), (&json!(false), &json!("a fair")));
    stage.ask("EnableStageTransition", &closed);
    stage.pass(3600);
    assert_eq!(stage.status(&id), "Succeeded");
}

#[test]
fn a_run_is_stopped_with_its_deployment_awaited_or_abandoned() {
    for abandon in [false, true] {
        let mut stage = Stage::new(&quick());
        stage.bundle();
        stage.push('b', "amd64");
        let id = stage.start();
        let mut stop = run(&id);
        stop["abandon"] = json!(abandon);
        stop["reason"] = json!("a fair");
        if abandon {
            stage.pass(30);
        }
        stage.ask("StopPipelineExecution", &stop);
        assert_eq!(stage.status(&id), if abandon { "Stopped" } else { "Stopping" });
        let again = if abandon { "PipelineExecutionNotStoppableException" } else { "DuplicatedStopRequestException" };
        assert_eq!(stage.told_no("StopPipelineExecution", &stop), again);
        stage.pass(3600);
        assert_eq!(stage.status(&id), "Stopped");
        // What was abandoned goes on by itself; what was awaited was the sources.
        let want: &[&str] = if abandon { &["Succeeded"] } else { &[] };
        assert_eq!(stage.world.deployments().iter().map(|d| d.1).collect::<Vec<_>>(), want);
    }
}

#[test]
fn the_image_artifact_is_what_the_source_action_documents() {
    let mut stage = Stage::new(&quick());
    stage.bundle();
    stage.push('b', "amd64");
    stage.start();
    stage.pass(10);
    let kept = stage.world.s3.0["a-artifactstorebucket"].keys.iter().find(|(key, _)| key.contains("/ImageArtif/"));
    let bytes = kept.map(|(_, versions)| versions[0].bytes.to_vec()).unwrap_or_default();
    let detail: Value =
        archive::read(&bytes, "imageDetail.json").and_then(|t| serde_json::from_str(&t).ok()).unwrap_or_default();
    assert_eq!(
        (&detail["ImageSizeInBytes"], &detail["Version"], &detail["ImageTags"]),
        (&json!("1"), &json!("1.0"), &json!(["release"]))
    );
    assert_eq!(detail["ImageURI"], json!(format!("{}/a@{}", stage.world.registry(), digest('b'))));
}

#[test]
fn a_new_archive_starts_a_run_with_just_that_version_where_rules_are_set_up() {
    for triggers in [true, false] {
        let mut stage = Stage::new(&Setup { triggers, ..quick() });
        stage.push('b', "amd64");
        let version = stage.bundle();
        stage.world.archive_put("a-sourcebucket", "artifacts.zip", &version);
        stage.world.archive_put("a-sourcebucket", "other.zip", "v");
        stage.world.image_pushed("a", Some("other"), &digest('b'));
        stage.put(&[("taskdef.json", "{}")]);
        stage.pass(900);
        let told = stage.ask("ListPipelineExecutions", &json!({"pipelineName": "a-pipeline"}));
        let runs = told["pipelineExecutionSummaries"].as_array().cloned().unwrap_or_default();
        assert_eq!(runs.len(), usize::from(triggers));
        for run in runs {
            let trigger = &run["trigger"]["triggerType"];
            assert_eq!((&run["status"], trigger), (&json!("Succeeded"), &json!("CloudWatchEvent")));
            assert_eq!(run["sourceRevisions"][0]["revisionId"], json!(version));
        }
    }
}
