//! Operations of `CodePipeline`.

use serde_json::{Value, json};

use super::start::Asked;
use super::state::{Execution, Pipeline, Place, Progress, Status};
use super::{approval, rules, shown};
use crate::refusal::{Answer, Refusal, refuse};
use crate::setup::ExecutionMode;
use crate::world::World;

pub(crate) fn answer(world: &mut World, operation: &str, input: &Value) -> Answer {
    let by_name = |world: &World| rules::pipeline(world, &input["name"]);
    let by_pipeline_name = |world: &World| rules::pipeline(world, &input["pipelineName"]);
    match operation {
        "ListPipelines" => {
            let told = world.codepipeline.pipelines.iter().map(|p| {
                json!({"name": p.name, "version": 1, "pipelineType": "V2", "executionMode": p.mode.name(),
                       "created": p.created.json(), "updated": p.created.json()})
            });
            Ok(json!({"pipelines": told.collect::<Vec<_>>()}))
        }
        "GetPipeline" => Ok(shown::pipeline(world, at(world, by_name(world)?))),
        "GetPipelineState" => Ok(shown::state(world, at(world, by_name(world)?))),
        "GetPipelineExecution" => {
            let p = at(world, by_pipeline_name(world)?);
            let e = rules::execution(p, &input["pipelineExecutionId"])?;
            Ok(shown::execution(p, &p.executions[e]))
        }
        "ListPipelineExecutions" => {
            let p = at(world, by_pipeline_name(world)?);
            let all = p.executions.iter().rev().map(|e| shown::summary(p, e)).collect();
            page(input, all, "pipelineExecutionSummaries")
        }
        "ListActionExecutions" => actions(world, at(world, by_pipeline_name(world)?), input),
        "StartPipelineExecution" => {
            let index = by_name(world)?;
            change(world, index, |world, p| start(world, p, input))
        }
        "StopPipelineExecution" => {
            let index = by_pipeline_name(world)?;
            change(world, index, |world, p| stop(world, p, input))
        }
        "PutApprovalResult" => {
            let index = by_pipeline_name(world)?;
            change(world, index, |world, p| approval::answer(world, p, input))
        }
        "RetryStageExecution" => {
            let index = by_pipeline_name(world)?;
            change(world, index, |world, p| retry(world, p, input))
        }
        "DisableStageTransition" | "EnableStageTransition" => {
            let index = by_pipeline_name(world)?;
            let reason =
                (operation == "DisableStageTransition").then(|| input["reason"].as_str().unwrap_or("").to_owned());
            change(world, index, |world, p| transition(world, p, input, reason))
        }
        _ => Err(Refusal::unknown(operation)),
    }
}

fn at(world: &World, index: usize) -> &Pipeline {
    &world.codepipeline.pipelines[index]
}

/// Changes a pipeline and lets its runs move on at once.
fn change(world: &mut World, index: usize, how: impl FnOnce(&mut World, &mut Pipeline) -> Answer) -> Answer {
    let mut pipeline = world.codepipeline.pipelines[index].clone();
    let answer = how(world, &mut pipeline)?;
    world.codepipeline.pipelines[index] = pipeline;
    world.step_pipelines();
    Ok(answer)
}

/// A part of a list, with a token for the next one.
fn page(input: &Value, all: Vec<Value>, name: &str) -> Answer {
    let text = "The next token was specified in an invalid format. Make sure that the next token you provide is the token \
                returned by a previous call.";
    let begin: usize = match input["nextToken"].as_str() {
        Some(token) => token.parse().map_err(|_| refuse("InvalidNextTokenException", text))?,
        None => 0,
    };
    let most = input["maxResults"].as_u64().and_then(|n| usize::try_from(n).ok()).filter(|n| (1..=100).contains(n));
    let most = most.unwrap_or(100);
    let more = all.len() > begin.saturating_add(most);
    let mut out = json!({name: all.into_iter().skip(begin).take(most).collect::<Vec<_>>()});
    if more {
        out["nextToken"] = json!((begin + most).to_string());
    }
    Ok(out)
}

fn actions(world: &World, p: &Pipeline, input: &Value) -> Answer {
    let filter = &input["filter"];
    let only = [&filter["pipelineExecutionId"], &filter["latestInPipelineExecution"]["pipelineExecutionId"]];
    let only = only.into_iter().find(|id| !id.is_null());
    let of: Vec<&Execution> = match only {
        Some(id) => vec![&p.executions[rules::execution(p, id)?]],
        None => p.executions.iter().rev().collect(),
    };
    let runs = of.into_iter().flat_map(|e| e.runs.iter().rev().map(move |r| shown::action(world, p, e, r)));
    page(input, runs.collect(), "actionExecutionDetails")
}

fn start(world: &mut World, p: &mut Pipeline, input: &Value) -> Answer {
    let overrides = rules::overrides(p, &input["sourceRevisions"])?;
    let token = input["clientRequestToken"].as_str().map(str::to_owned);
    if let Some(same) = p.executions.iter().find(|e| token.is_some() && e.token == token) {
        return Ok(json!({"pipelineExecutionId": same.id}));
    }
    let waiting = p.executions.iter().filter(|e| e.status == Status::InProgress).count();
    if p.mode == ExecutionMode::Queued && waiting >= rules::QUEUE {
        let text = "The pipeline has reached the limit for concurrent pipeline executions.";
        return Err(refuse("ConcurrentPipelineExecutionsLimitExceededException", text));
    }
    let pairs = input["variables"].as_array().into_iter().flatten();
    let variables = pairs.filter_map(|v| Some((v["name"].as_str()?.to_owned(), v["value"].as_str()?.to_owned())));
    let asked = Asked {
        trigger: ("StartPipelineExecution", format!("arn:aws:iam::{}:user/rehearsal", world.account)),
        token,
        variables: variables.collect(),
        overrides,
    };
    Ok(json!({"pipelineExecutionId": world.add_run(p, asked)}))
}

/// With `abandon` actions are left to themselves: a deployment goes on. Without it they are waited for.
fn stop(world: &mut World, p: &mut Pipeline, input: &Value) -> Answer {
    let id = &input["pipelineExecutionId"];
    let not_stoppable = || {
        let text = "Unable to stop the pipeline execution. The execution might already be in a Stopped state, or it might no \
                    longer be in progress.";
        refuse("PipelineExecutionNotStoppableException", text)
    };
    let index = rules::execution(p, id).map_err(|_| not_stoppable())?;
    let e = &mut p.executions[index];
    if !e.status.running() {
        return Err(not_stoppable());
    }
    let abandon = input["abandon"] == true;
    if e.status == Status::Stopping && !abandon {
        let text = "The pipeline execution is already in a Stopping state. If you already chose to stop and wait, you cannot \
                    make that request again.";
        return Err(refuse("DuplicatedStopRequestException", text));
    }
    e.stop_reason = Some(input["reason"].as_str().unwrap_or("").to_owned());
    e.updated = world.now;
    if abandon {
        for run in e.runs.iter_mut().filter(|r| r.running()) {
            run.progress = Progress::Abandoned;
            run.updated = world.now;
        }
    }
    e.status = if e.runs.iter().any(super::state::ActionRun::running) { Status::Stopping } else { Status::Stopped };
    Ok(json!({"pipelineExecutionId": e.id}))
}

fn retry(world: &mut World, p: &mut Pipeline, input: &Value) -> Answer {
    let stage = rules::stage(p, &input["stageName"])?;
    let index = rules::execution(p, &input["pipelineExecutionId"])?;
    let not_retryable = || {
        let text = "Unable to retry. The pipeline structure or stage state might have changed while actions awaited retry, or \
                    the stage contains no failed actions.";
        refuse("StageNotRetryableException", text)
    };
    let id = p.executions[index].id.clone();
    if p.stages[stage].latest.as_ref() != Some(&id) {
        let text = "The stage has failed in a later run of the pipeline and the pipelineExecutionId associated with the \
                    request is out of date.";
        return Err(refuse("NotLatestPipelineExecutionException", text));
    }
    let e = &p.executions[index];
    if e.place != Place::In(stage) || !matches!(e.status, Status::Failed | Status::Stopped) {
        return Err(not_retryable());
    }
    let again = |name: &str| e.run_of(stage, name).is_some_and(|r| matches!(r.status(), "Failed" | "Abandoned"));
    let failed: Vec<String> =
        p.stages[stage].actions.iter().filter(|a| again(&a.name)).map(|a| a.name.clone()).collect();
    if failed.is_empty() {
        return Err(not_retryable());
    }
    p.executions[index].status = Status::InProgress;
    match input["retryMode"].as_str() {
        Some("ALL_ACTIONS") => {
            let first = p.stages[stage].actions.iter().map(|a| a.order).min().unwrap_or(1);
            world.start_actions(p, index, stage, first);
        }
        Some("FAILED_ACTIONS") => {
            for name in failed {
                world.start_action(&mut p.executions[index], stage, name);
            }
        }
        _ => return Err(rules::invalid("`retryMode` is FAILED_ACTIONS or ALL_ACTIONS")),
    }
    Ok(json!({"pipelineExecutionId": id}))
}

/// The way out of a stage is the way into the next.
fn transition(world: &World, p: &mut Pipeline, input: &Value, reason: Option<String>) -> Answer {
    let mut stage = rules::stage(p, &input["stageName"])?;
    match input["transitionType"].as_str() {
        Some("Inbound") => {}
        Some("Outbound") => stage += 1,
        _ => return Err(rules::invalid("`transitionType` is Inbound or Outbound")),
    }
    if let Some(stage) = p.stages.get_mut(stage) {
        stage.disabled = reason;
        stage.changed = Some(world.now);
    }
    Ok(Value::Null)
}
