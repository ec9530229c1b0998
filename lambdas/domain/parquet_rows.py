"""The rows of a Parquet file: values of their own types, read from the file as it was delivered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from lambdas.domain.computed_fields import raw
from lambdas.domain.database import identifier, quoted
from lambdas.domain.delivered_file import DeliveredFile
from lambdas.domain.errors import OrderFileError
from lambdas.domain.line_fields import Guard
from lambdas.domain.order_rows import (
    LISTED_REJECTS,
    RejectsFile,
    Sources,
    counts_by_rules,
    most_frequent_first,
)
from lambdas.domain.parquet_footer import ParquetFooter, read_footer, reader
from lambdas.domain.rejects import Reject
from lambdas.domain.typed_fields import is_number_type, reads_value, text_of_value, typed
from lambdas.domain.wrong_lines import INVALID_BYTES

SHOWN_COLUMNS = 50
UNREADABLE = (duckdb.Error, UnicodeDecodeError)
"""What reading a file that isn't Parquet, is damaged or lies about itself ends in: any kind of error."""


@dataclass(kw_only=True)
class ParquetRows:
    """The rows of one file on disk."""

    key: str
    path: Path
    connection: duckdb.DuckDBPyConnection
    detected: dict[str, str]
    footer: ParquetFooter
    decimal: str = "."
    absent: tuple[str, ...] = ()
    only: tuple[int, int] | None = None
    """The first row, and how many, of a split; None where all rows are read."""

    @property
    def rows(self) -> int:
        """How many rows there are to read."""
        return self.only[1] if self.only else self.footer.rows

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of the file by their own names, of which some may repeat."""
        return tuple(column.name for column in self.footer.columns)

    @property
    def aliases(self) -> tuple[str, ...]:
        """The columns by DuckDB's names, which are unique."""
        return tuple(column.alias for column in self.footer.columns)

    @property
    def types(self) -> Mapping[int, str]:
        """The SQL types of the columns that aren't texts."""
        return {i: c.sql_type for i, c in enumerate(self.footer.columns) if c.sql_type != "VARCHAR"}

    def guards(self, sources: Sources) -> tuple[Guard, ...]:
        """Binary values are texts; raises OrderFileError where a used column can't be read as it says."""
        uses = _uses(sources)
        for name, position in uses:
            self.footer.require_values(self.footer.columns[position], f"columns.{name}")
        try:
            self.footer.require_truth({self.footer.columns[p] for _, p in uses}, self.connection)
        except UNREADABLE as e:
            raise unreadable(self.key, self.path, e) from e
        texts = {raw(p): self._text(typed(p), self.types[p]) for p in self._read_by_value(sources)}
        return (
            Guard(clean="true", checks=(), exact=texts),
            *(
                Guard(
                    field=name,
                    clean=f"({raw(position)} IS NOT NULL OR {typed(position)} IS NULL)",
                    checks=((f"{raw(position)} IS NULL AND {typed(position)} IS NOT NULL", INVALID_BYTES),),
                )
                for name, position in uses
                if self.types.get(position) == "BLOB"
            ),
        )

    def from_sql(self, sources: Sources) -> str:
        """The used columns: their values where they aren't texts, and the texts that clean lines need."""
        types, cells = self.types, []
        by_value = self._read_by_value(sources)
        for position in sorted({position for _, position in _uses(sources)}):
            value, sql_type = self._value(position), types.get(position)
            if sql_type:
                cells.append(f"{value} AS {typed(position)}")
            text = "NULL::VARCHAR" if position in by_value else self._text(value, sql_type)
            cells.append(f"{text} AS {raw(position)}")
        rows = _numbered(self.path) if self.only else reader(self.path)
        return f"(SELECT {', '.join(cells)} FROM {rows}{self._where()})"

    def load(self, query: str) -> None:
        """Fill the table `lines`; raises OrderFileError where the file can't be read to its end."""
        try:
            self.connection.execute(f"CREATE TEMP TABLE lines AS {query}")
        except UNREADABLE as e:
            raise unreadable(self.key, self.path, e) from e

    def write_rejects(self, rejects: RejectsFile) -> dict[str, int]:
        """Write the first rejects; how many rows each reason rejected in all."""
        counts = counts_by_rules(rejects.rules, self.connection)
        with rejects.path.open("w", encoding="utf-8", newline="\n") as file:
            try:
                for reject in self._rejected(rejects) if counts else ():
                    file.write(reject.to_json())
            except UNREADABLE as e:
                raise unreadable(self.key, self.path, e) from e
        return most_frequent_first(counts)

    def prove(self, *, accepted: int, rejected: int) -> None:
        """Raise OrderFileError unless there are as many lines as the file says that it has rows."""
        if accepted + rejected != self.rows:
            raise OrderFileError(
                f"{self.key}: it says that it has {self.rows:,} rows, but {accepted:,} were accepted "
                f"and {rejected:,} rejected. Nothing of the file is counted; deliver it again."
            )

    def _rejected(self, rejects: RejectsFile) -> Iterator[Reject]:
        reasons, columns = rejects.rules.reasons, rejects.column_of()
        used = sorted({position for _, position in columns.values() if position is not None})
        values = ["'none': NULL"]
        values += [f"{quoted(str(p))}: {self._text(self._value(p), self.types.get(p))}" for p in used]
        shown = ", ".join(
            f"{quoted(column.alias)}: CAST({identifier(column.alias)} AS VARCHAR)"
            for column in self.footer.columns[:SHOWN_COLUMNS]
        )
        first = f"SELECT rowid AS ordinal, reason FROM lines WHERE reason > 0 LIMIT {LISTED_REJECTS}"
        rows = _numbered(self.path)
        found = self.connection.execute(
            f"SELECT ordinal, reason, {{{', '.join(values)}}}, to_json({{{shown}}})::VARCHAR "
            f"FROM ({first}) JOIN (FROM {rows}{self._where()}) "
            f"ON file_row_number = ordinal + {self._first_row} ORDER BY ordinal"
        )
        while batch := found.fetchmany(1024):
            for ordinal, number, values_of, text in batch:
                reason = reasons[number - 1]
                column, position = columns.get(reason.field, (None, None))
                value = None if position is None else values_of[str(position)]
                yield Reject(
                    line=self._first_row + ordinal + 1,
                    byte=0,
                    column=column,
                    sentence=reason.sentence,
                    value=value,
                    text=text.encode("utf-8", "replace"),
                )

    def _read_by_value(self, sources: Sources) -> set[int]:
        """The columns whose texts only those lines need that aren't clean."""
        needed = {
            position
            for name, position in _uses(sources)
            if sources[name].expression or not reads_value(name, self.types.get(position, ""))
        }
        return {position for _, position in _uses(sources)} - needed

    @property
    def _first_row(self) -> int:
        return self.only[0] if self.only else 0

    def _where(self) -> str:
        """Reads the row groups of the split only: DuckDB passes over those without such row numbers."""
        if self.only is None:
            return ""
        first, count = self.only
        return f" WHERE file_row_number >= {first} AND file_row_number < {first + count}"

    def _value(self, position: int) -> str:
        return identifier(self.footer.columns[position].alias)

    def _text(self, value: str, sql_type: str | None) -> str:
        if sql_type is None:
            return value
        if sql_type == "BLOB":
            return f"TRY(decode({value}))"
        text = text_of_value(value, sql_type)
        return f"replace({text}, '.', ',')" if self.decimal == "," and is_number_type(sql_type) else text


def open_parquet(
    delivered: DeliveredFile,
    *,
    path: Path,
    decimal: str,
    connection: duckdb.DuckDBPyConnection,
    detected: dict[str, str],
) -> ParquetRows:
    """The delivered file, written to `path`; raises OrderFileError where it can't be read as Parquet."""
    with path.open("wb") as file:
        for chunk in delivered.chunks():
            file.write(chunk)
    return parquet_rows(path, key=delivered.key, decimal=decimal, connection=connection, detected=detected)


def parquet_rows(
    path: Path, *, key: str, decimal: str, connection: duckdb.DuckDBPyConnection, detected: dict[str, str]
) -> ParquetRows:
    """The rows of the file at `path`, as its footer describes them."""
    try:
        footer = read_footer(key, path, connection)
    except UNREADABLE as e:
        raise unreadable(key, path, e) from e
    return ParquetRows(
        key=key, path=path, connection=connection, detected=detected, footer=footer, decimal=decimal
    )


def _uses(sources: Sources) -> list[tuple[str, int]]:
    """Each field with the position of each column that it is read from."""
    return [(name, position) for name, source in sources.items() for position in source.positions.values()]


def _numbered(path: Path) -> str:
    return f"read_parquet({quoted(str(path))}, hive_partitioning = false, file_row_number = true)"


def unreadable(key: str, path: Path, error: Exception) -> OrderFileError:
    """What to tell of a file that DuckDB can't read."""
    told = str(error).splitlines()[0].replace(f"file '{path}'", "the file").replace(str(path), "the file")
    return OrderFileError(
        f"{key} is no Parquet file that can be read, or is damaged ({told}): deliver it again."
    )
