"""Skew: one partition with far more than its share of a run's orders, which all others wait for."""

from __future__ import annotations

from dataclasses import dataclass

NOTABLE = 4
"""Times the average: from here on it decides how long the run takes."""


@dataclass(frozen=True, kw_only=True)
class Spread:
    """How the bytes of a run's shards are spread over its partitions."""

    partitions: int
    shard_bytes: int
    largest_partition_bytes: int

    @property
    def times_average(self) -> float:
        """How many times the average the largest partition has; 0 where there are no shards."""
        return self.largest_partition_bytes * self.partitions / self.shard_bytes if self.shard_bytes else 0.0

    @property
    def is_skewed(self) -> bool:
        """Whether the largest partition has so much more than the average that people should know."""
        return self.times_average > NOTABLE
