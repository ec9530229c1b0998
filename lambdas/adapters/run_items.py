"""Counts and money of a run as its item holds them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from lambdas.adapters.dynamodb import Item
from lambdas.adapters.runs_table import iso
from lambdas.domain.cuts import content_sha256
from lambdas.domain.plan import Plan
from lambdas.domain.reconciliation import Intake, Outcome
from lambdas.domain.shard_index import ShardIndex, partition_bytes


def intake_values(intake: Intake) -> Item:
    """What is known once a run's shards are indexed."""
    return {
        "counts": {"lines": intake.lines, "rejected": intake.rejected},
        "money": {currency: {"accepted": amount} for currency, amount in intake.accepted_money.items()},
        "reject_reasons": dict(intake.reject_reasons),
    }


def described_values(
    plan: Plan, indexes: Sequence[ShardIndex], intake: Intake, partitions: int, moment: datetime
) -> Item:
    """What is known of a run once its splits are put together: counts, and how its orders are spread.

    `partitions` are those of the sales workers; `shard_partitions`, over which the bytes are spread, are
    others where the run fans out by merchant.
    """
    values = intake_values(intake) | {"partitions": partitions, "sharded_at": iso(moment)}
    if indexes:
        by_partition = partition_bytes(indexes)
        values |= {
            "shard_partitions": plan.partitions,
            "format": plan.format_name,
            "content_sha256": content_sha256(indexes),
            "detected": dict(indexes[0].detected),
            "raw_bytes": sum(index.raw_bytes for index in indexes),
            "splits": len(indexes),
            "shard_bytes": sum(by_partition),
            "largest_partition_bytes": max(by_partition),
        }
    return values


def intake_of(item: Item) -> Intake:
    """The intake of `intake_values`."""
    return Intake(
        lines=int(item["counts"]["lines"]),
        rejected=int(item["counts"]["rejected"]),
        reject_reasons={reason: int(count) for reason, count in item["reject_reasons"].items()},
        accepted_money={currency: amounts["accepted"] for currency, amounts in item["money"].items()},
    )


def settled_values(intake: Intake, outcome: Outcome) -> Item:
    """What is known once a run is settled."""
    parts = {
        "accepted": intake.accepted_money,
        "duplicates": outcome.duplicate_money,
        "ignored": outcome.ignored_money,
        "counted": outcome.counted_money,
    }
    return {
        "counts": {
            "lines": intake.lines,
            "rejected": intake.rejected,
            "duplicates": outcome.duplicates,
            "ignored": outcome.ignored,
            "counted": outcome.counted,
        },
        "money": {
            currency: {name: money.get(currency, 0) for name, money in parts.items()}
            for currency in intake.accepted_money
        },
    }
