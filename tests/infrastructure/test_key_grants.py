"""The key of `encryption: kms`, and that of an existing bucket: each role may do with it what it must."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from stacks.config import PipelineConfig
from stacks.config_values import ConfigError
from tests.infrastructure.synthesis import Template, of_type, readable, statements_of, synthesize

KEY = "<EncryptionKey>"
HERE = "<AWS::Region>:<AWS::AccountId>"
MACHINE = f"arn:<AWS::Partition>:states:{HERE}:stateMachine:MerchantSales-SalesRun"
DECRYPT, GENERATE = "kms:Decrypt", "kms:GenerateDataKey"
Need = tuple[str, str, str]
"""An action, the kind of encryption context, and what is encrypted."""


@pytest.fixture(scope="module")
def kms() -> Template:
    """Give the template of a deployment with a key of its own."""
    return synthesize({"encryption": "kms"})


def every_role(template: Template) -> dict[str, list[dict[str, Any]]]:
    """Give the statements of all roles that have some."""
    roles = {role: statements_of(template, role) for role in of_type(template, "AWS::IAM::Role")}
    return {role: statements for role, statements in roles.items() if statements}


def needs(role: str, statement: dict[str, Any]) -> Iterator[Need]:
    """Derive what of the key goes with a statement that is about something encrypted."""
    for action in as_list(statement["Action"]):
        for resource in map(readable, as_list(statement["Resource"])):
            what = re.sub(r"^arn:<AWS::Partition>:s3:::|/.*", "", resource)
            if action in ("s3:GetObject", "s3:GetObjectVersion") and "Bucket" in what:
                yield DECRYPT, "aws:s3:arn", what
            elif action == "s3:PutObject":
                yield GENERATE, "aws:s3:arn", what
            elif action.startswith("dynamodb:"):
                yield DECRYPT, "aws:dynamodb:tableName", what
            elif action == "sqs:SendMessage":
                yield from ((use, "aws:sqs:arn", what) for use in (DECRYPT, GENERATE))
            elif action == "sns:Publish":
                yield from ((use, "aws:sns:topicArn", what) for use in (DECRYPT, GENERATE))
            elif action == "states:DescribeExecution":
                yield DECRYPT, "aws:states:stateMachineArn", MACHINE
                if "StateMachineRole" in role:  # an execution is encrypted as the machine's own role
                    yield GENERATE, "aws:states:stateMachineArn", MACHINE
            elif action == "logs:CreateLogDelivery":
                yield GENERATE, "SourceArn", f"arn:<AWS::Partition>:logs:{HERE}:*"


def uses(statement: dict[str, Any]) -> Iterator[Need]:
    """Read what a statement grants of the key; there is none without an encryption context."""
    assert readable(statement["Resource"]) == KEY
    assert set(statement) == {"Action", "Effect", "Resource", "Condition"}
    [(operator, [(name, values)])] = [(o, list(c.items())) for o, c in statement["Condition"].items()]
    assert operator == "StringLike"
    for action in as_list(statement["Action"]):
        for value in map(readable, as_list(values)):
            yield action, name.removeprefix("kms:EncryptionContext:"), value.removesuffix("/*")


def as_list(value: Any) -> list[Any]:
    """Give a list of one where there is only one."""
    return value if isinstance(value, list) else [value]


def test_each_role_may_use_the_key_for_what_it_reads_and_writes_and_for_nothing_else(kms: Template) -> None:
    roles = every_role(kms)
    assert len(roles) == 13  # 8 functions, 2 jobs and what starts them, the machine, and what starts that
    for role, statements in roles.items():
        about_the_key = ["kms:" in str(statement["Action"]) for statement in statements]
        granted = [
            use for s, is_key in zip(statements, about_the_key, strict=True) if is_key for use in uses(s)
        ]
        others = [s for s, is_key in zip(statements, about_the_key, strict=True) if not is_key]
        needed = {need for statement in others for need in needs(role, statement)}
        assert set(granted) == needed, role
    assert sum("kms:" in str(statements) for statements in roles.values()) == 11


def test_an_existing_bucket_keeps_its_own_encryption_and_its_key_is_granted_if_it_is_named() -> None:
    bucket, key = "my-orders", "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab"
    named = {"ordersBucketName": bucket, "ordersBucketKeyArn": key}
    readers = {"OrderIntakePlanRun", "ShardingShardOrders", "ShardOversizeOrders", "SweeperSweep"}
    for settings, theirs in (
        ({"ordersBucketName": bucket}, set()),
        (named, readers),
        ({**named, "encryption": "kms"}, readers),
    ):
        found = every_role(synthesize(settings))
        granted = {
            role: statement
            for role, statements in found.items()
            for statement in statements
            if statement["Resource"] == key
        }
        assert len(granted) == len(theirs)
        assert all(any(reader in role for role in granted) for reader in theirs)
        for statement in granted.values():
            assert statement["Action"] == "kms:Decrypt"
            [contexts] = statement["Condition"]["StringLike"].values()
            assert [readable(context) for context in contexts] == [
                f"arn:<AWS::Partition>:s3:::{bucket}",
                f"arn:<AWS::Partition>:s3:::{bucket}/*",
            ]


def test_the_key_of_a_bucket_that_is_not_named_is_refused() -> None:
    with pytest.raises(ConfigError, match="set ordersBucketName too"):
        PipelineConfig.from_context({"ordersBucketKeyArn": "arn:aws:kms:eu-west-1:111122223333:key/1-2"})
