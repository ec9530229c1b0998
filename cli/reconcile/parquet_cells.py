"""The values of Parquet columns as cells, exactly."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
from pyarrow import types

from cli.reconcile.rows import Cell, Reject

EPOCH = datetime(1970, 1, 1)
MICROSECONDS = {"s": 10**6, "ms": 10**3, "us": 1}
NANOSECONDS = "ns"
HALF_DIGITS, HALF_OVERFLOW = 5, 65520
"""So many digits tell every float of 16 bits from its neighbours, all of which are below."""
TEXTS = (types.is_string, types.is_large_string, types.is_string_view)
BINARIES = (types.is_binary, types.is_large_binary, types.is_binary_view, types.is_fixed_size_binary)
ReadCells = Callable[[pa.Array], list[Cell]]


def cells_reader(kind: pa.DataType) -> ReadCells | None:
    """Reads an array of the type as cells; None where columns of the type can't be used."""
    if types.is_dictionary(kind):
        return _after(lambda values: values.dictionary_decode(), cells_reader(kind.value_type))
    if isinstance(kind, pa.UuidType):
        return lambda values: _each(str, values.to_pylist())
    if isinstance(kind, pa.BaseExtensionType):
        return _after(lambda values: values.storage, cells_reader(kind.storage_type))
    if types.is_null(kind) or types.is_integer(kind) or types.is_decimal(kind):
        return lambda values: list(values.to_pylist())
    if types.is_duration(kind):  # in Parquet a whole number, which only Arrow takes for a duration
        return lambda values: list(values.cast(pa.int64()).to_pylist())
    if types.is_boolean(kind):
        return lambda values: _each(lambda value: "true" if value else "false", values.to_pylist())
    if types.is_floating(kind):
        return _half_floats if types.is_float16(kind) else _floats
    return _text_reader(kind) or _time_reader(kind)


def _text_reader(kind: pa.DataType) -> ReadCells | None:
    if any(is_kind(kind) for is_kind in TEXTS):
        return lambda values: _each(_text, values.cast(pa.large_binary()).to_pylist())
    if any(is_kind(kind) for is_kind in BINARIES):
        return lambda values: _each(_text, values.to_pylist())
    return None


def _time_reader(kind: pa.DataType) -> ReadCells | None:
    if types.is_date(kind):
        return lambda values: _each(_day, values.cast(pa.date32()).cast(pa.int32()).to_pylist())
    if types.is_timestamp(kind):
        return lambda values: _each(_moment_of(kind), values.cast(pa.int64()).to_pylist())
    if types.is_time(kind):
        return lambda values: list(values.cast(pa.time64("us"), safe=False).to_pylist())
    return None


def _after(change: Callable[[pa.Array], pa.Array], read: ReadCells | None) -> ReadCells | None:
    return (lambda values: read(change(values))) if read else None


def _each(read: Callable[[Any], Cell], values: Iterable[Any]) -> list[Cell]:
    return [None if value is None else read(value) for value in values]


def _text(value: bytes) -> Cell:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return Reject("invalid bytes")


def _number(text: str) -> Cell:
    """A float from its shortest text; what is no number stays a text."""
    number = Decimal(text)
    return number.normalize() if number.is_finite() else text


def _floats(values: pa.Array) -> list[Cell]:
    return _each(_number, values.cast(pa.string()).to_pylist())


def _half_floats(values: pa.Array) -> list[Cell]:
    return _each(lambda value: _number(_shortest_half(value)), values.to_pylist())


def _shortest_half(value: float) -> str:
    """The shortest text of a float of 16 bits, which Arrow writes as a double."""
    for digits in range(1, HALF_DIGITS):
        text = f"{value:.{digits}g}"
        if abs(float(text)) < HALF_OVERFLOW and struct.pack("e", float(text)) == struct.pack("e", value):
            return text
    return f"{value:.{HALF_DIGITS}g}"


def _day(days: int) -> Cell:
    try:
        return date(1970, 1, 1) + timedelta(days=days)
    except OverflowError:
        return Reject("the date is out of range")


def _moment_of(kind: pa.TimestampType) -> Callable[[int], Cell]:
    """Reads a timestamp: an instant where its type has a zone, a local time where it hasn't."""

    def moment(ticks: int) -> Cell:
        microseconds = ticks // 1000 if kind.unit == NANOSECONDS else ticks * MICROSECONDS[kind.unit]
        try:
            return (EPOCH + timedelta(microseconds=microseconds)).replace(tzinfo=UTC if kind.tz else None)
        except OverflowError:
            return Reject("the timestamp is out of range")

    return moment
