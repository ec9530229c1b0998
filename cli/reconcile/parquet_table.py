"""Parquet files as tables, read by Apache Arrow some rows at a time."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

import pyarrow as pa
from pyarrow.parquet import ParquetFile

from cli.reconcile.columns import Columns
from cli.reconcile.decompression import DeliveredFile
from cli.reconcile.errors import UncountableFileError
from cli.reconcile.parquet_cells import ReadCells, cells_reader
from cli.reconcile.rows import Cell, Row

ROWS_AT_A_TIME = 8192


class ParquetTable:
    """The rows of a Parquet file."""

    def __init__(self, file: BinaryIO, named: frozenset[str]) -> None:
        """Read the schema, of which only the columns that the order format may mean count."""
        self._file = file
        with _damage_told():
            names = self._opened().schema_arrow.names
        lower = {name.lower() for name in named}
        self.columns = Columns(tuple(name for name in names if name.lower() in lower))

    def rows(self, used: frozenset[int]) -> Iterator[Row]:
        """Every row; raises UncountableFileError where a column can't be used, or the file is damaged."""
        names = self.columns.names
        read = 0
        with _damage_told():
            parquet = self._opened()
            readers = {at: _reader(parquet.schema_arrow, names[at]) for at in used}
            for batch in parquet.iter_batches(ROWS_AT_A_TIME, columns=[names[at] for at in used]):
                read += batch.num_rows
                blank: list[Cell] = [None] * batch.num_rows
                cells = {at: reader(_column(batch, names[at])) for at, reader in readers.items()}
                columns = [cells.get(at, blank) for at in range(len(names))]
                yield from zip(*columns, strict=True) if columns else ([] for _ in blank)
            told = parquet.metadata.num_rows
            if read != told:
                raise UncountableFileError(f"it has {read:,} rows, but its footer tells {told:,}")

    def _opened(self) -> ParquetFile:
        self._file.seek(0)
        return ParquetFile(self._file, coerce_int96_timestamp_unit="us")


@contextmanager
def parquet_table(delivered: DeliveredFile, named: frozenset[str]) -> Iterator[ParquetTable]:
    """The table of a Parquet file, which lies in a temporary file until the block ends."""
    with tempfile.TemporaryFile() as file:
        for chunk in delivered.chunks():
            file.write(chunk)
        yield ParquetTable(file, named)


@contextmanager
def _damage_told() -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError, UnicodeDecodeError) as e:
        raise UncountableFileError(f"its Parquet data is damaged ({e})") from e


def _reader(schema: pa.Schema, name: str) -> ReadCells:
    kind = schema.field(schema.get_field_index(name)).type
    reader = cells_reader(kind)
    if reader is None:
        raise UncountableFileError(f"its column {name!r} is of the type {kind}, which can't be used")
    return reader


def _column(batch: pa.RecordBatch, name: str) -> pa.Array:
    return batch.column(batch.schema.get_field_index(name))
