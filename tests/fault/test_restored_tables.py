"""A runs table of an earlier moment: what later runs stored is not taken for what new ones count."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from lambdas.adapters.order_files import OrderFiles
from lambdas.adapters.runs_table import RunsTable
from lambdas.adapters.work_files import WorkFiles
from lambdas.domain.errors import RunError
from lambdas.domain.order_format import load_order_formats
from lambdas.domain.plan import Plan
from lambdas.plan_run.handler import FORMATS, look_at, plan_of
from tests.fault.clients import DynamoDBClient, OpenGate
from tests.fault.s3_client import S3Client
from tests.fault.services.dynamodb import DynamoDB
from tests.fault.services.s3 import S3
from tests.unit.order_files import LIMITS

KEY = "shop/a.csv"
GATE: Any = OpenGate()
UNUSED: Any = None


def planned(s3: S3, dynamodb: DynamoDB, execution: str) -> Plan:
    """Look at the key and plan what is to be done, as plan_run does."""
    order_files = OrderFiles(S3Client(GATE, s3), "orders")  # type: ignore[arg-type]
    runs = RunsTable(DynamoDBClient(GATE, dynamodb), "runs")  # type: ignore[arg-type]
    formats = load_order_formats(FORMATS)
    look = look_at(
        KEY,
        replay=False,
        execution=execution,
        order_files=order_files,
        runs=runs,
        executions=UNUSED,
        events=UNUSED,
        formats=formats,
        now=lambda: datetime(2026, 5, 1, tzinfo=UTC),
    )
    assert look.run_id is not None
    work = WorkFiles(client=S3Client(GATE, s3), bucket="work")  # type: ignore[arg-type]
    return plan_of(look.run_id, bucket="orders", runs=runs, work=work, formats=formats, limits=LIMITS)


def test_a_revision_that_comes_again_does_not_take_the_plan_of_the_first() -> None:
    s3 = S3({"orders": {}, "work": {}})
    s3.put_object(Bucket="orders", Key=KEY, Body=b"merchant_id,amount\n~1,2\n")
    first = planned(s3, DynamoDB({"runs": {}}), "first")
    s3.put_object(Bucket="orders", Key=KEY, Body=b"merchant_id,amount\n~1,3\n")
    with pytest.raises(RunError, match=f"run {first.run_id} before, of another version.*restored"):
        planned(s3, DynamoDB({"runs": {}}), "second")


def test_a_second_look_at_the_same_version_takes_the_plan_that_is_there() -> None:
    s3 = S3({"orders": {}, "work": {}})
    s3.put_object(Bucket="orders", Key=KEY, Body=b"merchant_id,amount\n~1,2\n")
    first = planned(s3, DynamoDB({"runs": {}}), "first")
    assert planned(s3, DynamoDB({"runs": {}}), "second") == first
