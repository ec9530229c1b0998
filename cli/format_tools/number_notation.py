"""How the numbers of a file are written, judged by the parser's own rule for numbers."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal

import duckdb

from lambdas.domain.line_fields import ANY_NUMBER, plain_number
from lambdas.domain.order_format import Numbers

NOTATIONS = tuple(
    Numbers(decimal=decimal, thousands=thousands, currency_sign=sign)
    for sign, decimal, thousands in itertools.product(
        ("keep", "strip"), (".", ","), ("none", ",", ".", "'", " ")
    )
    if decimal != thousands
)
"""Every way to write numbers that a format can declare."""
DIGIT = re.compile(r"\d")


def shape(text: str) -> str:
    """A text with every digit as 9: whether it is a number depends on nothing else."""
    return DIGIT.sub("9", text.strip())


def settings(notation: Numbers) -> dict[str, str]:
    """What a format has to say for this notation: nothing for plain numbers."""
    return {
        one.name: getattr(notation, one.name)
        for one in fields(Numbers)
        if getattr(notation, one.name) != one.default
    }


@dataclass(frozen=True)
class NumberReader:
    """The values of texts in every notation, by the shapes of the texts."""

    values: Mapping[str, Sequence[Decimal | None]]
    examples: Mapping[str, str]

    @classmethod
    def of(cls, texts: Iterable[str], connection: duckdb.DuckDBPyConnection) -> NumberReader:
        """Read one text of each shape; texts without a digit are none."""
        examples: dict[str, str] = {}
        for text in texts:
            if (form := shape(text)) not in examples and "9" in form:
                examples[form] = text
        columns = ", ".join(_value_sql(notation) for notation in NOTATIONS)
        rows = connection.execute(
            f"SELECT {columns} FROM (SELECT unnest($texts::VARCHAR[]) AS t)",
            {"texts": list(examples.values())},
        ).fetchall()
        return cls(dict(zip(examples, rows, strict=True)), examples)

    def readable(self, shapes: Counter[str], notation: Numbers) -> int:
        """How many texts with these shapes are numbers in a notation."""
        place = NOTATIONS.index(notation)
        return sum(count for form, count in shapes.items() if self._value(form, place) is not None)

    def most_readable(self, shapes: Counter[str]) -> int:
        """How many texts with these shapes are numbers in the notation that reads the most of them."""
        return max(self.readable(shapes, notation) for notation in NOTATIONS)

    def value(self, text: str, notation: Numbers) -> Decimal | None:
        """The number that the text of an example is in a notation."""
        return self._value(shape(text), NOTATIONS.index(notation))

    def _value(self, form: str, place: int) -> Decimal | None:
        return self.values[form][place] if form in self.values else None


@dataclass(frozen=True, kw_only=True)
class Notation:
    """The notation of a file's numbers; `otherwise` is an example that another one reads differently."""

    numbers: Numbers
    otherwise: tuple[str, Decimal, Decimal, Numbers] | None = None


def choose_notation(
    used: Sequence[Counter[str]], others: Sequence[Counter[str]], reader: NumberReader
) -> Notation:
    """The simplest notation that reads most of the columns that are used, the amounts first."""

    def read(notation: Numbers) -> list[int]:
        return [reader.readable(shapes, notation) for shapes in used]

    def rest(notation: Numbers) -> int:
        return sum(reader.readable(shapes, notation) for shapes in others)

    best = max(NOTATIONS, key=lambda one: (read(one), -len(settings(one))))
    if _otherwise(best, used, [], reader):  # then the file's other numbers decide
        best = max(NOTATIONS, key=lambda one: (read(one), rest(one), -len(settings(one))))
    return Notation(numbers=best, otherwise=_otherwise(best, used, others, reader))


def _otherwise(
    best: Numbers, used: Sequence[Counter[str]], others: Sequence[Counter[str]], reader: NumberReader
) -> tuple[str, Decimal, Decimal, Numbers] | None:
    """The simplest notation that reads as many texts, but one of them as another number."""
    everything = [*used, *others]
    read = [reader.readable(shapes, best) for shapes in everything]
    for notation in sorted(NOTATIONS, key=lambda one: len(settings(one))):
        if [reader.readable(shapes, notation) for shapes in everything] != read:
            continue
        for form in itertools.chain.from_iterable(used):
            text = reader.examples.get(form, "")
            here, there = reader.value(text, best), reader.value(text, notation)
            if here is not None and there is not None and here != there:
                return text, here, there, notation
    return None


def _value_sql(notation: Numbers) -> str:
    plain = plain_number("t", notation)
    return (
        f"CASE WHEN regexp_full_match({plain}, '{ANY_NUMBER}') THEN TRY_CAST({plain} AS DECIMAL(38,12)) END"
    )
