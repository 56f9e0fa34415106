//! What a person does to a release under way: says yes or no, stops it, ends its last wait.

use super::engine::{Engine, Run};
use crate::{Error, Result};

/// Stops a release and has it rolled back; whoever watches sees its end.
///
/// # Errors
/// When it is over already.
pub async fn abort(engine: &impl Engine, run: &Run) -> Result<()> {
    engine.stop(run).await.map_err(|e| match e {
        Error::Aws(r) if r.code == "DeploymentAlreadyCompletedException" => {
            Error::Release("the deployment is over: `release rollback` brings back the release before".into())
        }
        other => over(other),
    })
}

/// Why a run of a pipeline cannot be stopped, in words.
fn over(error: Error) -> Error {
    match error {
        Error::Aws(r) if r.code == "PipelineExecutionNotStoppableException" => {
            Error::Release("the pipeline's run is over: there is nothing to stop".into())
        }
        other => other,
    }
}

/// Stops the run of the pipeline and nothing else: what serves goes on serving. One that deploys already is stopped only where
/// its deployment is to be `abandon`ed to itself. That deployment, if there is one that goes on.
///
/// # Errors
/// When it deploys already, is over, or goes through no pipeline.
pub async fn stop(engine: &impl Engine, run: &Run, reason: &str, abandon: bool) -> Result<Option<String>> {
    let goes_on = async || {
        let seen = engine.look(run, true).await?;
        Ok::<_, Error>(seen.deployment.filter(|d| !d.over()).map(|d| d.id))
    };
    if let Some(id) = goes_on().await?.filter(|_| !abandon) {
        return Err(Error::Release(format!(
            "the deployment {id} has begun, and stopping the pipeline does not stop it: `release abort` undoes it, \
             `release stop --abandon` leaves it to itself"
        )));
    }
    engine.stop_pipeline(run, reason).await.map_err(over)?;
    // It may have begun in that moment.
    goes_on().await
}

/// Answers the action of the pipeline that waits for a person. Which one that was.
///
/// # Errors
/// When nothing waits, or somebody has answered already.
pub async fn approve(engine: &impl Engine, run: &Run, yes: bool, words: &str) -> Result<String> {
    engine.approve(run, yes, words).await.map_err(|e| match e {
        Error::Aws(r) if r.code == "ApprovalAlreadyCompletedException" || r.code == "InvalidApprovalTokenException" => {
            Error::Release("somebody else has answered in this moment: `release watch` follows it".into())
        }
        other => other,
    })
}

/// Ends the old tasks now, when all traffic is on the new ones. The deployment.
///
/// # Errors
/// When the release is not so far, or over.
pub async fn finish_now(engine: &impl Engine, run: &Run) -> Result<String> {
    let seen = engine.look(run, true).await?;
    let Some(d) = seen.deployment else {
        return Err(Error::Release("the release has not begun to deploy: `release watch` follows it".into()));
    };
    if d.over() {
        return Err(Error::Release(format!("the deployment {} is over: {}", d.id, d.status)));
    }
    if !d.waits {
        let green = d.set("Green").map_or(0.0, |s| s.weight);
        return Err(Error::Release(format!(
            "the deployment {} is not so far: {green} % of the traffic is on the new tasks; `release watch` follows it",
            d.id
        )));
    }
    engine.finish(&d.id).await?;
    Ok(d.id)
}
