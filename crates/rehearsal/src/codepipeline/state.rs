//! stub
use crate::setup::Setup;
use crate::world::World;
#[derive(Clone, Debug, Default)]
pub(crate) struct CodePipeline {
    pub(crate) pipelines: Vec<Pipeline>,
}
#[derive(Clone, Debug)]
pub(crate) struct Pipeline {}
impl Pipeline {
    pub(crate) fn of(_: &Setup, _: &World) -> Self {
        Self {}
    }
}
impl World {
    pub(crate) fn next_pipeline(&self) -> Option<crate::clock::Time> {
        None
    }
    pub(crate) fn step_pipelines(&mut self) {}
}
