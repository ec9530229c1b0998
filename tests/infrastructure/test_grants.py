"""Least privilege: each role may do exactly what is listed here."""

import pytest

from tests.infrastructure.synthesis import Template, function_of, grants_of, of_type, readable, statements_of

TRACES = {"*": ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]}
STATES = "arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>"
EXECUTION = f"{STATES}:execution:MerchantSales-SalesRun:*"
CHILD_EXECUTION = f"{STATES}:execution:MerchantSales-SalesRun/*:*"
MAP_RUN = f"{STATES}:mapRun:MerchantSales-SalesRun/*:*"
ORDERS = "<OrderIntakeOrdersBucket>"
WORK = "<SalesStoreWorkBucket>"
BUS = "arn:<AWS::Partition>:events:<AWS::Region>:<AWS::AccountId>:event-bus/default"
TELLING = {BUS: ["events:PutEvents"]}
DEAD_LETTERS = {
    "<OrderIntakeDeadLetterQueue>": ["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:SendMessage"]
}
CHANGES = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]
HISTORY = {
    EXECUTION: ["states:DescribeExecution", "states:ListMapRuns"],
    CHILD_EXECUTION: ["states:DescribeExecution", "states:ListMapRuns"],
    MAP_RUN: ["states:ListExecutions"],
    f"{STATES}:stateMachine:MerchantSales-SalesRun": ["states:ListExecutions"],
    WORK: ["s3:ListBucket"],
    f"{WORK}/runs/*/failures/*": ["s3:GetObject"],
}

GRANTS = {
    "plan_run": {
        f"{ORDERS}/*": ["s3:GetObject"],
        ORDERS: ["s3:GetBucketVersioning", "s3:ListBucket"],
        f"{WORK}/runs/*": ["s3:GetObject", "s3:PutObject"],
        "<SalesStoreRunsTable>": CHANGES,
        **HISTORY,
        **TELLING,
    },
    "shard_orders": {
        f"{ORDERS}/*": ["s3:GetObjectVersion"],
        ORDERS: ["s3:ListBucket", "s3:ListBucketVersions"],
        WORK: ["s3:ListBucket"],
        f"{WORK}/runs/*": ["s3:GetObject", "s3:PutObject"],
        f"{WORK}/rejects/*": ["s3:PutObject"],
    },
    "index_shards": {
        f"{WORK}/runs/*": ["s3:GetObject", "s3:PutObject"],
        f"{WORK}/rejects/*/places.json": ["s3:PutObject"],
        WORK: ["s3:ListBucket"],
        "<SalesStoreRunsTable>": CHANGES,
    },
    "merchant_sales": {
        WORK: ["s3:ListBucket"],
        f"{WORK}/runs/*": ["s3:GetObject"],
        f"{WORK}/sales/*": ["s3:GetObject", "s3:PutObject"],
        "<SalesStoreSalesTable>": ["dynamodb:BatchGetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
        "<SalesStoreRunsTable>": ["dynamodb:GetItem", "dynamodb:Query"],
    },
    "settle_run": {
        WORK: ["s3:ListBucket"],
        f"{WORK}/runs/*": ["s3:GetObject"],
        f"{WORK}/sales/*": ["s3:GetObject"],
        "<SalesStoreRunsTable>": ["dynamodb:GetItem", "dynamodb:UpdateItem"],
        **TELLING,
    },
    "fail_run": {
        "<SalesStoreRunsTable>": CHANGES,
        **HISTORY,
        **TELLING,
        **DEAD_LETTERS,
    },
    "sweep": {
        f"{ORDERS}/*": ["s3:GetObject"],
        ORDERS: ["s3:GetBucketVersioning", "s3:ListBucket", "s3:ListBucketVersions"],
        "<SalesStoreRunsTable>": [
            "dynamodb:BatchGetItem",
            "dynamodb:GetItem",
            "dynamodb:Scan",
            "dynamodb:UpdateItem",
        ],
        "<SalesRunStateMachine>": ["states:StartExecution"],
        **HISTORY,
        "<SweeperSweep>": ["lambda:InvokeFunction"],
        **DEAD_LETTERS,
        **TELLING,
    },
    "notify": {"<NotificationsTopic>": ["sns:Publish"], **DEAD_LETTERS},
}


def _role(template: Template, folder: str) -> str:
    return str(function_of(template, folder)[1]["Role"]["Fn::GetAtt"][0])


@pytest.mark.parametrize("folder", GRANTS)
def test_a_function_may_do_only_this(template: Template, folder: str) -> None:
    log_group = readable(function_of(template, folder)[1]["LoggingConfig"]["LogGroup"])
    logs = {log_group: ["logs:CreateLogStream", "logs:PutLogEvents"]}
    assert grants_of(template, _role(template, folder)) == {**GRANTS[folder], **logs, **TRACES}


def test_each_function_has_a_role_of_its_own(template: Template) -> None:
    functions = of_type(template, "AWS::Lambda::Function").values()
    assert len({readable(function["Properties"]["Role"]) for function in functions}) == len(GRANTS)


def test_no_role_carries_a_managed_policy(template: Template) -> None:
    roles = of_type(template, "AWS::IAM::Role").values()
    assert [role for role in roles if "ManagedPolicyArns" in role["Properties"]] == []


def test_the_state_machine_may_call_all_versions_of_its_functions_and_nothing_else(
    template: Template,
) -> None:
    [machine] = of_type(template, "AWS::StepFunctions::StateMachine").values()
    role = machine["Properties"]["RoleArn"]["Fn::GetAtt"][0]
    called = set()
    for statement in statements_of(template, role):
        if statement["Action"] == "lambda:InvokeFunction":
            called |= {readable(resource) for resource in statement["Resource"]}
    for folder in ("plan_run", "shard_orders", "index_shards", "merchant_sales", "settle_run"):
        name = readable({"Ref": function_of(template, folder)[0]})
        assert f"{name}:*" in called
    assert all(":*" in resource or "CurrentVersion" in resource for resource in called)
    assert "FailRun" not in str(called)


def test_the_state_machine_drives_its_own_maps(template: Template) -> None:
    [machine] = of_type(template, "AWS::StepFunctions::StateMachine").values()
    grants = grants_of(template, machine["Properties"]["RoleArn"]["Fn::GetAtt"][0])
    states = {action for actions in grants.values() for action in actions if action.startswith("states:")}
    assert states == {
        "states:StartExecution",
        "states:DescribeExecution",
        "states:StopExecution",
        "states:RedriveExecution",
    }
    assert grants["arn:<AWS::Partition>:s3:::<SalesStoreWorkBucket>/*"] == ["s3:GetObject"]


WRITING = ("s3:Put", "s3:Delete", "s3:Abort", "s3:*")
STARTERS = ("OrderChanged", "EventsRole", "Sweep", "DistributedMap")
"""By a change of the orders bucket, by a schedule, and a Map its own children."""


def test_no_output_of_the_system_can_start_it_again(template: Template) -> None:
    policies = of_type(template, "AWS::IAM::Policy")
    assert len(policies) > 10
    for name, policy in policies.items():
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
            actions, resources = (
                value if isinstance(value, list) else [value]
                for value in (statement["Action"], statement["Resource"])
            )
            if any(action.startswith(WRITING) for action in actions):
                assert not any(ORDERS in readable(resource) for resource in resources), name
            if "states:StartExecution" in actions:
                assert any(starter in name for starter in STARTERS), name
    assert "events:PutEvents" not in str(GRANTS["notify"])  # which an event of ours calls
