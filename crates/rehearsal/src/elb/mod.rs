//! Elastic Load Balancing, version 2: who gets the traffic. No traffic flows here; weights and health are told.

pub(crate) mod protocol;
mod state;

pub(crate) use state::{Listener, LoadBalancers, TargetGroup};
