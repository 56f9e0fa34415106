//! The stacks of an environment: rendered without an account; planned, made, compared and taken away at a fake endpoint.

mod fake;
mod plan;
mod run;

use std::path::Path;

use release::config::{Config, Environment};
use release::infra::template::Part;
use release::infra::{render, stack};

pub(crate) const EXAMPLE: &str = include_str!("../../../../ci/release.toml");

pub(crate) fn parse(text: &str) -> release::Result<Environment> {
    let config = Config::parse(Path::new("release.toml"), text, &|_| None)?;
    Ok(config.environment("production").unwrap().clone())
}

/// The example with something replaced, up to the stacks.
fn refused(from: &str, to: &str) -> String {
    assert!(EXAMPLE.contains(from), "{from}");
    let made = parse(&EXAMPLE.replacen(from, to, 1)).and_then(|e| stack::stacks("production", &e));
    made.map(drop).expect_err(to).to_string()
}

/// A file that is written anew by `UPDATE_EXPECTED=1`.
pub(crate) fn expected(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/infra/expected").join(name);
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
    }
    let want = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(text, want, "{name} is not as expected; UPDATE_EXPECTED=1 writes it anew");
}

#[test]
fn the_example_is_rendered() {
    let stacks = stack::stacks("production", &parse(EXAMPLE).unwrap()).unwrap();
    let text = render::text(&stacks);
    let heads: Vec<&str> =
        text.lines().filter(|l| *l == "---" || l.starts_with("# stack") || l.starts_with("#   ")).collect();
    expected("render.txt", &(heads.join("\n") + "\n"));
    for part in Part::ALL {
        assert!(text.contains(part.text()), "the template as it is");
        assert!(part.text().len() <= 51_200, "as much as is taken without a bucket");
    }
    let json: serde_json::Value = serde_json::from_str(&render::json(&stacks)).unwrap();
    assert_eq!(json["stacks"][1]["parameters"]["Subnets"], "subnet-0123456789abcdef0,subnet-0123456789abcdef1");
    assert_eq!(json["stacks"][2]["parameters"]["S3Bucket"], "${output:auctiond.SourceBucket}");
    // Each document is a template again.
    let documents: Vec<&str> = text.split("---\n").filter(|d| !d.is_empty()).collect();
    assert_eq!(documents.len(), 3);
    for document in documents {
        release::doc::parse(Path::new("a.yaml"), document).unwrap();
    }
}

/// Every value that a stack takes from another one is told by that one's template.
#[test]
fn outputs_are_there() {
    let stacks = stack::stacks("production", &parse(EXAMPLE).unwrap()).unwrap();
    for (n, taker) in stacks.iter().enumerate() {
        for value in taker.parameters.values() {
            let stack::Wanted::Setting(release::setting::Setting::Output { stack, name }) = &value.setting else {
                continue;
            };
            let from = stacks[..n].iter().find(|s| s.name == *stack).expect("one that is made before");
            assert!(from.part.text().contains(&format!("\n  {name}:\n    ")), "{name}");
        }
    }
}

#[test]
fn what_does_not_fit_is_said() {
    for (from, to, words) in [
        ("stack = \"auctiond\" ", "# ", "no `stack`, so there is none to make"),
        ("VpcId = \"vpc-0123456789abcdef0\"", "", "`infrastructure.parameters` lacks `VpcId` (VPC ID)"),
        (
            "VpcId = \"vpc-0123456789abcdef0\"",
            "Vpc = \"a\"",
            "`release.toml`, line 52: no template has a parameter `Vpc`",
        ),
        (
            "VpcId = \"vpc-0123456789abcdef0\"",
            "Cpu = 256",
            "line 52: `Cpu` comes from `task.cpu`: it is not said twice",
        ),
        ("\"internet-facing\"", "\"public\"", "`ALBScheme = public`: expected one of `internet-facing`, `internal`"),
        ("HealthCheckPath = \"/health\"", "DesiredCount = 0", "`DesiredCount = 0`: expected 1 or more"),
        ("HealthCheckPath = \"/health\"", "DesiredCount = \"NaN\"", "`DesiredCount = NaN`: expected a number"),
        ("HealthCheckPath = \"/health\"", "DesiredCount = true", "`DesiredCount`: expected text, a number, or a list"),
        ("family = \"auctiond\"", "family = \"other\"", "`family = \"other\"`: the templates make `auctiond`"),
        (
            "pipeline = \"auctiond-pipeline\"     # without",
            "pipeline = \"p\" # without",
            "`pipeline = \"p\"`: the templates make",
        ),
        ("bucket = \"${output:auctiond.SourceBucket}\"", "bucket = \"b\"", "write `${output:auctiond.SourceBucket}`"),
        ("FARGATE = 1, ", "FARGATE = 2, ", "the template has the weight 1 for `FARGATE`"),
        ("cpu = 256 ", "cpu = 32768 ", "memory"),
        ("repository = \"auctiond-repository\"", "repository = \"auctiond\"", "two stacks have the same name"),
        ("repository = \"auctiond-repository\"", "repository = \"1/2\"", "expected the name of a stack"),
    ] {
        let error = refused(from, to);
        assert!(error.contains(words), "{to}: {error}");
    }
}
