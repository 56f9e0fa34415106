"""What is asked before a release and by nothing else here: roles, their policies, evidence, what buckets keep."""

import json
import urllib.request

import bundle
import model

s3, iam, ecr, elb, alarms, ecs, ec2 = model.clients("s3", "iam", "ecr", "elbv2", "cloudwatch", "ecs", "ec2")

# Roles: whom they trust. boto3 takes the policy out of the form of a URL.
role = iam.get_role(RoleName="shop-ExecutionRole")["Role"]
[statement] = role["AssumeRolePolicyDocument"]["Statement"]
assert statement["Principal"] == {"Service": "ecs-tasks.amazonaws.com"}, statement
model.refused("NoSuchEntity", iam.get_role, RoleName="nobody")


def decisions(role, actions, resources, context=()):
    arn = f"arn:aws:iam::123456789012:role/shop-{role}"
    entries = [{"ContextKeyName": k, "ContextKeyValues": [v], "ContextKeyType": "string"} for k, v in context]
    told = iam.simulate_principal_policy(
        PolicySourceArn=arn, ActionNames=actions, ResourceArns=resources, ContextEntries=entries
    )
    return [(r["EvalDecision"], r["MissingContextValues"]) for r in told["EvaluationResults"]]


repository = "arn:aws:ecr:ap-northeast-1:123456789012:repository/shop"
assert decisions("ExecutionRole", ["ecr:BatchGetImage", "ecr:PutImage"], [repository]) == [
    ("allowed", []),
    ("implicitDeny", []),
]
assert decisions("ExecutionRole", ["ecr:BatchGetImage"], [repository + "-other"]) == [("implicitDeny", [])]
passed = ["arn:aws:iam::123456789012:role/shop-TaskRole"]
assert decisions("PipelineRole", ["iam:PassRole"], passed) == [("implicitDeny", ["iam:PassedToService"])]
to = lambda service: [("iam:PassedToService", service + ".amazonaws.com")]
assert decisions("PipelineRole", ["iam:PassRole"], passed, to("ecs-tasks")) == [("allowed", [])]
assert decisions("PipelineRole", ["iam:PassRole"], passed, to("ec2")) == [("implicitDeny", [])]

# The image: its configuration by the address that ECR gives out, and what is said of it.
service = ecs.describe_services(cluster="shop", services=["shop"])["services"][0]
definition = ecs.describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"]
digest = definition["containerDefinitions"][0]["image"].rsplit("@")[1]
[image] = ecr.batch_get_image(repositoryName="shop", imageIds=[{"imageDigest": digest}])["images"]
config = json.loads(image["imageManifest"])["config"]["digest"]
url = ecr.get_download_url_for_layer(repositoryName="shop", layerDigest=config)["downloadUrl"]
with urllib.request.urlopen(url) as answer:
    assert json.load(answer)["architecture"] == "amd64"
model.refused(
    "LayersNotFoundException", ecr.get_download_url_for_layer, repositoryName="shop", layerDigest="sha256:" + "0" * 64
)
[said] = ecr.list_image_referrers(repositoryName="shop", subjectId={"imageDigest": digest})["referrers"]
assert said["artifactType"] == "application/vnd.in-toto+json" and "in-toto.io/predicate-type" in said["annotations"]
other = bundle.push("other")
assert ecr.list_image_referrers(repositoryName="shop", subjectId={"imageDigest": other})["referrers"] == []

# The bucket.
[rule] = s3.get_bucket_lifecycle_configuration(Bucket="shop-sourcebucket")["Rules"]
assert (rule["Status"], rule["NoncurrentVersionExpiration"]["NoncurrentDays"]) == ("Enabled", 180)
assert s3.get_bucket_location(Bucket="shop-sourcebucket")["LocationConstraint"] == "ap-northeast-1"

# Load balancer and alarms.
[balancer] = elb.describe_load_balancers(Names=["shop"])["LoadBalancers"]
assert [g["VpcId"] for g in elb.describe_target_groups()["TargetGroups"]] == [balancer["VpcId"]] * 2
arn = balancer["LoadBalancerArn"]
assert elb.describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"] == [balancer]
model.refused("LoadBalancerNotFound", elb.describe_load_balancers, LoadBalancerArns=[arn + "0"])
told = alarms.describe_alarms(AlarmNames=["shop-5xx", "nobody"], AlarmTypes=["MetricAlarm", "CompositeAlarm"])
assert [a["AlarmName"] for a in told["MetricAlarms"]] == ["shop-5xx"]

# The way from it to the tasks.
network = service["networkConfiguration"]["awsvpcConfiguration"]
[tasks] = ec2.describe_security_groups(GroupIds=network["securityGroups"])["SecurityGroups"]
[rule] = tasks["IpPermissions"]
assert (rule["FromPort"], rule["ToPort"]) == (8080, 8080)
assert [g["GroupId"] for g in rule["UserIdGroupPairs"]] == balancer["SecurityGroups"]
assert [s["VpcId"] for s in ec2.describe_subnets(SubnetIds=network["subnets"])["Subnets"]] == [balancer["VpcId"]] * 2
assert len(ec2.describe_security_groups()["SecurityGroups"]) == 2
model.refused("InvalidGroup.NotFound", ec2.describe_security_groups, GroupIds=["sg-none"])

# What starts the pipeline; here nothing does, and the rules say so.
[events, pipelines] = model.clients("events", "codepipeline")
arn = pipelines.get_pipeline(name="shop-pipeline")["metadata"]["pipelineArn"]
names = events.list_rule_names_by_target(TargetArn=arn)["RuleNames"]
rules = [events.describe_rule(Name=name) for name in names]
assert [r["State"] for r in rules] == ["DISABLED"] * 2, rules
assert json.loads(rules[0]["EventPattern"])["detail"]["bucket"] == {"name": ["shop-sourcebucket"]}
assert events.list_rule_names_by_target(TargetArn=arn + "0")["RuleNames"] == []
model.refused("ResourceNotFoundException", events.describe_rule, Name="nobody")
assert "EventBridgeConfiguration" in s3.get_bucket_notification_configuration(Bucket="shop-sourcebucket")

# Who is told.
[sns] = model.clients("sns")
topic = "arn:aws:sns:ap-northeast-1:123456789012:shop-Topic"
told = sns.get_topic_attributes(TopicArn=topic)["Attributes"]
assert (told["TopicArn"], told["SubscriptionsConfirmed"]) == (topic, "1"), told
[statement] = json.loads(told["Policy"])["Statement"]
assert "events.amazonaws.com" in statement["Principal"]["Service"]
assert sns.publish(TopicArn=topic, Subject="a", Message="b & c")["MessageId"]
model.refused("NotFound", sns.publish, TopicArn=topic + "0", Message="b")
model.refused("InvalidParameter", sns.publish, TopicArn=topic, Message="")

model.fault("denied", operation="GetRole")
model.refused("AccessDenied", iam.get_role, RoleName="shop-TaskRole")
model.no_faults()
assert iam.get_role(RoleName="shop-TaskRole")
print(f"{len(model.CHECKED)} operations held against the models")
