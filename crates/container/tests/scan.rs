//! Scans of Amazon ECR: what moto says, and what it does not have (pages, failures, scans without end) from a server that
//! answers as the API reference has it.

#[path = "support/moto.rs"]
mod emulator;
#[path = "../../legacy-port/tests/common/sarif_schema.rs"]
mod sarif_schema;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_ecr::Client;
use aws_sdk_ecr::types::{ImageIdentifier, ImageScanningConfiguration};
use axum::http::{HeaderMap, StatusCode};
use container::ecr::findings::{Findings, Scanner, Severity};
use container::ecr::sarif;
use container::ecr::scan::{self, Outcome, Patience, Tell};
use emulator::{client, moto};
use serde_json::{Value, json};

const DIGEST: &str = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

fn quick() -> Patience {
    Patience { every: Duration::from_millis(10), longest: Duration::from_millis(300) }
}

fn silent() -> Tell {
    Arc::new(|_| {})
}

/// What is asked, and what has been asked, as operation and body.
type Asked = Arc<Mutex<Vec<(String, Value)>>>;

/// A control plane that answers the questions for findings in this order, the last one for ever; `on` says whether
/// repositories are scanned, `enhanced` by whom.
async fn plane(answers: Vec<(u16, Value)>, on: bool, enhanced: bool) -> (Client, Asked) {
    let asked = Asked::default();
    let left = Arc::new(Mutex::new(VecDeque::from(answers)));
    let heard = Arc::clone(&asked);
    let app = axum::Router::new().fallback(move |headers: HeaderMap, body: String| async move {
        let target = headers["x-amz-target"].to_str().unwrap().rsplit_once('.').unwrap().1.to_owned();
        heard.lock().unwrap().push((target.clone(), serde_json::from_str(&body).unwrap()));
        let mut left = left.lock().unwrap();
        let (status, answer) = match target.as_str() {
            "DescribeImageScanFindings" if left.len() > 1 => left.pop_front().unwrap(),
            "DescribeImageScanFindings" => left[0].clone(),
            "BatchGetRepositoryScanningConfiguration" => {
                (200, json!({"scanningConfigurations": [{"repositoryName": "a", "scanOnPush": on}]}))
            }
            "DescribeRepositories" => {
                (200, json!({"repositories": [{"imageScanningConfiguration": {"scanOnPush": on}}]}))
            }
            "GetRegistryScanningConfiguration" => {
                (200, json!({"scanningConfiguration": {"scanType": if enhanced { "ENHANCED" } else { "BASIC" }}}))
            }
            other => panic!("{other} is not asked for"),
        };
        (StatusCode::from_u16(status).unwrap(), [("content-type", "application/x-amz-json-1.1")], answer.to_string())
    });
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (client(&url), asked)
}

fn status(word: &str) -> (u16, Value) {
    (200, json!({"imageScanStatus": {"status": word, "description": "so it is"}}))
}

fn not_found() -> (u16, Value) {
    (400, json!({"__type": "ScanNotFoundException", "message": "no scan"}))
}

fn one(name: &str, severity: &str, package: &str) -> Value {
    json!({"name": name, "severity": severity, "uri": format!("https://example.org/{name}"), "description": "a\u{1b}[2Jb",
        "attributes": [{"key": "package_name", "value": package}, {"key": "package_version", "value": "1.0-2"}]})
}

fn page(findings: &[Value], counts: &Value, next: Option<&str>) -> (u16, Value) {
    (
        200,
        json!({"imageScanStatus": {"status": "COMPLETE"}, "nextToken": next,
        "imageScanFindings": {"findings": findings, "findingSeverityCounts": counts}}),
    )
}

async fn ask(client: &Client, tell: &Tell) -> container::Result<Outcome> {
    scan::with(client, "eu-west-1", "a", DIGEST, quick(), tell).await
}

async fn found(answers: Vec<(u16, Value)>) -> Findings {
    let (client, _) = plane(answers, true, false).await;
    match ask(&client, &silent()).await.unwrap() {
        Outcome::Done(found) => found,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_scan_of_moto_is_read() {
    let moto = moto();
    let client = &moto.client;
    let on = ImageScanningConfiguration::builder().scan_on_push(true).build();
    client.create_repository().repository_name("a").image_scanning_configuration(on).send().await.unwrap();
    client.create_repository().repository_name("b").send().await.unwrap();
    let manifest = json!({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "layers": [],
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": DIGEST, "size": 2}});
    let mut digest = String::new();
    for name in ["a", "b"] {
        let put = client.put_image().repository_name(name).image_manifest(manifest.to_string()).image_tag("v1");
        let put = put.send().await.unwrap();
        digest = put.image().unwrap().image_id().unwrap().image_digest().unwrap().to_owned();
    }
    // moto scans only when it is told to: until then none has begun, or none is on.
    let late = scan::with(client, "eu-west-1", "a", &digest, quick(), &silent()).await.unwrap();
    assert_eq!(late, Outcome::Late("not begun".into()));
    let off = scan::with(client, "eu-west-1", "b", &digest, quick(), &silent()).await.unwrap();
    assert_eq!(off, Outcome::Off);
    let id = ImageIdentifier::builder().image_digest(&digest).build();
    client.start_image_scan().repository_name("a").image_id(id).send().await.unwrap();
    let done = scan::with(client, "eu-west-1", "a", &digest, quick(), &silent()).await.unwrap();
    let Outcome::Done(found) = done else { panic!("{done:?}") };
    assert_eq!((found.scanner, found.summary().as_str()), (Scanner::Basic, "1 high"));
    assert_eq!(found.list[0].name, "CVE-9999-9999");
    assert_eq!(found.list[0].package, Some(("moto_fake".into(), "9.9.9".into())));
    let absent = scan::with(client, "eu-west-1", "c", &digest, quick(), &silent()).await.unwrap_err().to_string();
    assert!(absent.contains("RepositoryNotFound") && absent.contains("`c`"), "{absent}");
}

#[tokio::test]
async fn states_are_waited_through_and_told_once_each() {
    let answers = vec![
        not_found(),
        not_found(),
        status("PENDING"),
        status("IN_PROGRESS"),
        status("IN_PROGRESS"),
        page(&[], &json!({}), None),
    ];
    let (client, asked) = plane(answers, true, false).await;
    let heard = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&heard);
    let done = ask(&client, &(Arc::new(move |s: &str| told.lock().unwrap().push(s.to_owned())) as Tell)).await.unwrap();
    let Outcome::Done(none) = done else { panic!("{done:?}") };
    assert_eq!((none.summary().as_str(), none.from(Severity::Undefined)), ("no findings", 0));
    assert_eq!(*heard.lock().unwrap(), ["not begun", "PENDING", "IN_PROGRESS"]);
    let asked = asked.lock().unwrap();
    assert_eq!(asked[0].1["imageId"]["imageDigest"], DIGEST);
    assert_eq!(asked.iter().filter(|(o, _)| o == "BatchGetRepositoryScanningConfiguration").count(), 1);
}

#[tokio::test]
async fn pages_are_put_together() {
    let answers = vec![
        page(
            &[one("CVE-2", "LOW", "zlib"), one("CVE-1", "CRITICAL", "bash")],
            &json!({"LOW": 1, "CRITICAL": 1}),
            Some("p2"),
        ),
        page(&[one("CVE-3", "HIGH", "glibc")], &json!({"HIGH": 1}), Some("p3")),
        page(&[one("CVE-4", "UNTRIAGED", "glibc")], &json!({}), None),
    ];
    let (client, asked) = plane(answers, true, false).await;
    let Outcome::Done(found) = ask(&client, &silent()).await.unwrap() else { panic!() };
    let names: Vec<&str> = found.list.iter().map(|f| f.name.as_str()).collect();
    assert_eq!(names, ["CVE-1", "CVE-3", "CVE-2", "CVE-4"]);
    assert_eq!(found.summary(), "1 critical, 1 high, 1 low, 1 undefined");
    assert_eq!(found.from(Severity::High), 2);
    assert!(!found.text(10).contains('\u{1b}'));
    let tokens: Vec<Value> = asked.lock().unwrap().iter().map(|(_, b)| b["nextToken"].clone()).collect();
    assert_eq!(tokens[..3], [Value::Null, "p2".into(), "p3".into()]);
    let log = sarif::report(&found, "a@sha256:1", "docker/image.toml");
    let judged = sarif_schema::validate(&log);
    assert!(judged.status.success(), "{}", String::from_utf8_lossy(&judged.stdout));
    let log: Value = serde_json::from_str(&log).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert_eq!((results.len(), &results[0]["ruleId"], &results[0]["level"]), (4, &"CVE-1".into(), &"error".into()));
    let rule =
        &log["runs"][0]["tool"]["driver"]["rules"][usize::try_from(results[1]["ruleIndex"].as_u64().unwrap()).unwrap()];
    assert_eq!((&rule["id"], &rule["properties"]["security-severity"]), (&"CVE-3".into(), &"8.0".into()));
}

#[tokio::test]
async fn pages_without_end_are_an_error() {
    let (client, _) = plane(vec![page(&[], &json!({}), Some("again"))], true, false).await;
    let error = ask(&client, &silent()).await.unwrap_err().to_string();
    assert!(error.contains("does not end after 1000 pages"), "{error}");
}

#[tokio::test]
async fn findings_of_inspector_are_told_as_such() {
    let finding = json!({"severity": "HIGH", "description": "d", "packageVulnerabilityDetails": {"vulnerabilityId": "CVE-7",
        "sourceUrl": "https://example.org/7", "vulnerablePackages": [
            {"name": "openssl", "version": "3.0", "release": "1", "fixedInVersion": "3.1"},
            {"name": "libssl3", "version": "3.0", "fixedInVersion": "NotAvailable"}]}});
    let active = json!({"imageScanStatus": {"status": "ACTIVE"},
        "imageScanFindings": {"enhancedFindings": [finding], "findingSeverityCounts": {"HIGH": 1}}});
    let all = found(vec![(200, active)]).await;
    assert_eq!((all.scanner, all.from(Severity::High)), (Scanner::Enhanced, 2), "one for each package");
    assert_eq!(all.list[0].package, Some(("libssl3".into(), "3.0".into())));
    assert_eq!((&all.list[0].fixed, &all.list[1].fixed), (&None, &Some("3.1".into())));
    assert!(all.text(9).contains("scan (enhanced): 2 high") && all.text(9).contains("fixed in 3.1"));
    // Nothing found, and the registry's setting alone tells who looked.
    let (client, _) = plane(vec![page(&[], &json!({}), None)], true, true).await;
    let Outcome::Done(none) = ask(&client, &silent()).await.unwrap() else { panic!() };
    assert_eq!(none.scanner, Scanner::Enhanced);
}

#[tokio::test]
async fn scans_that_fail_never_end_or_are_not_there() {
    let (client, _) = plane(vec![status("FAILED")], true, false).await;
    let Outcome::Failed(why) = ask(&client, &silent()).await.unwrap() else { panic!() };
    assert!(why.contains("FAILED: so it is") && why.contains("push again"), "{why}");
    let (client, _) = plane(vec![status("UNSUPPORTED_IMAGE")], true, false).await;
    let Outcome::Failed(why) = ask(&client, &silent()).await.unwrap() else { panic!() };
    assert!(why.contains("no distribution or package"), "{why}");
    let (client, _) = plane(vec![(200, json!({}))], true, false).await;
    let Outcome::Failed(why) = ask(&client, &silent()).await.unwrap() else { panic!() };
    assert_eq!(why, "no status");
    let (client, _) = plane(vec![status("IN_PROGRESS")], true, false).await;
    assert_eq!(ask(&client, &silent()).await.unwrap(), Outcome::Late("IN_PROGRESS".into()));
    let (client, _) = plane(vec![not_found()], false, false).await;
    assert_eq!(ask(&client, &silent()).await.unwrap(), Outcome::Off);
    let denied = json!({"__type": "AccessDeniedException", "message": "no"});
    let (client, _) = plane(vec![(400, denied)], true, false).await;
    let error = ask(&client, &silent()).await.unwrap_err().to_string();
    assert!(error.contains("ecr:DescribeImageScanFindings"), "{error}");
    assert!(!error.contains("hidden-key") && !error.contains("AKIATEST"), "{error}");
}
