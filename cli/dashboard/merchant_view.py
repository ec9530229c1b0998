"""One merchant's sales as its page shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cli.amounts_report import amounts_cells
from cli.dashboard.chart import Chart, month_charts
from cli.merchant_report import MerchantSales
from cli.printing import moment, number
from cli.reading_runs import Standing
from cli.reading_sales import currency_of, keyhash_of
from lambdas.adapters.dynamodb import Item
from lambdas.domain.ledger import Amounts

MOST_FILES_SHOWN = 100

Cells = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class FileRow:
    """What one order file says about the merchant, and how its key stands."""

    key: str
    run_id: str
    currency: str
    cells: Cells
    standing: str


@dataclass(frozen=True, kw_only=True)
class MerchantView:
    """One merchant; without `complete` it is in too many files for the months to be added up here."""

    merchant_id: str
    totals: Sequence[Cells]
    months: Sequence[Cells]
    charts: Sequence[Chart]
    files: Sequence[FileRow]
    more_files: int
    unsettled: Sequence[tuple[str, str]]
    complete: bool


def merchant_view(found: MerchantSales, *, complete: bool) -> MerchantView:
    """Everything about one merchant."""
    months = found.months if complete else {}
    sums = amounts_cells([Amounts.of(item) for item in found.totals])
    by_month = amounts_cells(list(months.values()))
    return MerchantView(
        merchant_id=found.merchant_id,
        totals=[
            (item["currency"], number(item["files"]), *cells)
            for item, cells in zip(found.totals, sums, strict=True)
        ],
        months=[(*about, *cells) for about, cells in zip(months, by_month, strict=True)],
        charts=month_charts(months),
        files=_files(found.contributions[:MOST_FILES_SHOWN], found.standings),
        more_files=max(0, len(found.contributions) - MOST_FILES_SHOWN),
        unsettled=[(one.object_key, one.remark) for one in found.standings.values() if one.remark],
        complete=complete,
    )


def _files(contributions: Sequence[Item], standings: Mapping[str, Standing]) -> list[FileRow]:
    settled = Standing(object_key="")
    sums = amounts_cells([Amounts.of(item) for item in contributions])
    return [
        FileRow(
            key=item["object_key"],
            run_id=item["run_id"],
            currency=currency_of(item),
            cells=(*cells, moment(item.get("first_order_at")), moment(item.get("last_order_at"))),
            standing=standings.get(keyhash_of(item), settled).remark,
        )
        for item, cells in zip(contributions, sums, strict=True)
    ]
