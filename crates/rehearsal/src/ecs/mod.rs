//! Amazon ECS on Fargate: task definitions, one service with its task sets, their tasks.

pub(crate) mod protocol;
mod rules;
mod shown;
mod state;
mod tasks;

use rules::TaskDefinitionInput;
pub(crate) use shown::counts;
pub use state::TaskSetStatus;
pub(crate) use state::{Ecs, Service, Stop, Task, TaskDefinition, TaskSet};
pub(crate) use tasks::Wanted;
