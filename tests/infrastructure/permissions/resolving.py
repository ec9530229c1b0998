"""A template with its references put in, as CloudFormation does: names and ARNs of a made-up account."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from tests.infrastructure.permissions.requests import ACCOUNT, PARTITION, REGION, arn, table_arn

PSEUDO = {
    "AWS::Partition": PARTITION,
    "AWS::Region": REGION,
    "AWS::AccountId": ACCOUNT,
    "AWS::StackName": "Stack",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackId": arn("cloudformation", "stack/Stack/1"),
}
Resource = dict[str, Any]
Resources = dict[str, Resource]
NameOf = Callable[[str, Mapping[str, Any]], str]


def resolved(template: Mapping[str, Any]) -> Resources:
    """The resources by logical id, with every reference replaced by what it will be."""
    resources: Resources = template["Resources"]
    parameters: Mapping[str, Any] = template.get("Parameters", {})

    def value_of(value: Any) -> Any:
        if isinstance(value, list):
            return [value_of(one) for one in value]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            [(name, about)] = value.items()
            if name in FUNCTIONS:
                return FUNCTIONS[name](about, value_of, lookup)
        return {key: value_of(one) for key, one in value.items()}

    def lookup(logical_id: str, attribute: str = "") -> str:
        if logical_id in PSEUDO:
            return PSEUDO[logical_id]
        if logical_id in parameters:
            return str(parameters[logical_id].get("Default", logical_id))
        resource = resources[logical_id]
        return _name(logical_id, resource["Type"], value_of(resource.get("Properties", {})), attribute)

    return {logical_id: value_of(resource) for logical_id, resource in resources.items()}


def _join(about: Any, value_of: Callable[[Any], Any], _: Any) -> str:
    separator, parts = about
    return str(separator.join(value_of(parts)))


def _sub(about: Any, _: Any, lookup: Callable[..., str]) -> str:
    assert isinstance(about, str)
    return re.sub(r"\$\{(.*?)\}", lambda found: lookup(*found[1].split(".")), about)


def _select(about: Any, value_of: Callable[[Any], Any], _: Any) -> Any:
    index, values = value_of(about)
    return values[int(index)]


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "Ref": lambda about, _, lookup: lookup(about),
    "Fn::GetAtt": lambda about, _, lookup: lookup(*about),
    "Fn::Join": _join,
    "Fn::Sub": _sub,
    "Fn::Select": _select,
    "Fn::Split": lambda about, value_of, _: value_of(about[1]).split(about[0]),
    "Fn::GetAZs": lambda _, __, ___: [f"{REGION}a", f"{REGION}b"],
}
BY_REF = {"AWS::SNS::Topic", "AWS::StepFunctions::StateMachine", "AWS::Batch::JobDefinition"}
"""Whose Ref is the ARN."""
ARNS: dict[str, NameOf] = {
    "AWS::S3::Bucket": lambda name, _: f"arn:{PARTITION}:s3:::{name.lower()}",
    "AWS::DynamoDB::GlobalTable": lambda name, _: table_arn(name),
    "AWS::SQS::Queue": lambda name, _: arn("sqs", name),
    "AWS::SNS::Topic": lambda name, _: arn("sns", name),
    "AWS::Lambda::Function": lambda name, _: arn("lambda", f"function:{name}"),
    "AWS::Lambda::Version": lambda _, about: f"{about['FunctionName']}:7",
    "AWS::Logs::LogGroup": lambda name, about: arn("logs", f"log-group:{about.get('LogGroupName', name)}:*"),
    "AWS::StepFunctions::StateMachine": lambda _, about: arn(
        "states", f"stateMachine:{about['StateMachineName']}"
    ),
    "AWS::Events::Rule": lambda name, _: arn("events", f"rule/{name}"),
    "AWS::Batch::JobQueue": lambda name, _: arn("batch", f"job-queue/{name}"),
    "AWS::Batch::JobDefinition": lambda name, _: arn("batch", f"job-definition/{name}:1"),
    "AWS::IAM::Role": lambda name, _: f"arn:{PARTITION}:iam::{ACCOUNT}:role/{name}",
    "AWS::KMS::Key": lambda name, _: arn("kms", f"key/{name}"),
}


def _name(logical_id: str, kind: str, properties: Mapping[str, Any], attribute: str) -> str:
    if kind == "AWS::Lambda::Version":
        function = properties["FunctionName"]
        return f"{function if function.startswith('arn:') else arn('lambda', f'function:{function}')}:7"
    if kind in ARNS and (attribute.endswith("Arn") or (not attribute and kind in BY_REF)):
        return ARNS[kind](logical_id, properties)
    if kind == "AWS::Logs::LogGroup":
        return str(properties.get("LogGroupName", logical_id))
    if attribute:
        return f"{logical_id}.{attribute}"
    return logical_id.lower() if kind == "AWS::S3::Bucket" else logical_id


def of_type(resources: Resources, kind: str) -> dict[str, dict[str, Any]]:
    """The properties of the resources of a type, by logical id."""
    return {name: one.get("Properties", {}) for name, one in resources.items() if one["Type"] == kind}


def machine_of(resources: Resources) -> dict[str, Any]:
    """The properties of the one state machine, its definition read, its ARN among them."""
    [(name, properties)] = of_type(resources, "AWS::StepFunctions::StateMachine").items()
    definition = json.loads(properties["DefinitionString"])
    return {
        **properties,
        "Definition": definition,
        "Arn": _name(name, resources[name]["Type"], properties, ""),
    }
