"""A deployment counts the files of one bucket; those of another are refused, not counted beside them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from lambdas.adapters.counted_bucket import claim_counted_bucket, require_counted_bucket
from lambdas.adapters.order_files import OrderFiles
from lambdas.adapters.runs_table import RunsTable
from lambdas.domain.errors import RunError
from lambdas.domain.order_file import RunId, key_hash
from lambdas.plan_run.handler import look_at
from tests.fault.clients import DynamoDBClient, OpenGate
from tests.fault.s3_client import S3Client
from tests.fault.services.dynamodb import DynamoDB
from tests.fault.services.s3 import S3


@pytest.fixture
def runs() -> RunsTable:
    gate: Any = OpenGate()
    return RunsTable(DynamoDBClient(gate, DynamoDB({"runs": {}})), "runs")  # type: ignore[arg-type]


@pytest.fixture
def s3() -> S3:
    store = S3({"ours": {}, "other": {}})
    for bucket, key in (("ours", "shop/a.csv"), ("other", "shop/a.csv"), ("ours", "shop/b.csv")):
        store.put_object(Bucket=bucket, Key=key, Body=b"m,a\n")
    return store


def look(runs: RunsTable, s3: S3, bucket: str, key: str, execution: str) -> str:
    gate: Any = OpenGate()
    unused: Any = None
    return look_at(
        key,
        replay=False,
        execution=execution,
        order_files=OrderFiles(S3Client(gate, s3), bucket),  # type: ignore[arg-type]
        runs=runs,
        executions=unused,
        events=unused,
        formats=[],
        now=lambda: datetime(2026, 5, 1, tzinfo=UTC),
    ).outcome


def test_the_first_look_decides_which_bucket_is_counted(runs: RunsTable, s3: S3) -> None:
    assert require_counted_bucket(runs, "other") is False
    assert look(runs, s3, "ours", "shop/a.csv", "first") == "registered"
    assert require_counted_bucket(runs, "ours") is True
    with pytest.raises(
        RunError, match=r"counts the order files of the bucket ours; those of other .*stackName"
    ):
        look(runs, s3, "other", "shop/a.csv", "second")
    assert runs.run(RunId(key_hash("other", "shop/a.csv"), 1)) is None
    assert look(runs, s3, "ours", "shop/b.csv", "third") == "registered"


def test_of_two_buckets_at_the_same_moment_one_is_counted(runs: RunsTable) -> None:
    claim_counted_bucket(runs, "ours")
    late = _ReadBefore(runs)
    with pytest.raises(RunError, match="of the bucket ours"):
        claim_counted_bucket(late, "other")  # type: ignore[arg-type]


class _ReadBefore:
    """A runs table whose first read was before anybody wrote."""

    def __init__(self, runs: RunsTable) -> None:
        self.table, self._runs, self._reads = runs.table, runs, 0
        self.client = self
        self.exceptions = runs.client.exceptions

    def get_item(self, **request: Any) -> Any:
        self._reads += 1
        return {} if self._reads == 1 else self._runs.client.get_item(**request)

    def transact_write_items(self, **request: Any) -> Any:
        return self._runs.client.transact_write_items(**request)
