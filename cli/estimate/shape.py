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

    `occupied_partitions` have merchants. A sales worker takes a partition or, `by_merchant`, one merchant.
    With `oversize_partitions` each of them, as they are alike, reads more shards than a function can.
    """

    lane: Lane
    splits: int
    partitions: int
    occupied_partitions: float
    sales_workers: int
    by_merchant: bool
    few_partitions: bool
    oversize_partitions: bool
    frames: int

    @property
    def is_cut(self) -> bool:
        """Whether the file is read in several splits."""
        return self.splits > 1

    @property
    def frames_read(self) -> float:
        """How many frames a sales worker reads, on average.

        By merchant those of its partition, and where its range begins in one before, the frames of that too.
        """
        if not self.by_merchant:
            return self.frames / self.partitions
        return self.frames / self.occupied_partitions * (1 + self._begin_before)

    @property
    def share_read(self) -> float:
        """Which part of all lines a sales worker reads, on average.

        By merchant that of its own partition: itself, and of the others as many as chance puts there.
        """
        if not self.by_merchant:
            return 1 / self.partitions
        alone = 1 / self.sales_workers
        return alone + (1 - alone) / self.partitions + self._begin_before / self.occupied_partitions

    @property
    def _begin_before(self) -> float:
        """The share of merchants whose range begins in a partition before theirs, after the one before."""
        return (self.occupied_partitions - 1) / self.sales_workers


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
    merchants_of_a_split = min(load.distinct_merchants, load.lines / splits)
    by_merchant = plan.fan_out == "merchant"
    workers = load.distinct_merchants if by_merchant else plan.partitions
    shape = Shape(
        lane=Lane(plan.lane),
        splits=splits,
        partitions=plan.partitions,
        occupied_partitions=occupied(load.distinct_merchants, plan.partitions),
        sales_workers=workers,
        by_merchant=by_merchant,
        few_partitions=workers <= settings.inline_partitions,
        oversize_partitions=False,
        frames=max(1, round(splits * occupied(merchants_of_a_split, plan.partitions))),
    )
    worker_bytes = load.lines * shape.share_read * measured.shard_bytes_per_line
    return dataclasses.replace(shape, oversize_partitions=worker_bytes > settings.oversize_partition_bytes)


def occupied(merchants: float, partitions: int) -> float:
    """How many partitions so many merchants fall into, on average."""
    return partitions * -math.expm1(merchants * math.log1p(-1 / partitions)) if partitions > 1 else 1.0
