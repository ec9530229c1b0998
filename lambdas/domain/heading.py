"""The heading of a CSV file: which delimiter it uses and what its columns are called."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lambdas.domain.csv_records import grammar
from lambdas.domain.errors import OrderFileError
from lambdas.domain.order_format import OrderFormat

DELIMITERS = (",", ";", "\t", "|")
LONGEST_HEADING_BYTES = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Heading:
    """The columns of a file; the first `text_bytes` bytes and `lines` lines of the text are not lines."""

    names: tuple[str, ...]
    delimiter: str
    text_bytes: int
    lines: int


def read_heading(start: bytes, order_format: OrderFormat, key: str) -> Heading:
    """The heading in the first bytes of the text; raises OrderFileError where there is none to be read."""
    chosen = order_format.csv.delimiter
    delimiters = DELIMITERS if chosen == "auto" else (chosen,)
    blank = len(start) - len(start.lstrip(b"\n"))
    if order_format.csv.header is True and blank == len(start):
        raise OrderFileError(f"{key} has no heading: its first line has to name the columns.")
    readings = [reading for mark in delimiters if (reading := _fields(start, blank, mark)) is not None]
    if not readings:
        raise OrderFileError(f"{key}: the quotes of its first line don't pair up, so it can't be read.")
    used = {name for name in vars(order_format.columns).values() if name}
    first = max(readings, key=lambda reading: (len(used.intersection(reading.names)), len(reading.names)))
    if order_format.csv.header is True:
        return first
    names = order_format.csv.header or tuple(f"column{i + 1}" for i in range(len(first.names)))
    return Heading(names=names, delimiter=first.delimiter, text_bytes=0, lines=0)


def position_of(column: str, *, use: str, heading: Heading, key: str) -> int | None:
    """Where the heading names the column, None if it doesn't; twice is an error, as the format uses it."""
    positions = [i for i, name in enumerate(heading.names) if name == column]
    if len(positions) > 1:
        raise OrderFileError(
            f"{key}: its heading names the column {column!r} {len(positions)} times, and the order format "
            f"uses it ({use}): name one of them differently."
        )
    return positions[0] if positions else None


def listed(names: Iterable[str]) -> str:
    """The columns of a heading for a message."""
    return ", ".join(repr(name) for name in names)


def _fields(start: bytes, blank: int, delimiter: str) -> Heading | None:
    record = grammar(delimiter).record(start, blank)
    fields = grammar(delimiter).fields(start[record.start : record.end].removesuffix(b"\n"))
    if fields is None or record.end > LONGEST_HEADING_BYTES:
        return None
    return Heading(
        names=tuple(field.decode("utf-8", "replace") for field in fields),
        delimiter=delimiter,
        text_bytes=record.end,
        lines=start.count(b"\n", 0, record.end),
    )
