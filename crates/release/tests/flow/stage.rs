//! What the tests of the flow stand on: a rehearsal whose clock moves when the flow waits, images in its registry, a
//! release.toml that fits it, and everything that was told.

use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_credential_types::Credentials;
use container::http::Http;
use rehearsal::{Clock, Rehearsal, Setup};
use release::aws::{BlueGreen, Client};
use release::config::{Config, Environment};
use release::flow::begin::{self, Begun};
use release::flow::pace::Pace;
use release::flow::watch::{Outcome, Until, Watch};
use release::flow::{Event, Tell};
use serde_json::json;
use sha2::{Digest, Sha256};

pub(crate) const NAME: &str = "production";
pub(crate) const SECRET: &str = "hidden+secret/of-the-account";
pub(crate) const TOKEN: &str = "hidden-session-token==";
pub(crate) const KEY_ID: &str = "AKIAHIDDENHIDDEN";

/// A clock that is moved by whoever waits.
pub(crate) struct Moved(pub(crate) Clock);

impl Pace for Moved {
    fn now(&self) -> Duration {
        Duration::from_millis(self.0.now().millis().unsigned_abs())
    }

    fn sleep(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.0.advance(time);
        Box::pin(tokio::task::yield_now())
    }
}

pub(crate) struct Stage {
    pub(crate) world: Rehearsal,
    pub(crate) pace: Arc<Moved>,
    pub(crate) engine: BlueGreen,
    pub(crate) environment: Environment,
    pub(crate) tell: Tell,
    told: Arc<Mutex<Vec<Event>>>,
}

pub(crate) fn toml(pipeline: bool) -> String {
    let pipeline = if pipeline { "pipeline = \"auctiond-pipeline\"" } else { "" };
    format!(
        r#"[environment.production]
account = "123456789012"
region = "ap-northeast-1"
cluster = "auctiond"
service = "auctiond"
repository = "auctiond"
bucket = "auctiond-sourcebucket"
key = "artifacts.zip"
{pipeline}
application = "auctiond"
deployment-group = "auctiond"
deployment-config = "CodeDeployDefault.ECSCanary10Percent5Minutes"
topic = "arn:aws:sns:ap-northeast-1:123456789012:auctiond-Topic"

[environment.production.task]
family = "auctiond"
container = "auctiond"
port = 8080
cpu = 256
memory = 512
execution-role = "arn:aws:iam::123456789012:role/auctiond-ExecutionRole"
task-role = "arn:aws:iam::123456789012:role/auctiond-TaskRole"
log-group = "/ecs/auctiond"
capacity = {{ FARGATE = 1, FARGATE_SPOT = 1 }}
"#
    )
}

pub(crate) fn environment(pipeline: bool) -> Environment {
    let config = Config::parse(Path::new("release.toml"), &toml(pipeline), &|_| None).unwrap();
    config.environment(NAME).unwrap().clone()
}

impl Stage {
    pub(crate) async fn new(pipeline: bool) -> Self {
        Self::of(pipeline, Setup::of("auctiond")).await
    }

    pub(crate) async fn of(pipeline: bool, setup: Setup) -> Self {
        Self::with(environment(pipeline), setup).await
    }

    pub(crate) async fn with(environment: Environment, setup: Setup) -> Self {
        let world = Rehearsal::start(setup).await.unwrap();
        let told = Arc::new(Mutex::new(Vec::new()));
        let list = Arc::clone(&told);
        let tell: Tell = Arc::new(move |e: &Event| list.lock().unwrap().push(e.clone()));
        let pace = Arc::new(Moved(world.clock().clone()));
        let engine = engine(&world, &environment, &pace, &tell).await;
        Self { world, pace, engine, environment, tell, told }
    }

    /// The same world with another configuration.
    pub(crate) async fn asked_by(self, environment: Environment) -> Self {
        let engine = engine(&self.world, &environment, &self.pace, &self.tell).await;
        Self { engine, environment, ..self }
    }

    /// Pushes an image that is another one for each `seed`. Its digest.
    pub(crate) async fn image(&self, seed: &str) -> String {
        self.push(seed, "amd64", None).await
    }

    pub(crate) async fn push(&self, seed: &str, architecture: &str, tag: Option<&str>) -> String {
        let config = json!({"architecture": architecture, "os": "linux", "author": seed,
                            "rootfs": {"type": "layers", "diff_ids": []}})
        .to_string();
        let http = Http::new(self.world.url(), Duration::from_secs(10)).unwrap();
        let at = format!("{}/v2/auctiond", self.world.url());
        let begun = http.send("POST", &format!("{at}/blobs/uploads/"), &[], Vec::new()).await.unwrap();
        let place = begun.header("location").unwrap();
        let place = if place.starts_with('/') { format!("{}{place}", self.world.url()) } else { place.to_owned() };
        let sum = digest(config.as_bytes());
        let put = http.send("PUT", &format!("{place}?digest={sum}"), &[], config.clone().into_bytes()).await.unwrap();
        assert_eq!(put.status, 201);
        let kind = "application/vnd.oci.image.manifest.v1+json";
        let manifest = json!({"schemaVersion": 2, "mediaType": kind, "layers": [], "config": {
            "mediaType": "application/vnd.oci.image.config.v1+json", "digest": sum, "size": config.len()}})
        .to_string();
        let sum = digest(manifest.as_bytes());
        let kind = [("content-type".to_owned(), kind.to_owned())];
        let put = http
            .send("PUT", &format!("{at}/manifests/{}", tag.unwrap_or(&sum)), &kind, manifest.into_bytes())
            .await
            .unwrap();
        assert_eq!(put.status, 201);
        sum
    }

    pub(crate) fn watch(&self) -> Watch<'_, BlueGreen> {
        Watch {
            engine: &self.engine,
            environment: &self.environment,
            pace: &*self.pace,
            tell: &self.tell,
            every: Duration::from_secs(20),
        }
    }

    pub(crate) async fn deploy(&self, digest: &str) -> release::Result<Begun> {
        begin::deploy(&self.engine, NAME, &self.environment, digest, None, &self.tell).await
    }

    pub(crate) async fn follow(&self, begun: &mut Begun, until: Until) -> release::Result<Outcome> {
        self.watch().follow(&mut begun.record, &mut begun.run, until).await
    }

    /// All of a release.
    pub(crate) async fn release(&self, digest: &str) -> Outcome {
        let mut begun = self.deploy(digest).await.unwrap();
        self.follow(&mut begun, Until::Finished).await.unwrap()
    }

    /// What was told, a line each.
    pub(crate) fn lines(&self) -> Vec<String> {
        let quiet = |e: &&Event| !matches!(e, Event::Call { .. });
        self.told.lock().unwrap().iter().filter(quiet).map(Event::text).collect()
    }

    /// Everything that was told, in both forms.
    pub(crate) fn everything(&self) -> String {
        self.told.lock().unwrap().iter().flat_map(|e| [e.text(), e.json()]).collect::<Vec<_>>().join("\n")
    }

    pub(crate) fn calls(&self, operation: &str) -> usize {
        let told = self.told.lock().unwrap();
        told.iter().filter(|e| matches!(e, Event::Call { operation: o, .. } if o == operation)).count()
    }

    /// Whether a line was told that has all of these words.
    pub(crate) fn said(&self, words: &[&str]) -> bool {
        self.lines().iter().any(|l| words.iter().all(|w| l.contains(w)))
    }

    /// Images and shares of production's traffic, of those that have any.
    pub(crate) fn traffic(&self) -> Vec<(String, f64)> {
        let sets = self.world.state(rehearsal::World::task_sets);
        let with = sets.into_iter().filter(|s| s.share > 0.0);
        with.map(|s| (s.images[0].rsplit('@').next().unwrap().to_owned(), s.share)).collect()
    }
}

pub(crate) async fn engine(world: &Rehearsal, environment: &Environment, pace: &Arc<Moved>, tell: &Tell) -> BlueGreen {
    let keys = Credentials::new(KEY_ID, SECRET, Some(TOKEN.to_owned()), None, "test");
    let pace: Arc<dyn Pace> = Arc::<Moved>::clone(pace);
    let client = Client::with(&environment.region, world.url(), keys, pace, Arc::clone(tell)).unwrap();
    BlueGreen::new(client, environment).await.unwrap()
}

pub(crate) fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold("sha256:".to_owned(), |out, b| format!("{out}{b:02x}"))
}
