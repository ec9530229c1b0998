"""CSV files as tables: the delimiter, the names of the columns, and the records below the heading."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cli.reconcile.columns import Columns
from cli.reconcile.csv_records import Record, records_of
from cli.reconcile.decompression import DeliveredFile
from cli.reconcile.errors import UncountableFileError
from cli.reconcile.rows import Reject, Row
from cli.reconcile.text import is_text, lines_of, texts_of
from lambdas.domain.order_format import OrderFormat

DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True)
class Heading:
    """What the first record tells: the delimiter, the names, and whether a blank column ends every line."""

    delimiter: str
    names: tuple[str, ...]
    has_blank_end: bool


class CsvTable:
    """The order lines of a CSV file."""

    def __init__(self, delivered: DeliveredFile, order_format: OrderFormat) -> None:
        """Read the heading; raises UncountableFileError where it can't be read."""
        self._delivered, self._options = delivered, order_format.csv
        self._heading = read_heading(self._lines(), order_format)
        self.columns = Columns(self._heading.names)

    def rows(self, used: frozenset[int]) -> Iterator[Row]:  # noqa: ARG002 - a record has all its fields
        """Every record below the heading."""
        records = records_of(self._lines(), self._heading.delimiter)
        for record in itertools.islice(records, 1 if self._options.header is True else 0, None):
            yield self._row(record)

    def _lines(self) -> Iterator[str]:
        return lines_of(texts_of(self._delivered.chunks(), encoding=self._options.encoding))

    def _row(self, record: Record) -> Row:
        fields, heading = record.fields, self._heading
        if fields is None:
            return Reject("a quote is not closed, or has text after it")
        if len(fields) != len(heading.names) + heading.has_blank_end:
            return Reject("too few or too many columns")
        if heading.has_blank_end and fields[-1].strip():
            return Reject("the last column is not blank, as it is in the first line")
        if not is_text(record.text):
            return Reject("invalid bytes")
        if record.too_long:
            return Reject("longer than 2 MB")
        return fields


def read_heading(lines: Iterable[str], order_format: OrderFormat) -> Heading:
    """Find out the delimiter and the names; raises UncountableFileError where the heading can't be read.

    Of the usual delimiters it is the one that finds most of the names that the format uses, then the one
    that finds most columns.
    """
    header, chosen = order_format.csv.header, order_format.csv.delimiter
    kept: list[str] = []
    remaining = iter(lines)
    readings: list[tuple[str, Record]] = []
    for delimiter in DELIMITERS if chosen == "auto" else (chosen,):
        again = itertools.chain(list(kept), _keeping(remaining, kept))
        if first := next(records_of(again, delimiter), None):
            readings.append((delimiter, first))
    whole = [(delimiter, first.fields) for delimiter, first in readings if first.fields is not None]
    if not whole:
        if not readings and header is not True:
            return Heading(DELIMITERS[0], header or (), has_blank_end=False)
        raise UncountableFileError("it has no heading that can be read")
    used = {name for name in vars(order_format.columns).values() if name}
    delimiter, fields = max(whole, key=lambda one: (len(used.intersection(one[1])), len(one[1])))
    if header is True:
        return Heading(delimiter, tuple(fields), has_blank_end=False)
    has_blank_end = len(fields) > 1 and not fields[-1].strip()
    names = header or tuple(f"column{n}" for n in range(1, len(fields) + 1 - has_blank_end))
    return Heading(delimiter, names, has_blank_end and len(fields) == len(names) + 1)


def _keeping(lines: Iterator[str], kept: list[str]) -> Iterator[str]:
    """The lines, remembering each, so that the heading can be read by another delimiter too."""
    for line in lines:
        kept.append(line)
        yield line
