"""The heading of a CSV file: which delimiter it uses and what its columns are called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lambdas.domain.csv_records import grammar
from lambdas.domain.errors import OrderFileError
from lambdas.domain.order_format import OrderFormat

DELIMITERS = (",", ";", "\t", "|")
LONGEST_HEADING_BYTES = 1 << 20
MOST_COLUMNS = 20_000
MOST_LISTED = 60
LONGEST_LISTED, LONGEST_LIST = 100, 1500
"""Characters of one name and of a list in a message, which has to fit where people read it."""


@dataclass(frozen=True, kw_only=True)
class Heading:
    """The columns of a file; the first `text_bytes` bytes and `lines` lines of the text are not lines.

    `blank_end`: every line ends in a delimiter, so a last column without a name stands there, always blank.
    """

    names: tuple[str, ...]
    delimiter: str
    text_bytes: int
    lines: int
    blank_end: bool = False


def read_heading(start: bytes, order_format: OrderFormat, key: str) -> Heading:
    """The heading in the first bytes of the text; raises OrderFileError where there is none to be read."""
    chosen = order_format.csv.delimiter
    delimiters = DELIMITERS if chosen == "auto" else (chosen,)
    blank = len(start) - len(start.lstrip(b"\n"))
    if order_format.csv.header is True and blank == len(start):
        raise OrderFileError(f"{key} has no heading: its first line has to name the columns.")
    readings = [reading for mark in delimiters if (reading := _fields(start, blank, mark)) is not None]
    if not readings and b"\n" not in start[blank:LONGEST_HEADING_BYTES]:
        raise OrderFileError(
            f"{key}: its first line is longer than {LONGEST_HEADING_BYTES:,} bytes, so it names no columns: "
            "find out what it is."
        )
    if not readings:
        raise OrderFileError(f"{key}: the quotes of its first line don't pair up, so it can't be read.")
    used = {name for name in vars(order_format.columns).values() if name}
    first = max(readings, key=lambda reading: (len(used.intersection(reading.names)), len(reading.names)))
    if len(first.names) > MOST_COLUMNS:
        raise OrderFileError(
            f"{key} has {len(first.names):,} columns in its first line, and at most {MOST_COLUMNS:,} are "
            "read: deliver it without those that nobody needs."
        )
    if order_format.csv.header is True:
        return first
    return _without_heading(first, order_format.csv.header)


def _without_heading(first: Heading, names: bool | tuple[str, ...]) -> Heading:
    """The heading of a file that has none, from its first line and the names of the format, if it has any."""
    ends_blank = len(first.names) > 1 and first.names[-1] == ""
    if not isinstance(names, tuple):
        names = tuple(f"column{i + 1}" for i in range(len(first.names) - ends_blank))
    blank_end = ends_blank and len(first.names) == len(names) + 1
    return Heading(
        names=(*names, "") if blank_end else names,
        delimiter=first.delimiter,
        text_bytes=0,
        lines=0,
        blank_end=blank_end,
    )


def position_of(column: str, *, use: str, names: Sequence[str], key: str) -> int | None:
    """Where a file has the column, None if it hasn't; twice is an error, as the format uses it."""
    positions = [i for i, name in enumerate(names) if name == column]
    if len(positions) > 1:
        raise OrderFileError(
            f"{key}: its heading names the column {column!r} {len(positions)} times, and the order format "
            f"uses it ({use}): name one of them differently."
        )
    return positions[0] if positions else None


def listed(names: Sequence[str]) -> str:
    """The columns of a file for a message, not too many of them."""
    if not names:
        return "no column that can be read"
    told = [shortened(name) for name in names[:MOST_LISTED]]
    while len(", ".join(told)) > LONGEST_LIST:
        told.pop()
    more = f" and {len(names) - len(told):,} more" if len(names) > len(told) else ""
    return ", ".join(told) + more


def shortened(name: str) -> str:
    """A name in quotes for a message, its end left out where it is very long."""
    return repr(name if len(name) <= LONGEST_LISTED else f"{name[: LONGEST_LISTED - 1]}…")


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
