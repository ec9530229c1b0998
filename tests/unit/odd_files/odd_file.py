"""One row of the table: a file, the order format it is read by, and what has to come of it."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from lambdas.domain.database import quoted

PLAIN = "merchant_id: shop, amount: amount"
DATED = "merchant_id: shop, amount: amount, ordered_at: day"
NO_NUMBER = "The amount is not a plain number"
TOO_FINE = "The amount has more than 4 decimals"
UNDECLARED = "The amount has marks that the format doesn't declare (numbers.decimal, numbers.thousands)"
TOO_MANY, TOO_FEW = "The line has too many columns", "The line has too few columns"
BAD_QUOTES = "A quote of the line is not closed, or has text after it"
BAD_BYTES = "The line has bytes that are not valid text in the encoding of the file"
NO_MERCHANT = "The merchant is blank"


@dataclass(frozen=True)
class Parquet:
    """The result of a query as a Parquet file, made when it is needed."""

    query: str
    options: str = ""

    def written(self) -> bytes:
        """The bytes of the file."""
        with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
            path = Path(folder) / "orders.parquet"
            connection.execute("SET TimeZone = 'UTC'")
            connection.execute(f"COPY ({self.query}) TO {quoted(str(path))} (FORMAT parquet{self.options})")
            return path.read_bytes()


@dataclass(frozen=True, kw_only=True)
class OddFile:
    """A file and its exact result; `columns` and `also` are what its order format says besides the prefix.

    `sales` are net sales by merchant, `rejects` (line, reason as far as its value), `months` net sales by
    month, `moments` the first and the last order; `error` are words of the sentence of the failure.
    """

    name: str
    content: bytes | Parquet
    key: str = "orders.csv"
    columns: str = PLAIN
    also: str = ""
    sales: Mapping[str, str] = field(default_factory=dict)
    rejects: tuple[tuple[int, str], ...] = ()
    months: Mapping[str, str] | None = None
    moments: tuple[str, str] | None = None
    error: str = ""

    @property
    def delivered(self) -> bytes:
        """The file."""
        return self.content if isinstance(self.content, bytes) else self.content.written()

    @property
    def order_format(self) -> str:
        """The YAML of its order format."""
        return f"columns: {{{self.columns}}}\n{self.also}"
