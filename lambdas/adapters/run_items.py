"""Counts and money of a run as its item holds them."""

from __future__ import annotations

from lambdas.adapters.dynamodb import Item
from lambdas.domain.reconciliation import Intake, Outcome


def intake_values(intake: Intake) -> Item:
    """What is known once a run's shards are indexed."""
    return {
        "counts": {"lines": intake.lines, "rejected": intake.rejected},
        "money": {currency: {"accepted": amount} for currency, amount in intake.accepted_money.items()},
        "reject_reasons": dict(intake.reject_reasons),
    }


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
