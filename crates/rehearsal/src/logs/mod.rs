//! Amazon `CloudWatch Logs`: what tasks that failed have written by awslogs. Log groups are taken to be there; what a healthy
//! program would write nobody knows here, since no container runs.

pub(crate) mod protocol;
mod state;

pub(crate) use state::{Logs, streams};
