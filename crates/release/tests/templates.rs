//! The templates: three linters accept them and refuse what is wrong, every exception is used, an emulator makes the stacks.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const TEMPLATES: [&str; 3] = ["pipeline.yaml", "repository.yaml", "service.yaml"];
const GUARD: &str = "node_modules/@cdklabs/cdk-validator-cfnguard/bin/ubuntu/x86_64/cfn-guard";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("templates")
}

fn text(name: &str) -> String {
    fs::read_to_string(folder().join(name)).unwrap()
}

/// All there is: a template that no list names would not be tested.
#[test]
fn the_templates_are_these() {
    let mut names: Vec<String> =
        fs::read_dir(folder()).unwrap().map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.retain(|n| Path::new(n).extension().is_some_and(|e| e == "yaml"));
    names.sort();
    assert_eq!(names, TEMPLATES);
}

fn tool(name: &str, args: &[&str]) -> Output {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/ci-tools").join(name);
    assert!(path.exists(), "`{}` is not there; ci/setup installs it", path.display());
    let mut command = Command::new(path);
    command.args(args).env("AWS_ACCESS_KEY_ID", "none").env("AWS_SECRET_ACCESS_KEY", "none");
    command.output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr].concat()).into_owned()
}

/// A template with something replaced, in a folder of its own.
fn broken(name: &str, from: &str, to: &str) -> (tempfile::TempDir, String) {
    let good = text(name);
    assert!(good.contains(from), "`{name}` has no `{from}`");
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join(name);
    fs::write(&file, good.replace(from, to)).unwrap();
    let file = file.display().to_string();
    (dir, file)
}

#[test]
fn cfn_lint_accepts_them_without_an_exception() {
    let lint = |file: &str| tool("venv/bin/cfn-lint", &["--include-checks", "I", "E", "W", "--", file]);
    for name in TEMPLATES {
        assert!(!text(name).contains("cfn-lint"), "`{name}` asks for an exception");
        let output = lint(&folder().join(name).display().to_string());
        assert!(output.status.success(), "{}", said(&output));
    }
    let (_dir, file) = broken("service.yaml", "DependsOn: [HTTPSListener,", "DependsOn: [HTTPSListenerRule1,");
    let output = lint(&file);
    assert!(!output.status.success() && said(&output).contains("HTTPSListenerRule1"), "{}", said(&output));
}

#[test]
fn checkov_accepts_them_with_reasons() {
    let look = |how: &[&str]| {
        let flags = ["--framework", "cloudformation", "--compact", "--skip-download", "-o", "json"];
        let output = tool("checkov/bin/checkov", &[how, &flags].concat());
        let log: serde_json::Value =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {}", said(&output)));
        (output.status.success(), log)
    };
    let (passed, log) = look(&["-d", &folder().display().to_string()]);
    assert!(passed, "{:#}", log["results"]["failed_checks"]);
    assert_eq!(log["summary"]["parsing_errors"], 0);
    // Every exception of the files is one that checkov would report, and no other.
    let used = log["results"]["skipped_checks"].as_array().unwrap();
    let listed: Vec<String> = TEMPLATES.iter().flat_map(|t| exceptions(&text(t))).collect();
    assert_eq!(used.len(), listed.len(), "exceptions that nothing needs: {listed:?}");
    let ids = |used: &serde_json::Value| used["check_id"].as_str().unwrap().to_owned();
    assert_eq!(used.iter().map(ids).collect::<BTreeSet<_>>(), listed.into_iter().collect());
    let (_dir, file) = broken("service.yaml", "BlockPublicAcls: true", "BlockPublicAcls: false");
    let (passed, log) = look(&["-f", &file]);
    assert!(!passed && log.to_string().contains("CKV_AWS_53"));
}

/// The checks that a template takes an exception of; each has its reason on the next line.
fn exceptions(template: &str) -> Vec<String> {
    let lines: Vec<&str> = template.lines().map(str::trim).collect();
    let pairs = lines.iter().zip(lines.iter().skip(1));
    let ids = pairs.filter_map(|(line, next)| {
        let id = line.strip_prefix("- id: ")?;
        assert!(next.strip_prefix("comment: ").is_some_and(|c| !c.is_empty()), "`{id}` has no reason");
        Some(id.to_owned())
    });
    ids.collect()
}

#[test]
fn cfn_guard_accepts_them_and_every_rule_looks() {
    let rules = folder().join("release.guard").display().to_string();
    let guard = |file: &str| tool(GUARD, &["validate", "-d", file, "-r", &rules, "-S", "all"]);
    let mut passed = BTreeSet::new();
    for name in TEMPLATES {
        let output = guard(&folder().join(name).display().to_string());
        assert!(output.status.success(), "{}", said(&output));
        let lines = said(&output);
        let pass = lines.lines().filter(|l| l.trim_end().ends_with(" PASS") && l.starts_with("release.guard/"));
        passed.extend(pass.map(|l| l.split(['/', ' ']).nth(1).unwrap().to_owned()));
    }
    let rules = text("release.guard");
    let all: BTreeSet<String> = rules
        .lines()
        .filter_map(|l| l.strip_prefix("rule "))
        .map(|l| l.split(' ').next().unwrap().to_owned())
        .collect();
    assert_eq!(passed, all, "every rule has looked at something");
    for (name, from, to, rule) in [
        (
            "service.yaml",
            "CapacityProviders: [FARGATE, FARGATE_SPOT]",
            "Tags: []",
            "cluster_has_the_capacity_providers",
        ),
        ("service.yaml", "AssignPublicIp: DISABLED", "AssignPublicIp: ENABLED", "tasks_have_no_public_address"),
        ("service.yaml", "LogDriver: awslogs", "LogDriver: none", "containers_log_and_write_nothing"),
        ("service.yaml", "DEPLOYMENT_STOP_ON_ALARM, ", "", "releases_stop_on_alarms"),
        ("service.yaml", "TargetType: ip", "TargetType: instance", "target_groups_are_of_addresses"),
        ("service.yaml", "TLS13-1-2-2021-06", "2016-08", "https_is_of_today"),
        ("service.yaml", "Type: redirect", "Type: forward", "http_only_redirects"),
        ("service.yaml", "BlockPublicPolicy: true", "BlockPublicPolicy: false", "buckets_are_private_and_kept"),
        ("service.yaml", "RetentionInDays: ", "Tag: ", "log_lines_end_some_day"),
        ("pipeline.yaml", "PipelineType: V2", "PipelineType: V1", "pipelines_are_of_version_2_and_start_by_events"),
        ("pipeline.yaml", "[!Ref ExecutionRoleArn, !Ref TaskRoleArn]", "\"*\"", "roles_name_what_they_may"),
        ("repository.yaml", "ScanOnPush: true", "ScanOnPush: false", "images_are_scanned_and_kept"),
    ] {
        let (_dir, file) = broken(name, from, to);
        let output = guard(&file);
        let fails = said(&output).lines().any(|l| l.contains(&format!("/{rule} ")) && l.trim_end().ends_with("FAIL"));
        assert!(!output.status.success() && fails, "`{rule}` takes `{to}` in `{name}`: {}", said(&output));
    }
}

/// Types that moto 5.2.5 does not make, or makes without a name of their own: the rest of the stacks it does make.
const IGNORED: [&str; 10] = [
    "AWS::ApplicationAutoScaling::ScalableTarget",
    "AWS::ApplicationAutoScaling::ScalingPolicy",
    "AWS::CloudWatch::Alarm",
    "AWS::CodeDeploy::Application",
    "AWS::CodeDeploy::DeploymentGroup",
    "AWS::CodePipeline::Pipeline",
    "AWS::CodeStarNotifications::NotificationRule",
    "AWS::EC2::SecurityGroupIngress",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::TopicPolicy",
];

#[test]
fn an_emulator_makes_the_stacks_one_after_the_other() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/templates/create.py");
    let output = tool("moto/bin/python", &[&script.display().to_string(), &folder().display().to_string()]);
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{}", said(&output));
    for name in TEMPLATES {
        let stack = name.strip_suffix(".yaml").unwrap();
        assert!(out.lines().any(|l| l == format!("CREATE_COMPLETE {stack}")), "{out}");
    }
    let of = |state: &str| -> BTreeSet<String> {
        out.lines().filter(|l| l.starts_with(state)).map(|l| l.rsplit(' ').next().unwrap().to_owned()).collect()
    };
    assert_eq!(of("ignored "), IGNORED.iter().map(|t| (*t).to_owned()).collect::<BTreeSet<_>>(), "{out}");
    assert!(of("made ").contains("AWS::ECS::Service"), "{out}");
}
