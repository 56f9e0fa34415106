"""The action of a pipeline that waits for a person: a yes, a no, and answers that come too late."""

import bundle
import model

s3, pipeline = model.clients("s3", "codepipeline")
name = "shop-pipeline"
stages = pipeline.get_pipeline(name=name)["pipeline"]["stages"]
assert [s["name"] for s in stages] == ["GetSource", "Approve", "DeployToEcs"]
assert stages[1]["actions"][0]["actionTypeId"]["category"] == "Approval"


def waits():
    """Token of the action, once it waits."""
    state = pipeline.get_pipeline_state(name=name)["stageStates"][1]["actionStates"][0]
    return state.get("latestExecution", {}).get("token")


def answer(token, status, summary="words", **other):
    where = {"pipelineName": name, "stageName": "Approve", "actionName": "Person", **other}
    return where | {"token": token, "result": {"status": status, "summary": summary}}


def action(run):
    told = pipeline.list_action_executions(pipelineName=name, filter={"pipelineExecutionId": run})
    return next(a for a in told["actionExecutionDetails"] if a["actionName"] == "Person")


version = bundle.put(s3)
run = bundle.start(pipeline, version, bundle.push("one"))
token = model.until(waits)
put = pipeline.put_approval_result
model.refused("InvalidApprovalTokenException", put, **answer("00000000-0000-4000-a000-000000000000", "Approved"))
model.refused("ActionNotFoundException", put, **answer(token, "Approved", actionName="Nobody"))
model.refused("StageNotFoundException", put, **answer(token, "Approved", stageName="Nowhere"))
model.refused("ActionNotFoundException", put, **answer(token, "Approved", stageName="GetSource", actionName="S3Source"))
assert action(run)["status"] == "InProgress"
assert put(**answer(token, "Approved"))["approvedAt"]
assert action(run)["status"] == "Succeeded"
model.refused("ApprovalAlreadyCompletedException", put, **answer(token, "Rejected"))
model.until(lambda: bundle.deployment_of(pipeline, run))

# Without an answer the run stands still; with a no it has failed, and nothing was deployed.
run = bundle.start(pipeline, version, bundle.push("two"))
token = model.until(waits)
assert bundle.status(pipeline, run) == "InProgress"
put(**answer(token, "Rejected", "not today"))
assert bundle.status(pipeline, run) == "Failed" and not bundle.deployment_of(pipeline, run)
told = action(run)
assert told["status"] == "Failed" and "not today" in told["output"]["executionResult"]["errorDetails"]["message"]

# Tried again it asks again; seven days later nobody has answered.
pipeline.retry_stage_execution(pipelineName=name, stageName="Approve", pipelineExecutionId=run, retryMode="FAILED_ACTIONS")
assert model.until(waits) != token
model.call("/_rehearsal/advance", {"seconds": 7 * 24 * 3600})
assert bundle.status(pipeline, run) == "Failed"
