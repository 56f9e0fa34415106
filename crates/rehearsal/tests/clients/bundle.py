"""What a release is made of: an image in the registry, an archive in the bucket, what the pipeline did with them."""

import hashlib
import io
import json
import os
import urllib.request
import zipfile

APPSPEC = """version: 0.0
Resources:
  - TargetService:
      Type: AWS::ECS::Service
      Properties:
        TaskDefinition: <TASK_DEFINITION>
        LoadBalancerInfo:
          ContainerName: "shop"
          ContainerPort: 8080
        CapacityProviderStrategy:
          - {CapacityProvider: FARGATE, Base: 1, Weight: 1}
Hooks:
  - AfterAllowTestTraffic: CodeDeployHook_check
"""


def definition(image="<ECR_IMAGE>"):
    return {
        "family": "shop",
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "cpu": "256",
        "memory": "512",
        "executionRoleArn": "arn:aws:iam::123456789012:role/shop-ExecutionRole",
        "containerDefinitions": [
            {"name": "shop", "image": image, "essential": True, "portMappings": [{"containerPort": 8080}]}
        ],
    }


def archive(appspec=APPSPEC):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("taskdef.json", json.dumps(definition()))
        made.writestr("appspec.yaml", appspec)
    return out.getvalue()


def request(method, path, body=b"", kind="application/octet-stream"):
    url = path if path.startswith("http") else os.environ["AWS_ENDPOINT_URL"] + path
    asked = urllib.request.Request(url, body, {"Content-Type": kind}, method=method)
    with urllib.request.urlopen(asked) as answer:
        return answer.headers, answer.read()


def push(name, repository="shop", tag="release"):
    """Pushes an image by the distribution protocol; its digest."""
    config = json.dumps({"architecture": "amd64", "os": "linux", "comment": name, "rootfs": {"type": "layers", "diff_ids": []}})
    config = config.encode()
    digest = "sha256:" + hashlib.sha256(config).hexdigest()
    headers, _ = request("POST", f"/v2/{repository}/blobs/uploads/")
    request("PUT", f"{headers['location']}?digest={digest}", config)
    kind = "application/vnd.oci.image.manifest.v1+json"
    manifest = {
        "schemaVersion": 2,
        "mediaType": kind,
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest, "size": len(config)},
        "layers": [],
    }
    headers, _ = request("PUT", f"/v2/{repository}/manifests/{tag}", json.dumps(manifest).encode(), kind)
    return headers["docker-content-digest"]


def put(s3, body=None):
    return s3.put_object(Bucket="shop-sourcebucket", Key="artifacts.zip", Body=body or archive())["VersionId"]


def start(pipeline, version, digest):
    started = pipeline.start_pipeline_execution(
        name="shop-pipeline",
        sourceRevisions=[
            {"actionName": "S3Source", "revisionType": "S3_OBJECT_VERSION_ID", "revisionValue": version},
            {"actionName": "ImageSource", "revisionType": "IMAGE_DIGEST", "revisionValue": digest},
        ],
    )
    return started["pipelineExecutionId"]


def deployment_of(pipeline, execution):
    """The deployment of a run, once it has one."""
    found = pipeline.list_action_executions(pipelineName="shop-pipeline", filter={"pipelineExecutionId": execution})
    for action in found["actionExecutionDetails"]:
        if action["actionName"] == "Deploy":
            return action["output"]["executionResult"].get("externalExecutionId")
    return None


def status(pipeline, execution):
    told = pipeline.get_pipeline_execution(pipelineName="shop-pipeline", pipelineExecutionId=execution)
    return told["pipelineExecution"]["status"]
