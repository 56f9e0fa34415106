//! The release flow against an endpoint that executes pipelines and deployments, on a clock that moves when the flow waits.

mod people;
mod plans;
mod refused;
mod shown;
mod stage;

use std::time::Duration;

use rehearsal::{Fault, Setup};
use release::flow::engine::Handover;
use release::flow::pace::Pace;
use release::flow::record::Record;
use release::flow::watch::Until;
use release::flow::{Engine, back, plan, record, status, stop};
use stage::{NAME, Stage};

#[tokio::test]
async fn a_release_goes_all_the_way() {
    let stage = Stage::new(true).await;
    let before = stage.traffic()[0].0.clone();
    let new = stage.image("new").await;
    let mut begun = stage.deploy(&new).await.unwrap();
    let outcome = stage.follow(&mut begun, Until::Finished).await.unwrap();
    assert_eq!((outcome.outcome, outcome.good(), outcome.cause.as_deref()), ("finished", true, None));
    assert_eq!(stage.traffic(), [(new.clone(), 100.0)]);
    // What does not change is not told again.
    let lines = stage.lines();
    let once: std::collections::BTreeSet<&String> = lines.iter().collect();
    assert_eq!(once.len(), lines.len(), "{}", lines.join("\n"));
    // In the order in which it happened.
    let mut rest = lines.iter();
    for wanted in [
        "started: production, 123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/auctiond@sha256:",
        "GetSource/S3Source: Succeeded",
        "DeployToEcs/Deploy: InProgress",
        "Install: InProgress",
        "Install: Succeeded",
        "traffic: 10 % on the new tasks, 90 % on the old ones",
        "traffic: 100 % on the new tasks, 0 % on the old ones",
        "released: ",
        "deployment d-",
        "pipeline execution ",
        "serves: 100 % PRIMARY auctiond:1, 2 tasks, sha256:",
        "finished: ",
    ] {
        assert!(
            rest.any(|l| l.starts_with(wanted)),
            "`{wanted}` is not told, or not in its place:\n{}",
            lines.join("\n")
        );
    }

    let records = record::latest(&stage.engine, NAME, 9).await.unwrap();
    let kept = &records[0];
    assert_eq!((records.len(), kept.outcome.as_deref(), kept.digest()), (1, Some("finished"), new.as_str()));
    assert_eq!((kept.before.as_slice(), kept.by.as_str()), (&[before][..], "arn:aws:iam::123456789012:user/rehearsal"));
    assert!(kept.task_definition.as_ref().unwrap().ends_with(":task-definition/auctiond:1"));
    assert_eq!((kept.execution.clone(), kept.deployment.clone()), (begun.run.execution, begun.run.deployment));
    assert!(kept.archive.key.starts_with("releases/production/") && kept.archive.sha256.len() == 64);
}

#[tokio::test]
async fn a_plan_is_what_then_happens_and_changes_nothing() {
    let stage = Stage::new(true).await;
    let new = stage.image("new").await;
    let plan = plan::plan(&stage.engine, NAME, &stage.environment, &new).await.unwrap();
    let text = plan.text();
    for wanted in [
        &format!("@{new} to production (account 123456789012, ap-northeast-1)"),
        "through      the pipeline auctiond-pipeline",
        "traffic      10 % at once, 100 % after 5 min, old tasks end after 20 min (CodeDeployDefault.ECSCanary10Percent5Minutes)",
        "~ containerDefinitions[auctiond].image: ",
        "+ containerDefinitions[auctiond].readonlyRootFilesystem: true",
        "~ family: \"auctiond-first\" -> \"auctiond\"",
        "overlap      2 tasks more for 20 min",
        "now          no deployment is under way",
    ] {
        assert!(text.contains(wanted), "no `{wanted}` in\n{text}");
    }
    assert_eq!((stage.calls("PutObject"), stage.world.state(rehearsal::World::deployments).len()), (0, 0));
    let mut begun = stage.deploy(&new).await.unwrap();
    assert_eq!((&begun.record.archive.sha256, &begun.record.image), (&plan.archive, &plan.image));
    stage.follow(&mut begun, Until::Released).await.unwrap();
    let plan = plan::plan(&stage.engine, NAME, &stage.environment, &new).await.unwrap();
    assert_eq!((plan.changes.as_slice(), plan.busy), (&[] as &[String], begun.run.deployment));
    // What a configuration of the group says, not the one of release.toml.
    let config = "CodeDeployDefault.ECSLinear10PercentEvery3Minutes";
    let linear = Stage::of(true, Setup { deployment_config: config.into(), ..Setup::of("auctiond") }).await;
    let traffic = linear.engine.traffic().await.unwrap();
    assert_eq!((traffic.steps.len(), traffic.steps[9], traffic.minutes()), (10, (27, 100.0), Some(42)));
    assert!(traffic.text().ends_with("but a pipeline goes by the group's"), "{}", traffic.text());
}

#[tokio::test]
async fn both_sources_are_pinned() {
    let stage = Stage::new(true).await;
    let new = stage.image("new").await;
    stage.push("other", "amd64", Some("release")).await;
    let image = stage.engine.image(&new).await.unwrap();
    let bytes = release::bundle::archive(&release::bundle::files(&stage.environment)).unwrap();
    // The key of its own, and the pipeline's own one.
    for key in ["releases/x/artifacts.zip", "artifacts.zip"] {
        let version = stage.engine.put(key, "application/zip", bytes.clone()).await.unwrap();
        // Somebody puts another archive in its place before the pipeline has looked; the tag means another image.
        stage.engine.put(key, "application/zip", b"no archive".to_vec()).await.unwrap();
        let what = Handover { image: image.clone(), key: key.into(), version, again: None };
        let mut run = stage.engine.start(&what).await.unwrap();
        let mut record = Record { image: image.uri(), ..Record::foreign(NAME, run.execution.as_deref().unwrap()) };
        let outcome = stage.watch().follow(&mut record, &mut run, Until::Finished).await.unwrap();
        assert!(outcome.good(), "{outcome:?}");
        assert_eq!(stage.traffic(), [(new.clone(), 100.0)]);
    }
}

#[tokio::test]
async fn a_pipeline_that_waits_for_archives_is_not_started_twice() {
    let stage = Stage::of(true, Setup { triggers: true, ..Setup::of("auctiond") }).await;
    assert!(stage.release(&stage.image("new").await).await.good());
    stage.pace.sleep(Duration::from_hours(3)).await;
    assert_eq!(stage.world.state(rehearsal::World::deployments).len(), 1);
    // The archive of the pipeline's own key does start it.
    stage.push("tagged", "amd64", Some("release")).await;
    let bytes = release::bundle::archive(&release::bundle::files(&stage.environment)).unwrap();
    stage.engine.put(&stage.environment.key, "application/zip", bytes).await.unwrap();
    stage.pace.sleep(Duration::from_mins(1)).await;
    assert!(stage.engine.busy().await.unwrap().is_some());
}

#[tokio::test]
async fn without_a_pipeline_codedeploy_is_asked_straight() {
    let stage = Stage::new(false).await;
    let new = stage.image("new").await;
    let outcome = stage.release(&new).await;
    assert!(outcome.good(), "{outcome:?}");
    assert_eq!(stage.traffic(), [(new, 100.0)]);
    assert_eq!(stage.calls("StartPipelineExecution"), 0);
    let kept = record::latest(&stage.engine, NAME, 9).await.unwrap().remove(0);
    assert!(kept.execution.is_none() && kept.appspec.unwrap().contains(&kept.task_definition.unwrap()));
}

#[tokio::test]
async fn a_release_that_fails_is_rolled_back_and_says_why() {
    let stage = Stage::new(true).await;
    let before = stage.traffic();
    stage.world.fault(Fault::NeverHealthy);
    let outcome = stage.release(&stage.image("sick").await).await;
    assert_eq!((outcome.outcome, outcome.rollback.as_deref()), ("failed", Some("Succeeded")));
    assert!(!outcome.good() && outcome.verified, "the old image serves: {outcome:?}");
    assert!(outcome.cause.as_ref().unwrap().starts_with("the new tasks do not pass the health check"), "{outcome:?}");
    assert!(outcome.text().starts_with("rolled back, the image from before has all traffic"), "{}", outcome.text());
    assert_eq!(stage.traffic(), before);
    assert!(stage.said(&["task ", "stopped: Task failed ELB health checks"]));
    assert!(stage.said(&["rollback: deployment d-", " undoes d-"]));
    let kept = record::latest(&stage.engine, NAME, 9).await.unwrap().remove(0);
    assert_eq!((kept.outcome.as_deref(), kept.cause), (Some("failed"), outcome.cause));
}

#[tokio::test]
async fn an_image_for_another_processor_is_the_cause() {
    let stage = Stage::new(false).await;
    let outcome = stage.release(&stage.push("arm", "arm64", None).await).await;
    let cause = outcome.cause.unwrap();
    assert!(
        cause.contains("status 255, as one does that was built for another processor than the task's, X86_64"),
        "{cause}"
    );
    assert_eq!(outcome.rollback.as_deref(), Some("Succeeded"));
}

#[tokio::test]
async fn an_alarm_while_traffic_moves_rolls_back() {
    let stage = Stage::new(true).await;
    let before = stage.traffic();
    let mut begun = stage.deploy(&stage.image("loud").await).await.unwrap();
    let watch = stage.watch();
    // The alarm goes off as soon as the first traffic is there.
    let alarm = async {
        while !stage.said(&["traffic: 10 %"]) {
            tokio::task::yield_now().await;
        }
        stage.world.fault(Fault::Alarm { name: "auctiond-5xx".into() });
    };
    let (outcome, ()) = tokio::join!(watch.follow(&mut begun.record, &mut begun.run, Until::Finished), alarm);
    let outcome = outcome.unwrap();
    assert_eq!((outcome.outcome, outcome.rollback.as_deref()), ("failed", Some("Succeeded")));
    assert!(outcome.cause.unwrap().starts_with("an alarm went off: "));
    assert_eq!(stage.traffic(), before);
}

#[tokio::test]
async fn who_comes_back_follows_the_same_run() {
    let stage = Stage::new(true).await;
    let new = stage.image("new").await;
    // Handed over and left alone: nothing is known of a deployment yet.
    let left = stage.deploy(&new).await.unwrap();
    drop(left);
    let mut record = status::meant(&stage.engine, NAME, None).await.unwrap();
    assert_eq!((record.outcome.as_deref(), record.deployment.as_deref()), (None, None));
    let mut run = record.run();
    let outcome = stage.watch().follow(&mut record, &mut run, Until::Released).await.unwrap();
    assert_eq!((outcome.outcome, outcome.good()), ("released", true));
    let deployment = run.deployment.unwrap();
    // Once more, in the middle, to the end; by the deployment's id it is the same release.
    let mut record = status::meant(&stage.engine, NAME, Some(&deployment)).await.unwrap();
    let mut run = record.run();
    let outcome = stage.watch().follow(&mut record, &mut run, Until::Finished).await.unwrap();
    assert_eq!((outcome.outcome, outcome.good()), ("finished", true));
    assert_eq!(stage.calls("StartPipelineExecution"), 1);
    let over = status::meant(&stage.engine, NAME, None).await.unwrap_err().to_string();
    assert!(
        over.starts_with("nothing is under way in `production`; the last one,") && over.ends_with("finished"),
        "{over}"
    );
}

#[tokio::test]
async fn a_run_that_somebody_else_began_is_followed_too() {
    let stage = Stage::new(true).await;
    let new = stage.image("new").await;
    let mut begun = stage.deploy(&new).await.unwrap();
    stage.follow(&mut begun, Until::Released).await.unwrap();
    // As if it had never been recorded.
    let mut record = Record::foreign(NAME, begun.run.execution.as_deref().unwrap());
    let mut run = record.run();
    let outcome = stage.watch().follow(&mut record, &mut run, Until::Finished).await.unwrap();
    assert_eq!((outcome.outcome, outcome.good()), ("finished", true));
    assert_eq!(run.deployment, begun.run.deployment);
    // A record of a run that AWS has forgotten stays unknown and stands in nobody's way.
    let mut forgotten = Record { folder: "releases/production/2020".into(), ..begun.record.clone() };
    (forgotten.outcome, forgotten.execution, forgotten.deployment) = (None, Some("gone".into()), None);
    forgotten.save(&stage.engine).await.unwrap();
    let status = status::status(&stage.engine, NAME, 9).await.unwrap();
    assert_eq!((status.releases.len(), status.running.as_deref()), (2, None));
    let ends: Vec<&str> = status.releases.iter().filter_map(|r| r.outcome.as_deref()).collect();
    assert_eq!(ends, ["unknown", "finished"]);
    let text = status.text();
    assert!(text.contains("serves    100 % PRIMARY auctiond:1, 2 tasks, sha256:"), "{text}");
    // The number that `rollback --to` takes, and the deployment, as in the history.
    let line = text.lines().find(|l| l.starts_with("  release    1  ")).unwrap_or_else(|| panic!("{text}"));
    let deployment = begun.run.deployment.as_deref().unwrap();
    assert!(line.contains("  finished  ") && line.contains(&format!("  {deployment}  ")), "{text}");
}

#[tokio::test]
async fn an_abort_is_followed_to_the_end_of_its_rollback() {
    for pipeline in [true, false] {
        let stage = Stage::new(pipeline).await;
        let before = stage.traffic();
        let mut begun = stage.deploy(&stage.image("wrong").await).await.unwrap();
        let watch = stage.watch();
        let person = async {
            while !stage.said(&["traffic: 10 %"]) {
                tokio::task::yield_now().await;
            }
            let records = record::latest(&stage.engine, NAME, 9).await.unwrap();
            stop::abort(&stage.engine, &records[0].run()).await.unwrap();
        };
        let (outcome, ()) = tokio::join!(watch.follow(&mut begun.record, &mut begun.run, Until::Finished), person);
        let outcome = outcome.unwrap();
        assert_eq!((outcome.outcome, outcome.rollback.as_deref()), ("stopped", Some("Succeeded")), "{outcome:?}");
        assert_eq!(outcome.cause.as_deref(), Some("somebody stopped it"));
        assert!(outcome.verified && !outcome.good());
        assert_eq!(stage.traffic(), before);
        let error = stop::abort(&stage.engine, &begun.run).await.unwrap_err().to_string();
        assert!(error.contains("`release rollback`"), "{error}");
    }
}

#[tokio::test]
async fn the_old_tasks_end_when_they_are_told_to() {
    let stage = Stage::of(true, Setup { termination_wait: 2000, ..Setup::of("auctiond") }).await;
    let mut begun = stage.deploy(&stage.image("new").await).await.unwrap();
    let early = stop::finish_now(&stage.engine, &begun.run).await.unwrap_err().to_string();
    assert!(early.contains("has not begun to deploy"), "{early}");
    let outcome = stage.follow(&mut begun, Until::Released).await.unwrap();
    assert_eq!(outcome.outcome, "released");
    assert_eq!(stop::finish_now(&stage.engine, &begun.run).await.unwrap(), begun.run.deployment.clone().unwrap());
    // The limit of three hours would not do for the wait of the group.
    let outcome = stage.follow(&mut begun, Until::Finished).await.unwrap();
    assert_eq!((outcome.outcome, outcome.good()), ("finished", true));
}

#[tokio::test]
async fn what_takes_too_long_goes_on_by_itself() {
    let stage = Stage::of(true, Setup { termination_wait: 2000, ..Setup::of("auctiond") }).await;
    let mut begun = stage.deploy(&stage.image("new").await).await.unwrap();
    let error = stage.follow(&mut begun, Until::Finished).await.unwrap_err().to_string();
    assert!(error.starts_with("the old tasks are not gone after 180 minutes"), "{error}");
    assert!(error.contains("`release watch --until finished`"), "{error}");
}

#[tokio::test]
async fn a_rollback_is_the_release_before_and_a_release_like_any() {
    for pipeline in [true, false] {
        let stage = Stage::new(pipeline).await;
        let (one, two, three) = (stage.image("1").await, stage.image("2").await, stage.image("3").await);
        assert!(stage.release(&one).await.good());
        assert!(stage.release(&two).await.good());
        stage.world.fault(Fault::NeverHealthy);
        assert!(!stage.release(&three).await.good());
        stage.world.no_faults();
        let back = async |to: Option<&str>| {
            let mut begun = back::rollback(&stage.engine, NAME, &stage.environment, to, &stage.tell).await.unwrap();
            assert!(stage.follow(&mut begun, Until::Finished).await.unwrap().good());
        };
        back(None).await;
        assert_eq!(stage.traffic(), [(one.clone(), 100.0)]);
        let error = back::rollback(&stage.engine, NAME, &stage.environment, None, &stage.tell).await.unwrap_err();
        assert!(error.to_string().contains("no release of `production` before this one is on record"), "{error}");
        // Forth again by its id.
        let records = record::latest(&stage.engine, NAME, 9).await.unwrap();
        let id = records[1].id().to_owned();
        back(Some(&id)).await;
        assert_eq!(stage.traffic(), [(two, 100.0)]);
        // The same archive came back: three releases put one each, rollbacks none.
        let archives: std::collections::BTreeSet<&str> = records.iter().map(|r| r.archive.version.as_str()).collect();
        assert_eq!(archives.len(), 3);
    }
}
