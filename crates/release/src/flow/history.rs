//! What was released: who, when, which image, by which deployment, and what came of it.

use std::fmt::Write as _;

use serde::Serialize;

use super::engine::Engine;
use super::plain::plain;
use super::record::{self, Kind, Record};
use super::status;
use crate::Result;

/// The latest releases of an environment.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct History {
    /// The environment.
    pub environment: String,
    /// The oldest of them first.
    pub releases: Vec<Record>,
}

/// Reads the latest records; AWS is asked how those ended whose end nobody has seen.
///
/// # Errors
/// When the bucket cannot be read, or AWS refuses.
pub async fn history(engine: &impl Engine, name: &str, most: usize) -> Result<History> {
    let mut releases = record::latest(engine, name, most).await?;
    status::settle(engine, &mut releases).await?;
    Ok(History { environment: name.to_owned(), releases })
}

/// The start of a digest that people tell images apart by.
fn short(digest: &str) -> &str {
    digest.get(..19).unwrap_or(digest)
}

/// A release in one line; `all` are those among which the one that a rollback brought back is looked for.
pub(super) fn line(r: &Record, all: &[Record]) -> String {
    let number = r.number.map_or("-".to_owned(), |n| n.to_string());
    let result = r.outcome.as_deref().unwrap_or("under way");
    let deployment = r.deployment.as_deref().unwrap_or(r.id());
    let (when, image, by) = (&r.started, short(r.digest()), &r.by);
    let line = format!("{number:>4}  {when}  {result:10}  {image:19}  {deployment:11}  {by}");
    let mut out = plain(&line).into_owned();
    if r.kind == Kind::Rollback {
        let of = all.iter().find(|o| Some(&o.folder) == r.restores.as_ref()).and_then(|o| o.number);
        out += &of.map_or(", rollback".to_owned(), |n| format!(", rollback to {n}"));
    }
    out
}

impl History {
    /// For people, a release a line, the latest first, and why where it failed.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::new();
        for r in self.releases.iter().rev() {
            out += &line(r, &self.releases);
            out.push('\n');
            if let Some(cause) = &r.cause {
                let _ = writeln!(out, "      {}", plain(cause));
            }
        }
        if out.is_empty() {
            out = format!("nothing of `{}` is on record\n", self.environment);
        }
        out
    }
}
