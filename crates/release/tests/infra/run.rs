//! Stacks that are made, fail, are compared and taken away, at the fake endpoint; their events come one a look.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use release::flow::pace::Wall;
use release::infra::apply::{self, Outcome};
use release::infra::event::{Event, Tell};
use release::infra::follow::Follow;
use release::infra::prepare::Ask;
use release::infra::stack::TAG;
use release::infra::{destroy, drift, status};

use crate::expected;
use crate::fake::{self, Fake, World, occurs, own};
use crate::plan::{DIGEST, ENVIRONMENT, made, plain, stacks};

const TICK: Duration = Duration::from_millis(1);
const ADDED: &str = "<member><ResourceChange><Action>Add</Action><LogicalResourceId>A</LogicalResourceId>\
    <ResourceType>AWS::SNS::TopicPolicy</ResourceType></ResourceChange></member>";
const BUCKET: &str = "AWS::S3::Bucket";

/// Everything that was told, a line each.
fn screen() -> (Tell, Arc<Mutex<Vec<String>>>) {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&lines);
    (Arc::new(move |e: &Event| kept.lock().unwrap().push(e.text())), lines)
}

/// Plans and applies; between the two the world may change.
async fn applied(fake: &Fake, meanwhile: impl FnOnce(&Fake)) -> (release::Result<Outcome>, String) {
    let (aws, pace, (tell, lines)) = (fake.aws(), Wall::default(), screen());
    let ask = Ask { aws: &aws, pace: &pace, every: TICK, image: None, first: Some(DIGEST), adopt: false };
    let stacks = stacks();
    let mut prepared = ask.prepare(ENVIRONMENT, &stacks).await.unwrap();
    meanwhile(fake);
    let outcome = apply::apply(&ask, &stacks, &mut prepared, &tell).await;
    ask.take_back(&prepared.ready).await.unwrap();
    let lines = lines.lock().unwrap().join("\n") + "\n";
    (outcome, lines)
}

fn goes(stack: &str, from: &str, to: &str) -> Vec<fake::Occurs> {
    vec![own(stack, from), occurs("A", "AWS::SNS::TopicPolicy", to, ""), own(stack, to)]
}

/// An update of the service that goes as told.
async fn update(happens: Vec<fake::Occurs>) -> Fake {
    let mut world = made();
    world.fails.remove("auctiond");
    world.changes.insert("auctiond".into(), ADDED.into());
    world.happens.insert("auctiond".into(), happens);
    Fake::start(world).await
}

#[tokio::test]
async fn from_nothing_to_three_stacks() {
    let mut world = World::default();
    let outputs = made().stacks["auctiond"].outputs.clone();
    for stack in ["auctiond-repository", "auctiond", "auctiond-pipeline"] {
        world.changes.insert(stack.into(), ADDED.into());
        world.happens.insert(stack.into(), goes(stack, "CREATE_IN_PROGRESS", "CREATE_COMPLETE"));
    }
    world.json.insert("DescribeImages", "{}".into());
    let fake = Fake::start(world).await;
    // The service tells its outputs when it is there; here they stand from the time of the plan on.
    let (outcome, lines) = applied(&fake, |f| {
        f.world().stacks.get_mut("auctiond").unwrap().outputs = outputs;
    })
    .await;
    assert!(outcome.unwrap().good(), "{lines}");
    expected("applied.txt", &lines);
    let pipeline = &fake.called("CreateChangeSet")[2];
    assert_eq!(pipeline["StackName"], "auctiond-pipeline");
    assert!(pipeline.values().any(|v| v == "arn:aws:iam::123456789012:role/e"));
    assert_eq!(fake.called("ExecuteChangeSet").len(), 3);
    assert!(fake.called("DeleteStack").is_empty());
}

#[tokio::test]
async fn a_creation_that_fails_is_told_with_its_first_cause() {
    let mut world = World::default();
    world.changes.insert("auctiond-repository".into(), ADDED.into());
    world.json.insert("DescribeImages", r#"{"imageDetails":[]}"#.into());
    let name = "auctiond-repository";
    world.happens.insert(
        name.into(),
        vec![
            own(name, "CREATE_IN_PROGRESS"),
            occurs("B", BUCKET, "CREATE_FAILED", "Resource creation cancelled"),
            occurs(
                "Repository",
                "AWS::ECR::Repository",
                "CREATE_FAILED",
                "Resource of type 'AWS::ECR::Repository' \u{1b}[2J already exists.",
            ),
            occurs("C", BUCKET, "CREATE_FAILED", "Something that followed"),
            own(name, "ROLLBACK_IN_PROGRESS"),
            occurs("B", BUCKET, "DELETE_COMPLETE", ""),
            own(name, "ROLLBACK_COMPLETE"),
        ],
    );
    let fake = Fake::start(world).await;
    let (outcome, lines) = applied(&fake, |_| {}).await;
    assert_eq!(outcome.unwrap().outcome, "failed");
    assert!(!lines.contains('\x1b'));
    expected("failed.txt", &lines);
    assert_eq!(fake.called("ExecuteChangeSet").len(), 1, "what comes after it is not begun");
}

#[tokio::test]
async fn an_update_that_cannot_be_taken_back() {
    let fake = update(vec![
        own("auctiond", "UPDATE_IN_PROGRESS"),
        occurs(
            "EcsService",
            "AWS::ECS::Service",
            "UPDATE_FAILED",
            "Unable to update task definition on services with a CODE_DEPLOY deployment controller.",
        ),
        own("auctiond", "UPDATE_ROLLBACK_IN_PROGRESS"),
        occurs("EcsService", "AWS::ECS::Service", "UPDATE_FAILED", "the same again"),
        own("auctiond", "UPDATE_ROLLBACK_FAILED"),
    ])
    .await;
    let (outcome, lines) = applied(&fake, |_| {}).await;
    let text = outcome.unwrap().text;
    assert!(
        text.contains("UPDATE_ROLLBACK_FAILED") && text.contains("continue-update-rollback --stack-name auctiond"),
        "{text}"
    );
    let cause = "cause, in auctiond: `EcsService` (AWS::ECS::Service) UPDATE_FAILED: Unable to update task definition";
    assert!(lines.contains(cause) && lines.contains("release it instead: `release deploy`"), "{lines}");
}

/// Somebody else takes the stack away while it is updated: that is not done.
#[tokio::test]
async fn a_stack_that_is_deleted_meanwhile_is_not_done() {
    let gone = vec![
        own("auctiond", "UPDATE_IN_PROGRESS"),
        own("auctiond", "DELETE_IN_PROGRESS"),
        own("auctiond", "DELETE_COMPLETE"),
    ];
    let fake = update(gone).await;
    let (outcome, lines) = applied(&fake, |_| {}).await;
    let outcome = outcome.unwrap();
    assert_eq!((outcome.outcome, outcome.good()), ("failed", false), "{lines}");
    assert!(outcome.text.contains("`auctiond` was deleted meanwhile: `infra plan`"), "{}", outcome.text);
    assert!(!lines.contains("as it should be"), "{lines}");
}

#[tokio::test]
async fn an_update_is_followed_through_its_clean_up() {
    let mut happens = goes("auctiond", "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS");
    happens.push(own("auctiond", "UPDATE_COMPLETE"));
    let fake = update(happens).await;
    // What happened in earlier times is not told again.
    fake.world().stacks.get_mut("auctiond").unwrap().events.extend(goes(
        "auctiond",
        "CREATE_IN_PROGRESS",
        "CREATE_COMPLETE",
    ));
    let (outcome, lines) = applied(&fake, |_| {}).await;
    assert!(outcome.unwrap().good());
    assert!(
        lines.starts_with("update auctiond\nauctiond  UPDATE_IN_PROGRESS\n") && !lines.contains("CREATE_"),
        "{lines}"
    );
    assert!(lines.ends_with("auctiond  UPDATE_COMPLETE\ndone: `auctiond` is as it should be\n"), "{lines}");
}

#[tokio::test]
async fn the_world_moves_between_plan_and_apply() {
    let fake = update(goes("auctiond", "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE")).await;
    let (outcome, _) = applied(&fake, |f| {
        f.world().json.insert("ListDeployments", r#"{"deployments":["d-1"]}"#.into());
    })
    .await;
    assert_eq!(outcome.unwrap().text, "the deployment d-1 has begun meanwhile: `auctiond` is left as it is");
    assert!(fake.called("ExecuteChangeSet").is_empty());
    assert_eq!(fake.called("DeleteChangeSet").len(), 3, "taken back");

    let mut world = made();
    world.fails.remove("auctiond-pipeline");
    world.changes.insert("auctiond-pipeline".into(), ADDED.into());
    let fake = Fake::start(world).await;
    let (outcome, _) = applied(&fake, |f| {
        f.world().stacks.get_mut("auctiond").unwrap().outputs.insert("TopicArn".into(), "other".into());
    })
    .await;
    let text = outcome.unwrap().text;
    assert_eq!(
        text,
        "`auctiond` tells another `TopicArn` by now, which `auctiond-pipeline` takes: `infra apply` again"
    );
    assert!(fake.called("ExecuteChangeSet").is_empty());
}

#[tokio::test]
async fn nothing_is_done_when_something_is_refused() {
    let fake = update(goes("auctiond", "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE")).await;
    fake.world().stacks.get_mut("auctiond-pipeline").unwrap().status = "ROLLBACK_COMPLETE".into();
    let (outcome, lines) = applied(&fake, |_| {}).await;
    assert_eq!(outcome.unwrap().outcome, "refused");
    assert_eq!(lines, "refused: see above: nothing was done\n");
    assert!(fake.called("ExecuteChangeSet").is_empty());
}

#[tokio::test]
async fn come_back_to_a_stack_that_changes() {
    let mut world = made();
    let s = world.stacks.get_mut("auctiond").unwrap();
    s.status = "UPDATE_IN_PROGRESS".into();
    s.events.extend(goes("auctiond", "CREATE_IN_PROGRESS", "CREATE_COMPLETE"));
    s.events.push(own("auctiond", "UPDATE_IN_PROGRESS"));
    s.coming.extend([occurs("A", BUCKET, "UPDATE_COMPLETE", ""), own("auctiond", "UPDATE_COMPLETE")]);
    let fake = Fake::start(world).await;
    let (aws, pace, (tell, lines)) = (fake.aws(), Wall::default(), screen());
    let follow = Follow { aws: &aws, pace: &pace, every: TICK, tell: &tell };
    let before = follow.before(&fake::arn("auctiond")).await.unwrap();
    let end = follow.to_the_end("auctiond", &fake::arn("auctiond"), before).await.unwrap();
    assert_eq!(end.status, "UPDATE_COMPLETE");
    let lines = lines.lock().unwrap();
    assert_eq!(lines[0], "auctiond  UPDATE_IN_PROGRESS");
    assert_eq!(lines.len(), 3, "{lines:?}");
}

#[tokio::test]
async fn how_things_are() {
    let mut world = made();
    let s = world.stacks.get_mut("auctiond").unwrap();
    s.events.push(occurs("EcsService", "AWS::ECS::Service", "UPDATE_FAILED", "did not \u{7}stabilize"));
    s.status = "UPDATE_ROLLBACK_COMPLETE".into();
    world.stacks.remove("auctiond-pipeline");
    let fake = Fake::start(world).await;
    let found = status::status(&fake.aws(), &stacks()).await.unwrap();
    expected("status.txt", &plain(&status::text(&found)));
    let json: serde_json::Value = serde_json::from_str(&status::json(&found)).unwrap();
    assert_eq!(json["stacks"][1]["stack"]["outputs"]["SourceBucket"], "auctiond-sourcebucket-1x");
    assert!(json["stacks"][2]["stack"].is_null());
}

#[tokio::test]
async fn what_differs_and_what_does_so_by_design() {
    let differs = |name: &str, kind: &str, status: &str, each: &[(&str, &str, &str)]| {
        let each: Vec<String> = each
            .iter()
            .map(|(path, expected, actual)| {
                format!(
                    "<member><PropertyPath>{path}</PropertyPath><ExpectedValue>{expected}</ExpectedValue><ActualValue>{actual}\
                     </ActualValue><DifferenceType>NOT_EQUAL</DifferenceType></member>"
                )
            })
            .collect();
        format!(
            "<member><LogicalResourceId>{name}</LogicalResourceId><PhysicalResourceId>{name}-0</PhysicalResourceId>\
             <ResourceType>{kind}</ResourceType><StackResourceDriftStatus>{status}</StackResourceDriftStatus>\
             <PropertyDifferences>{}</PropertyDifferences></member>",
            each.concat()
        )
    };
    let listener = "AWS::ElasticLoadBalancingV2::Listener";
    let design = [
        differs("HTTPSListener", listener, "MODIFIED", &[("/DefaultActions/0/TargetGroupArn", "one", "two")]),
        differs(
            "EcsService",
            "AWS::ECS::Service",
            "MODIFIED",
            &[("/DesiredCount", "2", "5"), ("/TaskDefinition", "a-first", "a:7")],
        ),
        differs("LogGroup", "AWS::Logs::LogGroup", "IN_SYNC", &[]),
        differs("Rule", "AWS::Events::Rule", "NOT_CHECKED", &[]),
    ]
    .concat();
    let bad = [
        differs("TestListener", listener, "MODIFIED", &[("/SslPolicy", "ELB-2021", "ELB-\u{202e}2016")]),
        differs(
            "EcsService",
            "AWS::ECS::Service",
            "MODIFIED",
            &[("/DesiredCountry", "2", "5"), ("/DesiredCount", "2", "5")],
        ),
        differs("Topic", "AWS::SNS::Topic", "DELETED", &[]),
    ]
    .concat();
    for (name, drifts, wrong) in [("design.txt", design.clone(), false), ("drift.txt", design + &bad, true)] {
        let mut world = made();
        world.drifts = drifts;
        let fake = Fake::start(world).await;
        let found = drift::drift(&fake.aws(), &Wall::default(), TICK, &stacks()[1..2]).await.unwrap();
        assert_eq!(found[0].bad(), wrong);
        expected(name, &plain(&drift::text(&found)));
        serde_json::from_str::<serde_json::Value>(&drift::json(&found)).unwrap();
    }
    let mut world = made();
    let failed = "<R><DescribeStackDriftDetectionStatusResult><DetectionStatus>DETECTION_FAILED</DetectionStatus>\
        <DetectionStatusReason>why</DetectionStatusReason></DescribeStackDriftDetectionStatusResult>\
        <ResponseMetadata/></R>";
    world.answers.push_back(("DescribeStackDriftDetectionStatus", 200, failed.into()));
    let fake = Fake::start(world).await;
    let error = drift::drift(&fake.aws(), &Wall::default(), TICK, &stacks()[1..2]).await.unwrap_err().to_string();
    assert_eq!(error, "AWS could not compare the stack `auctiond` (DETECTION_FAILED): why");
}

async fn doomed(world: World) -> (Fake, destroy::Demolition) {
    let fake = Fake::start(world).await;
    let (aws, pace) = (fake.aws(), Wall::default());
    let ask = Ask { aws: &aws, pace: &pace, every: TICK, image: None, first: None, adopt: false };
    let found = destroy::plan(&ask, &stacks()).await.unwrap();
    (fake, found)
}

async fn destroyed(fake: &Fake, found: &destroy::Demolition) -> (Outcome, String) {
    let (aws, pace, (tell, lines)) = (fake.aws(), Wall::default(), screen());
    let ask = Ask { aws: &aws, pace: &pace, every: TICK, image: None, first: None, adopt: false };
    let outcome = destroy::destroy(&ask, found, &tell).await.unwrap();
    let lines = lines.lock().unwrap().join("\n") + "\n";
    (outcome, lines)
}

#[tokio::test]
async fn stacks_go_and_what_holds_data_is_named() {
    let mut world = made();
    for stack in ["auctiond-repository", "auctiond", "auctiond-pipeline"] {
        world.happens.insert(stack.into(), vec![own(stack, "DELETE_IN_PROGRESS"), own(stack, "DELETE_COMPLETE")]);
    }
    let (fake, found) = doomed(world).await;
    let names: Vec<&str> = found.names().into_iter().collect();
    assert_eq!(names, ["auctiond", "auctiond-pipeline", "auctiond-repository", "topic-0"]);
    let (outcome, lines) = destroyed(&fake, &found).await;
    assert!(outcome.good());
    expected("destroy.txt", &(plain(&found.text()) + "\n" + &lines));
    assert_eq!(fake.called("ModifyLoadBalancerAttributes")[0]["LoadBalancerArn"], "applicationloadbalancer-0");
    let order: Vec<String> = fake.called("DeleteStack").iter().map(|f| f["StackName"].clone()).collect();
    assert_eq!(order, ["auctiond-pipeline", "auctiond", "auctiond-repository"].map(fake::arn), "the last one first");
}

#[tokio::test]
async fn stacks_that_do_not_go() {
    let mut world = made();
    world.stacks.get_mut("auctiond-repository").unwrap().tags.remove(TAG);
    world.stacks.get_mut("auctiond-pipeline").unwrap().protected = true;
    world.json.insert("ListDeployments", r#"{"deployments":["d-1"]}"#.into());
    let (fake, found) = doomed(world).await;
    let said = found.refused.join("\n");
    assert!(said.contains("`auctiond-repository`: it was not made by `infra`"), "{said}");
    assert!(said.contains("--no-enable-termination-protection --stack-name auctiond-pipeline"), "{said}");
    assert!(said.contains("`auctiond`: the deployment d-1 is under way"), "{said}");
    assert!(fake.called("DeleteStack").is_empty());

    let mut world = made();
    world.happens.insert(
        "auctiond-pipeline".into(),
        vec![
            own("auctiond-pipeline", "DELETE_IN_PROGRESS"),
            occurs("Pipeline", "AWS::CodePipeline::Pipeline", "DELETE_FAILED", "a reason"),
            own("auctiond-pipeline", "DELETE_FAILED"),
        ],
    );
    let (fake, found) = doomed(world).await;
    let (outcome, lines) = destroyed(&fake, &found).await;
    assert!(!outcome.good() && lines.contains("cause, in auctiond-pipeline: `Pipeline`"), "{lines}");
    assert_eq!(fake.called("DeleteStack").len(), 1, "the others stay");
}

/// A change set that is refused is taken back; one of which nobody knows whether it runs is left alone, and so is its stack.
#[tokio::test]
async fn what_may_have_begun_is_not_taken_back() {
    let error = |code: &str| format!("<ErrorResponse><Error><Code>{code}</Code></Error></ErrorResponse>");
    let stack = "auctiond-repository";
    let world = || {
        let mut world = World::default();
        world.changes.insert(stack.into(), ADDED.into());
        world.json.insert("DescribeImages", r#"{"imageDetails":[]}"#.into());
        world
    };
    let fake = Fake::start(world()).await;
    fake.world().answers.push_back(("ExecuteChangeSet", 400, error("InvalidChangeSetStatus")));
    let (outcome, lines) = applied(&fake, |_| {}).await;
    assert!(outcome.unwrap_err().to_string().contains("InvalidChangeSetStatus"), "{lines}");
    assert_eq!((fake.called("DeleteChangeSet").len(), fake.world().stacks.len()), (2, 0), "and the one behind it");

    let fake = Fake::start(world()).await;
    for _ in 0..4 {
        fake.world().answers.push_back(("ExecuteChangeSet", 400, error("Throttling")));
    }
    let (aws, pace, (tell, _)) = (fake.aws(), Wall::default(), screen());
    let ask = Ask { aws: &aws, pace: &pace, every: TICK, image: None, first: Some(DIGEST), adopt: false };
    let stacks = stacks();
    let mut prepared = ask.prepare(ENVIRONMENT, &stacks).await.unwrap();
    let asked = async {
        while fake.called("ExecuteChangeSet").is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        outcome = apply::apply(&ask, &stacks, &mut prepared, &tell) => panic!("{outcome:?}"),
        () = asked => {}
    }
    ask.take_back(&prepared.ready).await.unwrap();
    assert_eq!(fake.called("DeleteChangeSet").len(), 1, "the one behind it, which had not begun");
    assert!(fake.world().stacks.keys().eq([stack]));
}
