"""What each function asks of S3 and of the runs table; a test counts it in a run of the real functions."""

from __future__ import annotations

from dataclasses import dataclass

from boto3.s3.transfer import TransferConfig

from cli.estimate.load import Load
from cli.estimate.shape import Lane, Shape

TRANSFER = TransferConfig()


@dataclass(frozen=True, kw_only=True)
class Requests:
    """Of one call: S3 requests by price, and reads, transactions and units of the runs table."""

    puts: float = 0
    gets: float = 0
    reads: float = 0
    transactions: float = 0
    write_units: float = 0


def plan_run_requests() -> Requests:
    """The look and its record (look, run with index, key), the plan."""
    return Requests(puts=1, gets=1, reads=3, transactions=1, write_units=7)


def shard_requests(shard_bytes: float) -> Requests:
    """The plan, the orders, the shard object; rejects, where there are any, are one more."""
    return Requests(puts=upload_requests(shard_bytes), gets=2)


def index_shards_requests(shape: Shape) -> Requests:
    """The plan, each split's index, the list of partitions; the run's counts, the claim, the fence."""
    return Requests(puts=1, gets=1 + shape.splits, reads=1, transactions=3, write_units=7)


def merchant_sales_requests(load: Load, shape: Shape) -> Requests:
    """The plan, earlier results, each split's index and frame, results, done mark; the fence, earlier runs.

    From the second run of a key on also a list of the earlier run's results, and those of the same hashes.
    """
    gets = 2 + shape.splits + shape.frames_per_partition
    earlier = 1 if load.replaces else 0
    return Requests(puts=2 + earlier, gets=gets + earlier, reads=2)


def settle_run_requests(shape: Shape) -> Requests:
    """The plan and a done mark for each partition; the run and its key, read and settled."""
    return Requests(gets=1 + shape.partitions, reads=3, transactions=1, write_units=5)


def upload_requests(size_bytes: float) -> int:
    """How many requests boto3 makes of an upload: one, or from 8 MB on its begin, its parts and its end."""
    if size_bytes < TRANSFER.multipart_threshold:
        return 1
    return 2 + int(-(-size_bytes // TRANSFER.multipart_chunksize))


def transitions(shape: Shape, *, per_child_start: int) -> int:
    """State transitions of a run without retries; a test walks the state machine and compares."""
    choices = 4  # RunNeeded? Lane? CutsProven? FewPartitions?
    tasks = 3  # PlanRun, IndexShards, SettleRun
    child = 1 + per_child_start
    sharding = 1 + (shape.splits * child if shape.lane is Lane.MANY_SPLITS else 0)
    sales = 1 + shape.partitions * (1 if shape.few_partitions else child)
    return choices + tasks + sharding + sales
