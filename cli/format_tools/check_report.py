"""What the check of an order format found, as people and programs read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.table import Table

from cli.amounts_report import HEADINGS, amounts_cells, amounts_to_json
from cli.format_tools.best_merchants import BestMerchants
from cli.printing import facts, number, table
from cli.rejects import rejects_table
from cli.run_report import found, outcome_tables, outcome_to_json
from cli.suggested import suggested
from lambdas.adapters.dynamodb import Item
from lambdas.adapters.run_items import intake_values, settled_values
from lambdas.domain.order_format import OrderFormat
from lambdas.domain.reconciliation import Intake, Outcome
from lambdas.domain.shard_index import ShardIndex

CURRENCIES_SHOWN = 3
"""Of so many currencies, those with the most merchants, the best merchants are shown to people."""


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What a run of the file would end with; `failure` says why it would fail, None where it would not."""

    file: Path
    order_format: OrderFormat
    failure: str | None
    intake: Intake | None = None
    index: ShardIndex | None = None
    outcome: Outcome | None = None
    rejects: Sequence[Mapping[str, Any]] = ()
    merchants: Mapping[str, BestMerchants] = field(default_factory=dict)


def to_json(checked: Checked) -> dict[str, Any]:
    """The whole of it for programs; what isn't known because the file can't be read is null or empty."""
    index = checked.index
    return {
        "file": str(checked.file),
        "format": checked.order_format.name,
        "status": "FAILED" if checked.failure else "SUCCEEDED",
        "reason": checked.failure,
        "detected": index.detected if index else {},
        "raw_bytes": index.raw_bytes if index else None,
        "content_sha256": index.content_sha256 if index else None,
        **outcome_to_json(_run_values(checked)),
        "rejects": list(checked.rejects),
        "merchants": {currency: some.merchants for currency, some in checked.merchants.items()},
        "top": {
            currency: [{"merchant_id": name} | amounts_to_json(amounts) for name, amounts in some.best]
            for currency, some in checked.merchants.items()
        },
    }


def report(checked: Checked) -> list[Table | str]:
    """The whole of it for people, the verdict last."""
    parts: list[Table | str] = []
    if index := checked.index:
        size = f"{number(checked.file.stat().st_size)} bytes, {number(index.raw_bytes)} uncompressed"
        known = [("format", checked.order_format.name), ("found", found(index.detected)), ("size", size)]
        parts += [facts(known), *outcome_tables(_run_values(checked))]
    if checked.rejects:
        parts.append(rejects_table(checked.rejects, title="The first rejected lines"))
    parts += [
        _best_table(currency, some)
        for currency, some in list(checked.merchants.items())[:CURRENCIES_SHOWN]
        if some.best
    ]
    return [*parts, _verdict(checked)]


def _run_values(checked: Checked) -> Item:
    """The values as the item of a run has them."""
    if checked.intake is None or checked.outcome is None:
        return {}
    return intake_values(checked.intake) | settled_values(checked.intake, checked.outcome)


def _best_table(currency: str, some: BestMerchants) -> Table:
    cells = amounts_cells([amounts for _, amounts in some.best])
    rows = [
        (number(place), name, *row)
        for place, ((name, _), row) in enumerate(zip(some.best, cells, strict=True), start=1)
    ]
    title = f"Highest net sales in {currency}, of {number(some.merchants)} merchants"
    return table(">", "~merchant", *HEADINGS, rows=rows, title=title)


def _verdict(checked: Checked) -> str:
    if checked.failure:
        return f"A run would FAIL: {checked.failure}"
    prefix = checked.order_format.prefix
    under = ["--prefix", prefix] if prefix and not checked.file.name.startswith(prefix) else []
    return f"A run would SUCCEED: {suggested('upload', str(checked.file), *under)}"
