//! One release, written against one narrow engine: begun, followed to its end, stopped, undone, told.
//!
//! ```text
//! engine  what a release needs of whoever does it: `aws::BlueGreen` now; ECS's own blue/green can be another
//! seen    what there is to see of a run, and what is new in it      event   what is told, for people and for machines
//! begin   checks, bundle, start      watch   to its end, with the rollback      stop    stop, abort, finish now
//! cause   why it failed, in words    record  what was released, kept in the bucket      back    the release before
//! plain   text of others, harmless
//! plan    what would happen   cost   of the overlap   status  how things stand   history  what was released           pace    time, which tests may drive
//! ```

pub mod back;
pub mod begin;
pub mod cause;
pub mod cost;
pub mod engine;
pub mod event;
pub mod history;
pub mod pace;
pub mod plain;
pub mod plan;
pub mod record;
pub mod seen;
pub mod status;
pub mod stop;
pub mod watch;

pub use engine::Engine;
pub use event::{Event, Tell};
