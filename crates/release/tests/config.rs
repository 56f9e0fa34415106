//! `release.toml`: the documented example is read whole, and what is wrong is named with line and key.

use std::path::Path;

use release::config::{Config, Environment};
use release::setting::Setting;

const EXAMPLE: &str = include_str!("../../../ci/release.toml");

fn parse(text: &str) -> release::Result<Config> {
    let variables = |name: &str| match name {
        "ACCOUNT" => Some("210987654321".to_owned()),
        "ODD" => Some("${ACCOUNT}".to_owned()),
        _ => None,
    };
    Config::parse(Path::new("release.toml"), text, &variables)
}

fn production() -> Environment {
    parse(EXAMPLE).unwrap().environment("production").unwrap().clone()
}

#[test]
fn the_example_is_read() {
    let p = production();
    assert_eq!((p.account.as_str(), p.region.as_str()), ("123456789012", "ap-northeast-1"));
    assert_eq!(p.bucket, Setting::Output { stack: "auctiond".into(), name: "SourceBucket".into() });
    assert_eq!(p.bucket.to_string(), "${output:auctiond.SourceBucket}");
    assert_eq!((p.task.port, p.task.cpu, p.task.memory, p.limits.finish), (8080, 256, 512, 180));
    assert!(p.approval);
    assert_eq!(
        parse(EXAMPLE).unwrap().environment("staging").unwrap_err(),
        "no environment `staging`; there are `production`, `rehearsal`"
    );
}

#[test]
fn every_output_that_the_example_asks_for_is_one_of_the_template() {
    let template = include_str!("../templates/service.yaml");
    let outputs = &template[template.find("\nOutputs:").unwrap()..];
    let names: Vec<&str> =
        EXAMPLE.split("${output:auctiond.").skip(1).filter_map(|t| t.split_once('}')).map(|t| t.0).collect();
    assert_eq!(names.len(), 8);
    for name in names {
        assert!(outputs.contains(&format!("\n  {name}:\n")), "no output `{name}`");
    }
}

#[test]
fn variables_are_put_in_once() {
    let text = EXAMPLE.replace("account = \"123456789012\"", "account = \"${ACCOUNT}\"");
    assert_eq!(parse(&text).unwrap().environments["production"].account, "210987654321");
    let text = EXAMPLE.replace("TZ = \"UTC0\"", "TZ = \"a${ODD}b\"");
    assert_eq!(parse(&text).unwrap().environments["production"].task.env["TZ"], "a${ACCOUNT}b");
}

#[test]
fn prices_are_dollars_or_an_error() {
    let with = |text: &str| parse(&format!("{EXAMPLE}\n[environment.production.prices]\n{text}\n"));
    let prices = with("vcpu-hour = 0.05056\ngb-hour = 1").unwrap().environments["production"].prices.unwrap();
    assert_eq!((prices.vcpu_hour, prices.gb_hour), (50_560_000, 1_000_000_000));
    let line = EXAMPLE.lines().count() + 3;
    for (text, line, want) in [
        ("vcpu-hour = -1\ngb-hour = 1", line, "`vcpu-hour = -1`: expected US dollars for an hour, 0 to 1000"),
        ("vcpu-hour = 1\ngb-hour = nan", line + 1, "`gb-hour = NaN`: expected US dollars"),
        ("vcpu-hour = 1\ngb-hour = 1e9", line + 1, "expected US dollars"),
        ("vcpu-hour = 1\ngb-hour = \"1\"", line + 1, "invalid type"),
    ] {
        let error = with(text).unwrap_err().to_string();
        assert!(error.starts_with(&format!("`release.toml`, line {line}: ")) && error.contains(want), "{error}");
    }
    assert!(with("vcpu-hour = 1").unwrap_err().to_string().contains("missing field `gb-hour`"));
}

#[test]
fn what_is_wrong_has_line_and_key() {
    let line = |text: &str| EXAMPLE.lines().position(|l| l.starts_with(text)).unwrap() + 1;
    for (from, to, want) in [
        ("account = \"123456789012\"", "account = \"1234567890\"", "`account = \"1234567890\"`: expected 12 digits"),
        ("account = \"123456789012\"", "account = 123456789012", "invalid type"),
        ("account = \"123456789012\"", "account = \"${NOT_SET}\"", "`account`: the variable `NOT_SET` is not set"),
        ("account = \"123456789012\"", "account = \"${output:a.B}\"", "cannot come from a stack"),
        ("region = \"ap-northeast-1\"", "region = \"tokyo\"", "`region = \"tokyo\"`: expected a region"),
        ("repository = \"auctiond\"", "repositry = \"auctiond\"", "unknown field `repositry`"),
        (
            "bucket = \"${output:auctiond.SourceBucket}\"",
            "bucket = \"s3://${output:auctiond.SourceBucket}\"",
            "`bucket`",
        ),
        ("bucket = \"${output:auctiond.SourceBucket}\"", "bucket = \"${output:auctiond}\"", "${output:STACK.NAME}"),
        ("key = \"artifacts.zip\"", "key = \"/artifacts.zip\"", "without a leading slash"),
        ("key = \"artifacts.zip\"", "key = \"${KEY\"", "`${` without `}`"),
        (
            "deployment-config = \"CodeDeployDefault.ECSC",
            "deployment-config = \"CodeDeployDefault.C",
            "is not one for ECS",
        ),
        ("memory = 512", "memory = 4096", "with 256 CPU units Fargate has 512, 1024 or 2048 MiB"),
        ("port = 8080", "port = 0", "expected 1 to 65535"),
        ("port = 8080", "port = 80800", "invalid value"),
        ("architecture = \"X86_64\"", "architecture = \"i386\"", "expected `X86_64` or `ARM64`"),
        ("execution-role = \"${output:auctiond.ExecutionRoleArn}\"", "execution-role = \"me\"", "the ARN of a role"),
        ("topic = \"${output:auctiond.TopicArn}\"", "topic = \"releases\"", "the ARN of an SNS topic"),
    ] {
        assert!(EXAMPLE.contains(from), "{from}");
        let error = parse(&EXAMPLE.replacen(from, to, 1)).unwrap_err().to_string();
        let key = from.split(' ').next().unwrap();
        let place = format!("`release.toml`, line {}: ", line(&format!("{key} ")));
        assert!(error.starts_with(&place) && error.contains(want), "{to}: {error}, expected {place}{want}");
    }
}
