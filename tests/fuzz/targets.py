"""What the fuzzer calls with any bytes: each part answers, or raises one of the project's own errors."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import duckdb

from lambdas.domain.computed_fields import require_exact
from lambdas.domain.csv_records import grammar
from lambdas.domain.delivered_file import DeliveredFile
from lambdas.domain.delivered_text import encoding_of, whole_text
from lambdas.domain.errors import OrderFileError, OrderFormatError
from lambdas.domain.expressions import (
    ARITHMETIC,
    NUMBER_FUNCTIONS,
    TEXT_FUNCTIONS,
    TEXT_OPERATORS,
    ExpressionError,
    parse_expression,
)
from lambdas.domain.heading import read_heading
from lambdas.domain.json_array import JsonArray
from lambdas.domain.order_columns import Source
from lambdas.domain.order_format import parse_order_format

MOST_BYTES = 50_000_000
ENCODINGS = ("utf-8", "auto", "utf-16", "utf-16-le", "cp1252", "shift_jis", "utf-7")
CHOSEN = parse_order_format('prefix: ""\ncolumns: {merchant_id: shop, amount: amount}', "fuzz.yaml")
OURS = (OrderFileError, OrderFormatError, ExpressionError)
HARMLESS_FUNCTIONS = (
    ARITHMETIC | NUMBER_FUNCTIONS | TEXT_FUNCTIONS | TEXT_OPERATORS.keys() | {"regexp_full_match"}
)
HARMLESS_PARTS = {
    "COLUMN_REF", "CONSTANT", "FUNCTION", "OPERATOR", "COMPARISON", "BETWEEN", "CONJUNCTION", "CASE", "CAST",
    "TYPE",
}  # fmt: skip


def text(data: bytes) -> None:
    """A delivered file becomes a text without CR, or an error."""
    chosen = ENCODINGS[data[0] % len(ENCODINGS)] if data else "utf-8"
    delivered = DeliveredFile(io.BytesIO(data[1:]), key="o.csv", limit_bytes=MOST_BYTES)
    assert b"\r" not in b"".join(whole_text(delivered, encoding_of(delivered, chosen)))


def heading(data: bytes) -> None:
    """A heading's names are as many as its record has columns."""
    found = read_heading(data.replace(b"\r", b"\n"), CHOSEN, "o.csv")
    assert found.names
    assert 0 < found.text_bytes <= len(data)


def records(data: bytes) -> None:
    """The records cover the text without a gap, and the fields of those that are well quoted are whole."""
    lines = data.replace(b"\r", b"\n") + b"\n"
    end = 0
    for record in grammar(",").records(lines):
        assert lines[end : record.start].strip(b"\n") == b""
        end = record.end
        fields = grammar(",").fields(lines[record.start : record.end].removesuffix(b"\n"))
        assert (fields is not None) == record.well_quoted
    assert lines[end:].strip(b"\n") == b""


def array(data: bytes) -> None:
    """An array gives the same lines in chunks and as a whole, and json.loads of the whole."""
    size = data[0] % 40 + 1 if data else 1
    content = b"[" + data[1:].replace(b"\r", b"\n") + b"]"
    whole, cut = (_lines(content, length) for length in (len(content), size))
    assert whole == cut
    try:
        values = json.loads(content)
    except (ValueError, RecursionError):
        return
    assert whole is not None
    assert [json.loads(line) for line in whole] == values


def _lines(content: bytes, size: int) -> list[bytes] | None:
    chunks = (content[at : at + size] for at in range(0, len(content), size))
    try:
        return b"".join(JsonArray("o.json").lines(chunks)).split(b"\n")[:-1]
    except OrderFileError:
        return None


def order_format(data: bytes) -> None:
    """The YAML of an order format is one, or an error."""
    parse_order_format(data.decode("utf-8", "replace"), "fuzz.yaml")


def expression(data: bytes) -> None:
    """An expression is written as SQL of harmless parts, and a number is exact, or there is an error."""
    wants_number, text = data[:1] < b"\x80", data[1:].decode("utf-8", "replace")
    connection = _connection()
    found = parse_expression(text, wants_number=wants_number, connection=connection)
    written = found.sql(lambda column: "NULL::DECIMAL(25,6)" if column.is_number else "NULL::VARCHAR")
    row = connection.execute("SELECT json_serialize_sql(?)", [f"SELECT {written}"]).fetchone()
    tree = json.loads(row[0]) if row else {}
    [statement] = tree["statements"]
    assert statement["node"]["from_table"]["type"] == "EMPTY"
    for part in _parts(statement["node"]["select_list"]):
        assert part.get("class", "CONSTANT") in HARMLESS_PARTS
        assert part.get("function_name", "+") in HARMLESS_FUNCTIONS
    if wants_number:
        positions = {column.name: place for place, column in enumerate(found.columns)}
        require_exact("amount", Source(column=text, expression=found, positions=positions), connection)
        kind = connection.execute(f"SELECT typeof({written})").fetchone()
        assert kind not in (None, ("DOUBLE",), ("FLOAT",))


def _parts(node: object) -> Iterator[dict[str, Any]]:
    """The parts of a parsed statement, at whatever depth."""
    left = [node]
    while left:
        part = left.pop()
        if isinstance(part, dict):
            yield part
            left.extend(part.values())
        elif isinstance(part, list):
            left.extend(part)


@cache
def _connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": 1, "enable_external_access": False})


TARGETS: dict[str, Callable[[bytes], None]] = {
    "text": text,
    "heading": heading,
    "records": records,
    "array": array,
    "order_format": order_format,
    "expression": expression,
}


def called(name: str, data: bytes) -> None:
    """Call a target; the project's own errors are answers too."""
    try:
        TARGETS[name](data)
    except OURS:
        return
