"""What the values of a column look like: numbers, dates, ids, currency codes, a few words."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import duckdb

from cli.format_tools.currencies import code_beside
from cli.format_tools.date_pattern import DatePatterns, find_patterns
from cli.format_tools.number_notation import NumberReader, shape
from cli.format_tools.sample import MOST_COLUMNS, Cell, Sample, SampleColumn
from lambdas.domain.currencies import CODES

WHOLE_NUMBER = re.compile(r"[+-]?(?:\d+|\d{1,3}(?:[.,' \u00a0\u202f]\d{3})+)(?:[.,]0+)?-?")
MOST_DATES = 50
MOST = 0.9
"""The share of a column's values that has to be of a kind for the column to be of that kind."""


@dataclass(frozen=True, kw_only=True)
class ColumnLook:
    """One column: how many cells hold anything, how often each value comes, and shares of them by kind.

    `texts` are the values that are texts by their type, `shapes` the same with 9 for every digit. `code` is
    the currency that stands beside the numbers of all of them, which `texts` then leaves out.
    """

    column: SampleColumn
    place: int
    filled: int
    values: Counter[str]
    texts: Counter[str]
    shapes: Counter[str]
    code: str | None
    numbers: float
    whole: float
    currencies: float
    typed_dates: float
    patterns: DatePatterns | None

    @property
    def name(self) -> str:
        """The column's name."""
        return self.column.name

    @property
    def is_number(self) -> bool:
        """Whether the values are numbers."""
        return self.numbers >= MOST

    @property
    def is_whole(self) -> bool:
        """Whether the values are whole numbers."""
        return self.whole >= MOST

    @property
    def is_date(self) -> bool:
        """Whether the values are dates."""
        return self.patterns is not None or self.typed_dates >= MOST

    @property
    def is_currency(self) -> bool:
        """Whether the values are codes of currencies."""
        return self.currencies >= MOST

    @property
    def example(self) -> str:
        """The value that comes most often."""
        return max(self.values, key=self.values.__getitem__, default="")


def look_at_columns(
    sample: Sample, connection: duckdb.DuckDBPyConnection
) -> tuple[list[ColumnLook], NumberReader]:
    """The looks of all columns of a sample, in their order, and what reads the numbers in them."""
    columns = sample.columns[:MOST_COLUMNS]
    filled = [_filled(column) for column in columns]
    texts = [_without_code(Counter(cell for cell in cells if isinstance(cell, str))) for cells in filled]
    reader = NumberReader.of(itertools.chain.from_iterable(bare for _, bare in texts), connection)
    dates = _dates(
        [
            bare if bare.total() >= MOST * len(cells) else ()
            for (_, bare), cells in zip(texts, filled, strict=True)
        ],
        connection,
    )
    looks = [
        _look(column, place, filled[place], *texts[place], dates[place], reader)
        for place, column in enumerate(columns)
    ]
    return looks, reader


def _dates(
    texts: Sequence[Collection[str]], connection: duckdb.DuckDBPyConnection
) -> list[DatePatterns | None]:
    """The patterns of the columns that hold dates, of the first of them if there are very many."""
    found: list[DatePatterns | None] = []
    dated = 0
    for distinct in texts:
        patterns = find_patterns(list(distinct), connection) if dated < MOST_DATES else None
        dated += patterns is not None
        found.append(patterns)
    return found


def _filled(column: SampleColumn) -> list[Cell]:
    cells = (cell.strip() if isinstance(cell, str) else cell for cell in column.cells)
    return [cell for cell in cells if cell not in (None, "")]


def _look(
    column: SampleColumn,
    place: int,
    filled: Sequence[Cell],
    code: str | None,
    texts: Counter[str],
    patterns: DatePatterns | None,
    reader: NumberReader,
) -> ColumnLook:
    numbers = [cell for cell in filled if isinstance(cell, Decimal)]
    dates = sum(isinstance(cell, datetime) for cell in filled)
    shapes: Counter[str] = Counter()
    for text, count in texts.items():
        shapes[shape(text)] += count
    read = reader.most_readable(shapes)
    whole = sum(n for text, n in texts.items() if WHOLE_NUMBER.fullmatch(text))
    whole += sum(number == number.to_integral_value() for number in numbers)
    codes = sum(count for text, count in texts.items() if text.upper() in CODES)
    most = max(1, len(filled))
    return ColumnLook(
        column=column,
        place=place,
        filled=len(filled),
        values=Counter(map(str, filled)),
        texts=texts,
        shapes=shapes,
        code=code,
        numbers=(read + len(numbers)) / most,
        whole=whole / most,
        currencies=codes / most,
        typed_dates=dates / most,
        patterns=patterns,
    )


def _without_code(texts: Counter[str]) -> tuple[str | None, Counter[str]]:
    """The currency's code that stands beside all of the numbers, and the texts without it."""
    codes = {code_beside(text) for text in texts}
    if len(codes) != 1 or (code := codes.pop()) is None:
        return None, texts
    bare: Counter[str] = Counter()
    for text, count in texts.items():
        bare[text.replace(code, "").strip()] += count
    return code, bare
