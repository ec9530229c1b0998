"""Oversize partitions: told by the bytes of their frames in all splits, and not too many of them."""

from decimal import Decimal

import pytest

from lambdas.domain.errors import RunError
from lambdas.domain.oversize_partitions import MOST, oversize_partitions
from lambdas.domain.partitions import hash_ranges
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


def test_a_partition_is_oversize_when_its_frames_together_are_above_the_limit() -> None:
    parts = hash_ranges(4)
    splits = [index(60, 50, 0, 101), index(41, 50, 0, 0)]
    assert oversize_partitions(parts, splits, function_bytes=100) == [parts[0], parts[3]]


def test_a_run_without_lines_has_none() -> None:
    assert oversize_partitions(hash_ranges(3), [], function_bytes=1) == []


def test_more_than_the_state_can_hold_are_refused_in_a_sentence() -> None:
    parts = hash_ranges(MOST + 1)
    splits = [index(*[2] * (MOST + 1))]
    with pytest.raises(RunError, match=r"513 partitions of this run are too large .* oversizePartitionBytes"):
        oversize_partitions(parts, splits, function_bytes=1)
    assert len(oversize_partitions(parts, [index(*[2] * MOST, 1)], function_bytes=1)) == MOST
