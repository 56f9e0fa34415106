//! Amazon ECR: repositories and what was pushed to them. The registry itself is the container crate's.

mod first;
pub(crate) mod protocol;
mod state;

pub(crate) use first::first_image;
pub(crate) use state::{Image, Repositories};
