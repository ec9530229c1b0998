"""A sample of a Parquet file: its first rows, with the types of its columns."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from cli.errors import CommandError
from cli.format_tools.sample import Cell, Sample, SampleColumn
from lambdas.domain.database import identifier, quoted
from lambdas.domain.parquet_footer import NESTED

ROWS = 10_000


def parquet_sample(file: Path, *, key: str, folder: Path) -> Sample:
    """The sample of a Parquet file; raises CommandError where it can't be read."""
    part = folder / "sample.parquet"
    source = f"read_parquet({quoted(str(file))}, hive_partitioning = false)"
    with duckdb.connect() as connection:  # the trial's database can't reach the file
        connection.execute("SET TimeZone = 'UTC'")
        try:
            types = connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
            rows = connection.execute(f"SELECT count(*) FROM {source}").fetchone()
            connection.execute(f"COPY (SELECT * FROM {source} LIMIT {ROWS}) TO {quoted(str(part))}")
            names = [name for name, kind, *_ in types if not _is_nested(kind)]
            selected = ", ".join(_selected(name, kind) for name, kind, *_ in types if name in names)
            found = connection.execute(f"SELECT {selected} FROM {quoted(str(part))}").fetchall()
        except duckdb.Error as e:
            raise CommandError(f"{key} is no Parquet file that can be read: {_first_line(e)}") from e
    return Sample(
        kind="parquet",
        key=key,
        content=part.read_bytes(),
        whole=bool(rows and rows[0] <= ROWS),
        columns=tuple(
            SampleColumn(name=name, cells=[_cell(row[place]) for row in found])
            for place, name in enumerate(names)
        ),
        rows=len(found),
    )


def _is_nested(kind: str) -> bool:
    return kind.startswith(NESTED) or kind.endswith("]")


def _selected(name: str, kind: str) -> str:
    """A column as Python reads it exactly; a moment with a zone as the same in UTC."""
    column = identifier(name)
    return f"{column}::TIMESTAMP" if kind == "TIMESTAMP WITH TIME ZONE" else column


def _cell(value: Any) -> Cell:
    if value is None or isinstance(value, str | Decimal | datetime):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, date):
        return datetime.combine(value, time())
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _first_line(error: duckdb.Error) -> str:
    return str(error).splitlines()[0]
