"""How the numbers of a file are written, judged by the parser's own rule for numbers."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal

import duckdb

from lambdas.domain.line_fields import ANY_NUMBER, number_of
from lambdas.domain.numbers import SPACES
from lambdas.domain.order_format import Numbers

DIGIT = re.compile(r"\d")
TRAILING_MINUS = re.compile(r"\d-\W*$")
THOUSANDS = {",": ",", ".": ".", "'": "'", " ": " " + SPACES}
"""The marks between thousands that a format can declare, and the characters that each reads."""


def shape(text: str) -> str:
    """A text with every digit as 9: whether it is a number depends on nothing else."""
    return DIGIT.sub("9", text.strip())


def notations_for(texts: Collection[str]) -> tuple[Numbers, ...]:
    """Every way to write numbers that a format can declare and that could read some of the texts."""
    characters = set("".join(texts))
    has_sign = any(unicodedata.category(character) == "Sc" for character in characters)
    negatives = ["minus"]
    negatives += ["parentheses"] if "(" in characters else []
    negatives += ["trailing_minus"] if any(map(TRAILING_MINUS.search, texts)) else []
    thousands = [mark for mark, read in THOUSANDS.items() if characters & set(read)]
    return tuple(
        Numbers(decimal=decimal, thousands=mark, currency_sign=sign, negative=negative)
        for negative, sign, decimal, mark in itertools.product(
            negatives,
            ("keep", "strip") if has_sign else ("keep",),
            (".", ",") if characters & {".", ","} else (".",),
            ("none", *thousands),
        )
        if decimal != mark
    )


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

    notations: Sequence[Numbers]
    values: Mapping[str, Sequence[Decimal | None]]
    examples: Mapping[str, str]

    @classmethod
    def of(cls, texts: Iterable[str], connection: duckdb.DuckDBPyConnection) -> NumberReader:
        """Read one text of each shape; texts without a digit are none."""
        examples: dict[str, str] = {}
        for text in texts:
            if (form := shape(text)) not in examples and "9" in form:
                examples[form] = text
        notations = notations_for(list(examples.values()))
        columns = ", ".join(map(_value_sql, notations))
        rows = connection.execute(
            f"SELECT {columns} FROM (SELECT unnest($texts::VARCHAR[]) AS t)",
            {"texts": list(examples.values())},
        ).fetchall()
        return cls(notations, dict(zip(examples, rows, strict=True)), examples)

    def readable(self, shapes: Counter[str], notation: Numbers) -> int:
        """How many texts with these shapes are numbers in a notation."""
        place = self.notations.index(notation)
        return sum(count for form, count in shapes.items() if self._value(form, place) is not None)

    def most_readable(self, shapes: Counter[str]) -> int:
        """How many texts with these shapes are numbers in the notation that reads the most of them."""
        return max(self.readable(shapes, notation) for notation in self.notations)

    def value(self, text: str, notation: Numbers) -> Decimal | None:
        """The number that the text of an example is in a notation."""
        return self._value(shape(text), self.notations.index(notation))

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

    best = max(reader.notations, key=lambda one: (read(one), -len(settings(one))))
    if _otherwise(best, used, [], reader):  # then the file's other numbers decide
        best = max(reader.notations, key=lambda one: (read(one), rest(one), -len(settings(one))))
    return Notation(numbers=best, otherwise=_otherwise(best, used, others, reader))


def _otherwise(
    best: Numbers, used: Sequence[Counter[str]], others: Sequence[Counter[str]], reader: NumberReader
) -> tuple[str, Decimal, Decimal, Numbers] | None:
    """The simplest notation that reads as many texts, but one of them as another number."""
    everything = [*used, *others]
    read = [reader.readable(shapes, best) for shapes in everything]
    for notation in sorted(reader.notations, key=lambda one: len(settings(one))):
        if [reader.readable(shapes, notation) for shapes in everything] != read:
            continue
        for form in itertools.chain.from_iterable(used):
            text = reader.examples.get(form, "")
            here, there = reader.value(text, best), reader.value(text, notation)
            if here is not None and there is not None and here != there:
                return text, here, there, notation
    return None


def _value_sql(notation: Numbers) -> str:
    plain = number_of("t", notation)
    return (
        f"CASE WHEN regexp_full_match({plain}, '{ANY_NUMBER}') THEN TRY_CAST({plain} AS DECIMAL(38,12)) END"
    )
