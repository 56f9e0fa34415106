//! Whatever comes is answered.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use container::registry::Registry;
use serde_json::{Value, json};

use super::{Shared, answer};
use crate::clock::Clock;
use crate::ecr::first_image;
use crate::setup::Setup;
use crate::world::World;

async fn shared() -> Arc<Shared> {
    let (setup, registry) = (Setup::of("a"), Registry::start().await.unwrap_or_else(|e| panic!("{e}")));
    let images = first_image(&registry, "a").await.unwrap_or_else(|e| panic!("{e}"));
    let clock = Clock::by_hand();
    let world = World::new(&setup, images, clock.now()).unwrap_or_else(|r| panic!("{r:?}"));
    Arc::new(Shared { world: Mutex::new(world), clock, registry, latency: Duration::ZERO })
}

const TARGETS: [&str; 6] = [
    "AWSEvents.ListRuleNamesByTarget DescribeRule",
    "AmazonEC2ContainerRegistry_V20150921.DescribeRepositories DescribeImages BatchGetImage GetAuthorizationToken",
    "AmazonEC2ContainerServiceV20141113.DescribeClusters DescribeServices UpdateService RegisterTaskDefinition \
     DescribeTaskDefinition ListTaskDefinitions DescribeTaskSets ListTasks DescribeTasks",
    "CodeDeploy_20141006.ListApplications GetApplication ListDeploymentGroups GetDeploymentGroup ListDeploymentConfigs \
     GetDeploymentConfig CreateDeployment GetDeployment BatchGetDeployments ListDeployments ListDeploymentTargets \
     GetDeploymentTarget BatchGetDeploymentTargets StopDeployment ContinueDeployment",
    "CodePipeline_20150709.ListPipelines GetPipeline GetPipelineState GetPipelineExecution ListPipelineExecutions \
     ListActionExecutions StartPipelineExecution StopPipelineExecution RetryStageExecution DisableStageTransition \
     EnableStageTransition",
    "GraniteServiceVersion20100801.DescribeAlarms SetAlarmState",
];

/// Names that operations read, and names that lead deeper.
const FIELDS: [&str; 30] = [
    "name",
    "cluster",
    "service",
    "services",
    "taskDefinition",
    "tasks",
    "taskSets",
    "family",
    "containerDefinitions",
    "requiresCompatibilities",
    "desiredCount",
    "repositoryName",
    "imageIds",
    "applicationName",
    "deploymentGroupName",
    "revision",
    "deploymentId",
    "deploymentIds",
    "targetId",
    "targetIds",
    "autoRollbackConfiguration",
    "createTimeRange",
    "pipelineName",
    "pipelineExecutionId",
    "stageName",
    "sourceRevisions",
    "variables",
    "filter",
    "nextToken",
    "maxResults",
];

fn values(round: usize) -> Value {
    let odd = [
        json!(null),
        json!("a"),
        json!(""),
        json!(-1),
        json!(1e300),
        json!([]),
        json!(["a", null, 1, {}]),
        json!({}),
        json!(true),
        json!("a-pipeline"),
        json!([{"name": "a", "image": "i", "portMappings": [null, {"containerPort": "x"}, 3]}]),
        json!({"revisionType": "AppSpecContent", "appSpecContent": {"content": "Resources: [{a: {Type: AWS::ECS::Service}}]"}}),
        json!("18446744073709551615"),
        json!(["FARGATE"]),
        json!({"enabled": true, "events": [1], "alarms": "x"}),
    ];
    let pick = |n: usize| odd[n % odd.len()].clone();
    FIELDS.iter().enumerate().map(|(n, field)| ((*field).to_owned(), pick(round + n * (round % 7 + 1)))).collect()
}

#[tokio::test]
async fn odd_values_are_refused_or_answered_and_the_world_goes_on() {
    let shared = shared().await;
    let mut seen = 0;
    for target in TARGETS {
        let (service, operations) = target.split_once('.').unwrap_or(("", ""));
        for (operation, round) in operations.split_whitespace().flat_map(|o| (0..60).map(move |r| (o, r))) {
            let request = Request::post("/")
                .header("x-amz-target", format!("{service}.{operation}"))
                .header("authorization", "AWS4-HMAC-SHA256 x")
                .body(Body::from(values(round).to_string()))
                .unwrap_or_else(|e| panic!("{e}"));
            let response = answer(State(Arc::clone(&shared)), request).await;
            let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes);
            assert!(!text.contains("UnknownOperation"), "{operation}: {text}");
            shared.clock.advance(Duration::from_secs(1));
            seen += 1;
        }
    }
    assert!(seen > 2000, "{seen}");
    assert!(!shared.world.is_poisoned());
}

#[tokio::test]
async fn odd_requests_are_answered() {
    let shared = shared().await;
    for (method, path, kind, body) in [
        ("GET", "/", "", ""),
        ("POST", "/", "application/x-www-form-urlencoded", "Action=%00<&Version=2011-06-15"),
        (
            "POST",
            "/",
            "application/x-www-form-urlencoded",
            "Action=DescribeRules&Version=2015-12-01&RuleArns=1&RuleArns.member.1=2",
        ),
        ("PUT", "/a-sourcebucket/%F0%9F%98%80%2F..%00", "", "x"),
        ("GET", "/a-sourcebucket/%F0%9F%98%80%2F..%00", "", ""),
        ("GET", "/a-sourcebucket?versions&prefix=%00", "", ""),
        ("PUT", "/v2/a/manifests/x", "", "\u{0}"),
        ("PATCH", "/v2/a/blobs/uploads/none", "", "x"),
        ("GET", "/v2//", "", ""),
        ("POST", "/_rehearsal/advance", "", "{\"seconds\": 1e99}"),
        ("POST", "/_rehearsal/faults", "", "[]"),
    ] {
        let request = Request::builder().method(method).uri(path).header("authorization", "AWS4-HMAC-SHA256 x");
        let request = request.header("content-type", kind).body(Body::from(body));
        let response = answer(State(Arc::clone(&shared)), request.unwrap_or_else(|e| panic!("{path}: {e}"))).await;
        let fine = path.contains("sourcebucket");
        assert_eq!(response.status().is_success(), fine || (method, path) == ("GET", "/"), "{method} {path}");
    }
    assert!(!shared.world.is_poisoned());
}

#[tokio::test]
async fn services_answer_no_sooner_than_they_are_said_to() {
    let shared = Arc::into_inner(shared().await).unwrap_or_else(|| panic!("nobody else has it"));
    let shared = Arc::new(Shared { latency: Duration::from_millis(30), ..shared });
    let begin = std::time::Instant::now();
    let request = Request::get("/nobody").body(Body::empty()).unwrap_or_else(|e| panic!("{e}"));
    answer(State(shared), request).await;
    assert!(begin.elapsed() >= Duration::from_millis(30));
}
