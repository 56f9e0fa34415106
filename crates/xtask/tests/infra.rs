//! `cargo xtask infra` as a person runs it: against moto, an emulator of others, and against an endpoint of our own that is slow.

#[expect(dead_code)] // the tests of the library use more of it
#[path = "../../release/tests/infra/fake.rs"]
mod fake;
#[path = "../../release/tests/moto/server.rs"]
mod server;

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Output, Stdio};

use fake::{Fake, World, occurs, own};
use serde_json::Value;
use server::{moto, tool};

const SECRET: &str = "hidden+secret/of-the-account";
const KEY_ID: &str = "AKIAHIDDENHIDDEN";

fn command(url: &str, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.arg("infra").args(args).args(["--env", "production"]).stdin(Stdio::null());
    command.env("AWS_ENDPOINT_URL", url).env("AWS_ACCESS_KEY_ID", KEY_ID).env("AWS_SECRET_ACCESS_KEY", SECRET);
    command.env_remove("AWS_PROFILE").env("RUST_LOG", "trace");
    command
}

/// Exit status, standard output, standard error; the credentials are in neither.
fn told(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    for part in [SECRET, KEY_ID] {
        assert!(!out.contains(part) && !err.contains(part), "{out}{err}");
    }
    assert!(!out.contains('\x1b'), "no colours on a pipe");
    (output.status.code().unwrap_or(-1), out, err)
}

/// The SDK for Python, with clients of services at hand; what it prints.
fn python(url: &str, script: &str) -> String {
    let head = "import boto3, json, sys\ndef aws(s): return boto3.client(s, endpoint_url=sys.argv[1], \
                region_name='ap-northeast-1', aws_access_key_id='test', aws_secret_access_key='test')\n";
    let output = Command::new(tool("python")).args(["-c", &format!("{head}{script}"), url]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A network and a certificate; an image in the repository that `infra` has made.
const WORLD: &str = r#"
ec2 = aws("ec2")
vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
subnets = [s["SubnetId"] for s in ec2.describe_subnets()["Subnets"][:2]]
certificate = aws("acm").request_certificate(DomainName="example.com")["CertificateArn"]
print(json.dumps([vpc, subnets, certificate]))
"#;
const IMAGE: &str = r#"
manifest = json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "layers": [],
    "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": "sha256:" + "0" * 64, "size": 2}})
put = aws("ecr").put_image(repositoryName="auctiond", imageManifest=manifest, imageTag="a")
print(put["image"]["imageId"]["imageDigest"])
"#;
const THERE: &str = r#"
there = dict(
    stacks=sorted(s["StackName"] for s in aws("cloudformation").describe_stacks()["Stacks"]),
    repositories=[r["repositoryName"] for r in aws("ecr").describe_repositories()["repositories"]],
    services=aws("ecs").list_services(cluster="auctiond")["serviceArns"] if aws("ecs").list_clusters()["clusterArns"] else [],
    buckets=[b["Name"].rsplit("-", 1)[0] for b in aws("s3").list_buckets()["Buckets"]],
    balancers=[b["LoadBalancerName"] for b in aws("elbv2").describe_load_balancers()["LoadBalancers"]])
print(json.dumps(there))
"#;

/// moto 5.2.5 makes stacks by change sets, with tags, events and resources. It ignores: outputs of a stack that a change set has
/// made, so that the pipeline's stack waits for them for ever; changes of parameters in change sets, which it shows as none;
/// detection of drift. It makes no `CodeDeploy`, scaling, alarms.
#[tokio::test(flavor = "multi_thread")]
async fn an_emulator_of_others_has_the_stacks_made_and_taken_away() {
    let (_moto, url) = moto().await;
    let seed: Value = serde_json::from_str(&python(&url, WORLD)).unwrap();
    let mut text = include_str!("../../../ci/release.toml").to_owned();
    text = text.replace("vpc-0123456789abcdef0", seed[0].as_str().unwrap());
    for (n, subnet) in [(0, 0), (1, 1), (2, 0), (3, 1)] {
        text = text.replace(&format!("subnet-0123456789abcdef{n}"), seed[1][subnet].as_str().unwrap());
    }
    let certificate = text.lines().find(|l| l.starts_with("CertificateArn")).unwrap().to_owned();
    text = text.replace(&certificate, &format!("CertificateArn = {}", seed[2]));
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("release.toml");
    std::fs::write(&config, &text).unwrap();
    let path = config.display().to_string();
    let run = |args: &[&str]| {
        told(&command(&url, &[args, &["--every", "0.05", "--config", &path]].concat()).output().unwrap())
    };
    let there = || -> Value { serde_json::from_str(&python(&url, THERE)).unwrap() };
    let none = format!("sha256:{}", "0".repeat(64));

    let (code, out, err) = run(&["plan", "--image", &none]);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("+ add              Repository  AWS::ECR::Repository"), "{out}");
    assert!(out.contains("the repository `auctiond` does not have sha256:000"), "{out}");
    assert_eq!(there()["stacks"], serde_json::json!([]), "a plan leaves nothing");

    let (code, _, err) = run(&["apply", "--only", "repository"]);
    assert_eq!((code, err.trim()), (2, "error: somebody has to say yes: give `--yes`; nothing was changed"));
    assert_eq!(there()["stacks"], serde_json::json!([]));
    let (code, out, err) = run(&["apply", "--only", "repository", "--yes"]);
    assert_eq!(code, 0, "{out}{err}");
    assert!(
        out.contains("auctiond-repository  CREATE_COMPLETE\ndone: `auctiond-repository` is as it should be"),
        "{out}"
    );
    assert_eq!(there()["repositories"], serde_json::json!(["auctiond"]));

    let digest = python(&url, IMAGE).trim().to_owned();
    let (code, out, err) = run(&["apply", "--yes", "--image", &digest]);
    assert!(out.contains("create auctiond\nauctiond  CREATE_IN_PROGRESS"), "{out}{err}");
    let waits =
        "waits: `auctiond-pipeline`: it takes `ApplicationName` of the stack `auctiond`, which does not tell it yet";
    assert!(code == 1 && out.contains(waits), "{out}");
    let now = there();
    assert_eq!(now["services"][0].as_str().unwrap().rsplit('/').next(), Some("auctiond"), "{now}");
    assert_eq!(now["balancers"][0], "auctiond");

    let (code, out, err) = run(&["status", "--format", "json"]);
    assert_eq!(code, 0, "{err}");
    let status: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(status["stacks"][1]["stack"]["tags"]["release:environment"], "production");
    assert_eq!(status["stacks"][1]["stack"]["parameters"]["ImageDigest"], digest);
    let (code, out, _) = run(&["plan", "--only", "repository", "--only", "service", "--image", &digest]);
    assert_eq!(code, 0);
    assert_eq!(out.matches("nothing to do").count(), 2, "{out}");
    std::fs::write(&config, text.replace("HealthCheckPath", "LogRetentionDays = 731\nHealthCheckPath")).unwrap();
    let (code, out, err) = run(&["apply", "--only", "service", "--yes"]);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("update auctiond\nauctiond  UPDATE_IN_PROGRESS\nauctiond  UPDATE_COMPLETE"), "{out}");

    // What others have made is left alone.
    let template = r#"json.dumps({"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}})"#;
    python(
        &url,
        &format!("aws('cloudformation').create_stack(StackName='auctiond-pipeline', TemplateBody={template})"),
    );
    let (code, out, _) = run(&["plan"]);
    assert!(code == 1 && out.contains("refused: it was not made by `infra` (it has no tag"), "{out}");
    let (code, out, _) = run(&["destroy"]);
    assert!(code == 1 && out.contains("refused: `auctiond-pipeline`: it was not made by `infra`"), "{out}");
    let mine = ["--only", "service", "--only", "repository"];
    let (code, out, err) = run(&[&["destroy", "--format", "json"], &mine[..]].concat());
    assert!(code == 2 && err.contains("these have to be named too: `--yes-destroy"), "{err}");
    let doomed: Value = serde_json::from_str(&out).unwrap();
    let names: Vec<&str> = doomed["names"].as_array().unwrap().iter().map(|n| n.as_str().unwrap()).collect();
    let lost = &doomed["stacks"][0]["loses"][0];
    assert_eq!(lost["kind"], "AWS::SNS::Topic");
    assert_eq!(names, [lost["physical"].as_str().unwrap(), "auctiond", "auctiond-repository"]);
    let (code, _, err) = run(&[&["destroy", "--yes-destroy", "auctiond", "nobody"], &mine[..]].concat());
    assert!(code == 2 && err.contains("--yes-destroy nobody: nothing of that name goes"), "{err}");
    assert_eq!(there()["services"].as_array().unwrap().len(), 1, "nothing has gone yet");
    let (code, out, err) = run(&[&["destroy", "--yes-destroy"], &names[..], &mine[..]].concat());
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains("left behind, and to be paid for: `auctiond-sourcebucket-"), "{out}");
    let now = there();
    assert_eq!(now["stacks"], serde_json::json!(["auctiond-pipeline"]));
    assert_eq!(
        (&now["repositories"], &now["buckets"]),
        (&serde_json::json!(["auctiond"]), &serde_json::json!(["auctiond-sourcebucket"]))
    );
    assert_eq!(now["balancers"], serde_json::json!([]));
}

/// Waits for a line of a process.
fn until(child: &mut Child, words: &str) -> String {
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let mut all = String::new();
    while !all.contains(words) {
        let mut line = String::new();
        assert!(lines.read_line(&mut line).unwrap() > 0, "it ended before `{words}`: {all}");
        all += &line;
    }
    child.stdout = Some(lines.into_inner());
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn leave_a_stack_and_come_back() {
    let stack = "auctiond-repository";
    let mut world = World::default();
    let added = "<member><ResourceChange><Action>Add</Action><LogicalResourceId>A</LogicalResourceId>\
        <ResourceType>AWS::ECR::Repository</ResourceType></ResourceChange></member>";
    world.changes.insert(stack.into(), added.into());
    world.happens.insert(stack.into(), vec![own(stack, "CREATE_IN_PROGRESS")]);
    let fake = Fake::start(world).await;
    let args = ["--only", "repository", "--every", "0.02"];
    let mut apply = command(&fake.url, &[&["apply", "--yes", "-v"], &args[..]].concat());
    let mut child = apply.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    until(&mut child, "CREATE_IN_PROGRESS\n");
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(2), "{err}");
    assert!(err.contains("follow it  cargo xtask infra status --follow --env production\n"), "{err}");
    assert!(err.contains("CloudFormation ExecuteChangeSet: status 200") && !err.contains(SECRET), "{err}");
    assert!(fake.called("DeleteStack").is_empty(), "it goes on by itself");

    let failed = occurs("A", "AWS::ECR::Repository", "CREATE_FAILED", "a reason");
    fake.world().stacks.get_mut(stack).unwrap().coming.extend([failed, own(stack, "ROLLBACK_COMPLETE")]);
    let follow = [&["status", "--follow", "--format", "json"], &args[..]].concat();
    let (code, out, err) = told(&command(&fake.url, &follow).output().unwrap());
    assert_eq!(code, 1, "{out}{err}");
    let events: Vec<Value> = out.lines().take(4).map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(events[1]["reason"], "a reason");
    assert_eq!((events[3]["event"].as_str(), events[3]["stack"].as_str()), (Some("cause"), Some(stack)));
}

/// At a terminal: whoever does not say yes is refused nothing by the tool, and nothing is done.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_of_no_changes_nothing() {
    use std::io::Write;
    let stack = "auctiond-repository";
    let mut world = World::default();
    let added = "<member><ResourceChange><Action>Add</Action><LogicalResourceId>A</LogicalResourceId>\
        <ResourceType>AWS::ECR::Repository</ResourceType></ResourceChange></member>";
    world.changes.insert(stack.into(), added.into());
    let mut there = fake::Stack { status: "CREATE_COMPLETE".into(), ..fake::Stack::default() };
    there.tags.insert("release:environment".into(), "production".into());
    world.stacks.insert("auctiond".into(), there);
    let fake = Fake::start(world).await;
    for (verb, asks, answer, said) in [
        ("apply --only repository", "[y/N] ", "n", "nobody said yes: nothing was changed"),
        ("destroy --only service", "to destroy it: ", "auction", "`auctiond` was not typed: nothing was done"),
    ] {
        let line = format!("{} infra {verb} --env production --every 0.02", env!("CARGO_BIN_EXE_xtask"));
        let mut typed = Command::new("script");
        typed.args(["-qec", &line, "/dev/null"]).env("AWS_ENDPOINT_URL", &fake.url).env_remove("AWS_PROFILE");
        typed.env("AWS_ACCESS_KEY_ID", KEY_ID).env("AWS_SECRET_ACCESS_KEY", SECRET);
        let mut child = typed.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut out = child.stdout.take().unwrap();
        let (mut shown, mut some) = (String::new(), [0; 4096]);
        while !shown.contains(asks) {
            let read = out.read(&mut some).unwrap();
            assert!(read > 0, "no question in {shown}");
            shown += &String::from_utf8_lossy(&some[..read]);
        }
        writeln!(child.stdin.take().unwrap(), "{answer}").unwrap();
        out.read_to_string(&mut shown).unwrap();
        assert!(shown.contains(said), "{shown}");
        assert_eq!(child.wait().unwrap().code(), Some(1), "{shown}");
    }
    assert!(fake.called("ExecuteChangeSet").is_empty());
    assert!(fake.world().stacks.keys().eq(["auctiond"]), "what was made for the plan is taken back, and nothing else");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_account_is_refused() {
    let fake = Fake::start(World::default()).await;
    let other = "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>210987654321</Account><Arn>a</Arn>\
        </GetCallerIdentityResult></GetCallerIdentityResponse>";
    for verb in ["plan", "apply", "status", "drift", "destroy"] {
        fake.world().answers.push_back(("GetCallerIdentity", 200, other.into()));
        let (code, _, err) = told(&command(&fake.url, &[verb]).output().unwrap());
        assert!(
            code == 2 && err.contains("are of the account 210987654321, release.toml has 123456789012"),
            "{verb}: {err}"
        );
    }
    assert_eq!(fake.world().calls.len(), 5, "nothing else is asked");
}

#[test]
fn rendered_and_linted_without_an_account() {
    let nowhere = "http://127.0.0.1:9";
    let (code, out, err) = told(&command(nowhere, &["render", "--only", "service"]).output().unwrap());
    assert_eq!(code, 0, "{err}");
    assert!(out.starts_with("---\n# stack `auctiond` of `service.yaml`, with\n") && !out.contains("pipeline.yaml"));
    let again = command(nowhere, &["render", "--only", "service"]).output().unwrap();
    assert_eq!(out.as_bytes(), again.stdout, "the same bytes");
    let (code, out, _) = told(&command(nowhere, &["lint"]).output().unwrap());
    assert_eq!((code, out.trim_end()), (0, "5 files, 51 rules: nothing found"));
}

/// What stops a release is not sent.
#[tokio::test(flavor = "multi_thread")]
async fn rules_stop_what_cannot_be_released() {
    let fake = Fake::start(World::default()).await;
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("release.toml");
    let text = include_str!("../../../ci/release.toml")
        .replace("TZ = \"UTC0\"", "TZ = \"arn:aws:sns:ap-northeast-1:1234567890:t\"");
    std::fs::write(&config, text).unwrap();
    let (code, out, err) =
        told(&command(&fake.url, &["plan", "--config", &config.display().to_string()]).output().unwrap());
    assert!(code == 1 && out.contains("stops[account_id]"), "{out}{err}");
    assert!(fake.called("CreateChangeSet").is_empty());
}

/// Every command of the page is one that there is, with the options that it has.
#[test]
fn the_page_names_commands_that_are_there() {
    let page = include_str!("../../release/from-zero-to-a-release.md");
    let in_blocks = page.split("```").skip(1).step_by(2).flat_map(str::lines).filter(|l| l.starts_with("cargo xtask "));
    let inline = page.split('`').filter(|t| t.starts_with("cargo xtask "));
    let mut count = 0;
    for line in in_blocks.chain(inline) {
        let line = line.split(" #").next().unwrap();
        let args: Vec<&str> = line.split_whitespace().skip(2).collect();
        let output = Command::new(env!("CARGO_BIN_EXE_xtask")).args(&args).arg("--help").output().unwrap();
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        count += 1;
    }
    assert!(count >= 20, "{count}");
}

/// Load balancer and target groups of the rehearsal, by its API.
const SHARED: &str = r#"
elb = aws("elbv2")
balancer = elb.describe_load_balancers()["LoadBalancers"][0]["LoadBalancerArn"]
listeners = {l["Port"]: l["ListenerArn"] for l in elb.describe_listeners(LoadBalancerArn=balancer)["Listeners"]}
groups = sorted(g["TargetGroupArn"] for g in elb.describe_target_groups()["TargetGroups"])
print(json.dumps([listeners[443], groups]))
"#;

/// Stacks of one endpoint, releases of another, which executes them: what a release leaves stands in the way of an update.
#[tokio::test(flavor = "multi_thread")]
async fn a_release_and_an_update_do_not_cross() {
    let clock = rehearsal::Clock::scaled(2000);
    let setup = rehearsal::Setup { clock, ..rehearsal::Setup::of("auctiond") };
    let world = rehearsal::Rehearsal::start(setup).await.unwrap();
    let shared: Value = serde_json::from_str(&python(world.url(), SHARED)).unwrap();
    let text = |v: &Value| v.as_str().unwrap().to_owned();
    let (listener, groups) = (text(&shared[0]), [text(&shared[1][0]), text(&shared[1][1])]);
    let mut stack = fake::Stack { status: "UPDATE_COMPLETE".into(), ..fake::Stack::default() };
    stack.template = include_str!("../../release/templates/service.yaml").to_owned();
    stack.tags.insert("release:environment".into(), "production".into());
    stack.parameters.insert("ImageDigest".into(), "sha256:0".into());
    for name in ["ApplicationName", "DeploymentGroupName", "ClusterName", "ServiceName"] {
        stack.outputs.insert(name.into(), "auctiond".into());
    }
    let kind = "AWS::ElasticLoadBalancingV2::";
    stack.resources = vec![
        ("HTTPSListener".into(), listener, format!("{kind}Listener")),
        ("ALBTargetGroup1".into(), groups[0].clone(), format!("{kind}TargetGroup")),
        ("ALBTargetGroup2".into(), groups[1].clone(), format!("{kind}TargetGroup")),
    ];
    let mut stacks = World::default();
    let change = "<member><ResourceChange><Action>Modify</Action><LogicalResourceId>HTTPSListener</LogicalResourceId>\
        <ResourceType>AWS::ElasticLoadBalancingV2::Listener</ResourceType><Replacement>False</Replacement></ResourceChange>\
        </member>";
    stacks.changes.insert("auctiond".into(), change.into());
    stacks
        .happens
        .insert("auctiond".into(), vec![own("auctiond", "UPDATE_IN_PROGRESS"), own("auctiond", "UPDATE_COMPLETE")]);
    stacks.stacks.insert("auctiond".into(), stack);
    let fake = Fake::start(stacks).await;
    let infra = |verb: &[&str]| {
        let mut command = command(world.url(), &[verb, &["--only", "service", "--every", "0.02"]].concat());
        told(&command.env("AWS_ENDPOINT_URL_CLOUDFORMATION", &fake.url).output().unwrap())
    };
    let image = world.state(|w| w.task_sets()[0].images[0].rsplit('@').next().unwrap().to_owned());
    let release = |more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command
            .args(["release", "deploy", "--yes", "--env", "rehearsal", "--every", "0.02", "--image", &image])
            .args(more);
        command
            .env("AWS_ENDPOINT_URL", world.url())
            .env("AWS_ACCESS_KEY_ID", KEY_ID)
            .env("AWS_SECRET_ACCESS_KEY", SECRET);
        told(&command.output().unwrap())
    };

    let (code, out, err) = infra(&["plan"]);
    assert_eq!(code, 0, "nothing has been released: {out}{err}");
    let (code, out, err) = release(&[]);
    assert_eq!(code, 0, "{out}{err}");
    let (code, out, _) = infra(&["apply", "--yes"]);
    assert!(
        code == 1 && out.contains("refused: `HTTPSListener` sends 100 % to `") && out.contains("nothing was done"),
        "{out}"
    );
    assert!(fake.called("ExecuteChangeSet").is_empty());
    // The remedy that it names.
    let (code, out, err) = release(&[]);
    assert_eq!(code, 0, "{out}{err}");
    let (code, out, err) = infra(&["apply", "--yes"]);
    assert!(code == 0 && out.contains("done: `auctiond` is as it should be"), "{out}{err}");
}
