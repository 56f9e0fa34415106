//! The wire formats of the client against moto, an emulator that others wrote: identity, stacks, objects with versions, more
//! than a page of them, images, who serves, what is refused.

mod server;

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use aws_credential_types::Credentials;
use release::Error;
use release::aws::{BlueGreen, Client};
use release::config::Config;
use release::flow::Engine;
use release::flow::pace::Wall;
use release::preflight::{self, Bad};
use server::{moto, tool};

/// What moto is told to have before, by the SDK for Python.
const WORLD: &str = r#"
import boto3, json, sys
at = dict(endpoint_url=sys.argv[1], region_name="ap-northeast-1", aws_access_key_id="test", aws_secret_access_key="test")
s3 = boto3.client("s3", **at)
where = {"LocationConstraint": "ap-northeast-1"}
for name in ["auctiond-source", "auctiond-unversioned"]:
    s3.create_bucket(Bucket=name, CreateBucketConfiguration=where)
s3.put_bucket_versioning(Bucket="auctiond-source", VersioningConfiguration={"Status": "Enabled"})
template = {"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}, "Outputs": {
    "SourceBucket": {"Value": "auctiond-source"}, "ClusterName": {"Value": "auctiond"},
    "LogGroup": {"Value": "/ecs/auctiond"}, "Other": {"Value": "a & <b>"}}}
boto3.client("cloudformation", **at).create_stack(StackName="auctiond", TemplateBody=json.dumps(template))
ecr = boto3.client("ecr", **at)
ecr.create_repository(repositoryName="auctiond")
manifest = json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "layers": [],
    "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": "sha256:" + "0" * 64, "size": 2}})
put = ecr.put_image(repositoryName="auctiond", imageManifest=manifest, imageTag="a")
print(put["image"]["imageId"]["imageDigest"])
ecs = boto3.client("ecs", **at)
ecs.create_cluster(clusterName="auctiond")
ecs.register_task_definition(family="auctiond", containerDefinitions=[{"name": "a", "image": "a", "memory": 64}])
ecs.create_service(cluster="auctiond", serviceName="auctiond", taskDefinition="auctiond", desiredCount=1,
    deploymentController={"type": "ECS"})
s3.put_bucket_lifecycle_configuration(Bucket="auctiond-source", LifecycleConfiguration={"Rules": [
    {"ID": "logs", "Status": "Enabled", "Filter": {"Prefix": "logs/"}, "NoncurrentVersionExpiration": {"NoncurrentDays": 1}},
    {"ID": "short", "Status": "Enabled", "Filter": {"Prefix": ""}, "NoncurrentVersionExpiration": {"NoncurrentDays": 7}}]})
trust = lambda service: json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}]})
boto3.client("sns", **at).create_topic(Name="releases")
iam = boto3.client("iam", **at)
iam.create_role(RoleName="a", AssumeRolePolicyDocument=trust("ecs-tasks.amazonaws.com"))
iam.create_role(RoleName="b", AssumeRolePolicyDocument=trust("ec2.amazonaws.com"))
"#;

const SETTINGS: &str = r#"[environment.production]
account = "123456789012"
region = "ap-northeast-1"
cluster = "${output:auctiond.ClusterName}"
service = "auctiond"
repository = "auctiond"
bucket = "${output:auctiond.SourceBucket}"
key = "artifacts.zip"
application = "auctiond"
deployment-group = "auctiond"
deployment-config = "CodeDeployDefault.ECSAllAtOnce"
topic = "arn:aws:sns:ap-northeast-1:123456789012:releases"

[environment.production.task]
family = "auctiond"
container = "auctiond"
port = 8080
cpu = 256
memory = 512
execution-role = "arn:aws:iam::123456789012:role/a"
task-role = "arn:aws:iam::123456789012:role/b"
log-group = "${output:auctiond.LogGroup}"
"#;

#[tokio::test]
async fn an_emulator_of_others_understands_the_client() {
    let (_moto, url) = moto().await;
    let made = Command::new(tool("python")).args(["-c", WORLD, &url]).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let digest = String::from_utf8(made.stdout).unwrap().trim().to_owned();

    let open = async |text: &str| {
        let config = Config::parse(Path::new("release.toml"), text, &|_| None).unwrap();
        let keys = Credentials::new("test", "test", None, None, "test");
        let client = Client::with("ap-northeast-1", &url, keys, Arc::new(Wall::default()), Arc::new(|_| {})).unwrap();
        BlueGreen::new(client, config.environment("production").unwrap()).await
    };
    let engine = open(SETTINGS).await.unwrap();
    assert_eq!(engine.environment().bucket.to_string(), "auctiond-source");
    assert_eq!(engine.environment().task.log_group.to_string(), "/ecs/auctiond");
    let missing = open(&SETTINGS.replace("ClusterName", "Nothing")).await.err().unwrap().to_string();
    assert_eq!(missing, "release.toml: the stack `auctiond` has no output `Nothing`");
    let missing = open(&SETTINGS.replace("${output:auctiond.", "${output:nobody.")).await.err().unwrap().to_string();
    assert!(missing.starts_with("CloudFormation, DescribeStacks: ValidationError"), "{missing}");

    assert_eq!(engine.caller().await.unwrap().account, "123456789012");
    assert_eq!(engine.image(&digest).await.unwrap().digest, digest);
    let none = format!("sha256:{}", "0".repeat(64));
    assert!(engine.image(&none).await.unwrap_err().to_string().contains("has no image sha256:000"));

    let sent = engine.notify("a subject", "a & b").await.unwrap();
    assert_eq!((sent.message.is_empty(), sent.subscribers), (false, Some(0)));

    let key = "releases/a b+c/record.json";
    let one = engine.put(key, "application/json", b"1".to_vec()).await.unwrap();
    let two = engine.put(key, "application/json", b"2".to_vec()).await.unwrap();
    assert_ne!(one, two);
    assert_eq!(engine.get(key, Some(&one)).await.unwrap().as_deref(), Some(&b"1"[..]));
    assert_eq!(engine.get(key, None).await.unwrap().as_deref(), Some(&b"2"[..]));
    assert_eq!(engine.get("nobody", None).await.unwrap(), None);
    assert_eq!(engine.list("releases/a b").await.unwrap(), [key]);
    // More than a page.
    let keys: Vec<String> = (0..1003).map(|n| format!("many/{n:04}")).collect();
    for key in &keys {
        engine.put(key, "text/plain", Vec::new()).await.unwrap();
    }
    assert_eq!(engine.list("many/").await.unwrap(), keys);

    let unversioned = open(&SETTINGS.replace("${output:auctiond.SourceBucket}", "auctiond-unversioned")).await.unwrap();
    let error = unversioned.put("a", "text/plain", Vec::new()).await.unwrap_err().to_string();
    assert!(error.contains("keeps no versions"), "{error}");
    let other = open(&SETTINGS.replace("${output:auctiond.SourceBucket}", "auctiond-nobody")).await.unwrap();
    let error = other.get("a", None).await.unwrap_err();
    assert!(matches!(&error, Error::Aws(r) if r.code == "NoSuchBucket"), "{error}");
    // What the preflight sees there.
    let outcomes = preflight::look(&engine.picture(Some(&digest)).await);
    let of = |id: &str| outcomes.iter().find(|o| o.item.id == id).unwrap().seen.clone();
    for id in
        ["credentials", "image_exists", "bucket_region", "bucket_versioning", "cluster", "service", "execution_role"]
    {
        assert!(of(id).is_ok(), "{id}: {:?}", of(id));
    }
    for (id, what) in [
        ("bucket_history", "the lifecycle rule `short` deletes old versions after 7 days"),
        ("task_role", "it does not trust ecs-tasks.amazonaws.com"),
        ("controller", "its deployment controller is ECS: it is not released by CodeDeploy"),
        ("deployment_group", "there is no such application in this account and region"),
    ] {
        assert!(matches!(of(id), Err(Bad::Faults(f)) if f[0].what == what && f.len() == 1), "{id}: {:?}", of(id));
    }
    // It has no simulation of policies.
    assert!(matches!(of("execution_role_may"), Err(Bad::Skip(_))), "{:?}", of("execution_role_may"));
    // A service that is set up for the other engine is recognised.
    let error = engine.fits().await.unwrap_err().to_string();
    assert!(error.contains("deployment controller ECS: it is released by ECS itself"), "{error}");
}
