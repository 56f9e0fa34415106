//! Deployments, step by step, by a clock that stands until it is advanced.
