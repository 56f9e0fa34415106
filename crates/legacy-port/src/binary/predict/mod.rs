//! x
use super::dwarf::graph::{Graph, Id};
use super::dwarf::shape::Shapes;
use crate::layout::Layout;

/// The layout that is to be expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Predicted {
    /// This
    Known(Layout),
}
pub(crate) struct Predictor<'g, 'd>(&'g Graph<'d>);
impl<'g, 'd> Predictor<'g, 'd> {
    pub(crate) fn new(graph: &'g Graph<'d>) -> Self { Self(graph) }
    pub(crate) fn record(&mut self, shapes: &mut Shapes, id: Id, _file: &dyn Fn(u32, u32) -> Option<String>) -> Predicted {
        let _ = self.0;
        Predicted::Known(shapes.layout(id).unwrap_or_default())
    }
}
