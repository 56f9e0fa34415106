//! What a release needs of whoever does it.

use serde::Serialize;
use serde_json::Value;

use super::seen::{Seen, Stopped};
use crate::Result;
use crate::bundle::ImageRef;

/// Who the credentials belong to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The account, 12 digits.
    pub account: String,
    /// ARN of the user or role.
    pub arn: String,
}

/// What is handed over to be released.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handover {
    /// The image by digest.
    pub image: ImageRef,
    /// Key of the archive in the bucket.
    pub key: String,
    /// Its version there.
    pub version: String,
    /// A task definition with its appspec that were released before, when just these are to come back; only for releases
    /// without a pipeline.
    pub again: Option<(String, String)>,
}

/// A run that was started: a pipeline's, or a deployment straight.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Run {
    /// Pipeline execution.
    pub execution: Option<String>,
    /// Deployment, as soon as it is known.
    pub deployment: Option<String>,
    /// Task definition and appspec, where there is no pipeline that makes them.
    pub made: Option<(String, String)>,
}

/// A task set with a share of production's traffic, or the primary one without.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Serving {
    /// Id of the task set.
    pub set: String,
    /// `PRIMARY`, `ACTIVE` or `DRAINING`.
    pub status: String,
    /// Its task definition, family and revision.
    pub task_definition: String,
    /// Images of its containers, as the task definition has them.
    pub images: Vec<String>,
    /// Digests that its running tasks really run, each once.
    pub digests: Vec<String>,
    /// Tasks that run.
    pub running: u64,
    /// Hundredths of production's traffic, by the listener's own word; none where it cannot be asked.
    pub share: Option<f64>,
}

/// How traffic moves.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Traffic {
    /// The deployment configuration.
    pub config: String,
    /// Minutes after the new tasks are well, and hundredths of the traffic that they then have; none where it is not known.
    pub steps: Vec<(u64, f64)>,
    /// Minutes that the old tasks are kept when all traffic has moved; none when they are not ended.
    pub wait: Option<u64>,
    /// What else is to be said.
    pub said: Option<String>,
}

impl Traffic {
    /// Minutes from the first shift to the end of the old tasks.
    #[must_use]
    pub fn minutes(&self) -> Option<u64> {
        Some(self.steps.last()?.0 + self.wait?)
    }

    /// In a sentence.
    #[must_use]
    pub fn text(&self) -> String {
        let said = self.said.as_ref().map_or(String::new(), |s| format!("; {s}"));
        if self.steps.is_empty() {
            return format!("as {} says{said}", self.config);
        }
        let step = |(minutes, percent): &(u64, f64)| match minutes {
            0 => format!("{percent} % at once"),
            m => format!("{percent} % after {m} min"),
        };
        let mut steps: Vec<String> = self.steps.iter().map(step).collect();
        if let [(0, first), (every, _), .., _] = self.steps.as_slice()
            && steps.len() > 3
        {
            let more = format!("{first} % more every {every} min");
            steps.splice(1..steps.len() - 1, [more]);
        }
        let end = self.minutes().map_or("old tasks stay".to_owned(), |m| format!("old tasks end after {m} min"));
        format!("{}, {end} ({}){said}", steps.join(", "), self.config)
    }
}

/// Does releases. `CodeDeploy` under a pipeline or straight is one; ECS's own blue/green deployments can be another.
#[allow(async_fn_in_trait)] // futures stay on the thread that asked
pub trait Engine {
    /// Who asks.
    async fn caller(&self) -> Result<Caller>;
    /// Whether this engine is the one that the service is set up for.
    ///
    /// # Errors
    /// In words, when it is not.
    async fn fits(&self) -> Result<()>;
    /// The image of the repository with a digest, as it is pulled.
    ///
    /// # Errors
    /// When there is none.
    async fn image(&self, digest: &str) -> Result<ImageRef>;
    /// The deployment that is under way, with its start in words.
    async fn busy(&self) -> Result<Option<String>>;
    /// Where the archive of a release is to be put, which is below `folder` where the engine can take it from there.
    async fn place(&self, folder: &str) -> Result<String>;
    /// Puts an object into the bucket. Its version.
    async fn put(&self, key: &str, kind: &str, bytes: Vec<u8>) -> Result<String>;
    /// Gets an object, or `None` when it is not there.
    async fn get(&self, key: &str, version: Option<&str>) -> Result<Option<Vec<u8>>>;
    /// Keys of the bucket that begin so, in their order.
    async fn list(&self, prefix: &str) -> Result<Vec<String>>;
    /// Starts a release.
    async fn start(&self, what: &Handover) -> Result<Run>;
    /// How a run stands. The pipeline is asked while the deployment is not known, and when `all` is wanted.
    async fn look(&self, run: &Run, all: bool) -> Result<Seen>;
    /// Tasks of a task set that were stopped.
    async fn stopped(&self, set: &str) -> Result<Vec<Stopped>>;
    /// The last log lines of a task that was stopped, each with its container; none where there is no log.
    async fn last_words(&self, task: &Stopped) -> Result<Vec<(String, String)>>;
    /// Who serves.
    async fn serving(&self) -> Result<Vec<Serving>>;
    /// A task definition, whole.
    async fn definition(&self, arn: &str) -> Result<Value>;
    /// How traffic would move.
    async fn traffic(&self) -> Result<Traffic>;
    /// Stops a run, and has its deployment rolled back.
    async fn stop(&self, run: &Run) -> Result<()>;
    /// Stops a run of the pipeline at once, for a reason; a deployment of it goes on.
    ///
    /// # Errors
    /// When it is over, or there is no pipeline.
    async fn stop_pipeline(&self, run: &Run, reason: &str) -> Result<()>;
    /// Answers the action of a run that waits for a person, with some words. Stage and action.
    ///
    /// # Errors
    /// When nothing of it waits for one.
    async fn approve(&self, run: &Run, yes: bool, words: &str) -> Result<String>;
    /// Ends the old tasks of a deployment now.
    async fn finish(&self, deployment: &str) -> Result<()>;
}
