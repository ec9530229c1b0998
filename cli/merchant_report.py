"""One merchant's sales as people and programs read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table

from cli.amounts_report import HEADINGS, amounts_cells, amounts_to_json
from cli.printing import moment, number, table
from cli.reading_runs import Standing
from cli.reading_sales import add, currency_of, keyhash_of
from cli.suggested import shell_word
from lambdas.adapters.dynamodb import Item
from lambdas.domain.ledger import Amounts


@dataclass(frozen=True, kw_only=True)
class MerchantSales:
    """What is counted for one merchant; `span` is the first and last month asked for, if any."""

    merchant_id: str
    totals: Sequence[Item]
    contributions: Sequence[Item]
    standings: Mapping[str, Standing]
    months: Mapping[tuple[str, str], Amounts]
    span: tuple[str, str] | None


def merchant_sales(
    merchant_id: str,
    totals: Sequence[Item],
    contributions: Sequence[Item],
    standings: Mapping[str, Standing],
    *,
    months: tuple[str, str] | None,
) -> MerchantSales:
    """Add up the months, and leave out what counts nothing (any more)."""
    counting = [item for item in contributions if item["lines"]]
    unsettled = {name: standing for name, standing in standings.items() if standing.told}
    return MerchantSales(
        merchant_id=merchant_id,
        totals=[item for item in totals if item["files"]],
        contributions=sorted(counting, key=lambda item: (item["object_key"], currency_of(item))),
        standings=unsettled,
        months=sum_months(counting, months),
        span=months,
    )


def sum_months(contributions: Sequence[Item], span: tuple[str, str] | None) -> dict[tuple[str, str], Amounts]:
    """Sums over files by (month, currency), in order, of the months in the span."""
    sums: dict[tuple[str, str], Amounts] = {}
    for item in contributions:
        for month, values in item.get("months", {}).items():
            if span is None or span[0] <= month <= span[1]:
                about = (month, currency_of(item))
                sums[about] = add(sums.get(about, Amounts()), Amounts.of(values))
    return dict(sorted(sums.items()))


def to_json(found: MerchantSales) -> dict[str, Any]:
    """The whole of it for programs."""
    return {
        "merchant_id": found.merchant_id,
        "totals": [
            {"currency": item["currency"], "files": int(item["files"]), "updated_at": item["updated_at"]}
            | amounts_to_json(Amounts.of(item))
            for item in found.totals
        ],
        "months": [
            {"month": month, "currency": currency} | amounts_to_json(amounts)
            for (month, currency), amounts in found.months.items()
        ],
        "files": [
            {"key": item["object_key"], "currency": currency_of(item), "run_id": item["run_id"]}
            | amounts_to_json(Amounts.of(item))
            | {name: item.get(name) for name in ("first_order_at", "last_order_at")}
            | {"key_state": _remark(found, item)}
            for item in found.contributions
        ],
        "unsettled_keys": {one.object_key: one.told for one in found.standings.values()},
    }


def report(found: MerchantSales) -> list[Table | str]:
    """The whole of it for people."""
    if not found.totals:
        return [f"Merchant {found.merchant_id!r} has no counted sales now; earlier ones were taken back."]
    parts: list[Table | str] = [_totals(found), _months(found), _files(found)]
    for one in found.standings.values():
        parts.append(_about(one))
    return parts


def _about(one: Standing) -> str:
    """What a file's state means for these sales, and who changes that."""
    if one.running:
        return f"{one.object_key} is {one.remark}: its part of these sales is about to change."
    why = f"`merchant-sales run {shell_word(one.object_key)}` says why, and how to go on."
    return (
        f"{one.object_key} is {one.remark}: a run of it FAILED. {why}"
        if one.remark
        else f"{one.object_key}: {one.told}. {why}"
    )


def _totals(found: MerchantSales) -> Table:
    cells = amounts_cells([Amounts.of(item) for item in found.totals])
    rows = [
        (item["currency"], number(item["files"]), *row) for item, row in zip(found.totals, cells, strict=True)
    ]
    return table("currency", ">files", *HEADINGS, rows=rows, title=f"Merchant {found.merchant_id}")


def _months(found: MerchantSales) -> Table | str:
    if not found.months:
        reason = "in these months" if found.span else "with a date: their format names no ordered_at"
        return f"No sales {reason}."
    cells = amounts_cells(list(found.months.values()))
    rows = [(*about, *row) for about, row in zip(found.months, cells, strict=True)]
    return table("month", "currency", *HEADINGS, rows=rows, title="By month")


def _files(found: MerchantSales) -> Table:
    cells = amounts_cells([Amounts.of(item) for item in found.contributions])
    rows = []
    for item, row in zip(found.contributions, cells, strict=True):
        first, last = moment(item.get("first_order_at")), moment(item.get("last_order_at"))
        rows.append((item["object_key"], currency_of(item), *row, first, last))
    return table("~file", "currency", *HEADINGS, "first order", "last order", rows=rows, title="By file")


def _remark(found: MerchantSales, item: Item) -> str:
    standing = found.standings.get(keyhash_of(item))
    return standing.told if standing else ""
