//! Plans: change sets in the form of AWS's own -> expected text and JSON, byte for byte. The change sets were written for these
//! tests after AWS's model of the operation; none was recorded from an account.

use std::time::Duration;

use release::flow::pace::Wall;
use release::infra::prepare::{Ask, Prepared};
use release::infra::stack::{self, Stack, TAG};
use release::infra::template::Part;

use crate::fake::{self, Fake, World, arn};
use crate::{EXAMPLE, expected, parse};

const SERVICE: &str = include_str!("sets/service.xml");
const LISTENER: &str = include_str!("sets/listener.xml");
pub(crate) const ENVIRONMENT: (&str, &str, &str) = ("production", "123456789012", "ap-northeast-1");
pub(crate) const DIGEST: &str = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

pub(crate) fn stacks() -> Vec<Stack> {
    stack::stacks("production", &parse(EXAMPLE).unwrap()).unwrap()
}

/// The stacks as they are after they were made, with a table and a bucket that the template has no longer.
pub(crate) fn made() -> World {
    let mut world = World::default();
    let group =
        |n: u8| format!("arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:targetgroup/auctio-ALBTa-{n}/{n}");
    for stack in stacks() {
        let mut s =
            fake::Stack { status: "CREATE_COMPLETE".into(), template: stack.part.text().into(), ..Default::default() };
        s.tags.insert(TAG.into(), "production".into());
        s.resources = stack
            .template
            .resources()
            .map(|r| (r.name.to_owned(), format!("{}-0", r.name.to_lowercase()), r.kind.to_owned()))
            .collect();
        if stack.part == Part::Service {
            for (name, value) in [
                ("ApplicationName", "auctiond"),
                ("DeploymentGroupName", "auctiond"),
                ("ClusterName", "auctiond"),
                ("ServiceName", "auctiond"),
                ("SourceBucket", "auctiond-sourcebucket-1x"),
                ("ExecutionRoleArn", "arn:aws:iam::123456789012:role/e"),
                ("TaskRoleArn", "arn:aws:iam::123456789012:role/t"),
                ("TopicArn", "arn:aws:sns:ap-northeast-1:123456789012:t"),
            ] {
                s.outputs.insert(name.into(), value.into());
            }
            s.parameters.insert("ImageDigest".into(), DIGEST.into());
            for r in &mut s.resources {
                match r.0.as_str() {
                    "ALBTargetGroup1" => r.1 = group(1),
                    "ALBTargetGroup2" => r.1 = group(2),
                    _ => {}
                }
            }
            let old = "Resources:\n  OldBucket:\n    Type: AWS::S3::Bucket\n    DeletionPolicy: Retain\n";
            s.template = s.template.replacen("Resources:\n", old, 1);
        }
        world.stacks.insert(stack.name.clone(), s);
        world.fails.insert(stack.name, "The submitted information didn't contain changes.".into());
    }
    world.forwards = group(1);
    world.json.insert("ListDeployments", r#"{"deployments":[]}"#.into());
    world.json.insert("DescribeTaskSets", primary(&group(1)));
    world.json.insert("ListTasks", r#"{"taskArns":[]}"#.into());
    world.json.insert("DescribeTaskDefinition", r#"{"taskDefinition":{"containerDefinitions":[]}}"#.into());
    world
}

pub(crate) fn primary(group: &str) -> String {
    format!(
        r#"{{"taskSets":[{{"id":"ecs-svc/1","status":"PRIMARY","loadBalancers":[{{"targetGroupArn":"{group}"}}]}}]}}"#
    )
}

pub(crate) async fn prepare(fake: &Fake, image: Option<&str>) -> release::Result<Prepared> {
    let (aws, pace) = (fake.aws(), Wall::default());
    let ask = Ask { aws: &aws, pace: &pace, every: Duration::from_millis(1), image, first: None, adopt: false };
    let prepared = ask.prepare(ENVIRONMENT, &stacks()).await?;
    ask.take_back(&prepared.ready).await?;
    Ok(prepared)
}

/// Without the colours, which stand between a bracket and an `m`.
pub(crate) fn plain(text: &str) -> String {
    let mut parts = text.split("\x1b[");
    let first = parts.next().unwrap_or("").to_owned();
    first + &parts.map(|p| p.split_once('m').map_or(p, |(_, rest)| rest)).collect::<String>()
}

async fn service_with(changes: &str) -> Fake {
    let mut world = made();
    world.fails.remove("auctiond");
    world.changes.insert("auctiond".into(), changes.into());
    Fake::start(world).await
}

#[tokio::test]
async fn changes_in_words() {
    let fake = service_with(SERVICE).await;
    fake.world().stacks.get_mut("auctiond").unwrap().tags.insert("team".into(), "prices".into());
    let plan = prepare(&fake, None).await.unwrap().plan;
    let text = plan.text();
    assert!(!plain(&text).contains('\x1b'), "values are no commands of the terminal");
    expected("service.txt", &plain(&text));
    expected("service.json", &plan.json());
    // What was made for the plan is gone again, and nothing else was touched.
    assert_eq!(fake.called("CreateChangeSet").len(), 3);
    assert_eq!(fake.called("DeleteChangeSet").len(), 3);
    assert!(fake.called("ExecuteChangeSet").is_empty() && fake.called("DeleteStack").is_empty());
    // Tags that others gave stay.
    let sent = &fake.called("CreateChangeSet")[1];
    assert_eq!((sent["Tags.member.2.Key"].as_str(), sent["Tags.member.2.Value"].as_str()), ("team", "prices"));
    let at = |key: &str, n: usize| sent.get(&format!("Parameters.member.{n}.{key}")).map(String::as_str);
    let digest = (1..40).find(|n| at("ParameterKey", *n) == Some("ImageDigest")).unwrap();
    assert_eq!((at("UsePreviousValue", digest), at("ParameterValue", digest)), (Some("true"), None));
    assert_eq!(sent["TemplateBody"], Part::Service.text());
    assert_eq!((sent["Tags.member.1.Key"].as_str(), sent["Capabilities.member.1"].as_str()), (TAG, "CAPABILITY_IAM"));
}

#[tokio::test]
async fn an_empty_account() {
    let mut world = World::default();
    let new = "<member><ResourceChange><Action>Add</Action><LogicalResourceId>Repository</LogicalResourceId>\
        <ResourceType>AWS::ECR::Repository</ResourceType></ResourceChange></member>";
    world.changes.insert("auctiond-repository".into(), new.into());
    world.json.insert("DescribeImages", "{}".into());
    let fake = Fake::start(world).await;
    let plan = prepare(&fake, None).await.unwrap().plan;
    expected("empty.txt", &plain(&plan.text()));
    // A stack that was there for the change set only is gone.
    assert!(fake.world().stacks.is_empty());
    assert_eq!(fake.called("DeleteStack")[0]["StackName"], arn("auctiond-repository"));
}

#[tokio::test]
async fn nothing_to_do() {
    let fake = Fake::start(made()).await;
    let plan = prepare(&fake, None).await.unwrap().plan;
    assert!(plan.same() && !plan.refused());
    expected("same.txt", &plain(&plan.text()));
}

#[tokio::test]
async fn what_a_release_has_left_forbids_some_changes() {
    let fake = service_with(LISTENER).await;
    let two = "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:targetgroup/auctio-ALBTa-2/2";
    // Before any release only the service's own properties are in the way.
    let before = prepare(&fake, None).await.unwrap().plan;
    assert_eq!(before.stacks[1].refused.len(), 1, "{:?}", before.stacks[1].refused);
    {
        let mut world = fake.world();
        world.forwards = two.into();
        world.json.insert("DescribeTaskSets", primary(two));
        world.json.insert("ListDeployments", r#"{"deployments":["d-ABCDEF123"]}"#.into());
    }
    let plan = prepare(&fake, None).await.unwrap().plan;
    assert!(plan.refused());
    expected("refused.txt", &plain(&plan.text()));
    // After an update that nobody asked about: tasks behind a group that gets no traffic.
    fake.world().forwards = two.replace("-2/2", "-1/1");
    let plan = prepare(&fake, None).await.unwrap().plan;
    let said = plan.stacks[1].refused.join("\n");
    assert!(
        said.contains("the tasks that serve are behind `auctio-ALBTa-2/2`, and no listener sends anything there"),
        "{said}"
    );
    // What may not be looked at is said.
    fake.world().json.insert("ListDeployments", "{}".into());
    for _ in 0..2 {
        let denied = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>";
        fake.world().answers.push_back(("DescribeListeners", 403, denied.into()));
    }
    let plan = prepare(&fake, None).await.unwrap().plan;
    assert!(
        plan.stacks[1].notes.iter().any(|n| n.starts_with("not looked at: where `H")),
        "{:?}",
        plan.stacks[1].notes
    );
}

#[tokio::test]
async fn stacks_that_are_left_alone() {
    for (status, words) in [
        ("ROLLBACK_COMPLETE", "such a stack can only be deleted"),
        ("UPDATE_ROLLBACK_FAILED", "continue-update-rollback --stack-name auctiond"),
        ("UPDATE_IN_PROGRESS", "something goes on"),
        ("DELETE_FAILED", "`infra destroy` again"),
    ] {
        let mut world = made();
        world.stacks.get_mut("auctiond").unwrap().status = status.into();
        let fake = Fake::start(world).await;
        let plan = prepare(&fake, None).await.unwrap().plan;
        let said = &plan.stacks[1].refused[0];
        assert!(said.contains(status) && said.contains(words), "{status}: {said}");
        assert_eq!(fake.called("CreateChangeSet").len(), 2, "{status}");
    }
    let mut world = made();
    world.stacks.get_mut("auctiond").unwrap().tags.clear();
    world.stacks.get_mut("auctiond-pipeline").unwrap().tags.insert(TAG.into(), "staging".into());
    let fake = Fake::start(world).await;
    let plan = prepare(&fake, None).await.unwrap().plan;
    assert!(plan.stacks[1].refused[0].starts_with("it was not made by `infra`"), "{:?}", plan.stacks[1]);
    assert!(plan.stacks[2].refused[0].starts_with("it was made for the environment `staging`"), "{:?}", plan.stacks[2]);
}

#[tokio::test]
async fn a_change_set_that_aws_refuses_and_answers_that_are_none() {
    let mut world = made();
    world.fails.insert("auctiond".into(), "Validation failed: \u{202e}<x>".into());
    let wrong = "<DescribeEventsResponse><DescribeEventsResult><OperationEvents><member><EventType>VALIDATION_ERROR</EventType>\
        <LogicalResourceId>EcsCluster</LogicalResourceId><ResourceType>AWS::ECS::Cluster</ResourceType><ValidationPath>\
        /Resources/EcsCluster</ValidationPath><ValidationStatusReason>Resource of name 'auctiond' already exists.\
        </ValidationStatusReason></member></OperationEvents></DescribeEventsResult><ResponseMetadata/></DescribeEventsResponse>";
    world.answers.push_back(("DescribeEvents", 200, wrong.into()));
    let fake = Fake::start(world).await;
    let plan = prepare(&fake, None).await.unwrap().plan;
    let exists = "`EcsCluster` (AWS::ECS::Cluster) /Resources/EcsCluster: Resource of name 'auctiond' already exists.";
    assert_eq!(plan.stacks[1].refused, ["Validation failed: \u{202e}<x>", exists]);
    assert_eq!(fake.called("DescribeEvents")[0]["Filters.FailedEvents"], "true");
    // Those who may not ask are told the reason.
    let again = prepare(&fake, None).await.unwrap().plan;
    assert_eq!(again.stacks[1].refused, ["Validation failed: \u{202e}<x>"]);
    assert!(!plan.text().contains('\u{202e}'));

    let deep = format!("<a>{}</a>", "<member>".repeat(100_000));
    let endless = "<DescribeChangeSetResponse><DescribeChangeSetResult><Status>CREATE_COMPLETE</Status><NextToken>a</NextToken>\
        </DescribeChangeSetResult><ResponseMetadata/></DescribeChangeSetResponse>";
    for (operation, body) in [
        ("DescribeStacks", "<html>welcome</html>"),
        ("DescribeStacks", "{\"Stacks\": []}"),
        (
            "CreateChangeSet",
            "<CreateChangeSetResponse><CreateChangeSetResult/><ResponseMetadata/></CreateChangeSetResponse>",
        ),
        ("DescribeChangeSet", "<DescribeChangeSetResponse><DescribeChangeSetResult><Status>CREATE_COMPLETE</Status>"),
        ("DescribeChangeSet", deep.as_str()),
        ("DescribeChangeSet", endless),
    ] {
        let fake = service_with(SERVICE).await;
        for _ in 0..600 {
            fake.world().answers.push_back((operation, 200, body.to_owned()));
        }
        let error = prepare(&fake, None).await.expect_err(operation).to_string();
        assert!(error.starts_with("CloudFormation"), "{operation}: {error}");
        assert!(fake.called("ExecuteChangeSet").is_empty());
    }
}

#[tokio::test]
async fn too_many_calls_are_made_again() {
    let fake = Fake::start(made()).await;
    let throttled =
        "<ErrorResponse><Error><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>";
    fake.world().answers.push_back(("CreateChangeSet", 400, throttled.into()));
    assert!(prepare(&fake, None).await.unwrap().plan.same());
    assert_eq!(fake.called("CreateChangeSet").len(), 4);
}
