//! AWS Identity and Access Management, as thin as a preflight needs it: roles, whom they trust, and what their policies allow.
//! Nobody's permissions are checked by it when other services are called.

pub(crate) mod protocol;
mod state;

pub(crate) use state::{Roles, Statement};
