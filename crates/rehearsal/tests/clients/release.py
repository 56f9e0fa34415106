"""A whole release by the pipeline, followed from the first action to the last old task."""

import bundle
import model

s3, pipeline, deploy, ecs, elb, ecr, sts = model.clients(
    "s3", "codepipeline", "codedeploy", "ecs", "elbv2", "ecr", "sts"
)

assert sts.get_caller_identity()["Account"] == "123456789012"

# What is there: blue serves.
service = ecs.describe_services(cluster="shop", services=["shop"])["services"][0]
assert service["deploymentController"] == {"type": "CODE_DEPLOY"} and service["runningCount"] == 2
blue = service["taskSets"][0]
assert (blue["status"], blue["stabilityStatus"]) == ("PRIMARY", "STEADY_STATE")
groups = {g["TargetGroupArn"]: g["TargetGroupName"] for g in elb.describe_target_groups()["TargetGroups"]}
assert groups[blue["loadBalancers"][0]["targetGroupArn"]] == "shop-1"
balancer = elb.describe_load_balancers()["LoadBalancers"][0]["LoadBalancerArn"]
listener = elb.describe_listeners(LoadBalancerArn=balancer)["Listeners"][0]["ListenerArn"]


def weights():
    action = elb.describe_listeners(ListenerArns=[listener])["Listeners"][0]["DefaultActions"][0]
    return {groups[g["TargetGroupArn"]]: g["Weight"] for g in action["ForwardConfig"]["TargetGroups"]}


assert list(weights()) == ["shop-1"]
health = elb.describe_target_health(TargetGroupArn=blue["loadBalancers"][0]["targetGroupArn"])
assert [t["TargetHealth"]["State"] for t in health["TargetHealthDescriptions"]] == ["healthy", "healthy"]

# The hand-over: both revisions by name.
assert s3.get_bucket_versioning(Bucket="shop-sourcebucket")["Status"] == "Enabled"
digest = bundle.push("two")
assert ecr.describe_images(repositoryName="shop", imageIds=[{"imageTag": "release"}])["imageDetails"][0]["imageDigest"] == digest
image = ecr.batch_get_image(repositoryName="shop", imageIds=[{"imageDigest": digest}, {"imageTag": "none"}])
assert (image["images"][0]["imageId"]["imageDigest"], image["failures"][0]["failureCode"]) == (digest, "ImageNotFound")
body = bundle.archive()
version = bundle.put(s3, body)
later = bundle.put(s3, b"something else")
assert s3.get_object(Bucket="shop-sourcebucket", Key="artifacts.zip", VersionId=version)["Body"].read() == body
assert s3.head_object(Bucket="shop-sourcebucket", Key="artifacts.zip")["VersionId"] == later
versions = s3.list_object_versions(Bucket="shop-sourcebucket", Prefix="artifacts")["Versions"]
assert [(v["VersionId"], v["IsLatest"]) for v in versions] == [(later, True), (version, False)]
run = bundle.start(pipeline, version, digest)

# The deployment is found by the run's own action.
d = model.until(lambda: bundle.deployment_of(pipeline, run))
assert d.startswith("d-") and len(d) == 11
model.until(lambda: deploy.get_deployment(deploymentId=d)["deploymentInfo"].get("startTime"))
[target] = deploy.list_deployment_targets(deploymentId=d)["targetIds"]
assert target == "shop:shop"
seen, shares = [], []


def follow():
    info = deploy.get_deployment(deploymentId=d)["deploymentInfo"]
    ecs_target = deploy.get_deployment_target(deploymentId=d, targetId=target)["deploymentTarget"]["ecsTarget"]
    for event in ecs_target["lifecycleEvents"]:
        if event["status"] == "Succeeded" and event["lifecycleEventName"] not in seen:
            seen.append(event["lifecycleEventName"])
    green = [t["trafficWeight"] for t in ecs_target["taskSetsInfo"] if t["taskSetLabel"] == "Green"]
    if green and green[0] not in shares:
        shares.append(green[0])
        if green[0] == 10.0:
            assert weights() == {"shop-1": 90, "shop-2": 10}
    return info["instanceTerminationWaitTimeStarted"]


model.until(follow)
assert seen == [
    "BeforeInstall",
    "Install",
    "AfterInstall",
    "AllowTestTraffic",
    "AfterAllowTestTraffic",
    "BeforeAllowTraffic",
    "AllowTraffic",
    "AfterAllowTraffic",
], seen
assert shares == [0.0, 10.0, 100.0], shares

# All traffic is on green, the old tasks are kept, the run waits for them.
assert list(weights()) == ["shop-2"]
assert bundle.status(pipeline, run) == "InProgress"
state = pipeline.get_pipeline_state(name="shop-pipeline")["stageStates"]
assert state[1]["actionStates"][0]["latestExecution"]["externalExecutionId"] == d
sets = ecs.describe_task_sets(cluster="shop", service="shop")["taskSets"]
assert sorted(s["status"] for s in sets) == ["ACTIVE", "PRIMARY"]
deploy.continue_deployment(deploymentId=d, deploymentWaitType="TERMINATION_WAIT")
model.until(lambda: deploy.get_deployment(deploymentId=d)["deploymentInfo"]["status"] == "Succeeded")
deploy.get_waiter("deployment_successful").wait(deploymentId=d)
model.until(lambda: bundle.status(pipeline, run) == "Succeeded")

# What is there now.
service = ecs.describe_services(cluster="shop", services=["shop"])["services"][0]
[green] = service["taskSets"]
assert (green["status"], green["externalId"]) == ("PRIMARY", d)
definition = ecs.describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"]
assert definition["family"] == "shop" and definition["containerDefinitions"][0]["image"].endswith("@" + digest)
tasks = ecs.list_tasks(cluster="shop", serviceName="shop")["taskArns"]
told = ecs.describe_tasks(cluster="shop", tasks=tasks)["tasks"]
assert [t["lastStatus"] for t in told] == ["RUNNING"] * 2 and {t["startedBy"] for t in told} == {green["id"]}
stopped = ecs.list_tasks(cluster="shop", serviceName="shop", desiredStatus="STOPPED")["taskArns"]
assert len(stopped) == 2
execution = pipeline.get_pipeline_execution(pipelineName="shop-pipeline", pipelineExecutionId=run)["pipelineExecution"]
assert [r["revisionId"] for r in execution["artifactRevisions"]] == [version, digest]
assert pipeline.list_pipeline_executions(pipelineName="shop-pipeline")["pipelineExecutionSummaries"][0]["pipelineExecutionId"] == run
group = deploy.get_deployment_group(applicationName="shop", deploymentGroupName="shop")["deploymentGroupInfo"]
assert group["lastSuccessfulDeployment"]["deploymentId"] == d
assert deploy.list_deployments(applicationName="shop", deploymentGroupName="shop")["deployments"] == [d]
assert deploy.batch_get_deployment_targets(deploymentId=d, targetIds=[target])["deploymentTargets"]
config = deploy.get_deployment_config(deploymentConfigName=group["deploymentConfigName"])["deploymentConfigInfo"]
assert config["trafficRoutingConfig"]["timeBasedCanary"] == {"canaryPercentage": 10, "canaryInterval": 5}
assert deploy.get_application(applicationName="shop")["application"]["computePlatform"] == "ECS"
assert pipeline.get_pipeline(name="shop-pipeline")["pipeline"]["pipelineType"] == "V2"
rules = elb.describe_rules(ListenerArn=listener)["Rules"]
assert rules[0]["IsDefault"] and rules[0]["Actions"][0]["TargetGroupArn"] == green["loadBalancers"][0]["targetGroupArn"]
print(f"{len(model.CHECKED)} operations held against the models")
