"""Each role with its own credentials, IAM enforced: what it may call, and that it may call nothing else."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest

from local.deployment import STACK
from tests.local.conftest import Deployed
from tests.local.probes_by_name import FOLDERS, PROBES
from tests.local.role_probes import Caller, Places

LOOKS = {"list order files", "read an order file", "ask whether order files have versions"}
WHY_IT_ENDED = {
    "describe a run", "describe a child of a Map", "list the Map Runs of a run",
    "list the children of a Map Run", "read a job's reason", "list the work bucket",
}  # fmt: skip
SHARDING = {
    "read a version of an order file", "list order files", "list versions of order files",
    "read a plan", "write a plan", "read a job's reason", "write a job's reason", "list the work bucket",
    "give up the upload of shards", "write rejects", "write where the rejects begin",
}  # fmt: skip
SALES = {
    "read a plan", "read a job's reason", "list the work bucket", "read results", "write results",
    "give up the upload of results",
    "read items of the sales table at once", "put an item into the sales table",
    "change an item of the sales table", "put into the sales table in a transaction",
    "read an item of the runs table", "query the runs table",
}  # fmt: skip
RUNS = {
    "read an item of the runs table", "put an item into the runs table", "change an item of the runs table",
    "put into the runs table in a transaction",
}  # fmt: skip
ARCHIVES = {"read the functions' archive", "read the archive of an earlier deployment"}
CALLED = ("plan_run", "shard_orders", "index_shards", "merchant_sales", "settle_run")

ALLOWED: dict[str, set[str]] = {
    "OrderIntakePlanRunRole": {
        *LOOKS, *RUNS, *WHY_IT_ENDED, "read a plan", "write a plan", "write a job's reason",
        "tell the event bus", "write the log of plan_run",
    },
    "ShardingShardOrdersRole": {*SHARDING, "write the log of shard_orders"},
    "ShardingIndexShardsRole": {
        *RUNS, "read a plan", "write a plan", "read a job's reason", "write a job's reason",
        "write where the rejects begin", "list the work bucket", "write the log of index_shards",
    },
    "OversizeLaneCodeExecutionRole": {"write the log of jobs"},
    "OversizeLaneShardOversizeOrdersRole": {*SHARDING, *ARCHIVES},
    "OversizeLaneOversizeMerchantSalesRole": {
        *SALES, *ARCHIVES, "write a job's reason",
    },
    "MerchantFanOutMerchantSalesRole": {*SALES, "write the log of merchant_sales"},
    "RunSettlementSettleRunRole": {
        "read a plan", "read a job's reason", "read results", "list the work bucket",
        "read an item of the runs table", "change an item of the runs table", "tell the event bus",
        "write the log of settle_run",
    },
    "RunSettlementFailRunRole": {
        *RUNS, *WHY_IT_ENDED, "tell the event bus", "send to the dead-letter queue",
        "write the log of fail_run",
    },
    "SalesRunStateMachineRole": {
        *(f"call a version of {folder}" for folder in CALLED),
        "read a plan", "read a job's reason", "start a run", "describe a run", "stop a run",
        "submit a job", "ask how a job stands", "end a job", "change Batch's rule",
    },
    "SalesRunStateMachineEventsRole": {"start a run"},
    "SweeperSweepRole": {
        *LOOKS, *WHY_IT_ENDED, "list versions of order files", "read items of the runs table at once",
        "read an item of the runs table", "scan the runs table", "change an item of the runs table",
        "start a run", "list runs", "call sweep", "tell the event bus", "send to the dead-letter queue",
        "write the log of sweep",
    },
    "NotificationsNotifyRole": {
        "publish to people", "send to the dead-letter queue", "write the log of notify",
    },
}  # fmt: skip
"""By role: which of the calls in `PROBES` it may make. All the others must be refused."""

REFUSED_BY_THE_ENGINE = {
    # It asks about the log group; AWS about the stream in it, whose ARN is the group's with more behind it.
    *(f"write the log of {name}" for name in (*FOLDERS, "jobs")),
    # It asks about rule/default/NAME; AWS about rule/NAME, as rules of the default bus are called.
    "change Batch's rule",
    # It asks about *; AWS about the queue and the definition, or about the job.
    "submit a job", "end a job",
}  # fmt: skip
"""What the engine's IAM asks about other resources than AWS's; tests/infrastructure checks these grants."""


@pytest.fixture(scope="session")
def resources(deployed: Deployed) -> dict[str, dict[str, str]]:
    """Physical by logical id, by type, of the deployed stack; logical ids without their hashes."""
    pages = deployed.session.client("cloudformation").get_paginator("list_stack_resources")
    found: dict[str, dict[str, str]] = {}
    for page in pages.paginate(StackName=STACK):
        for one in page["StackResourceSummaries"]:
            name = re.sub(r"[0-9A-F]{8}$", "", one["LogicalResourceId"])
            found.setdefault(one["ResourceType"], {})[name] = one["PhysicalResourceId"]
    return found


@pytest.fixture(scope="session")
def places(deployed: Deployed, resources: dict[str, dict[str, str]]) -> Places:
    """Where the calls go."""
    outputs, client = deployed.outputs, deployed.session.client
    functions: dict[str, Any] = {}
    for name in resources["AWS::Lambda::Function"].values():
        described = client("lambda").get_function_configuration(FunctionName=name)
        functions[described["Handler"].split(".")[1]] = described
    [queue] = resources["AWS::Batch::JobQueue"].values()
    definition = resources["AWS::Batch::JobDefinition"]["OversizeLaneShardOversizeOrders"]
    jobs = client("batch").describe_job_definitions()["jobDefinitions"]
    [container] = [job["containerProperties"] for job in jobs if job["jobDefinitionArn"] == definition]
    variables = {pair["name"]: pair["value"] for pair in container["environment"]}
    bucket, key = urlsplit(variables["JOB_ARCHIVES"].split()[0]).path.lstrip("/").split("/", 1)
    logs = {folder: found["LoggingConfig"]["LogGroup"] for folder, found in functions.items()}
    return Places(
        orders=outputs["OrdersBucketName"],
        work=outputs["WorkBucketName"],
        sales=outputs["SalesTableName"],
        runs=outputs["RunsTableName"],
        machine=outputs["StateMachineArn"],
        queue=resources["AWS::SQS::Queue"]["OrderIntakeDeadLetterQueue"],
        topic=resources["AWS::SNS::Topic"]["NotificationsTopic"],
        functions={folder: found["FunctionArn"] for folder, found in functions.items()},
        logs=logs | {"jobs": container["logConfiguration"]["options"]["awslogs-group"]},
        job_queue=queue,
        job_definition=definition,
        archive=(bucket, key),
    )


@pytest.fixture(scope="session")
def boto() -> boto3.Session:
    """What makes the clients."""
    return boto3.Session()


def test_every_role_is_in_the_table(resources: dict[str, dict[str, str]]) -> None:
    assert set(resources["AWS::IAM::Role"]) == set(ALLOWED)
    assert set().union(*ALLOWED.values()) <= set(PROBES)


def test_every_function_is_called(places: Places) -> None:
    assert set(places.functions) == set(FOLDERS)


@pytest.mark.parametrize("role", ALLOWED)
def test_a_role_may_make_these_calls_and_no_others(
    deployed: Deployed, resources: dict[str, dict[str, str]], places: Places, boto: boto3.Session, role: str
) -> None:
    caller = Caller(resources["AWS::IAM::Role"][role], deployed.session, boto)
    may_call = {name for name, probe in PROBES.items() if caller.may(probe, places)}
    assert may_call - ALLOWED[role] == set(), "it may make calls that it must not make"
    refused = ALLOWED[role] - may_call
    assert refused == ALLOWED[role] & REFUSED_BY_THE_ENGINE, "it may not make calls that it needs"
