"""Rejected rows of Parquet, as a CSV file that the same order format reads."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from lambdas.domain.database import identifier, quoted
from lambdas.domain.delivered_file import DeliveredFile
from lambdas.domain.order_format import OrderFormat
from lambdas.domain.parquet_footer import NESTED
from lambdas.domain.parquet_rows import ParquetRows, open_parquet
from lambdas.domain.typed_fields import DATES, is_number_type, text_of_value

BATCH_ROWS = 1024


@dataclass(frozen=True, kw_only=True)
class RejectedRows:
    """A Parquet file on disk and its columns that hold values; lists and structures have no place in CSV."""

    rows: ParquetRows
    order_format: OrderFormat
    positions: Sequence[int]

    @property
    def nested(self) -> list[str]:
        """The columns that are left out."""
        return [name for at, name in enumerate(self.rows.names) if at not in self.positions]

    def heading(self) -> bytes:
        """The names of the columns, after the mark that says UTF-8 whatever the format says."""
        return codecs.BOM_UTF8 + self._line([self.rows.names[at] for at in self.positions])

    def records(self, rejects: Iterable[Mapping[str, Any]]) -> Iterator[bytes | None]:
        """Each rejected row as a line."""
        cells = ", ".join(self._cell(at) for at in self.positions)
        wanted = [reject["line"] - 1 for reject in rejects]
        found = self.rows.connection.execute(
            f"SELECT {cells} FROM read_parquet({quoted(str(self.rows.path))}, file_row_number = true) "
            "WHERE file_row_number IN (SELECT unnest($wanted::BIGINT[])) ORDER BY file_row_number",
            {"wanted": wanted},
        )
        while batch := found.fetchmany(BATCH_ROWS):
            yield from map(self._line, batch)

    def _cell(self, at: int) -> str:
        """The value as the text that the parser reads from CSV as the same."""
        value, sql_type = identifier(self.rows.aliases[at]), self.rows.types.get(at, "VARCHAR")
        if sql_type == "BLOB":
            return f"TRY(decode({value}))"
        if sql_type in DATES:
            return self._date(value, sql_type)
        text = text_of_value(value, sql_type)
        comma = self.order_format.numbers.decimal == "," and is_number_type(sql_type)
        return f"replace({text}, '.', ',')" if comma else text

    def _date(self, value: str, sql_type: str) -> str:
        """A date as the format's pattern has it: the local time where the pattern names no zone."""
        pattern = self.order_format.dates
        if pattern == "auto":
            return f"CAST({value} AS VARCHAR)"
        if sql_type.endswith("ZONE") and "%z" not in pattern:
            value = f"({value} AT TIME ZONE {quoted(self.order_format.timezone)})"
        return f"strftime({value}, {quoted(pattern)})"

    def _line(self, cells: Sequence[str | None]) -> bytes:
        delimiter = self.order_format.csv.delimiter
        line = io.StringIO(newline="")
        # With CR LF as its line end, csv puts quotes around values that hold either of the two.
        csv.writer(line, delimiter="," if delimiter == "auto" else delimiter).writerow(cells)
        return line.getvalue().encode()


def parquet_rows(
    delivered: DeliveredFile, *, order_format: OrderFormat, path: Path, connection: duckdb.DuckDBPyConnection
) -> RejectedRows:
    """The rows of a Parquet file; raises OrderFileError where it can't be read."""
    decimal = order_format.numbers.decimal
    rows = open_parquet(delivered, path=path, decimal=decimal, connection=connection, detected={})
    types = [rows.types.get(at, "VARCHAR") for at in range(len(rows.names))]
    positions = [at for at, kind in enumerate(types) if not (kind.startswith(NESTED) or kind.endswith("]"))]
    return RejectedRows(rows=rows, order_format=order_format, positions=positions)
