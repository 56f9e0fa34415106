"""Releases that fail, are stopped or meet each other, and calls that are refused."""

import os
import urllib.error
import urllib.request

import bundle
import model

s3, pipeline, deploy, ecs, elb, sts, cloudwatch = model.clients(
    "s3", "codepipeline", "codedeploy", "ecs", "elbv2", "sts", "cloudwatch", retries={"max_attempts": 4, "mode": "standard"}
)
[once] = model.clients("codedeploy", retries={"total_max_attempts": 1})


def serving():
    service = ecs.describe_services(cluster="shop", services=["shop"])["services"][0]
    [primary] = [s for s in service["taskSets"] if s["status"] == "PRIMARY"]
    definition = ecs.describe_task_definition(taskDefinition=primary["taskDefinition"])["taskDefinition"]
    return definition["containerDefinitions"][0]["image"].split("@")[1]


def info(d):
    return deploy.get_deployment(deploymentId=d)["deploymentInfo"]


def shares(d):
    target = deploy.get_deployment_target(deploymentId=d, targetId="shop:shop")["deploymentTarget"]["ecsTarget"]
    return [t["trafficWeight"] for t in target["taskSetsInfo"]]


def release(name):
    digest = bundle.push(name)
    run = bundle.start(pipeline, bundle.put(s3), digest)
    return run, digest, model.until(lambda: bundle.deployment_of(pipeline, run))


def followed(d):
    """What a deployment ended as, and what its rollback did."""
    model.until(lambda: info(d)["status"] in ("Failed", "Stopped"))
    back = info(d)["rollbackInfo"]["rollbackDeploymentId"]
    assert info(back)["rollbackInfo"]["rollbackTriggeringDeploymentId"] == d
    model.until(lambda: info(back)["status"] == "Succeeded")
    return info(d)


first = serving()

# A hook fails.
model.fault("hook-fails", event="AfterAllowTestTraffic")
run, digest, d = release("hook")
told = followed(d)
assert (told["status"], told["errorInformation"]["code"]) == ("Failed", "HOOK_EXECUTION_FAILURE")
model.until(lambda: bundle.status(pipeline, run) == "Failed")
action = pipeline.get_pipeline_state(name="shop-pipeline")["stageStates"][1]["actionStates"][0]["latestExecution"]
assert action["errorDetails"]["code"] == "JobFailed"
assert action["errorDetails"]["message"].startswith(f"Deployment {d} failed. Error code: HOOK_EXECUTION_FAILURE")
assert serving() == first
events = deploy.get_deployment_target(deploymentId=d, targetId="shop:shop")["deploymentTarget"]["ecsTarget"]["lifecycleEvents"]
assert [e["status"] for e in events] == ["Succeeded"] * 4 + ["Failed"] + ["Skipped"] * 3
model.no_faults()

# Tasks never get well: an hour there.
model.fault("never-healthy")
run, digest, d = release("sick")
assert followed(d)["errorInformation"]["code"] == "TIMEOUT"
stopped = ecs.list_tasks(cluster="shop", serviceName="shop", desiredStatus="STOPPED")["taskArns"]
tasks = ecs.describe_tasks(cluster="shop", tasks=stopped[-100:])["tasks"]
assert any(t["stoppedReason"].startswith("Task failed ELB health checks in (target-group arn:") for t in tasks)
model.no_faults()

# An alarm in the canary.
run, digest, d = release("alarm")
model.until(lambda: info(d).get("startTime"))
model.until(lambda: 10.0 in shares(d))
cloudwatch.set_alarm_state(AlarmName="shop-5xx", StateValue="ALARM", StateReason="a test")
[alarm] = cloudwatch.describe_alarms(StateValue="ALARM")["MetricAlarms"]
assert alarm["AlarmName"] == "shop-5xx"
model.refused("ResourceNotFound", cloudwatch.set_alarm_state, AlarmName="x", StateValue="OK", StateReason="")
told = followed(d)
assert (told["status"], told["errorInformation"]["code"]) == ("Stopped", "ALARM_ACTIVE")
assert "Activated alarms: <shop-5xx>" in told["errorInformation"]["message"]
cloudwatch.set_alarm_state(AlarmName="shop-5xx", StateValue="OK", StateReason="a test")
assert not cloudwatch.describe_alarms(StateValue="ALARM")["MetricAlarms"]

# Somebody stops it.
run, digest, d = release("stopped")
assert deploy.stop_deployment(deploymentId=d, autoRollbackEnabled=True)["status"] == "Succeeded"
assert followed(d)["status"] == "Stopped"
model.refused("DeploymentAlreadyCompletedException", deploy.stop_deployment, deploymentId=d)
assert serving() == first

# Two at once: the second run waits for the first one, and a deployment beside them is refused.
one, digest_one, d = release("one")
digest_two = bundle.push("two")
two = bundle.start(pipeline, bundle.put(s3), digest_two)
content = bundle.APPSPEC.replace("<TASK_DEFINITION>", "shop-first")
revision = {"revisionType": "AppSpecContent", "appSpecContent": {"content": content}}
text = model.refused(
    "DeploymentLimitExceededException",
    deploy.create_deployment,
    applicationName="shop",
    deploymentGroupName="shop",
    revision=revision,
)
assert text == f"The Deployment Group 'shop' already has an active Deployment '{d}'"
model.until(lambda: bundle.status(pipeline, one) == "Succeeded")
model.until(lambda: bundle.status(pipeline, two) == "Succeeded")
assert serving() == digest_two

# What is refused, by each protocol.
model.fault("throttle", operation="ListDeployments", times=2)
model.refused("ThrottlingException", once.list_deployments)
answer = deploy.list_deployments()
assert answer["ResponseMetadata"]["RetryAttempts"] == 1
model.fault("server-error", operation="GetObject", times=1)
model.fault("server-error", operation="DescribeListeners", times=1)
assert s3.get_object(Bucket="shop-sourcebucket", Key="artifacts.zip")["ResponseMetadata"]["RetryAttempts"] == 1
listener = elb.describe_listeners(LoadBalancerArn=elb.describe_load_balancers()["LoadBalancers"][0]["LoadBalancerArn"])
assert listener["ResponseMetadata"]["RetryAttempts"] == 1
model.refused("NoSuchBucket", s3.get_object, Bucket="other", Key="a")
model.refused("NoSuchKey", s3.get_object, Bucket="shop-sourcebucket", Key="other")
model.refused("404", s3.head_object, Bucket="shop-sourcebucket", Key="other")
model.refused("PreconditionFailed", s3.put_object, Bucket="shop-sourcebucket", Key="artifacts.zip", Body=b"", IfNoneMatch="*")
model.refused("TargetGroupNotFound", elb.describe_target_groups, Names=["other"])
model.refused("ListenerNotFound", elb.describe_listeners, ListenerArns=["arn:aws:elasticloadbalancing:a:1:listener/x"])
model.refused("ClusterNotFoundException", ecs.describe_services, cluster="other", services=["shop"])
assert ecs.describe_services(cluster="shop", services=["other"])["failures"][0]["reason"] == "MISSING"
text = model.refused("InvalidParameterException", ecs.update_service, cluster="shop", service="shop", taskDefinition="shop")
assert text.startswith("Unable to update task definition on services with a CODE_DEPLOY deployment controller.")
bad = {**bundle.definition("x"), "memory": "600"}
text = model.refused("ClientException", ecs.register_task_definition, **bad)
assert text.startswith("No Fargate configuration exists for given values: 256 CPU, 600 memory.")
text = model.refused("UnknownOperationException", deploy.delete_application, applicationName="shop")
assert "DeleteApplication" in text
model.refused("InvalidAction", elb.describe_account_limits)
model.refused("NotImplemented", s3.delete_object, Bucket="shop-sourcebucket", Key="artifacts.zip")
model.fault("expired-credentials")
model.refused("ExpiredToken", sts.get_caller_identity)
model.refused("ExpiredTokenException", deploy.list_deployments)
model.refused("ExpiredToken", s3.get_object, Bucket="shop-sourcebucket", Key="artifacts.zip")
model.no_faults()
try:
    unsigned = {"X-Amz-Target": "CodeDeploy_20141006.ListDeployments", "Content-Type": "application/x-amz-json-1.1"}
    urllib.request.urlopen(urllib.request.Request(os.environ["AWS_ENDPOINT_URL"], b"{}", unsigned))
    raise AssertionError("a request without a signature is answered")
except urllib.error.HTTPError as error:
    assert error.code == 400 and b"MissingAuthenticationToken" in error.read()
print(f"{len(model.CHECKED)} operations held against the models")
