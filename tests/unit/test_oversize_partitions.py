"""Oversize partitions: told by the bytes of their frames in all splits, and not too many of them."""

from decimal import Decimal

import pytest

from lambdas.domain.errors import RunError
from lambdas.domain.order_file import OrderFile
from lambdas.domain.oversize_partitions import MOST, oversize_partitions
from lambdas.domain.partitions import HashRange, hash_ranges
from lambdas.domain.plan import Plan
from lambdas.domain.shard_index import ShardIndex


def index(*frame_bytes: int) -> ShardIndex:
    """The index of a split whose frames have these sizes; 0 is an empty one."""
    return ShardIndex(
        lines_read=0,
        rejected=0,
        reject_reasons={},
        accepted_money={"USD": Decimal(0)},
        content_sha256="",
        raw_bytes=0,
        detected={},
        frames=tuple((0, size) if size else None for size in frame_bytes),
    )


def plan(partitions: int) -> Plan:
    """A plan whose shards are divided into so many partitions."""
    return Plan(
        run_id="",
        order_file=OrderFile(bucket="orders", key="a.csv", version_id="v1", size_bytes=1),
        format_name="",
        format_text="",
        lane="one_split",
        splits=(),
        partitions=partitions,
        fan_out="merchant",
    )


def test_a_partition_is_oversize_when_its_frames_together_are_above_the_limit() -> None:
    parts = hash_ranges(4)
    splits = [index(60, 50, 0, 101), index(41, 50, 0, 0)]
    assert oversize_partitions(plan(4), parts, splits, function_bytes=100) == [parts[0], parts[3]]


def test_a_run_without_lines_has_none() -> None:
    assert oversize_partitions(plan(3), hash_ranges(3), [], function_bytes=1) == []


def test_more_than_the_state_can_hold_are_refused_in_a_sentence() -> None:
    parts = hash_ranges(MOST + 1)
    splits = [index(*[2] * (MOST + 1))]
    with pytest.raises(RunError, match=r"513 partitions of this run are too large .* oversizePartitionBytes"):
        oversize_partitions(plan(MOST + 1), parts, splits, function_bytes=1)
    fewer = [index(*[2] * MOST, 1)]
    assert len(oversize_partitions(plan(MOST + 1), parts, fewer, function_bytes=1)) == MOST


def test_the_range_of_a_merchant_is_oversize_by_all_the_partitions_that_it_meets() -> None:
    divided = hash_ranges(3)
    ends = [divided[0].lo + 5, divided[0].hi, divided[1].lo, divided[2].hi]
    parts = [HashRange(lo, hi) for lo, hi in zip([0, *(end + 1 for end in ends)], ends, strict=False)]
    met = {200: [parts[3]], 60: [parts[2], parts[3]], 59: parts, 260: []}
    for function_bytes, oversize in met.items():
        found = oversize_partitions(plan(3), parts, [index(60, 70, 190)], function_bytes=function_bytes)
        assert found == oversize, function_bytes
