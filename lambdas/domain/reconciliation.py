"""The laws that a settled run has proven: no line and no cent is lost between the file and the table."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from lambdas.domain.errors import ConservationError, OrderFileError
from lambdas.domain.money import Money, add_money, money_from_json, money_to_json
from lambdas.domain.order_file import RunId

MOST_CURRENCIES = 300


@dataclass(frozen=True, kw_only=True)
class Intake:
    """What the sharding of a run read: counts of lines, and the accepted ones' signed money by currency."""

    lines: int = 0
    rejected: int = 0
    reject_reasons: Mapping[str, int] = field(default_factory=dict)
    accepted_money: Money = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of accepted lines: counts of lines, and signed money by currency."""

    duplicates: int = 0
    ignored: int = 0
    counted: int = 0
    duplicate_money: Money = field(default_factory=dict)
    ignored_money: Money = field(default_factory=dict)
    counted_money: Money = field(default_factory=dict)


def total_outcome(outcomes: Iterable[Outcome]) -> Outcome:
    """The sum over a run's partitions."""
    parts = list(outcomes)
    return Outcome(
        duplicates=sum(part.duplicates for part in parts),
        ignored=sum(part.ignored for part in parts),
        counted=sum(part.counted for part in parts),
        duplicate_money=add_money(part.duplicate_money for part in parts),
        ignored_money=add_money(part.ignored_money for part in parts),
        counted_money=add_money(part.counted_money for part in parts),
    )


def outcome_to_json(outcome: Outcome) -> dict[str, Any]:
    """An outcome as a partition's done object holds it."""
    values = dataclasses.asdict(outcome)
    return {name: money_to_json(v) if isinstance(v, dict) else v for name, v in values.items()}


def outcome_from_json(values: Mapping[str, Any]) -> Outcome:
    """The outcome of `outcome_to_json`; other names in there are passed over."""
    names = [field_.name for field_ in dataclasses.fields(Outcome)]
    money = {name: money_from_json(values[name]) for name in names if name.endswith("_money")}
    return Outcome(**{name: values[name] for name in names} | money)


NOT_SETTLED = (
    "The run is not settled, though its sales are in the totals of its merchants: please report this with "
    'the run id, and see docs/operations.md, "Conservation failed".'
)


def prove_conservation(intake: Intake, outcome: Outcome) -> None:
    """Raise ConservationError unless every line read and all money accepted is accounted for."""
    accounted = intake.rejected + outcome.duplicates + outcome.ignored + outcome.counted
    if intake.lines != accounted:
        raise ConservationError(
            f"Conservation failed: {intake.lines} lines were read, but {accounted} are accounted for "
            f"({intake.rejected} rejected, {outcome.duplicates} duplicates, {outcome.ignored} ignored, "
            f"{outcome.counted} counted). {NOT_SETTLED}"
        )
    spent = add_money([outcome.duplicate_money, outcome.ignored_money, outcome.counted_money])
    for currency in sorted(intake.accepted_money.keys() | spent.keys()):
        accepted, found = intake.accepted_money.get(currency, Decimal(0)), spent.get(currency, Decimal(0))
        if accepted != found:
            raise ConservationError(
                f"Conservation failed: lines worth {accepted} {currency} were accepted, but {found} "
                f"{currency} are accounted for. {NOT_SETTLED}"
            )


def check_currencies(intake: Intake) -> None:
    """Raise OrderFileError when there are more currencies than the world has: the column must be another."""
    if len(intake.accepted_money) > MOST_CURRENCIES:
        some = ", ".join(sorted(intake.accepted_money)[:5])
        raise OrderFileError(
            f"The lines name {len(intake.accepted_money):,} different currencies ({some}, …). Check which "
            "column the order format takes for the currency (columns.currency)."
        )


def check_reject_ratio(intake: Intake, *, max_reject_ratio: Decimal, advice: str) -> None:
    """Raise OrderFileError when more of the lines were rejected than the order format allows.

    The advice says what that means where it happens, and what to do.
    """
    if not intake.lines or intake.rejected <= max_reject_ratio * intake.lines:
        return
    reason, count = Counter(intake.reject_reasons).most_common(1)[0]
    share = Decimal(intake.rejected * 100) / intake.lines
    raise OrderFileError(
        f"{intake.rejected:,} of {intake.lines:,} lines ({share:.1f}%) were rejected, more than the "
        f"{max_reject_ratio:.1%} that the order format allows (max_reject_ratio); most often: {reason} "
        f"({count:,} lines). {advice}"
    )


def advice_on_rejects(run_id: RunId) -> str:
    """What it means that a run had too many rejects, and what to do; a first run replaces nothing."""
    kept = "What was counted before, if anything, stays counted. " if run_id.revision > 1 else ""
    return f"{kept}List them with `merchant-sales rejects {run_id}`, then upload a corrected file."
