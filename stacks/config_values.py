"""Context values of the CDK as settings: each is checked by itself, and a misspelt key is an error."""

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any

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


def context_key(field_name: str) -> str:
    """Give the context key of a field: partition_bytes is partitionBytes."""
    head, *rest = field_name.split("_")
    return head + "".join(word.capitalize() for word in rest)


_CHOICES: dict[str, tuple[str, ...]] = {
    "profile": ("prod", "dev"),
    "target": ("lambda", "host"),
    "architecture": ("arm64", "x86_64"),
    "fanOut": ("partition", "merchant"),
    "notifyOn": ("failed", "all"),
    "encryption": ("default", "kms"),
    "logLevel": ("DEBUG", "INFO", "WARNING", "ERROR"),
}
_RANGES: dict[str, tuple[int, int]] = {
    "maxFileBytes": (1, 50 * 1024 * GIB),  # what S3 takes
    "partitionBytes": (1, GIB),
    "maxPartitions": (1, 4096),
    "inlinePartitions": (1, 40),  # all that an inline Map runs at once
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
    "monthlyBudgetUsd": (0, 1_000_000_000),
}
_SWITCHES = ("batchSpot", "accessLogs")
_KEY_ARNS = ("ordersBucketKeyArn", "bootstrapKeyArn")


def read_value(key: str, value: object) -> str | int | bool:
    """Read the value of a setting; raises ConfigError."""
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
    if key == "ordersBucketName":
        if text and not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", text):
            raise ConfigError(f"{key} is {value!r}: expected the name of a bucket, without s3://")
        return text
    if key in _KEY_ARNS:
        if text and not re.fullmatch(r"arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+", text):
            raise ConfigError(f"{key} is {value!r}: expected the ARN of a KMS key, not of an alias")
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


def refuse_misspelt(context: Mapping[str, Any], ours: Iterable[str]) -> None:
    """Context holds the CDK's own keys too, so only a key that is nearly one of ours is a mistake."""
    ours = set(ours)
    by_letters = {key.lower(): key for key in ours}
    for key in sorted(set(context) - ours):
        if not re.fullmatch(r"[A-Za-z0-9_-]+", key):
            continue
        letters = re.sub(r"[_-]", "", key).lower()
        near = difflib.get_close_matches(letters, by_letters, n=1, cutoff=0.8)
        if near:
            raise ConfigError(f"{key} is not a setting: did you mean {by_letters[near[0]]}?")
