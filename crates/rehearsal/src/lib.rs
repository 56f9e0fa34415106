//! A release on one machine: one endpoint on loopback that speaks the protocols of the AWS operations that a blue/green
//! release calls, and does what the services document. It rehearses; no container runs and no traffic flows.
//!
//! ```text
//! wire          who is meant, by which protocol: AWS JSON 1.1, query/XML, S3's own, the registry under /v2/
//! world         everything that is there; `step` lets time pass in it, without sockets or clocks
//! codepipeline  runs: sources by version and digest, placeholders, task definition, deployment
//! codedeploy    deployments: lifecycle events, task sets, shares of traffic, waits, rollbacks
//! ecs elb ecr s3 sts iam ec2 cloudwatch logs sns events   as thin as those two, and a look at all before, need them: `protocol` (operations),
//!               `rules` (what is refused), `state`
//! clock fault setup    the world's time, what goes wrong on demand, what is there at the beginning
//! ```

mod clock;
mod cloudwatch;
mod codedeploy;
mod codepipeline;
mod ec2;
mod ecr;
mod ecs;
mod elb;
mod events;
mod fault;
mod iam;
mod id;
mod logs;
mod refusal;
mod s3;
mod setup;
mod sns;
mod sts;
mod wire;
mod world;
mod yaml;

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::DefaultBodyLimit;
use container::registry::Registry;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub use clock::{Clock, Time};
pub use ecs::TaskSetStatus;
pub use fault::Fault;
pub use setup::{ExecutionMode, Setup, Timing};
pub use world::{TaskSetView, World};

/// Why a rehearsal cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The port cannot be had.
    #[error("cannot listen on 127.0.0.1:{port}: {source}")]
    Listen {
        /// The port.
        port: u16,
        /// Why.
        source: std::io::Error,
    },
    /// The registry cannot be started or does not take the first image.
    #[error("cannot start the image registry: {0}")]
    Registry(String),
    /// The set-up contradicts itself.
    #[error("the set-up cannot be: {0}")]
    Setup(String),
}

/// A running endpoint; it ends when this is dropped.
pub struct Rehearsal {
    shared: Arc<wire::Shared>,
    task: JoinHandle<()>,
    url: String,
}

impl Drop for Rehearsal {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Rehearsal {
    /// Starts one.
    ///
    /// # Errors
    /// When no port can be had, or the set-up is none that AWS would take.
    pub async fn start(setup: Setup) -> Result<Self, Error> {
        let registry = Registry::start().await.map_err(|e| Error::Registry(e.to_string()))?;
        let images = ecr::first_image(&registry, &setup.repository).await.map_err(Error::Registry)?;
        let mut world = World::new(&setup, images, setup.clock.now()).map_err(|r| Error::Setup(r.message))?;
        let listen = |source| Error::Listen { port: setup.listen, source };
        let tcp = TcpListener::bind(("127.0.0.1", setup.listen)).await.map_err(listen)?;
        let url = format!("http://{}", tcp.local_addr().map_err(listen)?);
        world.url.clone_from(&url);
        let shared = wire::Shared { world: Mutex::new(world), clock: setup.clock, registry, latency: setup.latency };
        let shared = Arc::new(shared);
        let app =
            Router::new().fallback(wire::answer).layer(DefaultBodyLimit::disable()).with_state(Arc::clone(&shared));
        let task = tokio::spawn(async move {
            // An error here ends the endpoint, which clients then cannot reach and say so.
            let _ = axum::serve(tcp, app).await;
        });
        Ok(Self { shared, task, url })
    }

    /// The endpoint of all services, for `AWS_ENDPOINT_URL`. Paths of S3 begin with the bucket; the registry is below `/v2/`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The world's clock.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.shared.clock
    }

    /// Lets something go wrong from now on.
    pub fn fault(&self, fault: Fault) {
        self.shared.world().faults.add(fault);
    }

    /// Nothing goes wrong any more; what went wrong already stays so.
    pub fn no_faults(&self) {
        self.shared.world().faults.clear();
    }

    /// Looks at the world as it is now.
    pub fn state<T>(&self, look: impl FnOnce(&World) -> T) -> T {
        look(&self.shared.world())
    }
}
