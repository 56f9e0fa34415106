//! AWS CodePipeline.
pub(crate) mod protocol;
mod state;
pub(crate) use state::{CodePipeline, Pipeline};
