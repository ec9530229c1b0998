"""Amounts (orders, lines, units, gross sales, refunds, net sales) as people and programs read them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cli.printing import exact, money, number
from cli.reading_sales import COUNTS, MONEY
from lambdas.domain.ledger import Amounts

HEADINGS = (">orders", ">lines", ">units", ">gross sales", ">refunds", ">net sales")


def amounts_cells(amounts: Sequence[Amounts]) -> list[tuple[str, ...]]:
    """A row of cells for each: the cells of a column have the same number of decimals."""
    counts = [[number(getattr(one, name)) for one in amounts] for name in COUNTS]
    sums = [money([getattr(one, name) for one in amounts]) for name in MONEY]
    return list(zip(*counts, *sums, strict=True))


def amounts_to_json(amounts: Amounts) -> dict[str, Any]:
    """Whole numbers, and amounts of money as texts with 4 decimals."""
    counts = {name: getattr(amounts, name) for name in COUNTS}
    return counts | {name: exact(getattr(amounts, name)) for name in MONEY}
