"""The AWS command line interface: a deployment by `aws ecs deploy`, one that is waited for, and the pipeline."""

import json
import os
import subprocess
import sys
import tempfile

import bundle

AWS = os.path.join(os.path.dirname(sys.executable), "aws")


def aws(*arguments, fails=None):
    done = subprocess.run([sys.executable, AWS, *arguments, "--output", "json"], capture_output=True, text=True)
    if fails:
        assert done.returncode != 0 and fails in done.stderr, f"{arguments}: {done.stdout}{done.stderr}"
        return None
    assert done.returncode == 0, f"{arguments}: {done.stderr}"
    return done.stdout


def asked(*arguments):
    return json.loads(aws(*arguments))


with tempfile.TemporaryDirectory() as folder:
    path = lambda name: os.path.join(folder, name)
    digest = bundle.push("cli")
    image = f"123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/shop@{digest}"
    with open(path("taskdef.json"), "w") as file:
        json.dump(bundle.definition(image), file)
    with open(path("appspec.yaml"), "w") as file:
        file.write(bundle.APPSPEC)
    with open(path("artifacts.zip"), "wb") as file:
        file.write(bundle.archive())

    deploy = ["ecs", "deploy", "--service", "shop", "--cluster", "shop", "--task-definition", path("taskdef.json")]
    deploy += ["--codedeploy-appspec", path("appspec.yaml"), "--codedeploy-application", "shop"]
    aws(*deploy, "--codedeploy-deployment-group", "other", fails="No Deployment Group found for name: other")
    told = aws(*deploy, "--codedeploy-deployment-group", "shop")
    assert "Successfully deployed" in told and "task-definition/shop:1" in told, told
    service = asked("ecs", "describe-services", "--cluster", "shop", "--services", "shop")["services"][0]
    assert service["taskDefinition"].endswith("task-definition/shop:1") and len(service["taskSets"]) == 1

    put = ["s3api", "put-object", "--bucket", "shop-sourcebucket", "--key", "artifacts.zip"]
    version = asked(*put, "--body", path("artifacts.zip"))["VersionId"]
    aws("s3", "cp", "s3://shop-sourcebucket/artifacts.zip", path("again.zip"))
    with open(path("again.zip"), "rb") as again, open(path("artifacts.zip"), "rb") as first:
        assert again.read() == first.read()
    digest = bundle.push("cli again")
    revisions = [
        f"actionName=S3Source,revisionType=S3_OBJECT_VERSION_ID,revisionValue={version}",
        f"actionName=ImageSource,revisionType=IMAGE_DIGEST,revisionValue={digest}",
    ]
    started = asked("codepipeline", "start-pipeline-execution", "--name", "shop-pipeline", "--source-revisions", *revisions)
    run = started["pipelineExecutionId"]
    d = None
    while d is None:
        filter = f"pipelineExecutionId={run}"
        actions = asked("codepipeline", "list-action-executions", "--pipeline-name", "shop-pipeline", "--filter", filter)
        results = [a["output"]["executionResult"] for a in actions["actionExecutionDetails"] if a["actionName"] == "Deploy"]
        d = results[0].get("externalExecutionId") if results else None
    aws("deploy", "wait", "deployment-successful", "--deployment-id", d)
    info = asked("deploy", "get-deployment", "--deployment-id", d)["deploymentInfo"]
    assert (info["status"], info["deploymentOverview"]["Succeeded"]) == ("Succeeded", 1)
    state = asked("codepipeline", "get-pipeline-state", "--name", "shop-pipeline")["stageStates"]
    assert [s["latestExecution"]["status"] for s in state] == ["Succeeded", "Succeeded"]
    aws("deploy", "get-deployment", "--deployment-id", "d-NONE", fails="DeploymentDoesNotExistException")
