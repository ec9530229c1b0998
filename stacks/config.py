"""The settings of a deployment: one typed object, read from CDK context and checked once.

Each setting is a flat camelCase context key: `cdk deploy -c partitionBytes=33554432`, or a line in cdk.json.
"""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB

LOG_RETENTION = {  # days that CloudWatch Logs offers, and the CDK's name for them
    1: "ONE_DAY",
    3: "THREE_DAYS",
    5: "FIVE_DAYS",
    7: "ONE_WEEK",
    14: "TWO_WEEKS",
    30: "ONE_MONTH",
    60: "TWO_MONTHS",
    90: "THREE_MONTHS",
    180: "SIX_MONTHS",
    365: "ONE_YEAR",
    731: "TWO_YEARS",
    1827: "FIVE_YEARS",
    3653: "TEN_YEARS",
}


class ConfigError(Exception):
    """A setting is wrong: the sentence names the key, its value and what was expected."""


@dataclass(frozen=True, kw_only=True)
class PipelineConfig:
    """What can be chosen at deploy time; the defaults are right for most accounts."""

    stack_name: str = "MerchantSales"
    target: str = "lambda"  # lambda, or host: this computer's Python and processor, for the local engine
    architecture: str = "arm64"  # of the functions on AWS: arm64 or x86_64
    log_level: str = "INFO"
    log_retention_days: int = 90
    fan_out: str = "partition"  # or merchant: a call for each merchant, for heavy work on each
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

    @property
    def notify_addresses(self) -> list[str]:
        """Who gets a message."""
        return [address.strip() for address in self.notify_email.split(",") if address.strip()]

    @classmethod
    def from_context(cls, context: Mapping[str, Any]) -> Self:
        """Read the settings among the context's keys; raises ConfigError."""
        _refuse_misspelt(context)
        given: dict[str, Any] = {}
        for field in fields(cls):
            key = context_key(field.name)
            if context.get(key) is not None:
                given[field.name] = _read(key, context[key])
        if given.get("target") == "host" and "architecture" in given:
            raise ConfigError(
                f"architecture is {given['architecture']!r}, but target=host always takes this computer's "
                "processor: leave one of the two out"
            )
        config = cls(**given)
        _check_fargate_size(config)
        _check_concurrency(config)
        return config


def context_key(field_name: str) -> str:
    """Give the context key of a field: partition_bytes is partitionBytes."""
    head, *rest = field_name.split("_")
    return head + "".join(word.capitalize() for word in rest)


_CHOICES: dict[str, tuple[str, ...]] = {
    "target": ("lambda", "host"),
    "architecture": ("arm64", "x86_64"),
    "fanOut": ("partition", "merchant"),
    "notifyOn": ("failed", "all"),
    "logLevel": ("DEBUG", "INFO", "WARNING", "ERROR"),
}
_RANGES: dict[str, tuple[int, int]] = {
    "partitionBytes": (1, GIB),
    "maxPartitions": (1, 4096),
    "inlinePartitions": (1, 400),  # the list of partitions must stay far below 256 KiB of state
    "splitBytes": (1, GIB),
    "oneSplitBytes": (1, 4 * GIB),
    "oversizePartitionBytes": (1, 4 * GIB),
    "mapConcurrency": (1, 1000),
    "accountConcurrency": (1, 1_000_000),
    "shardReservedConcurrency": (0, 1_000_000),
    "salesReservedConcurrency": (0, 1_000_000),
    "maxWriteUnits": (0, 100_000_000),
    "shardMemoryMb": (1024, 10240),
    "salesMemoryMb": (1024, 10240),
    "controlMemoryMb": (256, 10240),
    "batchVcpus": (1, 16),
    "batchMemoryMb": (2048, 122880),
    "batchDiskGib": (21, 200),
    "batchLimitHours": (1, 24 * 14),
    "runLimitHours": (1, 24 * 14),
    "alarmRejectPercent": (1, 100),
    "alarmLateHours": (1, 24 * 14),
    "sweepHours": (0, 24 * 7),
    "workExpiryDays": (1, 365),
}
_SWITCHES = ("batchSpot",)
_UNRESERVED_CONCURRENCY = 100  # of an account: Lambda refuses to reserve the rest
_TRANSACTION_WRITE_UNITS = 200  # of a sales worker's commit: 100 items below 1 KB, twice for the transaction
_FARGATE_MEMORY_MB = {  # by vCPUs: the sizes that Fargate offers, as in range()
    1: range(2048, 8192 + 1, 1024),
    2: range(4096, 16384 + 1, 1024),
    4: range(8192, 30720 + 1, 1024),
    8: range(16384, 61440 + 1, 4096),
    16: range(32768, 122880 + 1, 8192),
}


def _check_fargate_size(config: PipelineConfig) -> None:
    sizes = _FARGATE_MEMORY_MB.get(config.batch_vcpus)
    if sizes is None:
        offered = ", ".join(map(str, _FARGATE_MEMORY_MB))
        raise ConfigError(f"batchVcpus is {config.batch_vcpus!r}: Fargate offers {offered}")
    if config.batch_memory_mb not in sizes:
        raise ConfigError(
            f"batchMemoryMb is {config.batch_memory_mb!r}: with {config.batch_vcpus} vCPUs (batchVcpus) "
            f"Fargate offers {sizes.start} to {sizes[-1]} in steps of {sizes.step}"
        )


def _check_concurrency(config: PipelineConfig) -> None:
    """Refuse settings of which one would only make the others wait in retries until they give up."""
    at_once, account = config.map_concurrency, config.account_concurrency
    if at_once > account:
        raise ConfigError(
            f"mapConcurrency is {at_once}, but the account runs {account} functions at once "
            f"(accountConcurrency): set mapConcurrency to {account} or less"
        )
    for name in ("shard_reserved_concurrency", "sales_reserved_concurrency"):
        reserved: int = getattr(config, name)
        if 0 < reserved < at_once:
            raise ConfigError(
                f"{context_key(name)} is {reserved}, but a run starts {at_once} of these workers at once "
                f"(mapConcurrency): set mapConcurrency to {reserved} or less, or {context_key(name)} to "
                f"{at_once} or more"
            )
    reserved = config.shard_reserved_concurrency + config.sales_reserved_concurrency
    if reserved > max(0, account - _UNRESERVED_CONCURRENCY):
        raise ConfigError(
            f"shardReservedConcurrency and salesReservedConcurrency together are {reserved}, but of the "
            f"account's {account} (accountConcurrency) Lambda keeps {_UNRESERVED_CONCURRENCY} unreserved: "
            "reserve less, or leave both at 0"
        )
    enough = config.max_write_units // _TRANSACTION_WRITE_UNITS
    if config.max_write_units and enough < at_once:
        fewer = f"mapConcurrency to {enough} or less, or " if enough else ""
        raise ConfigError(
            f"maxWriteUnits is {config.max_write_units}, but {at_once} sales workers (mapConcurrency) commit "
            f"{_TRANSACTION_WRITE_UNITS} units at once each, and should get through once a second: set "
            f"{fewer}maxWriteUnits to {at_once * _TRANSACTION_WRITE_UNITS} or more"
        )


def _read(key: str, value: object) -> str | int | bool:
    text = str(value).strip()
    if key in _SWITCHES:
        if text.lower() not in ("true", "false"):
            raise ConfigError(f"{key} is {value!r}: expected true or false")
        return text.lower() == "true"
    if key == "stackName":
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{0,49}", text):
            raise ConfigError(
                f"{key} is {value!r}: expected a letter, then up to 49 letters, digits or hyphens"
            )
        return text
    if key == "notifyEmail":
        return _read_addresses(key, text)
    if key in _CHOICES:
        if text not in _CHOICES[key]:
            raise ConfigError(f"{key} is {value!r}: expected {' or '.join(_CHOICES[key])}")
        return text
    return _read_number(key, value)


def _read_addresses(key: str, text: str) -> str:
    for address in filter(None, text.split(",")):
        if not re.fullmatch(r"[^@\s]+@[^@\s]+[.][^@\s]+", address.strip()):
            raise ConfigError(f"{key} is {text!r}: expected e-mail addresses with commas between them")
    return text


def _read_number(key: str, value: object) -> int:
    text = str(value).strip()
    if isinstance(value, float) and value.is_integer():
        text = str(int(value))
    number = int(text) if re.fullmatch(r"[0-9]{1,15}", text) else None
    if key == "logRetentionDays":
        if number not in LOG_RETENTION:
            raise ConfigError(f"{key} is {value!r}: expected one of {', '.join(map(str, LOG_RETENTION))}")
        return number
    low, high = _RANGES[key]
    if number is None or not low <= number <= high:
        raise ConfigError(f"{key} is {value!r}: expected a whole number from {low} to {high}")
    return number


def _refuse_misspelt(context: Mapping[str, Any]) -> None:
    """Context holds the CDK's own keys too, so only a key that is nearly one of ours is a mistake."""
    ours = {context_key(field.name) for field in fields(PipelineConfig)}
    by_letters = {key.lower(): key for key in ours}
    for key in sorted(set(context) - ours):
        if not re.fullmatch(r"[A-Za-z0-9_-]+", key):
            continue
        letters = re.sub(r"[_-]", "", key).lower()
        near = difflib.get_close_matches(letters, by_letters, n=1, cutoff=0.8)
        if near:
            raise ConfigError(f"{key} is not a setting: did you mean {by_letters[near[0]]}?")
