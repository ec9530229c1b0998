"""From a delivered order file to its rows: finds out what it is, and opens it as that."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import duckdb

from lambdas.domain.csv_records import grammar
from lambdas.domain.delivered_file import DeliveredFile
from lambdas.domain.delivered_text import encoding_of, text_chunks
from lambdas.domain.file_kind import CSV, JSON_ARRAY, PARQUET, kind_of
from lambdas.domain.heading import read_heading
from lambdas.domain.json_array import JsonArray
from lambdas.domain.json_rows import HEADING, JsonRows, keys_of, line_grammar
from lambdas.domain.order_format import OrderFormat
from lambdas.domain.order_rows import OrderRows
from lambdas.domain.parquet_rows import open_parquet
from lambdas.domain.text_file import write_text_file
from lambdas.domain.text_rows import TextRows


def open_rows(
    delivered: DeliveredFile,
    *,
    order_format: OrderFormat,
    scratch: Path,
    connection: duckdb.DuckDBPyConnection,
) -> OrderRows:
    """The rows of an order file, with what was detected of it; raises OrderFileError where it has none."""
    kind = kind_of(delivered.key, delivered.start, order_format.file)
    detected = {"file": kind, "compression": delivered.compression}
    path = scratch / f"orders.{kind}"
    if kind == PARQUET:
        decimal = order_format.numbers.decimal
        parquet = open_parquet(delivered, path=path, decimal=decimal, connection=connection)
        parquet.detected = detected
        return parquet
    encoding = encoding_of(delivered, order_format.csv.encoding if kind == CSV else "utf-8")
    detected["encoding"] = encoding
    chunks = text_chunks(delivered, encoding)
    if kind == CSV:
        text = write_text_file(
            chunks,
            read_heading=partial(read_heading, order_format=order_format, key=delivered.key),
            grammar_of=grammar,
            path=path,
        )
        detected["delimiter"] = text.heading.delimiter
        return TextRows(key=delivered.key, text=text, connection=connection, detected=detected)
    is_array = kind == JSON_ARRAY
    if is_array:
        chunks = JsonArray(delivered.key).lines(chunks)
    text = write_text_file(chunks, read_heading=lambda _: HEADING, grammar_of=line_grammar, path=path)
    rows = JsonRows(
        key=delivered.key,
        text=text,
        connection=connection,
        detected=detected,
        decimal=order_format.numbers.decimal,
        is_array=is_array,
    )
    rows.keys = keys_of(rows, order_format)
    return rows
