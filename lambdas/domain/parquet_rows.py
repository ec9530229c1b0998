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
from lambdas.domain.rejects import Reject
from lambdas.domain.typed_fields import is_number_type, text_of_value, typed

NESTED = ("STRUCT", "MAP", "UNION", "VARIANT")
SHOWN_COLUMNS = 50
UNREADABLE = (
    duckdb.IOException,
    duckdb.InvalidInputException,
    duckdb.ConversionException,
    duckdb.SerializationException,
    duckdb.NotImplementedException,
    duckdb.OutOfMemoryException,
    duckdb.OutOfRangeException,
    duckdb.InternalException,
)
"""What DuckDB raises for files that aren't Parquet, are damaged, or lie about themselves."""


@dataclass(kw_only=True)
class ParquetRows:
    """The rows of one file on disk. `columns` are DuckDB's names of them, which are unique."""

    key: str
    path: Path
    connection: duckdb.DuckDBPyConnection
    detected: dict[str, str]
    names: tuple[str, ...]
    columns: tuple[str, ...]
    types: Mapping[int, str]
    rows: int
    decimal: str = "."
    absent: tuple[str, ...] = ()
    only: tuple[int, int] | None = None
    """The first row, and how many, of a split; None where all rows are read."""

    def guards(self, sources: Sources) -> tuple[Guard, ...]:
        """Nothing besides the rules of the fields; raises OrderFileError where a nested column is used."""
        for name, source in sources.items():
            for position in source.positions.values():
                sql_type = self.types.get(position, "VARCHAR")
                if sql_type.startswith(NESTED) or sql_type.endswith("]"):
                    raise OrderFileError(
                        f"{self.key}: the order format takes columns.{name} from {self.names[position]!r}, "
                        f"which holds lists or structures ({sql_type}), not values: deliver it as a column "
                        "of its own."
                    )
        return ()

    def from_sql(self, sources: Sources) -> str:
        """The used columns, as texts and, where they aren't texts, as values too."""
        used = sorted({position for source in sources.values() for position in source.positions.values()})
        cells = []
        for position in used:
            value, sql_type = identifier(self.columns[position]), self.types.get(position)
            if sql_type:
                cells.append(f"{value} AS {typed(position)}")
            cells.append(f"{self._text(value, sql_type)} AS {raw(position)}")
        rows = _numbered(self.path) if self.only else _reader(self.path)
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
            for reject in self._rejected(rejects) if counts else ():
                file.write(reject.to_json())
        return most_frequent_first(counts)

    def prove(self, *, accepted: int, rejected: int) -> None:
        """Raise OrderFileError unless there are as many lines as the file says that it has rows."""
        if accepted + rejected != self.rows:
            raise OrderFileError(
                f"{self.key}: it says that it has {self.rows:,} rows, but {accepted:,} were accepted and "
                f"{rejected:,} rejected. Nothing of the file is counted; deliver it again."
            )

    def _rejected(self, rejects: RejectsFile) -> Iterator[Reject]:
        reasons, columns = rejects.rules.reasons, rejects.column_of()
        used = sorted({position for _, position in columns.values() if position is not None})
        values = ["'none': NULL"]
        values += [
            f"{quoted(str(p))}: {self._text(identifier(self.columns[p]), self.types.get(p))}" for p in used
        ]
        shown = ", ".join(
            f"{quoted(c)}: CAST({identifier(c)} AS VARCHAR)" for c in self.columns[:SHOWN_COLUMNS]
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

    @property
    def _first_row(self) -> int:
        return self.only[0] if self.only else 0

    def _where(self) -> str:
        """Reads the row groups of the split only: DuckDB passes over those without such row numbers."""
        if self.only is None:
            return ""
        first, count = self.only
        return f" WHERE file_row_number >= {first} AND file_row_number < {first + count}"

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
        described = connection.execute(f"DESCRIBE SELECT * FROM {_reader(path)}").fetchall()
        schema = connection.execute(
            f"SELECT name, coalesce(num_children, 0) FROM parquet_schema({quoted(str(path))})"
        ).fetchall()
        size = connection.execute(
            f"SELECT num_rows FROM parquet_file_metadata({quoted(str(path))})"
        ).fetchone()
    except UNREADABLE as e:
        raise unreadable(key, path, e) from e
    columns = tuple(row[0] for row in described)
    return ParquetRows(
        key=key,
        path=path,
        connection=connection,
        detected=detected,
        names=_names(schema) if len(_names(schema)) == len(columns) else columns,
        columns=columns,
        types={i: row[1] for i, row in enumerate(described) if row[1] != "VARCHAR"},
        rows=int(size[0]) if size else 0,
        decimal=decimal,
    )


def _names(schema: list[tuple[str, int]]) -> tuple[str, ...]:
    """The names of the top-level columns as they stand in the file: DuckDB renames those that repeat."""
    names: list[str] = []
    at = 1
    while at < len(schema):
        names.append(schema[at][0])
        left = 1
        while left and at < len(schema):
            left += schema[at][1] - 1
            at += 1
    return tuple(names)


def _reader(path: Path) -> str:
    return f"read_parquet({quoted(str(path))}, hive_partitioning = false)"


def _numbered(path: Path) -> str:
    return f"read_parquet({quoted(str(path))}, hive_partitioning = false, file_row_number = true)"


def unreadable(key: str, path: Path, error: duckdb.Error) -> OrderFileError:
    """What to tell of a file that DuckDB can't read."""
    told = str(error).splitlines()[0].replace(f"file '{path}'", "the file").replace(str(path), "the file")
    return OrderFileError(
        f"{key} is no Parquet file that can be read, or is damaged ({told}): deliver it again."
    )
