//! Independent clients against a running endpoint: boto3, which knows AWS's own models, and the AWS command line interface.
//! Where a script waits itself, the world's clock is fast; else the script moves it.

use std::path::Path;
use std::process::Stdio;

use rehearsal::{Clock, Rehearsal, Setup, TaskSetStatus};
use tokio::process::Command;

/// Runs a script of `tests/clients` against a new world and gives that back; fails with what the script says.
async fn run(script: &str, clock: Clock) -> Rehearsal {
    run_in(script, Setup { clock, ..Setup::of("shop") }).await
}

async fn run_in(script: &str, setup: Setup) -> Rehearsal {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = here.join("../../target/ci-tools/aws/bin/python");
    assert!(python.exists(), "no `{}`; ci/setup installs boto3 and the AWS CLI there", python.display());
    let rehearsal = Rehearsal::start(setup).await.unwrap();
    let output = Command::new(python)
        .arg(here.join("tests/clients").join(script))
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("AWS_ENDPOINT_URL", rehearsal.url())
        .env("AWS_DEFAULT_REGION", "ap-northeast-1")
        .env("AWS_ACCESS_KEY_ID", "rehearsal")
        .env("AWS_SECRET_ACCESS_KEY", "rehearsal")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}:\n{said}");
    println!("{said}");
    rehearsal
}

/// What production's listener and the primary task set agree on.
fn serving(rehearsal: &Rehearsal) -> String {
    rehearsal.state(|world| {
        let sets = world.task_sets();
        assert_eq!(sets.len(), 1, "{sets:?}");
        assert_eq!((sets[0].status, sets[0].share), (TaskSetStatus::Primary, 100.0));
        sets[0].target_group.clone()
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn boto3_follows_a_release_to_its_end() {
    let rehearsal = run("release.py", Clock::by_hand()).await;
    assert_eq!(serving(&rehearsal), "shop-2");
}

#[tokio::test(flavor = "multi_thread")]
async fn boto3_sees_releases_fail_and_calls_refused() {
    let rehearsal = run("failures.py", Clock::by_hand()).await;
    assert_eq!(serving(&rehearsal), "shop-1");
    let statuses: Vec<&str> = rehearsal.state(|world| world.deployments().into_iter().map(|d| d.1).collect());
    let want = ["Failed", "Succeeded", "Failed", "Succeeded", "Stopped", "Succeeded", "Stopped", "Succeeded"];
    assert_eq!(statuses[..8], want);
    assert_eq!(statuses[8..], ["Succeeded", "Succeeded"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn boto3_answers_what_waits_for_a_person() {
    let rehearsal = run_in("approval.py", Setup { approval: true, ..Setup::of("shop") }).await;
    assert_eq!(rehearsal.state(|world| world.deployments().len()), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn boto3_reads_all_that_a_preflight_asks_for() {
    let rehearsal = run("preflight.py", Clock::by_hand()).await;
    assert_eq!(serving(&rehearsal), "shop-1");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_aws_cli_deploys_and_waits() {
    let rehearsal = run("cli.py", Clock::scaled(600)).await;
    assert_eq!(serving(&rehearsal), "shop-1");
    assert_eq!(rehearsal.state(|world| world.deployments().len()), 2);
}
