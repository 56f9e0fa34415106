"""Clients of boto3 that hold every answer against AWS's own models: no member that the model lacks, the right kind of
value, only values that an enumeration has."""

import json
import os
import re
import xml.etree.ElementTree as ET
from functools import partial

import boto3
from botocore.config import Config

CHECKED = set()


def wrong_json(shape, value, at):
    kind = shape.type_name
    if kind == "structure":
        assert isinstance(value, dict), f"{at}: {value!r} is no structure"
        for name, inner in value.items():
            names = {m.serialization.get("name", n): m for n, m in shape.members.items()}
            assert name in names, f"{at}.{name} is not in the model"
            if inner is not None:
                wrong_json(names[name], inner, f"{at}.{name}")
    elif kind == "list":
        assert isinstance(value, list), f"{at}: {value!r} is no list"
        for inner in value:
            wrong_json(shape.member, inner, at + "[]")
    elif kind == "map":
        assert isinstance(value, dict), f"{at}: {value!r} is no map"
        for inner in value.values():
            wrong_json(shape.value, inner, at + "{}")
    elif kind in ("integer", "long"):
        assert isinstance(value, int) and not isinstance(value, bool), f"{at}: {value!r} is no {kind}"
    elif kind in ("timestamp", "double", "float"):
        assert isinstance(value, (int, float)) and not isinstance(value, bool), f"{at}: {value!r} is no {kind}"
    elif kind == "boolean":
        assert isinstance(value, bool), f"{at}: {value!r} is no boolean"
    elif kind == "string":
        assert isinstance(value, str), f"{at}: {value!r} is no string"
        assert not shape.enum or value in shape.enum, f"{at}: {value!r} is none of {shape.enum}"


def local(element):
    return re.sub(r"^\{.*\}", "", element.tag)


def wrong_xml(shape, element, at):
    kind = shape.type_name
    if kind == "structure":
        names = {}
        for name, member in shape.members.items():
            flat = member.type_name == "list" and member.serialization.get("flattened")
            own = member.serialization.get("name", name)
            if flat:
                own = member.serialization.get("name") or member.member.serialization.get("name", name)
            names[own] = member.member if flat else member
        for inner in element:
            name = local(inner)
            assert name in names, f"{at}.{name} is not in the model"
            wrong_xml(names[name], inner, f"{at}.{name}")
    elif kind == "list":
        item = shape.member.serialization.get("name", "member")
        for inner in element:
            assert local(inner) == item, f"{at}: {local(inner)} instead of {item}"
            wrong_xml(shape.member, inner, at + "[]")
    elif kind in ("integer", "long"):
        int(element.text)
    elif kind == "boolean":
        assert element.text in ("true", "false"), f"{at}: {element.text!r} is no boolean"
    elif kind == "string" and shape.enum:
        assert element.text in shape.enum, f"{at}: {element.text!r} is none of {shape.enum}"


def check(model, event_name, response_dict, **_):
    if response_dict["status_code"] >= 300:
        return
    operation = model.operation_model(event_name.split(".")[2])
    shape, body = operation.output_shape, response_dict["body"]
    at = f"{model.service_name}.{operation.name}"
    CHECKED.add(at)
    if shape is None or not body or operation.has_streaming_output:
        return
    protocol = model.resolved_protocol
    if protocol == "json":
        wrong_json(shape, json.loads(body), at)
        return
    root = ET.fromstring(body)
    assert protocol in ("query", "ec2", "rest-xml"), f"{at} speaks {protocol}"
    if protocol == "ec2":
        root.remove(next(e for e in root if local(e) == "requestId"))
    if protocol == "query":
        root = next(e for e in root if local(e) == operation.name + "Result")
    wrong_xml(shape, root, at)


def clients(*services, **config):
    config = Config(s3={"addressing_style": "path"}, **config)
    made = [boto3.client(service, config=config) for service in services]
    for client in made:
        client.meta.events.register("response-received", partial(check, client.meta.service_model))
    return made


def call(path, body, method="POST"):
    """The rehearsal's own door: time and faults."""
    import urllib.request

    request = urllib.request.Request(os.environ["AWS_ENDPOINT_URL"] + path, json.dumps(body).encode(), method=method)
    with urllib.request.urlopen(request) as response:
        return json.load(response)


def fault(kind, **more):
    call("/_rehearsal/faults", {"fault": kind, **more})


def no_faults():
    call("/_rehearsal/faults", {}, "DELETE")


def refused(code, how, **arguments):
    """The text with which a call is refused."""
    from botocore.exceptions import ClientError

    try:
        how(**arguments)
    except ClientError as error:
        told = error.response["Error"]
        assert told["Code"] == code, f"{told['Code']} instead of {code}: {told['Message']}"
        return told["Message"]
    raise AssertionError(f"{code} was expected")


def until(look, seconds=5):
    """Lets time pass there, some seconds at once, until something is true, and gives that back."""
    for _ in range(2000):
        found = look()
        if found:
            return found
        call("/_rehearsal/advance", {"seconds": seconds})
    raise AssertionError("it did not happen in time")
