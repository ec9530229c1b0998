"""The settings of a deployment: one typed object, read from CDK context and checked once.

Each setting is a flat camelCase context key: a line in cdk.json, or `make deploy ARGS="-c mapConcurrency=8"`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

from stacks.config_checks import (
    check_budget,
    check_concurrency,
    check_expiry,
    check_fargate_size,
    check_job_time,
    check_late_alarm,
    check_orders_bucket_key,
)
from stacks.config_values import GIB, MIB, ConfigError, context_key, read_value, refuse_misspelt

DEV_LOG_RETENTION_DAYS = 14


@dataclass(frozen=True, kw_only=True)
class PipelineConfig:
    """What can be chosen at deploy time; the defaults are right for most accounts."""

    stack_name: str = "MerchantSales"
    profile: str = (
        "prod"  # prod keeps the data whatever happens to the stack; dev takes it away with the stack
    )
    orders_bucket_name: str = ""  # of a versioned bucket that is there already; "" builds one
    orders_bucket_key_arn: str = ""  # of the KMS key that this bucket is encrypted with, if it is
    bootstrap_key_arn: str = ""  # of the KMS key of the CDK's own bucket, if that leaves it to the roles
    access_logs: bool = False  # of the buckets, into one more bucket
    encryption: str = "default"  # keys that AWS owns, or kms: one key of the deployment's own for everything
    target: str = "lambda"  # lambda, or host: this computer's Python and processor, for the local engine
    architecture: str = "arm64"  # of the functions on AWS: arm64 or x86_64
    log_level: str = "INFO"
    log_retention_days: int = 365  # in the profile dev 14
    fan_out: str = "partition"  # or merchant: a call for each merchant, for heavy work on each
    max_file_bytes: int = 2048 * GIB  # of an order file as delivered; a run of a larger one fails
    partition_bytes: int = 64 * MIB  # of an order file, for one sales worker
    max_partitions: int = 512
    inline_partitions: int = 40  # up to here an inline Map, above a Distributed Map
    split_bytes: int = 128 * MIB  # of an order file that can be cut, for one sharding worker
    one_split_bytes: int = GIB  # the largest file that one sharding worker takes whole
    oversize_partition_bytes: int = 512 * MIB  # of shards; a partition above it is computed by a job
    map_concurrency: int = 40  # workers of one run at the same time: first of splits, then of partitions
    account_concurrency: int = 1000  # functions that the account runs at once; a new one may have 10
    shard_reserved_concurrency: int = 0  # 0: none is reserved
    sales_reserved_concurrency: int = 0
    max_write_units: int = 0  # of the sales table, a second; 0: no limit
    shard_memory_mb: int = 3008
    sales_memory_mb: int = 3008
    control_memory_mb: int = 1769  # of the functions that only plan, check and settle: a whole vCPU
    batch_spot: bool = False  # jobs on Fargate Spot: about 70% cheaper, and may be interrupted and wait
    batch_vcpus: int = 4
    batch_memory_mb: int = 16384
    batch_disk_gib: int = 100  # half of it is room for the text of one order file
    batch_limit_hours: int = 6  # of one attempt of a job
    run_limit_hours: int = 24
    notify_email: str = ""  # who gets a message about runs that need people; several with commas between
    notify_on: str = "failed"  # failed, or all: every run that ends
    alarm_reject_percent: int = 1  # of a file's lines; from here on somebody is told
    alarm_late_hours: int = 6  # a file that is processed for so long is late
    sweep_hours: int = 6  # between two sweeps, which find lost keys and late files; 0 for never
    work_expiry_days: int = 14  # of plans and shards; results and rejects stay
    monthly_budget_usd: int = 0  # from which on notifyEmail is told; 0: no budget

    @property
    def keeps_data(self) -> bool:
        """Whether buckets and tables outlive the stack."""
        return self.profile == "prod"

    @property
    def state_machine_name(self) -> str:
        """The name by which roles know the state machine before it is there."""
        return f"{self.stack_name}-SalesRun"

    @property
    def assets_prefix(self) -> str:
        """Where in the CDK's bucket this deployment's code is, that of earlier deployments too."""
        return f"{self.stack_name}/"

    @property
    def state_machine_log_group(self) -> str:
        """The prefix keeps it out of the account's one resource policy of logs, whose size is limited."""
        return f"/aws/vendedlogs/states/{self.state_machine_name}"

    @property
    def notify_addresses(self) -> list[str]:
        """Who gets a message."""
        return [address.strip() for address in self.notify_email.split(",") if address.strip()]

    @classmethod
    def from_context(cls, context: Mapping[str, Any]) -> Self:
        """Read the settings among the context's keys; raises ConfigError."""
        refuse_misspelt(context, map(context_key, (field.name for field in fields(cls))))
        given: dict[str, Any] = {}
        for field in fields(cls):
            key = context_key(field.name)
            if context.get(key) is not None:
                given[field.name] = read_value(key, context[key])
        if given.get("profile") == "dev":
            given.setdefault("log_retention_days", DEV_LOG_RETENTION_DAYS)
        if given.get("target") == "host" and "architecture" in given:
            raise ConfigError(
                f"architecture is {given['architecture']!r}, but target=host always takes this computer's "
                "processor: leave one of the two out"
            )
        config = cls(**given)
        check_fargate_size(config)
        check_concurrency(config)
        check_budget(config)
        check_late_alarm(config)
        check_job_time(config)
        check_expiry(config)
        check_orders_bucket_key(config)
        return config
