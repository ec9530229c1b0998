"""Least privilege: what is done is allowed, and nothing is allowed that is never done.

What is done is derived from the code, the state machine's definition and the settings: `permissions/`.
`make audit-iam` takes out one statement after the other, and says what notices it.
"""

from __future__ import annotations

import copy

import pytest

from tests.infrastructure.permissions.audit import NOTHING, all_needs, audit, never_used
from tests.infrastructure.permissions.deployments import DEPLOYMENTS
from tests.infrastructure.permissions.document import DOCUMENT, parts, section
from tests.infrastructure.permissions.evaluation import statements_of_role
from tests.infrastructure.permissions.needs import Need, unmet
from tests.infrastructure.permissions.requests import Request
from tests.infrastructure.permissions.resolving import Resources, of_type, resolved
from tests.infrastructure.permissions.workers import Recorded
from tests.infrastructure.synthesis import (
    Template,
    function_of,
    grants_of,
    one,
    readable,
    synthesize,
)
from tests.infrastructure.synthesis import of_type as resources_of_type

ORDERS = "<OrderIntakeOrdersBucket>"


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_what_is_done_is_allowed_and_nothing_is_allowed_that_is_never_done(
    name: str, recorded: Recorded
) -> None:
    settings = DEPLOYMENTS[name]
    resources = resolved(synthesize(settings))
    needs = all_needs(resources, recorded, settings)
    assert unmet(resources, needs) == []
    assert never_used(resources, needs) == []


@pytest.mark.parametrize(
    ("policy", "missed"),
    [
        ("ShardingShardOrdersRoleDefaultPolicy", "lambdas/shard_orders calls it"),
        ("SalesRunStateMachineDistributedMapPolicy", "the Distributed Map"),
        ("SweeperGoOn", "lambdas/sweep calls it"),
        ("OrderIntakeDeadLetterQueuePolicy", "can't deliver is kept"),
        ("WorkBucketPolicy", "TLS only"),
        ("TopicPolicy", "alarms tell people"),
        ("AllowEventRuleMerchantSalesRunSettlementFailRun", "the rule RunSettlementExecutionBroke"),
    ],
)
def test_a_policy_that_is_missing_is_missed(
    resources: Resources, needs: list[Need], policy: str, missed: str
) -> None:
    [found] = [logical_id for logical_id in resources if policy in logical_id]
    without: Resources = {name: resource for name, resource in resources.items() if name != found}
    assert any(missed in sentence for sentence in unmet(without, needs))


def test_a_condition_that_is_missing_is_missed(resources: Resources, needs: list[Need]) -> None:
    [name] = [name for name in of_type(resources, "AWS::Lambda::Permission") if "Sweep" in name]
    changed = {**resources, name: copy.deepcopy(resources[name])}
    del changed[name]["Properties"]["SourceArn"]
    [sentence] = unmet(changed, needs)
    assert sentence.startswith("only that (the rule SweeperSweepDue")
    assert "may lambda:InvokeFunction" in sentence


def test_a_context_of_the_key_that_is_missing_or_missed_is_found(recorded: Recorded) -> None:
    resources = resolved(synthesize(DEPLOYMENTS["a key of its own"]))
    needs = all_needs(resources, recorded)
    [name] = [name for name in of_type(resources, "AWS::IAM::Policy") if "SettleRunRole" in name]
    statements = resources[name]["Properties"]["PolicyDocument"]["Statement"]
    number = next(n for n, statement in enumerate(statements) if "tableName" in str(statement))
    changed = {**resources, name: copy.deepcopy(resources[name])}
    changed[name]["Properties"]["PolicyDocument"]["Statement"][number].pop("Condition")
    assert all("only that (lambdas/settle_run" in sentence for sentence in unmet(changed, needs))
    assert unmet(changed, needs)

    changed = {**resources, name: copy.deepcopy(resources[name])}
    condition = changed[name]["Properties"]["PolicyDocument"]["Statement"][number]["Condition"]
    condition["StringLike"] = {"kms:EncryptionContext:aws:dynamodb:tableName": ["another"]}
    assert any(
        "SettleRunRole" in sentence and "kms:Decrypt" in sentence for sentence in unmet(changed, needs)
    )


def test_a_grant_that_nobody_needs_is_found(resources: Resources, needs: list[Need]) -> None:
    [name] = [name for name in of_type(resources, "AWS::IAM::Policy") if "NotifyRole" in name]
    more = {**resources, name: copy.deepcopy(resources[name])}
    surplus = {"Effect": "Allow", "Action": "s3:DeleteObject", "Resource": "arn:aws:s3:::work/*"}
    more[name]["Properties"]["PolicyDocument"]["Statement"].append(surplus)
    [sentence] = never_used(more, needs)
    assert "NotificationsNotifyRole: s3:DeleteObject" in sentence
    unnoticed = [finding for finding in audit(more, needs) if finding.unnoticed]
    assert [(finding.owner, finding.noticed) for finding in unnoticed] == [
        ("NotificationsNotifyRole", NOTHING)
    ]


def test_a_new_call_of_a_function_needs_a_grant(resources: Resources, recorded: Recorded) -> None:
    called = [*recorded["settle_run"], Request("s3:DeleteObject", "arn:aws:s3:::work/sales/1.parquet")]
    [sentence] = unmet(resources, all_needs(resources, {**recorded, "settle_run": called}))
    assert sentence.startswith("lambdas/settle_run calls it: RunSettlementSettleRunRole")
    assert "may not s3:DeleteObject on arn:aws:s3:::salesstoreworkbucket" in sentence


def test_every_role_is_somebodys(resources: Resources, needs: list[Need]) -> None:
    assert set(of_type(resources, "AWS::IAM::Role")) == {need.trusting for need in needs} - {""}


def test_each_function_has_a_role_of_its_own(template: Template) -> None:
    functions = resources_of_type(template, "AWS::Lambda::Function").values()
    assert len({readable(function["Properties"]["Role"]) for function in functions}) == len(functions)


def test_no_role_carries_a_managed_policy_or_one_in_itself(template: Template) -> None:
    roles = resources_of_type(template, "AWS::IAM::Role").values()
    assert [role for role in roles if {"ManagedPolicyArns", "Policies"} & set(role["Properties"])] == []


@pytest.mark.parametrize(
    ("job", "folder", "more"),
    [
        ("ShardOversizeOrders", "shard_orders", {}),
        (
            "OversizeMerchantSales",
            "merchant_sales",
            {"<SalesStoreWorkBucket>/runs/*/failures/*": ["s3:PutObject"]},
        ),
    ],
)
def test_a_job_may_do_what_its_function_may_and_fetch_its_code(
    template: Template, job: str, folder: str, more: dict[str, list[str]]
) -> None:
    definition = one(template, "AWS::Batch::JobDefinition", job)["Properties"]["ContainerProperties"]
    of_job = grants_of(template, definition["JobRoleArn"]["Fn::GetAtt"][0])
    properties = function_of(template, folder)[1]
    of_function = grants_of(template, properties["Role"]["Fn::GetAtt"][0])
    of_function.pop(readable(properties["LoggingConfig"]["LogGroup"]))  # the job's log is Fargate's work
    of_function.pop("*")  # a job isn't traced
    code = {place: actions for place, actions in of_job.items() if "cdk-hnb659fds-assets" in place}
    assert set(map(tuple, code.values())) == {("s3:GetObject",)}
    assert of_job == {**of_function, **code, **more}


WRITING = ("s3:Put", "s3:Delete", "s3:Abort", "s3:*")
STARTERS = ("OrderChanged", "EventsRole", "Sweep", "DistributedMap")
"""By a change of the orders bucket, by a schedule, and a Map its own children."""


def test_no_output_of_the_system_can_start_it_again(template: Template) -> None:
    policies = resources_of_type(template, "AWS::IAM::Policy")
    assert len(policies) > 10
    for name, policy in policies.items():
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
            actions, places = (
                value if isinstance(value, list) else [value]
                for value in (statement["Action"], statement["Resource"])
            )
            assert not any(action.startswith(("s3:Delete", "dynamodb:Delete")) for action in actions), name
            if any(action.startswith(WRITING) for action in actions):
                assert not any(ORDERS in readable(place) for place in places), name
            if "states:StartExecution" in actions:
                assert any(starter in name for starter in STARTERS), name


def test_who_tells_people_tells_no_events(resources: Resources) -> None:
    [role] = [name for name in of_type(resources, "AWS::IAM::Role") if "NotifyRole" in name]
    actions = {str(statement["Action"]) for statement in statements_of_role(resources, role)}
    assert "events:PutEvents" not in str(actions)  # an event of ours calls it


def test_the_document_says_in_words_what_every_role_may_do(template: Template) -> None:
    _, table, _ = parts(DOCUMENT.read_text())
    assert table == section(template), "write it: python -m tests.infrastructure.permissions.document"
