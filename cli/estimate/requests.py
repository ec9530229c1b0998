"""What each function asks of S3 and of the runs table; a test counts it in a run of the real functions."""

from __future__ import annotations

from dataclasses import dataclass

from cli.estimate.load import Load
from cli.estimate.shape import Lane, Shape
from lambdas.adapters.new_files import S3_SIZES


@dataclass(frozen=True, kw_only=True)
class Requests:
    """Of one call: S3 requests by price, reads, transactions and units of the runs table, events put."""

    puts: float = 0
    gets: float = 0
    reads: float = 0
    transactions: float = 0
    write_units: float = 0
    events: float = 0


def plan_run_requests(load: Load, shape: Shape) -> Requests:
    """The look and its record (look, run with index, key), the plan, the list of splits if there are many.

    Of a new key also which bucket is counted; the deployment's very first look writes that besides.
    """
    reads = 3 if load.replaces else 4
    return Requests(puts=1 + shape.is_cut, gets=1, reads=reads, transactions=1, write_units=7)


def shard_requests(shape: Shape, *, shard_bytes: float) -> Requests:
    """The plan, the orders (of a file that is cut also its head), the shard object; rejects are one more."""
    return Requests(puts=S3_SIZES.requests(shard_bytes), gets=2 + shape.is_cut)


def index_shards_requests(shape: Shape) -> Requests:
    """The plan, each split's index, the lists of frames and partitions; the run's counts, claim, fence."""
    lists = shape.is_cut + (not shape.few_partitions and not shape.oversize_partitions)
    return Requests(puts=lists, gets=1 + shape.splits, reads=1, transactions=3, write_units=7)


def merchant_sales_requests(load: Load, shape: Shape) -> Requests:
    """The plan, earlier results, where the frames are, the frames, results, done mark; fence, earlier runs.

    From the second run of a key on also a list of the earlier run's results, and those of the same hashes.
    """
    gets = 2 + (2 if shape.is_cut else 1) + shape.frames_read
    earlier = 1 if load.replaces else 0
    return Requests(puts=2 + earlier, gets=gets + earlier, reads=2)


def settle_run_requests(shape: Shape) -> Requests:
    """The plan and each sales worker's done mark; the run and its key, read and settled; the event.

    Of a fan-out by merchant also each split's index, which names the merchants.
    """
    indexes = shape.splits if shape.by_merchant else 0
    return Requests(gets=1 + indexes + shape.sales_workers, reads=4, transactions=1, write_units=5, events=1)


def transitions(shape: Shape, *, per_child_start: int) -> int:
    """State transitions of a run without retries; a test walks the state machine and compares."""
    choices = 4  # RunNeeded? Lane? CutsProven? FewPartitions?
    tasks = 3  # PlanRun, IndexShards, SettleRun
    child = 1 + per_child_start
    sharding = 1 + (shape.splits * child if shape.lane is Lane.MANY_SPLITS else 0)
    if shape.oversize_partitions:
        sales = 3 + shape.sales_workers  # ComputeOversizeSales, FewOtherPartitions?, ComputeSales of none
    else:
        sales = 1 + shape.sales_workers * (1 if shape.few_partitions else child)
    return choices + tasks + sharding + sales
