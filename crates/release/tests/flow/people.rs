//! What people decide on: a yes in the pipeline, how far they follow, which release comes back.

use std::time::Duration;

use rehearsal::Setup;
use release::flow::pace::Pace;
use release::flow::watch::{Outcome, Until, Watch};
use release::flow::{back, history, record, stop};

use crate::stage::{NAME, Stage};

/// A pipeline that asks, and a release that waits there; followed until somebody answers.
async fn asked(words: &str, yes: bool) -> (Stage, Outcome) {
    let stage = Stage::of(true, Setup { approval: true, ..Setup::of("auctiond") }).await;
    let new = stage.image("new").await;
    let mut begun = stage.deploy(&new).await.unwrap();
    let run = begun.run.clone();
    let person = async {
        while !stage.said(&["waits: somebody has to say yes at `Approve/Person`: `release approve`"]) {
            tokio::task::yield_now().await;
        }
        // Longer than the limit for what machines do. No look may fall between this and the yes.
        stage.pace.sleep(Duration::from_hours(30)).await;
        assert_eq!(stop::approve(&stage.engine, &run, yes, words).await.unwrap(), "Approve/Person");
    };
    let watch = stage.watch();
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
