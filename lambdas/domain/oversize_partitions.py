"""Oversize partitions: those with more shards than a sales function takes, which jobs compute."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from lambdas.domain.errors import RunError
from lambdas.domain.partitions import HashRange, hash_ranges
from lambdas.domain.plan import Plan
from lambdas.domain.shard_index import ShardIndex, partition_bytes

MOST = 512
"""Their list is in the state of the run, which must stay below 32 KiB."""


def oversize_partitions(
    plan: Plan, parts: Sequence[HashRange], indexes: Sequence[ShardIndex], *, function_bytes: int
) -> list[HashRange]:
    """The partitions of `parts` whose workers have to read more than `function_bytes` of shards.

    A worker reads the frames of every partition of the shards that its own meets, in all splits.
    """
    if not indexes:
        return []
    sizes = zip(parts, _bytes_met(parts, hash_ranges(plan.partitions), partition_bytes(indexes)), strict=True)
    oversize = [part for part, size in sizes if size > function_bytes]
    if len(oversize) > MOST:
        raise RunError(
            f"{len(oversize)} partitions of this run are too large for a function, and jobs take {MOST} at "
            "most. Divide the file into smaller ones, or deploy with a larger oversizePartitionBytes"
            f"{' or fanOut=partition' if plan.fan_out == 'merchant' else ''}."
        )
    return oversize


def _bytes_met(
    parts: Sequence[HashRange], divided: Sequence[HashRange], sizes: Sequence[int]
) -> Iterator[int]:
    """For each part, in order, the bytes of the ranges of `divided` that it meets; both cover every hash."""
    upto = list(itertools.accumulate(sizes, initial=0))
    first = last = 0
    for part in parts:
        while divided[first].hi < part.lo:
            first += 1
        while divided[last].hi < part.hi:
            last += 1
        yield upto[last + 1] - upto[first]
