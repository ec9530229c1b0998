"""An order file as a table, whatever its kind: by its order format, else by its name and first bytes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager

from cli.reconcile.csv_table import CsvTable
from cli.reconcile.decompression import DeliveredFile, begun
from cli.reconcile.json_table import JsonTable, objects_of_array, objects_of_lines
from cli.reconcile.rows import Table
from cli.reconcile.text import texts_of
from lambdas.domain.order_format import OrderFormat

PARQUET_BEGINS = b"PAR1"


@contextmanager
def open_table(delivered: DeliveredFile, order_format: OrderFormat, named: frozenset[str]) -> Iterator[Table]:
    """The table of a file, of whose columns the format names some; raises UncountableFileError."""
    kind = kind_of(delivered) if order_format.file == "auto" else order_format.file
    if kind == "parquet":
        # Takes longer to import than most commands take.
        from cli.reconcile.parquet_table import parquet_table

        with parquet_table(delivered, named) as table:
            yield table
    elif kind == "jsonl":
        yield JsonTable(delivered, objects_of_lines, named)
    elif kind == "json":
        yield JsonTable(delivered, objects_of_array, named)
    else:
        yield CsvTable(delivered, order_format)


def kind_of(delivered: DeliveredFile) -> str:
    """The kind of a file as `file` of an order format names it."""
    start, _ = begun(delivered.chunks(), len(PARQUET_BEGINS))
    name = delivered.name
    if start == PARQUET_BEGINS or name.endswith(".parquet"):
        return "parquet"
    if name.endswith((".jsonl", ".ndjson")):
        return "jsonl"
    if name.endswith(".json"):
        return "json" if _begins_with_bracket(delivered) else "jsonl"
    return "csv"


def _begins_with_bracket(delivered: DeliveredFile) -> bool:
    characters = itertools.chain.from_iterable(texts_of(delivered.chunks(), encoding="utf-8"))
    return next((one for one in characters if not one.isspace()), "") == "["
