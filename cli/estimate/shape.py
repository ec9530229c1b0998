"""The shape of a run: its lane, splits and partitions, and what falls to each."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

from cli.estimate.load import Load
from cli.estimate.settings import MIB, Settings
from lambdas.domain.partitions import partition_count
from lambdas.domain.shards import SHARE_FOR_ORDERS


class Lane(Enum):
    """Who shards a file, as plan_run chooses it."""

    ONE_SPLIT = "one_split"
    MANY_SPLITS = "many_splits"
    OVERSIZE = "oversize"


@dataclass(frozen=True, kw_only=True)
class Shape:
    """How a run is cut; `frames` counts the (split, partition) pairs that have lines."""

    lane: Lane
    splits: int
    partitions: int
    few_partitions: bool
    frames: int

    @property
    def frames_per_partition(self) -> float:
        """From how many splits a partition has lines, on average."""
        return self.frames / self.partitions


def shape_of(load: Load, settings: Settings, *, partitions: int | None = None) -> Shape:
    """Cut a run as plan_run does; `partitions` overrides how many it would choose."""
    lane, splits = _lane(load, settings)
    if partitions is None:
        partitions = partition_count(
            raw_bytes=load.text_bytes,
            partition_bytes=settings.partition_bytes,
            most=settings.max_partitions,
        )
    merchants_of_a_split = min(load.merchants, load.lines / splits)
    return Shape(
        lane=lane,
        splits=splits,
        partitions=partitions,
        few_partitions=partitions <= settings.inline_partitions,
        frames=max(1, round(splits * occupied(merchants_of_a_split, partitions))),
    )


def occupied(merchants: float, partitions: int) -> float:
    """How many partitions so many merchants fall into, on average."""
    return partitions * -math.expm1(merchants * math.log1p(-1 / partitions)) if partitions > 1 else 1.0


def _lane(load: Load, settings: Settings) -> tuple[Lane, int]:
    if not load.compressed:
        splits = max(1, -(-load.delivered_bytes // settings.split_bytes))
        return (Lane.MANY_SPLITS if splits > 1 else Lane.ONE_SPLIT), splits
    room = int(settings.shard_disk_mb * MIB * SHARE_FOR_ORDERS)
    if load.delivered_bytes > settings.one_split_bytes or load.text_bytes > room:
        return Lane.OVERSIZE, 1
    return Lane.ONE_SPLIT, 1
