"""How far a run is, from what its workers have left in the work bucket."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from cli.run_progress import Progress, RunWatch
from lambdas.adapters.work_files import WorkFiles
from lambdas.domain.partitions import hash_ranges
from lambdas.domain.plan import Split
from lambdas.domain.reconciliation import Outcome, outcome_to_json
from lambdas.domain.stored_names import done_object, results_object, shards_object
from tests.fault.services.s3 import S3

RUN_ID = f"{'a' * 32}-00000001"
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
RUN: dict[str, Any] = {"run_id": RUN_ID, "status": "RUNNING", "started_at": BEGAN.isoformat()}


class Bucket:
    """The work bucket in memory, with the calls that a watch makes."""

    def __init__(self) -> None:
        self.s3 = S3({"work": {}})
        self.read: list[str] = []

    def get_object(self, **request: Any) -> Any:
        """The bytes of an object; which were read is kept."""
        self.read.append(request["Key"])
        return self.s3.get_object(**request)

    def get_paginator(self, operation: str) -> Any:
        """The pages of a list."""
        assert operation == "list_objects_v2"
        return SimpleNamespace(paginate=lambda **request: [self.s3.list_objects_v2(limit=1000, **request)])

    def put(self, key: str, body: bytes = b"") -> None:
        """A worker writes an object."""
        self.s3.put_object(Bucket="work", Key=key, Body=body)


@pytest.fixture
def bucket() -> Bucket:
    return Bucket()


def watch(bucket: Bucket, *, splits: int = 0) -> RunWatch:
    client: Any = bucket
    work_files = WorkFiles(client=client, bucket="work")
    deployment: Any = SimpleNamespace(
        s3=bucket, work_bucket="work", work_files=work_files, has_object=lambda *_: False
    )
    return RunWatch(deployment=deployment, run_id=RUN_ID, splits=splits)


def test_a_run_without_a_plan_is_being_planned(bucket: Bucket) -> None:
    assert watch(bucket).look(RUN, BEGAN).words == "planning"


def test_a_split_that_was_read_both_ways_is_one(bucket: Bucket) -> None:
    split = Split(start=0, end=100)
    bucket.put(shards_object(RUN_ID, split))
    bucket.put(shards_object(RUN_ID, split, begins_inside=True))
    progress = watch(bucket, splits=4).look(RUN, BEGAN + timedelta(seconds=10))
    assert (progress.splits_done, progress.seconds_left, progress.part_done) == (1, 30, 0.25)
    assert progress.words == "sharding, 1 of 4 splits; about 30 s left"


def test_done_marks_are_added_up_and_each_is_read_once(bucket: Bucket) -> None:
    parts = hash_ranges(3)
    run = RUN | {"sharded_at": BEGAN.isoformat(), "partitions": 3, "counts": {"lines": 9, "rejected": 1}}
    watching = watch(bucket)
    outcome = Outcome(counted=3, ignored=1, counted_money={"USD": Decimal("1000.25"), "EUR": Decimal(1)})
    progress = Progress()
    for number, part in enumerate(parts[:2], start=1):
        bucket.put(done_object(RUN_ID, part), json.dumps(outcome_to_json(outcome)).encode())
        bucket.put(results_object(RUN_ID, part))
        progress = watching.look(run, BEGAN + timedelta(minutes=4))
        assert (progress.partitions_done, len(bucket.read)) == (number, number)
    assert progress.words == (
        "computing sales, 2 of 3 partitions; 8 of 8 lines; 2.00 EUR and 2,000.50 USD so far; about 2 min left"
    )


def test_a_run_whose_partitions_are_done_only_has_to_be_settled() -> None:
    assert Progress(partitions=3, partitions_done=3).words.startswith("settling, 3 partitions done")
