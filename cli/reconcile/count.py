"""What an order file says about each merchant and currency, counted line by line.

The memory that it takes grows with the merchants of the file and, for duplicates and distinct orders, with
its ids: 16 bytes of each, and Python's own around them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import BinaryIO

import duckdb

from cli.reconcile.columns import named_columns
from cli.reconcile.decompression import DeliveredFile
from cli.reconcile.errors import UncountableFileError
from cli.reconcile.lines import Line, LineReader, RejectedError
from cli.reconcile.rows import Table
from cli.reconcile.tables import open_table
from lambdas.domain.money import EXACT
from lambdas.domain.order_format import OrderFormat

MerchantAndCurrency = tuple[str, str]


@dataclass
class Sums:
    """What is added up: one month's, or all of them."""

    lines: int = 0
    units: int = 0
    gross_sales: Decimal = Decimal(0)
    refunds: Decimal = Decimal(0)
    blank_orders: int = 0
    order_ids: set[bytes] = field(default_factory=set)

    def add(self, line: Line) -> None:
        """Count a line."""
        self.lines += 1
        self.units += line.quantity
        if line.amount < 0:
            self.refunds = EXACT.subtract(self.refunds, line.amount)
        else:
            self.gross_sales = EXACT.add(self.gross_sales, line.amount)
        if line.order_id is None:
            self.blank_orders += 1
        else:
            self.order_ids.add(_digest(line.order_id))

    def attributes(self) -> dict[str, object]:
        """The sums as an item holds them."""
        return {
            "orders": self.blank_orders + len(self.order_ids),
            "lines": self.lines,
            "units": self.units,
            "gross_sales": self.gross_sales,
            "refunds": self.refunds,
            "net_sales": EXACT.subtract(self.gross_sales, self.refunds),
        }


@dataclass
class MerchantSales:
    """What the file says about one merchant and currency."""

    total: Sums = field(default_factory=Sums)
    months: dict[str, Sums] = field(default_factory=dict)
    moments: tuple[str, str] | None = None

    def add(self, line: Line) -> None:
        """Count a line."""
        self.total.add(line)
        if line.dated:
            moment, month = line.dated
            self.months.setdefault(month, Sums()).add(line)
            first, last = self.moments or (moment, moment)
            self.moments = min(first, moment), max(last, moment)

    def attributes(self) -> dict[str, object]:
        """All of it by the names that a contribution has; months as `months.2024-01.lines`."""
        dates = zip(("first_order_at", "last_order_at"), self.moments or (), strict=False)
        by_month = {
            f"months.{month}.{name}": value
            for month, sums in self.months.items()
            for name, value in sums.attributes().items()
        }
        return self.total.attributes() | dict(dates) | by_month


@dataclass
class Counted:
    """What became of all lines of an order file."""

    sales: dict[MerchantAndCurrency, MerchantSales] = field(default_factory=dict)
    lines: int = 0
    rejected: int = 0
    duplicates: int = 0
    ignored: int = 0

    def add(self, line: Line) -> None:
        """Take an accepted line that is no duplicate."""
        if line.ignored:
            self.ignored += 1
        else:
            self.sales.setdefault((line.merchant_id, line.currency), MerchantSales()).add(line)


def count_file(
    open_file: Callable[[], BinaryIO],
    *,
    key: str,
    order_format: OrderFormat,
    connection: duckdb.DuckDBPyConnection,
) -> Counted:
    """Count an order file; raises UncountableFileError. It is read once more if it has duplicates."""
    named = named_columns(order_format, connection)
    with open_table(DeliveredFile(open_file, key), order_format, named) as table:
        reader = LineReader(table.columns, order_format, connection)

        def read(superseded: Container[int], last: dict[bytes, int] | None) -> tuple[Counted, set[int]]:
            found: set[int] = set()
            counted = Counted()
            for number, line in _lines(table, reader):
                counted.lines = number
                if line is None:
                    counted.rejected += 1
                elif number in superseded:
                    counted.duplicates += 1
                else:
                    counted.add(line)
                    found.update(_earlier_copy(line, number, last))
            return counted, found

        counted, superseded = read((), {})
        if superseded:
            counted, _ = read(superseded, None)
    _require_few_rejects(counted, order_format)
    return counted


def _lines(table: Table, reader: LineReader) -> Iterator[tuple[int, Line | None]]:
    """Every line with its number among the lines, from 1; None where it is rejected."""
    for number, row in enumerate(table.rows(reader.used), start=1):
        try:
            yield number, reader.read(row)
        except RejectedError:
            yield number, None


def _earlier_copy(line: Line, number: int, last: dict[bytes, int] | None) -> list[int]:
    """The number of the line that this one is a later copy of, if there is one."""
    if last is None or line.order_id is None or line.line_id is None:
        return []
    name = _digest(line.merchant_id, line.order_id, line.line_id)
    earlier = last.get(name)
    last[name] = number
    return [] if earlier is None else [earlier]


def _require_few_rejects(counted: Counted, order_format: OrderFormat) -> None:
    if counted.rejected > order_format.max_reject_ratio * counted.lines:
        raise UncountableFileError(
            f"{counted.rejected:,} of its {counted.lines:,} lines are rejected, more than its format allows"
        )


def _digest(*names: str) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    for name in names:
        written = name.encode()
        digest.update(len(written).to_bytes(4, "big") + written)
    return digest.digest()
