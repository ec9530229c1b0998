"""A sample of an order file: its first rows by column, whatever kind of file it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

MOST_COLUMNS = 1_000
"""So many columns of a file are looked at."""

Cell = str | Decimal | datetime | None
"""A text as it stands in the file; or, of JSON and Parquet, a number or a date that is one by its type."""


@dataclass(frozen=True, kw_only=True)
class SampleColumn:
    """One column: its name as an order format has it, and its cells row by row.

    `repeated` where the heading names it more than once, so that no format can use it.
    """

    name: str
    cells: Sequence[Cell]
    repeated: bool = False


@dataclass(frozen=True, kw_only=True)
class Sample:
    """The first rows of a file. `content` is a file of the same kind with just them, `key` its name.

    `delimiter` and `encoding` are None where the kind of the file has none, or its mark says the encoding;
    `header` is False where a CSV file has no heading; `odd_rows` have another number of columns, or are no
    JSON objects; `wrong_bytes` are no text in the encoding.
    """

    kind: str
    key: str
    content: bytes
    whole: bool
    columns: tuple[SampleColumn, ...]
    rows: int
    odd_rows: int = 0
    header: bool = True
    delimiter: str | None = None
    encoding: str | None = None
    wrong_bytes: int = 0
