"""Creates the stacks on moto, in this process, each with the outputs of the one before, and prints what came of it.

One line a resource that the template has: `made` or `ignored`, stack, logical name, type.
"""

import sys
from pathlib import Path

import boto3
import yaml
from moto import mock_aws

REGION = "eu-west-1"


class Loader(yaml.SafeLoader):
    """Reads CloudFormation's tags as nothing special: only names and types of resources are asked for."""


Loader.add_multi_constructor("!", lambda loader, suffix, node: None)


@mock_aws
def main(folder: Path) -> None:
    ec2 = boto3.client("ec2", REGION)
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    subnets = ",".join(s["SubnetId"] for s in ec2.describe_subnets()["Subnets"][:2])
    certificate = boto3.client("acm", REGION).request_certificate(DomainName="example.com")["CertificateArn"]
    cloudformation = boto3.client("cloudformation", REGION)

    def make(name: str, **parameters: str) -> dict[str, str]:
        text = (folder / f"{name}.yaml").read_text()
        cloudformation.create_stack(
            StackName=name,
            TemplateBody=text,
            Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in parameters.items()],
            Capabilities=["CAPABILITY_IAM"],
        )
        stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        resources = cloudformation.describe_stack_resources(StackName=name)["StackResources"]
        made = {r["LogicalResourceId"] for r in resources if r.get("PhysicalResourceId")}
        print(stack["StackStatus"], name)
        for resource, body in sorted(yaml.load(text, Loader)["Resources"].items()):
            print("made" if resource in made else "ignored", name, resource, body["Type"])
        return {o["OutputKey"]: o["OutputValue"] for o in stack.get("Outputs", [])}

    repository = make("repository", RepositoryName="test/nginx")["RepositoryName"]
    service = make(
        "service",
        VpcId=vpc,
        Subnets=subnets,
        TaskSubnets=subnets,
        ALBScheme="internal",
        CertificateArn=certificate,
        RepositoryName=repository,
        ImageDigest="sha256:" + "0" * 64,
    )
    make(
        "pipeline",
        S3Bucket=service["SourceBucket"],
        RepositoryName=repository,
        ApplicationName=service.get("ApplicationName", "test-nginx"),
        DeploymentGroupName=service.get("DeploymentGroupName", "test-nginx"),
        ExecutionRoleArn=service["ExecutionRoleArn"],
        TaskRoleArn=service["TaskRoleArn"],
        SnsTopic=service["TopicArn"],
    )


main(Path(sys.argv[1]))
