//! What is shown of a release besides its course: health, alarms, log lines; and how often AWS is asked for all of it.

use std::collections::BTreeMap;
use std::time::Duration;

use rehearsal::Fault;
use release::flow::Event;
use release::flow::watch::{Until, Watch};

use crate::stage::Stage;

/// Clears a screen, sets a title, goes up a line, turns text around.
const HOSTILE: &str = "\x1b[2J\x1b]0;gone\x07\u{9b}1A\u{202e}no database\r";

#[tokio::test]
async fn the_last_lines_of_failing_tasks_are_told_once_and_do_nothing() {
    for pipeline in [true, false] {
        let stage = Stage::new(pipeline).await;
        let mut lines: Vec<String> = (0..30).map(|n| format!("line {n}")).collect();
        lines.push(HOSTILE.to_owned());
        stage.world.fault(Fault::Crashes { exit: 3, lines });
        let outcome = stage.release(&stage.image("new").await).await;
        assert_eq!((outcome.outcome, outcome.rollback.as_deref()), ("failed", Some("Succeeded")));
        assert!(outcome.cause.unwrap().starts_with("the program ended by itself with status 3"));
        let told = stage.lines();
        let logs: Vec<&String> = told.iter().filter(|l| l.starts_with("log of auctiond in ")).collect();
        // Ten lines of each of three tasks, although ECS tries again for an hour.
        assert_eq!(logs.len(), 30, "{logs:#?}");
        assert!(logs[0].ends_with(": line 21"), "{}", logs[0]);
        assert!(logs[9].ends_with(": ␛[2J␛]0;gone␇\u{fffd}1A\u{fffd}no database␍"), "{:?}", logs[9]);
        assert!(stage.calls("GetLogEvents") == 3 && stage.said(&["stopped: Essential container in task exited"]));
        let all = stage.everything();
        assert!(!all.contains(['\x1b', '\x07', '\u{9b}', '\u{202e}', '\r']), "what does something is shown, not done");
        // For machines nothing is lost.
        let events = all.lines().filter_map(|l| serde_json::from_str::<serde_json::Value>(l).ok());
        assert_eq!(events.filter(|e| e["event"] == "log" && e["line"] == HOSTILE).count(), 3);
    }
}

#[tokio::test]
async fn the_runtimes_own_words_about_another_processor() {
    let stage = Stage::new(true).await;
    assert!(!stage.release(&stage.push("arm", "arm64", None).await).await.good());
    assert!(stage.said(&["log of auctiond in ", ": exec format error"]), "{:#?}", stage.lines());
}

#[tokio::test]
async fn health_of_the_new_tasks() {
    let stage = Stage::new(true).await;
    assert!(stage.release(&stage.image("new").await).await.good());
    assert!(stage.said(&["target health: 2 of 2 new tasks healthy"]), "{:#?}", stage.lines());
    stage.world.fault(Fault::NeverHealthy);
    assert!(!stage.release(&stage.image("sick").await).await.good());
    assert!(stage.said(&["target health: 0 of 2 new tasks healthy, 2 unhealthy (Health checks failed)"]));
}

#[tokio::test]
async fn an_alarm_is_told_when_it_goes_off() {
    let stage = Stage::new(true).await;
    let mut begun = stage.deploy(&stage.image("loud").await).await.unwrap();
    stage.follow(&mut begun, Until::Released).await.unwrap();
    assert!(!stage.said(&["alarm "]));
    stage.world.fault(Fault::Alarm { name: "auctiond-latency".into() });
    stage.world.fault(Fault::Alarm { name: "of somebody else".into() });
    let outcome = stage.follow(&mut begun, Until::Finished).await.unwrap();
    assert!(!outcome.good());
    let alarms: Vec<String> = stage.lines().into_iter().filter(|l| l.starts_with("alarm ")).collect();
    assert_eq!(alarms.len(), 1, "{alarms:?}");
    assert!(alarms[0].starts_with("alarm auctiond-latency: ALARM, "));
}

#[tokio::test]
async fn who_may_not_see_everything_can_release_all_the_same() {
    let stage = Stage::new(true).await;
    for operation in ["DescribeTargetHealth", "DescribeAlarms", "GetLogEvents"] {
        stage.world.fault(Fault::Denied { operation: operation.into() });
    }
    assert!(stage.release(&stage.image("new").await).await.good());
    stage.world.fault(Fault::Crashes { exit: 1, lines: vec!["unseen".into()] });
    assert!(!stage.release(&stage.image("bad").await).await.good());
    let blind: Vec<String> = stage.lines().into_iter().filter(|l| l.contains(" cannot be told: ")).collect();
    assert_eq!(blind.len(), 3, "each once: {blind:#?}");
    assert!(blind.iter().all(|l| l.contains("AccessDenied")) && !stage.said(&["unseen"]));
    assert_eq!(
        (stage.calls("DescribeTargetHealth"), stage.calls("DescribeAlarms"), stage.calls("GetLogEvents")),
        (1, 1, 1)
    );
}

/// The rates are those of an account, so a release may have a part of them only. Documented are 40 at once and 10 a second
/// for what load balancing describes (<https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/elb-api-throttling.html>),
/// at least as many for what ECS does, 5 a second for reading logs; `CodeDeploy` and `CodePipeline` document none.
#[tokio::test]
async fn aws_is_never_asked_more_often_than_it_documents() {
    const AT_ONCE: usize = 5;
    let every = Duration::from_secs(5); // as the command does, and no less on AWS
    for fault in [None, Some(Fault::NeverHealthy), Some(Fault::Crashes { exit: 1, lines: vec!["bad".into()] })] {
        let stage = Stage::new(true).await;
        let new = stage.image("new").await;
        if let Some(fault) = fault {
            stage.world.fault(fault);
        }
        let mut begun = stage.deploy(&new).await.unwrap();
        let from = stage.world.clock().now().millis();
        let watch = Watch { every, ..stage.watch() };
        watch.follow(&mut begun.record, &mut begun.run, Until::Finished).await.unwrap();
        let asked: Vec<(i64, String)> =
            stage.world.state(|w| w.requests().map(|(at, o)| (at.millis(), o.to_owned())).collect());
        let seconds = (stage.world.clock().now().millis() - from) / 1000;
        let looks = usize::try_from(seconds / 5).unwrap() + 1;
        let mut each: BTreeMap<&str, BTreeMap<i64, usize>> = BTreeMap::new();
        for (at, operation) in asked.iter().filter(|(at, _)| *at >= from) {
            *each.entry(operation).or_default().entry(at / 1000).or_default() += 1;
        }
        assert!(each.len() > 8 && each.contains_key("DescribeTargetHealth") && each.contains_key("DescribeAlarms"));
        for (operation, in_second) in each {
            let most = in_second.values().max().copied().unwrap_or(0);
            assert!(most <= AT_ONCE, "{operation}: {most} in a second");
            // Once a look, and a few times at the beginning, at the end, and for three tasks that stopped.
            let all: usize = in_second.values().sum();
            // Of tasks that stop for an hour there are some hundreds, and a call describes a hundred.
            let calls = if operation == "DescribeTasks" { AT_ONCE } else { 1 };
            assert!(all <= calls * looks + 10, "{operation}: {all} times in {seconds} s");
        }
        // What was told is what was asked: nothing goes past the client.
        let calls = asked.iter().filter(|(_, o)| o == "GetDeployment").count();
        assert_eq!(calls, stage.calls("GetDeployment"));
    }
}

#[test]
fn a_log_line_is_cut_and_a_task_is_named_shortly() {
    let event = Event::Log { task: "0123456789abcdef".into(), container: "c".into(), line: "x".repeat(999) };
    assert_eq!(event.text(), format!("log of c in 01234567: {}…", "x".repeat(400)));
}
