"""How the stack is deployed, as far as cost and time depend on it."""

from __future__ import annotations

from dataclasses import dataclass

from lambdas.domain.partitions import FanOut
from lambdas.domain.plan import Limits

MIB = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of stacks/config.py and the sizes of its functions, with the same names and defaults."""

    architecture: str = "arm64"
    max_file_bytes: int = 2 << 40
    partition_bytes: int = 64 * MIB
    max_partitions: int = 512
    inline_partitions: int = 40
    split_bytes: int = 128 * MIB
    one_split_bytes: int = 1024 * MIB
    oversize_partition_bytes: int = 512 * MIB
    fan_out: FanOut = "partition"
    map_concurrency: int = 40
    shard_memory_mb: int = 3008
    sales_memory_mb: int = 3008
    control_memory_mb: int = 1769
    work_expiry_days: int = 14
    shard_disk_mb: int = 10_240
    sales_disk_mb: int = 4096
    control_disk_mb: int = 512
    work_limit_seconds: int = 900
    control_limit_seconds: int = 300

    @property
    def plan_limits(self) -> Limits:
        """The sizes by which plan_run cuts a run."""
        return Limits(
            partition_bytes=self.partition_bytes,
            max_partitions=self.max_partitions,
            inline_partitions=self.inline_partitions,
            one_split_bytes=self.one_split_bytes,
            split_bytes=self.split_bytes,
            max_file_bytes=self.max_file_bytes,
            fan_out=self.fan_out,
        )

    batch_vcpus: int = 4
    batch_memory_mb: int = 16_384
    batch_disk_gib: int = 100
    batch_jobs_at_once: int = 16


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a run takes place: how much the account lets run at once, and how quick its processors are.

    `processor_factor` multiplies the measured processor seconds: 2 for processors half as quick.
    """

    lambda_concurrency: int = 1000
    processor_factor: float = 1.0
