"""Putting the splits of a file together: what index_shards does with the indexes of all splits."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from random import Random

from benchmarks.rates.rate import Rate, cpu_seconds
from lambdas.adapters.run_items import described_values
from lambdas.domain.frame_list import frame_list
from lambdas.domain.order_file import OrderFile
from lambdas.domain.plan import Plan, Split
from lambdas.domain.reconciliation import Intake
from lambdas.domain.shard_index import ShardIndex, read_shard_index

SPLITS, PARTITIONS = 200, 512
FRAME_BYTES = 50_000
PLAN = Plan(
    run_id=f"{'0' * 32}-00000001",
    order_file=OrderFile(bucket="orders", key="orders.csv", version_id="1", size_bytes=SPLITS),
    format_name="default",
    format_text="",
    lane="many_splits",
    splits=tuple(Split(start=number, end=number + 1) for number in range(SPLITS)),
    partitions=PARTITIONS,
)
NOTHING = Intake(lines=0, rejected=0, reject_reasons={}, accepted_money={})


def rates() -> Iterator[Rate]:
    """Measure."""
    random = Random(0)
    tails = [_tail(random) for _ in range(SPLITS)]
    told = f"{SPLITS} indexes of {PARTITIONS} frames: read, listed by partition, and described"
    yield Rate(
        name="index_cpu_seconds_per_million_frames",
        value=cpu_seconds(lambda: _put_together(tails)) / (SPLITS * PARTITIONS) * 1e6,
        unit="processor seconds of index_shards per million (split, partition) pairs",
        how=told,
    )
    tracemalloc.start()
    _put_together(tails)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    yield Rate(
        name="index_bytes_per_frame",
        value=most / (SPLITS * PARTITIONS),
        unit="bytes of memory of index_shards per (split, partition) pair",
        how=f"{told}, Python's tracemalloc",
    )


def _tail(random: Random) -> bytes:
    frames, at = [], 0
    for _ in range(PARTITIONS):
        frames.append((at, FRAME_BYTES + random.randrange(FRAME_BYTES)))
        at += frames[-1][1]
    index = ShardIndex(
        lines_read=1_000_000,
        rejected=0,
        reject_reasons={},
        accepted_money={"USD": Decimal("12345.6700")},
        content_sha256="0" * 64,
        raw_bytes=128 << 20,
        detected={"file": "csv"},
        frames=tuple(frames),
    )
    return index.to_bytes()


def _put_together(tails: list[bytes]) -> None:
    indexes = [read_shard_index(tail) for tail in tails]
    frame_list(indexes, [], PARTITIONS)
    described_values(PLAN, indexes, NOTHING, PARTITIONS, datetime.now(UTC))
