"""Several deployments in one account and region: what each names, listens to and measures is its own."""

import re
from collections import Counter
from typing import Any

import pytest

from tests.infrastructure.synthesis import Template, of_type, readable, synthesize

NAMES = ("MerchantSales", "MerchantSales-EU", "Sales")  # two of them begin alike
EVERYTHING = {
    "encryption": "kms",
    "accessLogs": "true",
    "monthlyBudgetUsd": "5",
    "notifyEmail": "a@example.com",
}
NAMED_BY_US = {  # the properties by which a physical name can be chosen; what has none, is named by its stack
    "AWS::CloudWatch::Dashboard": "DashboardName",
    "AWS::KMS::Alias": "AliasName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::StepFunctions::StateMachine": "StateMachineName",
}
NOT_A_NAME_OF_ITS_OWN = {
    "AWS::CloudWatch::Alarm MetricName",  # see the test of metrics
    "AWS::EC2::VPCEndpoint ServiceName",  # of AWS
    "AWS::IAM::Policy PolicyName",  # within one role
    "AWS::Lambda::EventInvokeConfig FunctionName",  # these name another resource of the stack
    "AWS::Lambda::Permission FunctionName",
    "AWS::Lambda::Version FunctionName",
    "AWS::SNS::Topic DisplayName",  # shown in messages
}
OF_THE_ACCOUNT = {"AWS/States ApproximateMapRunBacklogSize"}
"""A quota of the account: each deployment watches it, and none of them writes it."""


@pytest.fixture(scope="module")
def deployments() -> dict[str, Template]:
    """Give the templates of deployments that differ in their names only."""
    return {name: synthesize({**EVERYTHING, "stackName": name}) for name in NAMES}


def names_in(template: Template) -> dict[str, str]:
    """Give all names that the template chooses, by kind; references to resources of the stack are none."""
    chosen = {}
    for logical_id, resource in template["Resources"].items():
        for name, value in resource.get("Properties", {}).items():
            kind = f"{resource['Type']} {name}"
            if (name.endswith("Name") or name == "Name") and kind not in NOT_A_NAME_OF_ITS_OWN:
                chosen[f"{kind} {logical_id}"] = readable(value)
    return chosen


def test_only_these_kinds_of_resources_are_named_at_all(deployments: dict[str, Template]) -> None:
    for template in deployments.values():
        kinds = {key.rsplit(" ", 1)[0] for key in names_in(template)}
        assert kinds == {f"{kind} {name}" for kind, name in NAMED_BY_US.items()}


def test_no_two_deployments_choose_the_same_name(deployments: dict[str, Template]) -> None:
    chosen: Counter[tuple[str, str]] = Counter()
    for template in deployments.values():
        for key, name in names_in(template).items():
            chosen[key.split(" ")[0], name.lower()] += 1
    assert len(chosen) == len(NAMED_BY_US) * len(NAMES)
    assert set(chosen.values()) == {1}


def test_nothing_is_exported_and_no_parameter_store_is_written(deployments: dict[str, Template]) -> None:
    for template in deployments.values():
        assert not [name for name, output in template["Outputs"].items() if "Export" in output]
        assert not of_type(template, "AWS::SSM::Parameter")


def test_each_rule_listens_to_what_is_of_its_own_stack(deployments: dict[str, Template]) -> None:
    for template in deployments.values():
        patterns = {
            name: rule["Properties"]["EventPattern"]
            for name, rule in of_type(template, "AWS::Events::Rule").items()
            if "EventPattern" in rule["Properties"]
        }
        listened_to = {
            re.sub(r"[0-9A-F]{8}$", "", name): sorted(
                re.findall(r"<(\w+)>", " ".join(map(readable, _references(pattern))))
            )
            for name, pattern in patterns.items()
        }
        assert listened_to == {
            "OrderIntakeOrderChanged": ["OrderIntakeOrdersBucket"],
            "RunSettlementExecutionBroke": ["SalesRunStateMachine"],
            "NotificationsRunEnded": ["SalesStoreRunsTable"],
        }


def _references(value: Any) -> list[Any]:
    """Find the references anywhere in a value."""
    if isinstance(value, dict):
        if len(value) == 1 and next(iter(value)) in ("Ref", "Fn::GetAtt"):
            return [value]
        return [found for part in value.values() for found in _references(part)]
    return [found for part in value for found in _references(part)] if isinstance(value, list) else []


def test_each_deployment_measures_under_its_own_name(deployments: dict[str, Template]) -> None:
    for name, template in deployments.items():
        functions = of_type(template, "AWS::Lambda::Function").values()
        spaces = {
            function["Properties"]["Environment"]["Variables"]["POWERTOOLS_METRICS_NAMESPACE"]
            for function in functions
        }
        assert spaces == {name}
        for alarm in of_type(template, "AWS::CloudWatch::Alarm").values():
            for metric in _metrics(alarm["Properties"]):
                dimensions = metric.get("Dimensions", [])
                ours = metric["Namespace"] == name or any(
                    _references(dimension["Value"]) for dimension in dimensions
                )
                assert ours or f"{metric['Namespace']} {metric['MetricName']}" in OF_THE_ACCOUNT


def _metrics(alarm: dict[str, Any]) -> list[dict[str, Any]]:
    if "MetricName" in alarm:
        return [alarm]
    return [one["MetricStat"]["Metric"] for one in alarm["Metrics"] if "MetricStat" in one]


def test_no_role_reaches_a_deployment_whose_name_begins_like_its_own(
    deployments: dict[str, Template],
) -> None:
    patterns = set()
    for policy in of_type(deployments["MerchantSales"], "AWS::IAM::Policy").values():
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
            resources = statement["Resource"]
            for resource in resources if isinstance(resources, list) else [resources]:
                if "MerchantSales-" in readable(resource):
                    patterns.add(readable(resource))
    assert patterns
    for pattern in patterns:
        for one in ("execution:MerchantSales-EU-SalesRun:1", "execution:MerchantSales-EU-SalesRun/Map:1"):
            arn = f"arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:{one}"
            assert not re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), arn)
