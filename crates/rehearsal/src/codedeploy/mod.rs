//! AWS `CodeDeploy` for Amazon ECS.
//!
//! What AWS does not document is decided here, and may differ: how long things take (`Timing`); that a lifecycle event
//! without a hook succeeds at once; that events of test traffic are skipped where there is no test listener; that the new
//! task set becomes primary when it has all traffic; that a rollback skips all events but `AllowTraffic`; and that a
//! deployment that is stopped without a rollback leaves traffic and tasks as they are. Hooks run nowhere: they succeed
//! unless a fault says otherwise.

mod appspec;
mod config;
mod ending;
mod engine;
#[cfg(test)]
mod late;
pub(crate) mod protocol;
mod rules;
mod shown;
mod state;
#[cfg(test)]
pub(crate) mod tests;

pub(crate) use state::{CodeDeploy, Group, Status};
