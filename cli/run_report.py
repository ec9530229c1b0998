"""A run's item as people and programs read it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from rich.table import Table

from cli.printing import exact, facts, moment, money, number, table
from cli.reading_runs import Standing
from cli.suggested import completed, suggested
from lambdas.adapters.dynamodb import Item
from lambdas.domain.skew import Spread

COUNTS = ("lines", "rejected", "duplicates", "ignored", "counted")
MONEY = ("accepted", "duplicates", "ignored", "counted")
COPIED = (
    "run_id", "version_id", "status", "reason", "started_at", "sharded_at", "ended_at", "format",
    "content_sha256", "execution", "detected", "warnings",
)  # fmt: skip
SIZES = (
    "size_bytes", "raw_bytes", "partitions", "shard_partitions", "shard_bytes", "largest_partition_bytes",
)  # fmt: skip


def run_to_json(item: Item) -> dict[str, Any]:
    """A run as programs read it: what isn't known yet is null, amounts are texts with 4 decimals."""
    values: dict[str, Any] = {"key": item["object_key"]}
    values |= {name: plain(item.get(name)) for name in (*COPIED, *SIZES)}
    return values | outcome_to_json(item)


def outcome_to_json(item: Item) -> dict[str, Any]:
    """What became of a file's lines: counts, money by currency, reasons of rejects."""
    counts = item.get("counts", {})
    return {
        "counts": {name: int(counts[name]) if name in counts else None for name in COUNTS},
        "money": {
            currency: {name: exact(amounts[name]) if name in amounts else None for name in MONEY}
            for currency, amounts in sorted(item.get("money", {}).items())
        },
        "reject_reasons": {reason: int(n) for reason, n in reject_reasons(item)},
    }


def run_row(item: Item) -> tuple[str, ...]:
    """Key, status, lines, rejected and counted, as cells for people."""
    counts = item.get("counts", {})
    return (
        item["object_key"],
        f"{item['status']} (warning)" if item.get("warnings") else item["status"],
        *(number(counts.get(n)) for n in ("lines", "rejected", "counted")),
    )


def net_money(item: Item) -> str:
    """What a run counted by currency, as a cell for people."""
    counted = {name: a["counted"] for name, a in sorted(item.get("money", {}).items()) if "counted" in a}
    return ", ".join(
        f"{amount} {name}" for name, amount in zip(counted, money(list(counted.values())), strict=True)
    )


def run_report(item: Item, standing: Standing | None, *, done: int | None, on_aws: bool) -> list[Table | str]:
    """Everything about one run, for people; `done` is how many partitions are committed, where it matters."""
    parts: list[Table | str] = [facts(run_facts(item, standing, done=done, on_aws=on_aws))]
    parts += outcome_tables(item)
    if item.get("reject_reasons"):
        parts.append(f"The lines themselves: {suggested('rejects', item['run_id'])}")
    return parts


def outcome_tables(item: Item) -> list[Table]:
    """What became of a file's lines: tables of the counts, the money and the reasons, as far as known."""
    counts, amounts = item.get("counts", {}), item.get("money", {})
    parts: list[Table] = []
    if counts:
        rows = [tuple(number(counts.get(name)) for name in COUNTS)]
        parts.append(table(*(f">{name}" for name in COUNTS), rows=rows, title="Order lines"))
    if amounts:
        headings = ("currency", *(f">{name}" for name in MONEY))
        parts.append(table(*headings, rows=money_rows(amounts), title="Money, net of refunds"))
    if reasons := reject_reasons(item):
        rows = [(number(count), reason) for reason, count in reasons]
        parts.append(table(">lines", "~reason", rows=rows, title="Rejected"))
    return parts


def plain(value: Any) -> Any:
    """A value of an item without Decimal, which here only holds whole numbers."""
    if isinstance(value, Decimal):
        return int(value)
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, list | set) else value


def run_facts(
    item: Item, standing: Standing | None, *, done: int | None, on_aws: bool
) -> list[tuple[str, str]]:
    """Names and values of what is known of a run beside its outcome."""
    known = {
        "run": item["run_id"],
        "key": item["object_key"],
        "status": item["status"],
        "reason": completed(item.get("reason", ""), item),
        "key now": standing.told if standing else "",
        "version": item["version_id"],
        "format": item.get("format", ""),
        "found": found(item.get("detected", {})),
        "size": _size(item),
        "partitions": _partitions(item, done),
        "skew": _skew(item),
        "started (UTC)": moment(item["started_at"]),
        "sharded": _after(item, "sharded_at"),
        "ended": _after(item, "ended_at"),
        "warnings": "; ".join(map(str, item.get("warnings", []))),
        "sha256": item.get("content_sha256", ""),
        "execution": _console(item["execution"]) if on_aws else item["execution"],
    }
    return [(name, value) for name, value in known.items() if value]


def found(detected: Mapping[str, str]) -> str:
    """What was detected of a file, in words."""
    return ", ".join(
        f"{name} {value if value[:1].isalnum() else repr(value)}" for name, value in sorted(detected.items())
    )


def _partitions(item: Item, done: int | None) -> str:
    planned = number(item.get("partitions"))
    return planned if done is None or not planned else f"{number(done)} of {planned} committed"


def _skew(item: Item) -> str:
    """How much one partition has of all, where that is far more than its share."""
    if not item.get("shard_bytes"):
        return ""
    spread = Spread(
        partitions=int(item.get("shard_partitions") or item["partitions"]),
        shard_bytes=int(item["shard_bytes"]),
        largest_partition_bytes=int(item["largest_partition_bytes"]),
    )
    if not spread.is_skewed:
        return ""
    share = spread.largest_partition_bytes / spread.shard_bytes
    return (
        f"one of {number(spread.partitions)} partitions of the shards holds {share:.0%} of their "
        f"bytes, {spread.times_average:.0f} times the average: very many lines are of one merchant, or of a "
        "few, and the run takes as long as they do"
    )


def _size(item: Item) -> str:
    raw = f", {number(item['raw_bytes'])} uncompressed" if item.get("raw_bytes") else ""
    return f"{number(item.get('size_bytes'))} bytes{raw}"


def _after(item: Item, name: str) -> str:
    """A later moment as seconds after the start."""
    if name not in item:
        return ""
    took = datetime.fromisoformat(item[name]) - datetime.fromisoformat(item["started_at"])
    return f"after {took.total_seconds():,.1f} s"


def _console(execution: str) -> str:
    """The page of an execution in the AWS console."""
    region = execution.split(":")[3]
    return f"https://{region}.console.aws.amazon.com/states/home?region={region}#/v2/executions/details/{execution}"


def money_rows(amounts: Item) -> list[tuple[str, ...]]:
    """Currency and the sums of MONEY, a row for each currency, as cells for people."""
    currencies = sorted(amounts)
    columns = [money([amounts[c].get(name, Decimal(0)) for c in currencies]) for name in MONEY]
    return list(zip(currencies, *columns, strict=True))


def reject_reasons(item: Item) -> list[tuple[str, Decimal]]:
    """Why lines were rejected, and how many for each reason, the most frequent first."""
    return sorted(item.get("reject_reasons", {}).items(), key=lambda pair: (-pair[1], pair[0]))
