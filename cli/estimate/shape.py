"""The shape of a run: its lane, splits and partitions, and what falls to each."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from enum import Enum

from cli.estimate.load import Load
from cli.estimate.rates import Measured
from cli.estimate.settings import Settings
from lambdas.domain.order_file import OrderFile
from lambdas.domain.plan import make_plan


class Lane(Enum):
    """Who shards a file, as plan_run chooses it."""

    ONE_SPLIT = "one_split"
    MANY_SPLITS = "many_splits"
    OVERSIZE = "oversize"
    OVERSIZE_SPLITS = "oversize_splits"

    @property
    def on_batch(self) -> bool:
        """Whether jobs do it, not functions."""
        return self in (Lane.OVERSIZE, Lane.OVERSIZE_SPLITS)


@dataclass(frozen=True, kw_only=True)
class Shape:
    """How a run is cut; `frames` counts the (split, partition) pairs that have lines.

    A sales worker takes a partition or, by `fanOut`, a merchant of it, and reads all of the partition's
    frames either way. With `oversize_partitions` each of the partitions, as they are alike, has more shards
    than a function takes.
    """

    lane: Lane
    splits: int
    partitions: int
    sales_workers: int
    few_partitions: bool
    oversize_partitions: bool
    frames: int

    @property
    def is_cut(self) -> bool:
        """Whether the file is read in several splits."""
        return self.splits > 1

    @property
    def partitions_read(self) -> float:
        """From how many partitions a sales worker reads, on average.

        A merchant's range begins after that of the merchant before, which may lie in another partition.
        """
        return 1 if self.sales_workers == self.partitions else 1 + (self.partitions - 1) / self.sales_workers

    @property
    def frames_read(self) -> float:
        """How many frames a sales worker reads, on average."""
        return self.partitions_read * self.frames / self.partitions


def shape_of(load: Load, settings: Settings, measured: Measured) -> Shape:
    """Cut a run: the plan is the one that plan_run makes.

    A file above maxFileBytes is cut as it would be with a higher one; `warnings` says that it is refused.
    """
    size = load.delivered_bytes
    plan = make_plan(
        order_file=OrderFile(bucket="orders", key=load.key, version_id="1", size_bytes=size),
        revision=load.revision,
        replaced_bytes=size if load.replaces else 0,
        formats=[load.order_format],
        limits=dataclasses.replace(settings.plan_limits, max_file_bytes=size),
    )
    splits = len(plan.splits)
    merchants_of_a_split = min(load.merchants, load.lines / splits)
    workers = load.merchants if plan.fan_out == "merchant" else plan.partitions
    return Shape(
        lane=Lane(plan.lane),
        splits=splits,
        partitions=plan.partitions,
        sales_workers=workers,
        few_partitions=workers <= settings.inline_partitions,
        oversize_partitions=load.lines / plan.partitions * measured.shard_bytes_per_line
        > settings.oversize_partition_bytes,
        frames=max(1, round(splits * occupied(merchants_of_a_split, plan.partitions))),
    )


def occupied(merchants: float, partitions: int) -> float:
    """How many partitions so many merchants fall into, on average."""
    return partitions * -math.expm1(merchants * math.log1p(-1 / partitions)) if partitions > 1 else 1.0
