"""A split of a Parquet file: its row groups, fetched into a file with holes where the others would be."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb

from lambdas.domain.database import quoted
from lambdas.domain.errors import OrderFileError
from lambdas.domain.file_kind import PARQUET_MAGIC
from lambdas.domain.order_bytes import OrderBytes
from lambdas.domain.parquet_rows import UNREADABLE, ParquetRows, parquet_rows, unreadable
from lambdas.domain.plan import Split

TAIL_BYTES = 8
"""At the end of a file: the length of its footer, and the magic word."""
LONGEST_FOOTER_BYTES = 1 << 28
COPY_BYTES = 1 << 20


@dataclass(frozen=True, kw_only=True)
class ParquetSplit:
    """The rows of a split, the hash of their bytes, and how many bytes they are."""

    rows: ParquetRows
    sha256: str
    raw_bytes: int


@dataclass(frozen=True)
class RowGroup:
    """The first row of a row group, how many it has, and its bytes in the file."""

    first_row: int
    rows: int
    start: int
    end: int


def open_parquet_split(
    orders: OrderBytes,
    split: Split,
    *,
    key: str,
    path: Path,
    decimal: str,
    connection: duckdb.DuckDBPyConnection,
    detected: dict[str, str],
) -> ParquetSplit:
    """The row groups that begin in the split; raises OrderFileError where the footer can't be right."""
    digest = hashlib.sha256()
    _write_footer(orders, path, key)
    try:
        groups = [
            g
            for g in _row_groups(path, orders.size_bytes, key, connection)
            if split.start <= g.start < split.end
        ]
    except UNREADABLE as e:
        raise unreadable(key, path, e) from e
    with path.open("r+b") as file:
        for group in groups:
            source, left = orders.open(group.start, group.end), group.end - group.start
            file.seek(group.start)
            while left and (part := source.read(min(left, COPY_BYTES))):
                file.write(part)
                digest.update(part)
                left -= len(part)
    rows = parquet_rows(path, key=key, decimal=decimal, connection=connection, detected=detected)
    rows.only = (groups[0].first_row if groups else 0, sum(group.rows for group in groups))
    return ParquetSplit(
        rows=rows, sha256=digest.hexdigest(), raw_bytes=sum(group.end - group.start for group in groups)
    )


def _write_footer(orders: OrderBytes, path: Path, key: str) -> None:
    """A file of the right size that holds the footer and nothing else."""
    size = orders.size_bytes
    tail = orders.open(size - TAIL_BYTES).read(TAIL_BYTES)
    length = int.from_bytes(tail[:4], "little") + TAIL_BYTES
    if tail[4:] != PARQUET_MAGIC or length > min(size - len(PARQUET_MAGIC), LONGEST_FOOTER_BYTES):
        raise OrderFileError(f"{key} is no Parquet file: it has no footer at its end. Deliver it again.")
    with path.open("wb") as file:
        file.truncate(size)
        file.write(PARQUET_MAGIC)
        file.seek(size - length)
        footer = orders.open(size - length)
        shutil.copyfileobj(footer, file, COPY_BYTES)


def _row_groups(path: Path, size: int, key: str, connection: duckdb.DuckDBPyConnection) -> list[RowGroup]:
    found = connection.execute(
        "SELECT row_group_id, any_value(row_group_num_rows), "
        "min(least(coalesce(nullif(dictionary_page_offset, 0), data_page_offset), data_page_offset)), "
        "max(least(coalesce(nullif(dictionary_page_offset, 0), data_page_offset), data_page_offset) "
        f"+ total_compressed_size) FROM parquet_metadata({quoted(str(path))}) GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    groups: list[RowGroup] = []
    first_row = 0
    for number, rows, start, end in found:
        if rows < 0 or not len(PARQUET_MAGIC) <= start <= end <= size:
            raise OrderFileError(
                f"{key} is damaged: its footer places row group {number} at the bytes {start:,} to {end:,} "
                f"of {size:,}. Deliver it again."
            )
        groups.append(RowGroup(first_row, rows, start, end))
        first_row += rows
    return groups
