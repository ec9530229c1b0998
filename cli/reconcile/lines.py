"""One row of an order file as an order line, or rejected; the rules of a line, one by one."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from operator import itemgetter

import duckdb

from cli.reconcile.columns import Columns
from cli.reconcile.dates import Dated, DateRule
from cli.reconcile.expressions import RowError, RowExpression, row_expression
from cli.reconcile.numbers import PLAIN, amount_in, exact_number, quantity_in
from cli.reconcile.rows import Cell, Reject, Row, text_of
from lambdas.domain.order_format import OrderFormat

LONGEST_ID_BYTES = 256
DATES_REMEMBERED = 4096
Cells = Sequence[Cell]
Take = Callable[[Cells], Cell]
"""Takes the value of one field of an order line from a row."""


class RejectedError(Exception):
    """The line is rejected; says why."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One order line as it is counted. `amount` is signed: a refund is negative."""

    merchant_id: str
    currency: str
    order_id: str | None
    line_id: str | None
    amount: Decimal
    quantity: int
    dated: Dated | None
    ignored: bool


class LineReader:
    """Reads the rows of one file by its order format; `used` are the positions of the cells it needs."""

    def __init__(
        self, columns: Columns, order_format: OrderFormat, connection: duckdb.DuckDBPyConnection
    ) -> None:
        """Find each field's column or expression; raises UncountableFileError where one is missing."""
        self._columns, self._format, self._connection = columns, order_format, connection
        self._rule = DateRule.of(order_format)
        # Of a file's many lines few have a date of their own, and dates are the slowest to read.
        self._dated = lru_cache(DATES_REMEMBERED)(self._rule.read)
        self._used: set[int] = set()
        texts = {field: text for field, text in vars(order_format.columns).items() if text is not None}
        self._take = {field: self._taking(field, text) for field, text in texts.items()}
        self.used = frozenset(self._used)

    def read(self, row: Row) -> Line:
        """The order line of a row; raises RejectedError."""
        if isinstance(row, Reject):
            raise RejectedError(row.reason)
        status = self._status(row)
        amount = self._amount(row)
        refunded = self._format.status is not None and status in self._format.status.refund
        return Line(
            merchant_id=self._merchant(row),
            currency=self._currency(row),
            order_id=self._id("order_id", row),
            line_id=self._id("line_id", row),
            amount=-abs(amount) if refunded else amount,
            quantity=self._quantity(row),
            dated=self._ordered_at(row),
            ignored=self._format.status is not None and status in self._format.status.ignore,
        )

    def _taking(self, field: str, text: str) -> Take:
        position = self._columns.find(text)
        if position is not None:
            self._used.add(position)
            return itemgetter(position)
        expression: RowExpression = row_expression(
            text,
            self._columns,
            wants_number=field in ("amount", "quantity"),
            numbers=self._format.numbers,
            connection=self._connection,
        )
        self._used |= {at for at, _ in expression.columns}
        return expression.value

    def _value(self, field: str, cells: Cells) -> Cell:
        try:
            value = self._take[field](cells)
        except RowError as e:
            raise RejectedError(f"{field}: {e}") from e
        if isinstance(value, Reject):
            raise RejectedError(f"{field}: {value.reason}")
        return value

    def _text(self, field: str, cells: Cells) -> str:
        return text_of(self._value(field, cells))

    def _merchant(self, cells: Cells) -> str:
        merchant = self._text("merchant_id", cells).strip()
        if not merchant:
            raise RejectedError("no merchant")
        return _short(merchant)

    def _id(self, field: str, cells: Cells) -> str | None:
        """An id as it stands there; None where there is none, or nothing but white space."""
        text = _short(self._text(field, cells)) if field in self._take else ""
        return text if text.strip() else None

    def _amount(self, cells: Cells) -> Decimal:
        amount = amount_in(self._number("amount", cells, most_decimals=4))
        if amount is None:
            raise RejectedError("the amount is not a number of at most 4 decimals")
        return amount

    def _quantity(self, cells: Cells) -> int:
        if "quantity" not in self._take:
            return 1
        quantity = quantity_in(self._number("quantity", cells, most_decimals=0))
        if quantity is None:
            raise RejectedError("the quantity is not a whole 64-bit number")
        return quantity

    def _number(self, field: str, cells: Cells, *, most_decimals: int) -> Decimal | None:
        value = self._value(field, cells)
        if isinstance(value, str):
            return exact_number(value, self._format.numbers, most_decimals=most_decimals)
        return exact_number(text_of(value), PLAIN, most_decimals=most_decimals)

    def _ordered_at(self, cells: Cells) -> Dated | None:
        if "ordered_at" not in self._take:
            return None
        value = self._value("ordered_at", cells)
        dated = self._rule.read_typed(value) if isinstance(value, date) else self._dated(text_of(value))
        if dated is None:
            raise RejectedError("the date does not parse, or is not in 1970 to 2099")
        return dated

    def _status(self, cells: Cells) -> str | None:
        rules = self._format.status
        if rules is None:
            return None
        status = self._text("status", cells).strip()
        if status not in {*rules.sale, *rules.refund, *rules.ignore}:
            raise RejectedError("an unknown status")
        return status

    def _currency(self, cells: Cells) -> str:
        written = self._text("currency", cells).strip() if "currency" in self._take else ""
        if written and not re.fullmatch("[A-Za-z]{3}", written):
            raise RejectedError("the currency is not three letters")
        return written.upper() or self._format.currency


def _short(name: str) -> str:
    if len(name.encode()) > LONGEST_ID_BYTES:
        raise RejectedError("an id above 256 bytes")
    return name
