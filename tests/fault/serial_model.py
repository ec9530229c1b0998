"""What an order file says about each merchant and currency, told again in few lines: the serial model."""

from __future__ import annotations

from decimal import Decimal

from tests.fault.order_tables import Format, Line, OrderTable

Sums = tuple[Decimal, ...]
"""Orders, lines, units, gross sales, refunds, net sales."""


def counted(table: OrderTable, order_format: Format) -> dict[tuple[str, str], Sums] | None:
    """The sums by merchant and currency; None where the file as a whole can't be counted."""
    good = [line for line in table.lines if line.amount != "n/a"]
    if table.broken or (len(table.lines) - len(good)) * 10 > 3 * len(table.lines):
        return None
    last = {_identity(i, line): line for i, line in enumerate(good)}
    cells: dict[tuple[str, str], list[Line]] = {}
    for line in last.values():
        if not (order_format.by_status and line.status == "cancelled"):
            currency = line.currency.upper() or "USD" if order_format.by_currency else "USD"
            cells.setdefault((line.merchant_id, currency), []).append(line)
    return {cell: _sums(lines, order_format) for cell, lines in cells.items()}


def _identity(i: int, line: Line) -> object:
    return (line.merchant_id, line.order_id, line.line_id) if line.order_id and line.line_id else i


def _sums(lines: list[Line], order_format: Format) -> Sums:
    refunded = [order_format.by_status and line.status == "refunded" for line in lines]
    amounts = [Decimal(line.amount) * order_format.factor for line in lines]
    amounts = [-abs(a) if back else a for a, back in zip(amounts, refunded, strict=True)]
    orders = len({line.order_id for line in lines} - {""}) + sum(line.order_id == "" for line in lines)
    gross, refunds = sum(a for a in amounts if a >= 0), -sum(a for a in amounts if a < 0)
    units = sum(line.quantity for line in lines)
    return tuple(map(Decimal, (orders, len(lines), units, gross, refunds, gross - refunds)))
