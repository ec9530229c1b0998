"""The heading of a CSV file: its delimiter, and where the columns of an order line stand."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cli.reconcile.csv_records import Record, records_of
from cli.reconcile.text import UncountableFileError
from lambdas.domain.order_format import OrderFormat

DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True)
class CsvLines:
    """A file's column names, and the records below its heading."""

    names: tuple[str, ...]
    records: Iterator[Record]


def read_heading(lines: Iterable[str], order_format: OrderFormat) -> CsvLines:
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
            return CsvLines(header or (), iter(()))
        raise UncountableFileError("it has no heading that can be read")
    used = {name for name in vars(order_format.columns).values() if name}
    delimiter, fields = max(whole, key=lambda one: (len(used.intersection(one[1])), len(one[1])))
    records = records_of(itertools.chain(kept, remaining), delimiter)
    if header is True:
        next(records)
        return CsvLines(tuple(fields), records)
    return CsvLines(header or tuple(f"column{n}" for n in range(1, len(fields) + 1)), records)


def position_of(name: str, names: tuple[str, ...]) -> int | None:
    """Where the heading has the name, None if it hasn't; raises UncountableFileError if it has it twice."""
    if names.count(name) > 1:
        raise UncountableFileError(f"its heading has the column {name!r} {names.count(name)} times")
    return names.index(name) if name in names else None


def _keeping(lines: Iterator[str], kept: list[str]) -> Iterator[str]:
    """The lines, remembering each, so that the heading can be read by another delimiter too."""
    for line in lines:
        kept.append(line)
        yield line
