"""Oversize partitions: those with more shards than a sales function takes, which jobs compute."""

from __future__ import annotations

from collections.abc import Sequence

from lambdas.domain.errors import RunError
from lambdas.domain.partitions import HashRange
from lambdas.domain.shard_index import ShardIndex

MOST = 512
"""Their list is in the state of the run, which must stay below 32 KiB."""


def oversize_partitions(
    parts: Sequence[HashRange], indexes: Sequence[ShardIndex], *, function_bytes: int
) -> list[HashRange]:
    """The partitions whose frames have more bytes than `function_bytes`, in all splits together."""
    oversize = [part for number, part in enumerate(parts) if _frame_bytes(indexes, number) > function_bytes]
    if len(oversize) > MOST:
        raise RunError(
            f"{len(oversize)} partitions of this run are too large for a function, and jobs take {MOST} at "
            "most. Divide the file into smaller ones, or deploy with a larger oversizePartitionBytes."
        )
    return oversize


def _frame_bytes(indexes: Sequence[ShardIndex], partition: int) -> int:
    frames = (index.frames[partition] for index in indexes)
    return sum(frame[1] for frame in frames if frame is not None)
