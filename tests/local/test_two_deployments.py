"""Two deployments in one account, one of them with a key of its own: each is what its app says."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from local.deployment import STACK, Deployment
from tests.local.cdk_diff import DIFFERENCES, NO_DIFFERENCES, cdk_diff
from tests.local.conftest import Deployed, ended_engines
from tests.local.pipeline import Pipeline

HEADING = b"merchant_id,amount,order_id,line_id,quantity,ordered_at\n"
BESIDE = "Sales-2"
QUIET_SECONDS = 5.0
CONTEXTS: Mapping[str, Mapping[str, str]] = {
    STACK: {"target": "host", "mapConcurrency": "2", "encryption": "kms"},
    BESIDE: {"target": "host", "mapConcurrency": "2", "stackName": BESIDE},
}


@dataclass(frozen=True)
class Both:
    """The two deployments, and what `cdk diff` said of each right after they were made."""

    encrypted: Pipeline
    beside: Pipeline
    differences: Mapping[str, tuple[int, str]]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory, cdk_output: Path) -> Iterator[Both]:
    """Deploy two stacks into one engine."""
    with ended_engines(tmp_path_factory) as make:
        engine = make()
        engine.start()
        pipelines, differences = {}, {}
        for stack, context in CONTEXTS.items():
            deployment = Deployment(engine, context=context, stack=stack, output=cdk_output)
            deployment.deploy()
            deployed = Deployed(engine, engine.session(), deployment.outputs())
            pipelines[stack] = Pipeline(deployed)
            differences[stack] = cdk_diff(deployed, context, stack=stack, output=cdk_output)
        yield Both(pipelines[STACK], pipelines[BESIDE], differences)


@pytest.mark.parametrize("stack", CONTEXTS)
def test_there_are_no_differences_right_after_a_deployment(both: Both, stack: str) -> None:
    code, said = both.differences[stack]
    assert code == NO_DIFFERENCES, said
    assert "There were no differences" in said


def test_another_setting_is_a_difference(both: Both, cdk_output: Path) -> None:
    changed = {**CONTEXTS[BESIDE], "workExpiryDays": "15"}
    code, said = cdk_diff(both.beside.deployed, changed, stack=BESIDE, output=cdk_output)
    assert code == DIFFERENCES, said
    assert "ExpirationInDays" in said
    assert "Number of stacks with differences: 1" in said


def test_an_encrypted_deployment_settles_its_runs_and_says_why_one_failed(both: Both) -> None:
    pipeline = both.encrypted
    run = pipeline.run("kms/good.csv", HEADING + b"~kms,1.25,o1,1,1,2024-05-06\n")
    assert (run["status"], run["counts"]["counted"]) == ("SUCCEEDED", 1)
    assert pipeline.totals("~kms")["USD"]["net_sales"] == Decimal("1.25")
    # the event of its end doesn't say what it was about: fail_run has to ask
    failed = pipeline.run("kms/bad.csv", b"nonsense\n1\n")
    assert failed["status"] == "FAILED"
    assert "merchant_id" in failed["reason"]


def test_its_key_is_named_where_the_engine_keeps_it(both: Both) -> None:
    """Of queue, state machine and logs; the engine drops it for buckets, tables, topic and functions."""
    session, outputs = both.encrypted.deployed.session, both.encrypted.deployed.outputs
    aliases = session.client("kms").list_aliases()["Aliases"]
    [key] = [alias["TargetKeyId"] for alias in aliases if alias["AliasName"] == f"alias/{STACK}"]
    sqs, states, logs = map(session.client, ("sqs", "stepfunctions", "logs"))
    queue = sqs.get_queue_attributes(QueueUrl=outputs["DeadLetterQueueUrl"], AttributeNames=["All"])
    machine = states.describe_state_machine(stateMachineArn=outputs["StateMachineArn"])
    resources = session.client("cloudformation").list_stack_resources(StackName=STACK)
    stacks_own = {one["PhysicalResourceId"] for one in resources["StackResourceSummaries"]}
    found = logs.describe_log_groups()["logGroups"]
    groups = [group for group in found if group["logGroupName"] in stacks_own]
    assert len(groups) == 10  # of 8 functions, the jobs and the state machine
    for named in (
        queue["Attributes"]["KmsMasterKeyId"],
        machine["encryptionConfiguration"]["kmsKeyId"],
        *(group["kmsKeyId"] for group in groups),
    ):
        assert named.endswith(f"key/{key}")


def test_an_order_file_of_one_never_reaches_the_other(both: Both) -> None:
    began = {pipeline: executions(pipeline) for pipeline in (both.encrypted, both.beside)}
    for mine, others, amount in (
        (both.encrypted, both.beside, b"3.00"),
        (both.beside, both.encrypted, b"4.00"),
    ):
        run = mine.run("side/mine.csv", HEADING + b"~side," + amount + b",o1,1,1,2024-05-06\n")
        assert run["status"] == "SUCCEEDED"
        broken = mine.run("side/broken.csv", b"")
        assert broken["status"] == "FAILED"
        if mine is both.encrypted:
            time.sleep(QUIET_SECONDS)
            assert others.key("side/mine.csv") is None
            assert others.totals("~side") == {}
            assert executions(others) == began[others]
    assert both.encrypted.totals("~side")["USD"]["net_sales"] == Decimal("3.00")
    assert both.beside.totals("~side")["USD"]["net_sales"] == Decimal("4.00")
    assert executions(both.encrypted) == began[both.encrypted] + 2
    assert executions(both.beside) == began[both.beside] + 2


def executions(pipeline: Pipeline) -> int:
    """Count the executions of a deployment's state machine."""
    machine = pipeline.deployed.outputs["StateMachineArn"]
    listed: list[Any] = pipeline.states.list_executions(stateMachineArn=machine)["executions"]
    return len(listed)
