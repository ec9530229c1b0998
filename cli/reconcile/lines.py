"""One record of an order file as an order line, or rejected; the rules of a line, one by one."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

import duckdb

from cli.reconcile.csv_records import Record
from cli.reconcile.dates import Dated, DateRule
from cli.reconcile.expressions import RowError, RowExpression, row_expression
from cli.reconcile.heading import position_of
from cli.reconcile.numbers import amount_in, exact_number, quantity_in
from cli.reconcile.text import is_text
from lambdas.domain.order_format import OrderFormat

LONGEST_ID_BYTES = 256
DATES_REMEMBERED = 4096
Value = str | int | Decimal | None
Take = Callable[[Sequence[str]], Value]
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
    """Reads the records of one file by its order format."""

    def __init__(
        self, names: tuple[str, ...], order_format: OrderFormat, connection: duckdb.DuckDBPyConnection
    ) -> None:
        """Find each field's column or expression; raises UncountableFileError where one is missing."""
        self._names, self._format, self._connection = names, order_format, connection
        # Of a file's many lines few have a date of their own, and dates are the slowest to read.
        self._dated = lru_cache(DATES_REMEMBERED)(DateRule.of(order_format).read)
        columns = {field: text for field, text in vars(order_format.columns).items() if text is not None}
        self._take = {field: self._taking(field, text) for field, text in columns.items()}

    def read(self, record: Record) -> Line:
        """The order line of a record; raises RejectedError."""
        fields = record.fields
        if fields is None:
            raise RejectedError("a quote is not closed, or has text after it")
        if len(fields) != len(self._names):
            raise RejectedError("too few or too many columns")
        if not is_text(record.text):
            raise RejectedError("invalid bytes")
        if record.too_long:
            raise RejectedError("longer than 2 MB")
        status = self._status(fields)
        amount = self._amount(fields)
        refunded = self._format.status is not None and status in self._format.status.refund
        return Line(
            merchant_id=self._merchant(fields),
            currency=self._currency(fields),
            order_id=self._id("order_id", fields),
            line_id=self._id("line_id", fields),
            amount=-abs(amount) if refunded else amount,
            quantity=self._quantity(fields),
            dated=self._ordered_at(fields),
            ignored=self._format.status is not None and status in self._format.status.ignore,
        )

    def _taking(self, field: str, text: str) -> Take:
        position = position_of(text, self._names)
        if position is not None:
            return lambda fields: fields[position]
        expression: RowExpression = row_expression(
            text,
            self._names,
            wants_number=field in ("amount", "quantity"),
            numbers=self._format.numbers,
            connection=self._connection,
        )
        return expression.value

    def _value(self, field: str, fields: Sequence[str]) -> Value:
        try:
            return self._take[field](fields)
        except RowError as e:
            raise RejectedError(f"{field}: {e}") from e

    def _text(self, field: str, fields: Sequence[str]) -> str:
        value = self._value(field, fields)
        return "" if value is None else str(value)

    def _merchant(self, fields: Sequence[str]) -> str:
        merchant = self._text("merchant_id", fields).strip()
        if not merchant:
            raise RejectedError("no merchant")
        return _short(merchant)

    def _id(self, field: str, fields: Sequence[str]) -> str | None:
        """An id as it stands there; None where there is none, or nothing but white space."""
        text = _short(self._text(field, fields)) if field in self._take else ""
        return text if text.strip() else None

    def _amount(self, fields: Sequence[str]) -> Decimal:
        amount = amount_in(self._number("amount", fields, most_decimals=4))
        if amount is None:
            raise RejectedError("the amount is not a number of at most 4 decimals")
        return amount

    def _quantity(self, fields: Sequence[str]) -> int:
        if "quantity" not in self._take:
            return 1
        quantity = quantity_in(self._number("quantity", fields, most_decimals=0))
        if quantity is None:
            raise RejectedError("the quantity is not a whole 64-bit number")
        return quantity

    def _number(self, field: str, fields: Sequence[str], *, most_decimals: int) -> Decimal | None:
        value = self._value(field, fields)
        if isinstance(value, str):
            return exact_number(value, self._format.numbers, most_decimals=most_decimals)
        if value is None:
            return None
        number = Decimal(value)
        return exact_number(f"{number:f}", type(self._format.numbers)(), most_decimals=most_decimals)

    def _ordered_at(self, fields: Sequence[str]) -> Dated | None:
        if "ordered_at" not in self._take:
            return None
        dated = self._dated(self._text("ordered_at", fields))
        if dated is None:
            raise RejectedError("the date does not parse, or is not in 1970 to 2099")
        return dated

    def _status(self, fields: Sequence[str]) -> str | None:
        rules = self._format.status
        if rules is None:
            return None
        status = self._text("status", fields).strip()
        if status not in {*rules.sale, *rules.refund, *rules.ignore}:
            raise RejectedError("an unknown status")
        return status

    def _currency(self, fields: Sequence[str]) -> str:
        written = self._text("currency", fields).strip() if "currency" in self._take else ""
        if written and not re.fullmatch("[A-Za-z]{3}", written):
            raise RejectedError("the currency is not three letters")
        return written.upper() or self._format.currency


def _short(name: str) -> str:
    if len(name.encode()) > LONGEST_ID_BYTES:
        raise RejectedError("an id above 256 bytes")
    return name
