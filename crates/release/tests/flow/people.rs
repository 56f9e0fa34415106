//! What people decide on: a yes in the pipeline, how far they follow, which release comes back.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rehearsal::{Fault, Setup};
use release::flow::pace::Pace;
use release::flow::watch::{Outcome, Until, Watch};
use release::flow::{back, history, record, stop};
use release::setting::Setting;
use tokio::sync::Notify;

use crate::stage::{NAME, Stage};

/// Time that stands still for the watcher, from its first wait after somebody is asked until that one has answered.
struct Between<'a> {
    stage: &'a Stage,
    asked: Notify,
    answered: Notify,
    once: AtomicBool,
}

impl Pace for Between<'_> {
    fn now(&self) -> Duration {
        self.stage.pace.now()
    }

    fn sleep(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async move {
            let asks = self.stage.said(&["waits: somebody has to say yes at `Approve/Person`: `release approve`"]);
            if asks && !self.once.swap(true, Ordering::Relaxed) {
                self.asked.notify_one();
                self.answered.notified().await;
            }
            self.stage.pace.sleep(time).await;
        })
    }
}

/// A pipeline that asks, and a release that waits there; followed until somebody answers, between two looks.
async fn asked(words: &str, yes: bool) -> (Stage, Outcome) {
    let stage = Stage::of(true, Setup { approval: true, ..Setup::of("auctiond") }).await;
    let mut begun = stage.deploy(&stage.image("new").await).await.unwrap();
    let run = begun.run.clone();
    let pace = Between { stage: &stage, asked: Notify::new(), answered: Notify::new(), once: AtomicBool::new(false) };
    let person = async {
        pace.asked.notified().await;
        // Longer than the limit for what machines do.
        stage.pace.sleep(Duration::from_hours(30)).await;
        assert_eq!(stop::approve(&stage.engine, &run, yes, words).await.unwrap(), "Approve/Person");
        pace.answered.notify_one();
    };
    let watch = Watch { pace: &pace, ..stage.watch() };
    let (outcome, ()) = tokio::join!(watch.follow(&mut begun.record, &mut begun.run, Until::Finished), person);
    let again = stop::approve(&stage.engine, &run, yes, words).await.unwrap_err().to_string();
    assert!(again.ends_with("waits for a person"), "{again}");
    (stage, outcome.unwrap())
}

#[tokio::test]
async fn a_yes_lets_the_release_go_on() {
    let (stage, outcome) = asked("looked at", true).await;
    assert_eq!((outcome.outcome, outcome.good()), ("finished", true));
    assert!(stage.said(&["Approve/Person: Succeeded, looked at"]), "{:#?}", stage.lines());
}

#[tokio::test]
async fn a_no_ends_it_with_the_words() {
    let (stage, outcome) = asked("not on a\x1b[31m Friday", false).await;
    assert_eq!((outcome.outcome, outcome.verified, outcome.rollback), ("failed", true, None));
    let cause = outcome.cause.unwrap();
    assert!(cause.starts_with("somebody said no at Approve/Person") && cause.contains("Friday"), "{cause}");
    assert_eq!(stage.world.state(rehearsal::World::deployments).len(), 0);
}

#[tokio::test]
async fn nobody_is_waited_for_without_end() {
    let stage = Stage::of(true, Setup { approval: true, ..Setup::of("auctiond") }).await;
    let mut begun = stage.deploy(&stage.image("new").await).await.unwrap();
    let watch = Watch { every: Duration::from_hours(1), ..stage.watch() };
    let outcome = watch.follow(&mut begun.record, &mut begun.run, Until::Finished).await.unwrap();
    assert_eq!(outcome.outcome, "failed");
    assert!(outcome.cause.unwrap().contains("or nobody said yes in time"));
    // And where nothing asks, nothing is answered.
    let straight = Stage::new(false).await;
    let begun = straight.deploy(&straight.image("new").await).await.unwrap();
    let error = stop::approve(&straight.engine, &begun.run, true, "").await.unwrap_err().to_string();
    assert!(error.contains("goes through no pipeline"), "{error}");
}

/// What waits is stopped, with its reason, and what serves goes on serving.
#[tokio::test]
async fn a_stop_ends_the_run_and_nothing_else() {
    let stage = Stage::of(true, Setup { approval: true, ..Setup::of("auctiond") }).await;
    let before = stage.traffic();
    let mut begun = stage.deploy(&stage.image("new").await).await.unwrap();
    let run = begun.run.clone();
    let person = async {
        while !stage.said(&["waits: somebody has to say yes"]) {
            tokio::task::yield_now().await;
        }
        assert_eq!(stop::stop(&stage.engine, &run, "the wrong image", false).await.unwrap(), None);
    };
    let watch = stage.watch();
    let (outcome, ()) = tokio::join!(watch.follow(&mut begun.record, &mut begun.run, Until::Finished), person);
    let outcome = outcome.unwrap();
    assert_eq!((outcome.outcome, outcome.verified, &outcome.rollback), ("stopped", true, &None), "{outcome:?}");
    assert!(stage.said(&["pipeline execution", "Stopped", "the wrong image"]), "{:#?}", stage.lines());
    assert_eq!(stage.traffic(), before);
    assert_eq!(stage.world.state(rehearsal::World::deployments).len(), 0);
    let over = stop::stop(&stage.engine, &run, "again", false).await.unwrap_err().to_string();
    assert_eq!(over, "the pipeline's run is over: there is nothing to stop");
}

#[tokio::test]
async fn a_stop_does_not_take_a_deployment_along() {
    let stage = Stage::new(true).await;
    let new = stage.image("new").await;
    let mut begun = stage.deploy(&new).await.unwrap();
    let run = begun.run.clone();
    let person = async {
        while !stage.said(&["traffic: 10 %"]) {
            tokio::task::yield_now().await;
        }
        let refused = stop::stop(&stage.engine, &run, "late", false).await.unwrap_err().to_string();
        assert!(refused.contains(" has begun") && refused.contains("`release abort` undoes it"), "{refused}");
        assert_eq!(stage.calls("StopPipelineExecution"), 0);
        let left = stop::stop(&stage.engine, &run, "the pipeline is wanted for another", true).await.unwrap();
        assert!(left.unwrap().starts_with("d-"));
    };
    let watch = stage.watch();
    let (outcome, ()) = tokio::join!(watch.follow(&mut begun.record, &mut begun.run, Until::Finished), person);
    // The deployment went on, and is followed to its end without the pipeline.
    assert_eq!((outcome.unwrap().outcome, stage.calls("StopDeployment")), ("finished", 0));
    assert_eq!(stage.traffic(), [(new, 100.0)]);
    let straight = Stage::new(false).await;
    let begun = straight.deploy(&straight.image("new").await).await.unwrap();
    let error = stop::stop(&straight.engine, &begun.run, "x", true).await.unwrap_err().to_string();
    assert!(error.contains("goes through no pipeline: `release abort`"), "{error}");
}

#[tokio::test]
async fn a_message_goes_to_the_topic_of_the_environment() {
    let stage = Stage::new(true).await;
    let sent = stage.engine.notify("a subject", "a text with & < \u{e9}").await.unwrap();
    assert_eq!(
        (sent.topic.as_str(), sent.subscribers),
        ("arn:aws:sns:ap-northeast-1:123456789012:auctiond-Topic", Some(1))
    );
    let there = stage.world.state(rehearsal::World::published);
    assert_eq!(there, [("a subject".to_owned(), "a text with & < \u{e9}".to_owned())]);
    // Who may not look at the topic may publish all the same; what SNS does not have or take is said.
    stage.world.fault(Fault::Denied { operation: "GetTopicAttributes".into() });
    assert_eq!(stage.engine.notify("b", "b").await.unwrap().subscribers, None);
    stage.world.no_faults();
    let refused = stage.engine.notify("two\nlines", "b").await.unwrap_err().to_string();
    assert!(refused.starts_with("SNS, Publish: InvalidParameter"), "{refused}");
    let mut other = stage.environment.clone();
    other.topic = Some(Setting::Known("arn:aws:sns:ap-northeast-1:123456789012:nobody".into()));
    let stage = stage.asked_by(other).await;
    let refused = stage.engine.notify("b", "b").await.unwrap_err().to_string();
    assert!(
        refused.ends_with("Topic does not exist; is `topic` in release.toml right, and of this region?"),
        "{refused}"
    );
    let mut none = stage.environment.clone();
    none.topic = None;
    let stage = stage.asked_by(none).await;
    let refused = stage.engine.notify("b", "b").await.unwrap_err().to_string();
    assert!(refused.starts_with("release.toml has no `topic` here"), "{refused}");
    assert_eq!(stage.world.state(rehearsal::World::published).len(), 2);
}

#[tokio::test]
async fn three_points_to_stop_at() {
    let stage = Stage::new(true).await;
    let mut begun = stage.deploy(&stage.image("new").await).await.unwrap();
    let mut at = Vec::new();
    for (until, name) in [(Until::Released, "released"), (Until::Baked, "baked"), (Until::Finished, "finished")] {
        let outcome = stage.follow(&mut begun, until).await.unwrap();
        assert_eq!((outcome.outcome, outcome.good()), (name, true), "{outcome:?}");
        let kept = record::latest(&stage.engine, NAME, 1).await.unwrap().remove(0);
        assert_eq!(kept.outcome.as_deref(), Some(name));
        at.push(stage.pace.now());
    }
    // The group keeps the old tasks for 15 minutes; then they take one to end.
    assert!(at[1].saturating_sub(at[0]) >= Duration::from_mins(14) && at[2] > at[1], "{at:?}");
    assert!(stage.said(&["baked: the old tasks have been kept long enough and end"]));
}

#[tokio::test]
async fn history_has_numbers_and_a_rollback_goes_by_them() {
    let stage = Stage::new(true).await;
    assert_eq!(
        history::history(&stage.engine, NAME, 9).await.unwrap().text(),
        "nothing of `production` is on record\n"
    );
    let images = [stage.image("1").await, stage.image("2").await, stage.image("3").await];
    for image in &images {
        assert!(stage.release(image).await.good());
    }
    let back = async |to: &str| {
        let mut begun = back::rollback(&stage.engine, NAME, &stage.environment, Some(to), &stage.tell)
            .await
            .map_err(|e| e.to_string())?;
        Ok::<_, String>(stage.follow(&mut begun, Until::Finished).await.unwrap().good())
    };
    assert_eq!(back("1").await, Ok(true));
    assert_eq!(stage.traffic(), [(images[0].clone(), 100.0)]);
    let none = back("9").await.unwrap_err();
    assert!(none.contains("no good release `9` of `production`") && none.contains("`release history`"), "{none}");
    let found = history::history(&stage.engine, NAME, 9).await.unwrap();
    let numbers: Vec<Option<u64>> = found.releases.iter().map(|r| r.number).collect();
    assert_eq!(numbers, [Some(1), Some(2), Some(3), Some(4)]);
    let (text, last) = (found.text(), &found.releases[3]);
    let line = text.lines().next().unwrap();
    for part in [
        "   4  ",
        &last.started,
        "finished",
        &images[0][..19],
        last.deployment.as_deref().unwrap(),
        &last.by,
        "rollback to 1",
    ] {
        assert!(line.contains(part), "no `{part}` in {line}");
    }
    // Numbers go on where they are, whatever has been removed.
    assert_eq!(record::next(&stage.engine, NAME).await.unwrap(), 5);
}
