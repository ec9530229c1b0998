"""Synthesizes the stack for tests, without packaging, and reads what came out."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aws_cdk as cdk

from stacks.config import PipelineConfig
from stacks.merchant_sales_stack import MerchantSalesStack

ROOT = Path(__file__).parents[2]
FLAGS: dict[str, Any] = json.loads((ROOT / "cdk.json").read_text())["context"]
Template = dict[str, Any]


def app_with(settings: Mapping[str, Any], *, bundle: bool = False) -> cdk.App:
    """Build an app with the context of cdk.json and some settings; packaging is skipped unless asked for."""
    skip: dict[str, Any] = {} if bundle else {"aws:cdk:bundling-stacks": []}
    return cdk.App(context={**FLAGS, **skip, **settings})


def stack_in(app: cdk.App) -> MerchantSalesStack:
    """Compose the stack as app.py does."""
    config = PipelineConfig.from_context(app.node.get_all_context())
    return MerchantSalesStack(app, config.stack_name, config=config, root=ROOT)


def synthesize(settings: Mapping[str, Any] | None = None) -> Template:
    """Give the template of the stack under some settings."""
    app = app_with(settings or {})
    stack_in(app)
    [stack] = app.synth().stacks
    template: Template = stack.template
    return template


def without_hashes(template: Template) -> Template:
    """Replace what changes with every line of code: asset hashes, and the names of published versions."""
    text = re.sub(r"\b[0-9a-f]{64}(\.zip)?\b", "<asset>", json.dumps(template))
    text = re.sub(r"(CurrentVersion[0-9A-F]{8})[0-9a-f]{32}", r"\1", text)
    stable: Template = json.loads(text)
    return stable


def of_type(template: Template, resource_type: str) -> dict[str, Any]:
    """Give the resources of a type by logical id."""
    return {name: r for name, r in template["Resources"].items() if r["Type"] == resource_type}


def readable(value: Any) -> str:
    """Write a value with Ref, Fn::GetAtt, Fn::Join, Fn::Sub as one text, resources as <Name> without hash."""
    if isinstance(value, str):
        return value
    if "Fn::Join" in value:
        separator, parts = value["Fn::Join"]
        return str(separator.join(readable(part) for part in parts))
    if "Fn::GetAtt" in value:
        name, attribute = value["Fn::GetAtt"]
        return f"<{_plain(name)}>" if attribute == "Arn" else f"<{_plain(name)}.{attribute}>"
    if "Fn::Sub" in value:
        return re.sub(r"\$\{(.*?)\}", r"<\1>", value["Fn::Sub"])
    if "Ref" in value:
        return f"<{_plain(value['Ref'])}>"
    return json.dumps(value)


def _plain(logical_id: str) -> str:
    return re.sub(r"[0-9A-F]{8}([0-9a-f]{32})?$", "", logical_id)


def state_machine_definition(template: Template) -> dict[str, Any]:
    """Give the definition of the one state machine, functions and buckets named as in `readable`."""
    [machine] = of_type(template, "AWS::StepFunctions::StateMachine").values()
    definition: dict[str, Any] = json.loads(readable(machine["Properties"]["DefinitionString"]))
    return definition


def one(template: Template, resource_type: str, name: str) -> dict[str, Any]:
    """Give the one resource of a type whose logical id holds a name."""
    [found] = [resource for key, resource in of_type(template, resource_type).items() if name in key]
    resource: dict[str, Any] = found
    return resource


def function_of(template: Template, folder: str) -> tuple[str, dict[str, Any]]:
    """Find the function whose handler is in a folder of lambdas/: its logical id and its properties."""
    for name, resource in of_type(template, "AWS::Lambda::Function").items():
        properties: dict[str, Any] = resource["Properties"]
        if properties["Handler"] == f"lambdas.{folder}.handler.handler":
            return name, properties
    raise LookupError(f"no function for lambdas/{folder}")


def statements_of(template: Template, role: str) -> list[dict[str, Any]]:
    """Give all statements of the policies attached to a role."""
    found = []
    for policy in of_type(template, "AWS::IAM::Policy").values():
        if {"Ref": role} in policy["Properties"]["Roles"]:
            found += policy["Properties"]["PolicyDocument"]["Statement"]
    return found


def grants_of(template: Template, role: str) -> dict[str, list[str]]:
    """Give what a role may do: actions by readable resource."""
    grants: dict[str, list[str]] = {}
    for statement in statements_of(template, role):
        assert set(statement) == {"Action", "Effect", "Resource"}
        assert statement["Effect"] == "Allow"
        for resource in _as_list(statement["Resource"]):
            actions = grants.setdefault(readable(resource), [])
            actions += _as_list(statement["Action"])
    return {resource: sorted(actions) for resource, actions in sorted(grants.items())}


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
