"""What every kind of order file is read as: rows of cells under named columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Protocol

from cli.reconcile.columns import Columns


@dataclass(frozen=True)
class Reject:
    """A row that is rejected, or a value that rejects its row where the order format uses it; says why."""

    reason: str


Cell = str | int | Decimal | date | time | Reject | None
"""A text as it is written, or a typed value; a time of day, a date, a datetime; None where it is blank."""
Row = Sequence[Cell] | Reject


class Table(Protocol):
    """An order file whose columns are known; its rows can be read more than once."""

    @property
    def columns(self) -> Columns:
        """The columns that an order format can name."""

    def rows(self, used: frozenset[int]) -> Iterator[Row]:
        """Every row of order lines; only the cells at the positions `used` need to be there."""


def text_of(cell: Cell) -> str:
    """The cell as text, as SQL writes it where it is typed."""
    match cell:
        case None:
            return ""
        case Decimal():
            return f"{cell:f}"
        case datetime():
            offset = "+00" if cell.tzinfo else ""
            return _without_zeros(cell.replace(tzinfo=None).isoformat(" ")) + offset
        case date():
            return cell.isoformat()
        case time():
            return _without_zeros(cell.isoformat())
        case _:
            return str(cell)


def _without_zeros(text: str) -> str:
    """The text of a time without the last zeros of a part of a second."""
    return text.rstrip("0") if "." in text else text
