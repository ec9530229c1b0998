"""What is measured of runs: the metrics that alarms and the dashboard read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any


class Measure(StrEnum):
    """A metric in the stack's own namespace."""

    RUNS_SUCCEEDED = "RunsSucceeded"
    RUNS_FAILED = "RunsFailed"
    RUNS_SUPERSEDED = "RunsSuperseded"
    LOOKS_FAILED = "LooksFailed"
    CONSERVATION_FAILURES = "ConservationFailures"
    LINES_READ = "LinesRead"
    LINES_REJECTED = "LinesRejected"
    LINES_DUPLICATE = "LinesDuplicate"
    LINES_IGNORED = "LinesIgnored"
    LINES_COUNTED = "LinesCounted"
    MONEY_COUNTED = "MoneyCounted"
    BYTES_READ = "BytesRead"
    SECONDS_TO_SETTLE = "SecondsToSettle"
    REJECTED_PERCENT = "RejectedPercent"
    OLDEST_RUNNING_SECONDS = "OldestRunningSeconds"
    SWEEP_LOOKS = "SweepLooks"
    SWEEP_ABANDONED = "SweepAbandoned"
    SWEEPS_UNFINISHED = "SweepsUnfinished"

    @property
    def unit(self) -> str:
        """CloudWatch's name of its unit."""
        if self.value.startswith("Bytes"):
            return "Bytes"
        if "Seconds" in self.value:
            return "Seconds"
        return "Percent" if self.value.endswith("Percent") else "Count"


OF_STATUS = {
    "SUCCEEDED": Measure.RUNS_SUCCEEDED,
    "FAILED": Measure.RUNS_FAILED,
    "SUPERSEDED": Measure.RUNS_SUPERSEDED,
}
_OF_COUNT = {
    "lines": Measure.LINES_READ,
    "rejected": Measure.LINES_REJECTED,
    "duplicates": Measure.LINES_DUPLICATE,
    "ignored": Measure.LINES_IGNORED,
    "counted": Measure.LINES_COUNTED,
}


def of_ended_run(item: Mapping[str, Any]) -> dict[Measure, float]:
    """What there is to measure of a run that has ended."""
    measures: dict[Measure, float] = {OF_STATUS[item["status"]]: 1}
    if item["status"] != "SUCCEEDED":
        return measures
    took = datetime.fromisoformat(item["ended_at"]) - datetime.fromisoformat(item["started_at"])
    measures |= {_OF_COUNT[name]: int(count) for name, count in item["counts"].items()}
    measures |= {Measure.BYTES_READ: int(item["size_bytes"])}
    return measures | {Measure.SECONDS_TO_SETTLE: took.total_seconds()}


def money_of_settled_run(item: Mapping[str, Any]) -> dict[str, Decimal]:
    """What a run that SUCCEEDED counted, by currency."""
    if item["status"] != "SUCCEEDED":
        return {}
    return {currency: sums["counted"] for currency, sums in item.get("money", {}).items()}


def rejected_percent(*, lines: int, rejected: int) -> dict[Measure, float]:
    """How much of a file was rejected; nothing of a file without lines."""
    if not lines:
        return {}
    return {Measure.REJECTED_PERCENT: float(round(Decimal(rejected * 100) / lines, 4))}
