"""What a Parquet file says of itself in its footer, and what in it can't be true.

Nothing in a Parquet file has to have a checksum. But it says most things twice, and where the two don't agree
the values would be read as other ones: as cents instead of euros, or from another column's place.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from lambdas.domain.database import quoted
from lambdas.domain.errors import OrderFileError

NESTED = ("STRUCT", "MAP", "UNION", "VARIANT")
ALWAYS_FINE_ROWS, MOST_ROWS_A_BYTE = 100_000_000, 10
"""A file with more rows than that in a byte is meant to keep computers busy: no orders repeat that much."""


@dataclass(frozen=True, kw_only=True)
class ParquetColumn:
    """A column at the top level: its name in the file, DuckDB's, which is unique, and what it holds.

    `leaf` is where it stands among all columns that have values, in structures too.
    """

    name: str
    alias: str
    sql_type: str
    physical_type: str | None
    decimal_type: str | None
    may_be_null: bool
    leaf: int

    @property
    def is_nested(self) -> bool:
        """Whether it holds lists or structures."""
        return self.sql_type.startswith(NESTED) or self.sql_type.endswith("]")


@dataclass(frozen=True, kw_only=True)
class ParquetFooter:
    """The columns and the number of rows that a file says it has."""

    key: str
    path: Path
    columns: tuple[ParquetColumn, ...]
    rows: int

    def require_values(self, column: ParquetColumn, use: str) -> None:
        """Raise OrderFileError unless the column holds plain values of the type that the file says."""
        if column.is_nested:
            raise OrderFileError(
                f"{self.key}: the order format takes {use} from {column.name!r}, which holds lists or "
                f"structures ({column.sql_type}), not values: deliver it as a column of its own."
            )
        if column.decimal_type not in (None, column.sql_type):
            raise OrderFileError(
                f"{self.key}: the order format takes {use} from {column.name!r}, which says that it holds "
                f"{column.decimal_type}, but can only be read as {column.sql_type}: deliver it as a decimal "
                "of at most 38 digits."
            )

    def require_truth(self, used: Collection[ParquetColumn], connection: duckdb.DuckDBPyConnection) -> None:
        """Raise OrderFileError where the parts of the file overlap or differ from what is said of them."""
        if not used:
            return
        chunks = f"parquet_metadata({quoted(str(self.path))})"
        pages = "data_page_offset, if(dictionary_page_offset > 0, dictionary_page_offset, data_page_offset)"
        types = ", ".join(
            f"({column.leaf}, {quoted(column.physical_type or '')}, {column.may_be_null})" for column in used
        )
        wrong = connection.execute(
            f"""WITH chunks AS (SELECT *, least({pages}) AS start FROM {chunks}),
            placed AS (SELECT start, start + total_compressed_size AS stop,
                lag(start + total_compressed_size) OVER (ORDER BY start, total_compressed_size) AS before
                FROM chunks),
            whole AS (SELECT file_size_bytes - footer_size - 8 AS size
                FROM parquet_file_metadata({quoted(str(self.path))})),
            groups AS (SELECT row_group_id, any_value(row_group_num_rows) AS rows FROM chunks GROUP BY ALL)
            SELECT 'its parts overlap' FROM placed, whole
                WHERE start < 4 OR stop < start OR stop > size OR before > start
            UNION ALL SELECT 'the rows of its parts are not those of the whole' FROM groups
                HAVING sum(rows) <> {self.rows} OR min(rows) < 0
            UNION ALL SELECT 'its parts have other types or lengths than it says'
                FROM chunks JOIN (VALUES {types}) AS used (leaf, physical, may_be_null) ON column_id = leaf
                WHERE type <> physical OR num_values <> row_group_num_rows
                OR (stats_null_count > 0 AND NOT may_be_null)
            LIMIT 1"""
        ).fetchone()
        if wrong:
            raise OrderFileError(
                f"{self.key} is damaged: what its footer says can't be true ({wrong[0]}). Deliver it again."
            )


def read_footer(key: str, path: Path, connection: duckdb.DuckDBPyConnection) -> ParquetFooter:
    """The footer of a file on disk; raises what DuckDB does where it can't be read, or OrderFileError."""
    file = quoted(str(path))
    described = connection.execute(f"DESCRIBE SELECT * FROM {reader(path)}").fetchall()
    schema = connection.execute(
        "SELECT name, coalesce(num_children, 0), type, repetition_type, converted_type, precision, scale, "
        f"logical_type FROM parquet_schema({file})"
    ).fetchall()
    size = connection.execute(f"SELECT num_rows FROM parquet_file_metadata({file})").fetchone()
    rows = int(size[0]) if size else 0
    if rows > max(ALWAYS_FINE_ROWS, MOST_ROWS_A_BYTE * path.stat().st_size):
        raise OrderFileError(
            f"{key} says that it has {rows:,} rows, more than {MOST_ROWS_A_BYTE} in each of its bytes, as no "
            "orders have: find out what it is."
        )
    top_level = _top_level(schema)
    if len(top_level) != len(described):
        raise OrderFileError(f"{key} is damaged: its footer contradicts itself. Deliver it again.")
    columns = tuple(
        ParquetColumn(
            name=name,
            alias=alias,
            sql_type=sql_type,
            physical_type=physical,
            decimal_type=_decimal_type(*decimal),
            may_be_null=repetition != "REQUIRED",
            leaf=leaf,
        )
        for (alias, sql_type, *_), (name, leaf, physical, repetition, *decimal) in zip(
            described, top_level, strict=True
        )
    )
    return ParquetFooter(key=key, path=path, columns=columns, rows=rows)


def reader(path: Path) -> str:
    """The table function that reads the file."""
    return f"read_parquet({quoted(str(path))}, hive_partitioning = false)"


def _top_level(schema: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """The columns at the top level as they stand in the file: DuckDB renames those that repeat."""
    found: list[tuple[Any, ...]] = []
    at, leaf = 1, 0
    while at < len(schema):
        name, _, *types = schema[at]
        found.append((name, leaf, *types))
        left = 1
        while left and at < len(schema):
            children = schema[at][1]
            left += children - 1
            leaf += children == 0
            at += 1
    return found


def _decimal_type(
    converted: str | None, precision: int | None, scale: int | None, logical: str | None
) -> str | None:
    """The decimal that a column says it holds, in one way or in the other; both ways have to be the same."""
    said = set()
    if converted == "DECIMAL" or scale or precision:
        said.add(f"DECIMAL({precision},{scale})")
    if parts := re.fullmatch(r"DecimalType\(scale=(\d+), precision=(\d+)\)", logical or ""):
        said.add(f"DECIMAL({parts[2]},{parts[1]})")
    return " and ".join(sorted(said)) or None
