//! The image of a release, run on this machine and asked what its target groups will ask it.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use container::image::Image;
use serde_json::{Value, json};

use crate::Error;
use crate::config::Task;
use crate::memory::Limit;
use crate::preflight::Answer;
use crate::runtime::Running;

/// How long the program may take until it answers well.
const PATIENCE: Duration = Duration::from_secs(10);

/// Runs an image below `dir`, which is made anew, with memory and environment of the task, and asks `paths` at its port. What
/// keeps it from being tried is none of the image's: then it was not asked.
pub async fn run(image: &Image, task: &Task, paths: &BTreeSet<String>, dir: &Path) -> Answer {
    let not = |why: String| Answer::NotAsked(format!("the image cannot be tried here: {why}"));
    let image = match image.with_environment(&task.env) {
        Ok(image) => image,
        Err(e) => return not(e.to_string()),
    };
    let mut running = match Running::start(&image, dir, Limit::mebibytes(task.memory)).await {
        Ok(running) => running,
        Err(e) => return not(e.to_string()),
    };
    let told = match asked(&mut running, task.port, paths).await {
        Ok(answers) => json!({"runtime": running.runtime, "answers": answers}),
        Err(e) => json!({"runtime": running.runtime, "fails": e.to_string()}),
    };
    // How it ends is not what was asked.
    let _ = running.stop().await;
    Answer::Told(told)
}

/// The status of each path.
async fn asked(running: &mut Running, port: u16, paths: &BTreeSet<String>) -> Result<Vec<Value>, Error> {
    let mut answers = Vec::new();
    for path in paths {
        let url = format!("http://127.0.0.1:{port}{path}");
        let status = match running.healthy(&url, PATIENCE).await {
            Ok(answer) => answer.status,
            // A target group may be content with another status.
            Err(e) => running.get(&url).await.map_err(|_| e)?.status,
        };
        answers.push(json!({"path": path, "status": status}));
    }
    Ok(answers)
}
