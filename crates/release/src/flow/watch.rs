//! A release followed to where it is wanted, or to the end of its rollback.

use std::time::Duration;

use super::engine::{Engine, Run, Serving};
use super::event::{Event, Tell};
use super::pace::Pace;
use super::record::{self, Record};
use super::seen::{Deployment, Pipeline, Seen, Stopped, news};
use super::{cause, event};
use crate::config::Environment;
use crate::{Error, Result};

/// How often a rollback is looked for that is not there yet.
const ROLLBACK_COMES: u32 = 6;

/// Tasks of a deployment whose logs are told: those after them say the same.
const LOGS: usize = 3;

/// How far a release is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// All traffic is on the new tasks.
    Released,
    /// The old tasks have been kept as long as the deployment group wants.
    Baked,
    /// The old tasks are gone.
    Finished,
}

/// What a release is followed with.
pub struct Watch<'a, E> {
    /// The engine.
    pub engine: &'a E,
    /// The environment.
    pub environment: &'a Environment,
    /// Time.
    pub pace: &'a dyn Pace,
    /// Who is told.
    pub tell: &'a Tell,
    /// How often it is looked at.
    pub every: Duration,
}

/// How a release ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// `released`, `baked`, `finished`, `failed`, `stopped` or `superseded`.
    pub outcome: &'static str,
    /// Why it failed.
    pub cause: Option<String>,
    /// How the rollback ended, in AWS's words.
    pub rollback: Option<String>,
    /// Who serves.
    pub serving: Vec<Serving>,
    /// Whether the image that should serve does.
    pub verified: bool,
}

impl Outcome {
    /// Whether the release is what it should be.
    #[must_use]
    pub fn good(&self) -> bool {
        matches!(self.outcome, "released" | "baked" | "finished") && self.verified
    }

    /// The end in a sentence.
    #[must_use]
    pub fn text(&self) -> String {
        let who: Vec<String> = self.serving.iter().map(event::serving).collect();
        let who = who.join("; ");
        match (self.outcome, self.verified, self.rollback.as_deref()) {
            ("released", true, _) => format!("all traffic is on the new tasks: {who}"),
            ("baked", true, _) => format!("the new tasks have all traffic, the old ones end: {who}"),
            ("finished", true, _) => format!("the new tasks have all traffic and the old ones are gone: {who}"),
            ("released" | "baked" | "finished", false, _) => {
                format!("AWS says so, but the image that was released does not have all traffic: {who}")
            }
            (_, true, Some("Succeeded")) => format!("rolled back, the image from before has all traffic: {who}"),
            (_, _, Some(how)) => format!("the rollback ended as {how}; look at it: {who}"),
            (_, true, None) => format!("nothing was changed, the image from before has all traffic: {who}"),
            (_, false, None) => format!("nothing was rolled back; look at it: {who}"),
        }
    }
}

impl<E: Engine> Watch<'_, E> {
    /// Follows a release and keeps in its record how it ended.
    ///
    /// # Errors
    /// When it cannot be followed any further; it goes on by itself.
    pub async fn follow(&self, record: &mut Record, run: &mut Run, until: Until) -> Result<Outcome> {
        let outcome = self.run(record, run, until).await?;
        record.execution.clone_from(&run.execution);
        record.deployment.clone_from(&run.deployment);
        record.outcome = Some(outcome.outcome.to_owned());
        record.cause.clone_from(&outcome.cause);
        record.ended = Some(record::now());
        if outcome.good() {
            let primary = outcome.serving.iter().find(|s| s.status == "PRIMARY").or(outcome.serving.first());
            record.task_definition = primary.map(|s| s.task_definition.clone()).or(record.task_definition.take());
        }
        record.save(self.engine).await?;
        (self.tell)(&Event::Serving { sets: outcome.serving.clone() });
        (self.tell)(&Event::Outcome { outcome: outcome.outcome.to_owned(), text: outcome.text() });
        Ok(outcome)
    }

    async fn run(&self, record: &Record, run: &mut Run, until: Until) -> Result<Outcome> {
        let mut begun = self.pace.now();
        let mut before = Seen::default();
        loop {
            let ended = before.deployment.as_ref().is_some_and(Deployment::over);
            let mut seen = self.engine.look(run, ended).await?;
            // The pipeline is not asked all the time; what it was stays what is known of it.
            seen.pipeline = seen.pipeline.or_else(|| before.pipeline.clone());
            // The limits are for machines: a person may think as long as AWS waits for one, and may have said yes at
            // any time since the look before.
            if before.asks() || seen.asks() {
                begun = self.pace.now();
            }
            remember(&before, &mut seen);
            for event in news(&before, &seen) {
                (self.tell)(&event);
            }
            self.logs(&before, &seen).await?;
            before = seen;
            if let Some(d) = &before.deployment {
                run.deployment = Some(d.id.clone());
                let pipeline_over = ended && before.pipeline.as_ref().is_none_or(Pipeline::over);
                match d.status.as_str() {
                    "Failed" | "Stopped" => return self.failed(record, run, &before).await,
                    "Succeeded" if run.execution.is_none() || pipeline_over => {
                        return self.good(record, "finished").await;
                    }
                    _ if until == Until::Baked && d.baked() => return self.good(record, "baked").await,
                    _ if until == Until::Released && d.released() => return self.good(record, "released").await,
                    _ => {}
                }
            } else if let Some(p) = before.pipeline.as_ref().filter(|p| p.over()) {
                return self.without_deployment(record, p).await;
            }
            self.in_time(begun, &before, until)?;
            self.pace.sleep(self.every).await;
        }
    }

    /// Tells what tasks wrote last that have stopped since.
    async fn logs(&self, before: &Seen, now: &Seen) -> Result<()> {
        let stopped = |seen: &Seen| seen.deployment.as_ref().map_or(0, |d| d.stopped.len());
        let (old, new) = (stopped(before), now.deployment.as_ref().map_or(&[][..], |d| &d.stopped));
        for task in new.iter().take(LOGS).skip(old) {
            self.last_words(task).await?;
        }
        Ok(())
    }

    async fn last_words(&self, task: &Stopped) -> Result<()> {
        for (container, line) in self.engine.last_words(task).await? {
            (self.tell)(&Event::Log { task: task.task.clone(), container, line });
        }
        Ok(())
    }

    /// Whether it may take longer. Minutes count from when it is looked at first.
    fn in_time(&self, begun: Duration, seen: &Seen, until: Until) -> Result<()> {
        let limits = self.environment.limits;
        let (minutes, what) = match &seen.deployment {
            None => (limits.pipeline, "the pipeline has not begun to deploy"),
            Some(d) if !d.released() => (limits.traffic, "not all traffic is on the new tasks"),
            Some(_) => (limits.finish, "the old tasks are not gone"),
        };
        if self.pace.now().saturating_sub(begun) <= Duration::from_mins(u64::from(minutes)) {
            return Ok(());
        }
        let held = seen.pipeline.as_ref().and_then(|p| p.held.as_ref()).map_or(String::new(), |h| format!(" ({h})"));
        let way = match until {
            Until::Released => "released",
            Until::Baked => "baked",
            Until::Finished => "finished",
        };
        Err(Error::Release(format!(
            "{what} after {minutes} minutes, as `limits` in release.toml allows{held}: it goes on by itself; `release watch \
             --until {way}` follows it again, `release abort` undoes it"
        )))
    }

    async fn good(&self, record: &Record, outcome: &'static str) -> Result<Outcome> {
        let serving = self.engine.serving().await?;
        // Of a run that somebody else began the image is not known: then one task set with all traffic has to do.
        let verified = match record.digest() {
            "" => serving.iter().filter(|s| s.share.is_none_or(|share| share > 0.0)).count() == 1,
            digest => has_all(&serving, &[digest.to_owned()]),
        };
        Ok(Outcome { outcome, cause: None, rollback: None, serving, verified })
    }

    async fn without_deployment(&self, record: &Record, pipeline: &Pipeline) -> Result<Outcome> {
        if pipeline.status == "Succeeded" {
            return Err(Error::Release(
                "the pipeline succeeded without a deployment: has it an action CodeDeployToECS?".into(),
            ));
        }
        let text = cause::of_pipeline(pipeline);
        (self.tell)(&Event::Cause { text: text.clone() });
        let outcome = match pipeline.status.as_str() {
            "Superseded" => "superseded",
            "Failed" => "failed",
            _ => "stopped",
        };
        let serving = self.engine.serving().await?;
        let verified = !record.before.is_empty() && has_all(&serving, &record.before);
        Ok(Outcome { outcome, cause: Some(text), rollback: None, serving, verified })
    }

    /// Finds the cause, follows the rollback, looks who serves.
    async fn failed(&self, record: &Record, run: &Run, seen: &Seen) -> Result<Outcome> {
        let Some(d) = &seen.deployment else { return self.good(record, "failed").await };
        let mut stopped = d.stopped.clone();
        if let Some(set) = d.set("Green").filter(|_| stopped.is_empty()) {
            stopped = self.engine.stopped(&set.id).await?;
            for task in stopped.iter().filter(|t| t.failed()).take(LOGS) {
                self.last_words(task).await?;
            }
        }
        let text = cause::of_deployment(d, &stopped, &self.environment.task.architecture);
        (self.tell)(&Event::Cause { text: text.clone() });
        let rollback = match self.rollback_of(d, run).await? {
            Some(id) => Some(self.undone(d, id).await?),
            None => None,
        };
        if run.execution.is_some() {
            let after = self.engine.look(run, true).await?;
            for event in news(&Seen { deployment: after.deployment.clone(), ..seen.clone() }, &after) {
                (self.tell)(&event);
            }
        }
        let serving = self.engine.serving().await?;
        let verified = !record.before.is_empty() && has_all(&serving, &record.before);
        let outcome = if d.status == "Stopped" && d.error.is_none() { "stopped" } else { "failed" };
        Ok(Outcome { outcome, cause: Some(text), rollback, serving, verified })
    }

    /// The deployment that rolls another back; it may come a little later.
    async fn rollback_of(&self, d: &Deployment, run: &Run) -> Result<Option<String>> {
        let mut found = d.rollback.clone();
        for _ in 0..ROLLBACK_COMES {
            if found.is_some() || !d.rolls_back {
                break;
            }
            self.pace.sleep(self.every).await;
            found = self.engine.look(run, false).await?.deployment.and_then(|d| d.rollback);
        }
        Ok(found)
    }

    /// Follows a rollback. The status that it ended with.
    async fn undone(&self, d: &Deployment, id: String) -> Result<String> {
        (self.tell)(&Event::Rollback { deployment: id.clone(), of: d.id.clone() });
        let (begun, run) = (self.pace.now(), Run { deployment: Some(id), ..Run::default() });
        let mut before = Seen::default();
        loop {
            let seen = self.engine.look(&run, false).await?;
            for event in news(&before, &seen) {
                (self.tell)(&event);
            }
            if let Some(over) = seen.deployment.as_ref().filter(|d| d.over()) {
                return Ok(over.status.clone());
            }
            before = seen;
            self.in_time(begun, &before, Until::Finished)?;
            self.pace.sleep(self.every).await;
        }
    }
}

/// ECS forgets stopped tasks within the hour, and the first of them tell most.
fn remember(before: &Seen, now: &mut Seen) {
    if let (Some(before), Some(now)) = (&before.deployment, &mut now.deployment)
        && before.id == now.id
    {
        let new: Vec<_> = now.stopped.drain(..).filter(|s| !before.stopped.contains(s)).collect();
        now.stopped.clone_from(&before.stopped);
        now.stopped.extend(new);
    }
}

/// Whether task sets that run nothing but these digests have all traffic.
fn has_all(serving: &[Serving], digests: &[String]) -> bool {
    let with_traffic = |s: &&Serving| s.share.map_or(s.status == "PRIMARY", |share| share > 0.0);
    let ours = |s: &Serving| {
        let named = |image: &String| digests.iter().any(|d| image.ends_with(d.as_str()));
        if s.digests.is_empty() { s.images.iter().any(named) } else { s.digests.iter().any(|d| digests.contains(d)) }
    };
    let mut some = serving.iter().filter(with_traffic).peekable();
    some.peek().is_some() && some.all(ours)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_all_traffic() {
        let set = |digest: &str, share: Option<f64>| Serving {
            set: String::new(),
            status: "PRIMARY".into(),
            task_definition: String::new(),
            images: Vec::new(),
            digests: vec![digest.to_owned()],
            running: 1,
            share,
        };
        let new = ["sha256:new".to_owned()];
        assert!(has_all(&[set("sha256:new", Some(100.0)), set("sha256:old", Some(0.0))], &new));
        assert!(!has_all(&[set("sha256:new", Some(90.0)), set("sha256:old", Some(10.0))], &new));
        assert!(!has_all(&[], &new));
        assert!(has_all(&[set("sha256:new", None)], &new));
    }
}
