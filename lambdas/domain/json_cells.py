"""JSON values as SQL texts: texts as they are, numbers by their shortest decimal text or not at all."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from lambdas.domain.computed_fields import raw
from lambdas.domain.database import quoted
from lambdas.domain.line_fields import TOO_FINE, Guard

NOT_JSON = "The line is not valid JSON."
NO_OBJECT = "The line is not a JSON object."
# DuckDB reads both, but they are no JSON: a comma before a closing bracket, and NaN or Infinity.
LENIENT = r",[ \t]*[}\]]|[:,\[][ \t]*[+-]?[nNiI][aAnN]"
LENIENT_MARKS = {
    "": (",}", "nan", "inf"),
    "]": (",]",),
    "\t": (",\t", ", \t"),
    ", ": (", }", ", ]", ",  "),
    "N": ("NaN", "NAN", "naN", "Nan", "NAn", "nAN", "INF", "INf", "iNf", "iNF"),
    "A": ("nAn",),
    "I": ("Inf", "InF"),
    "F": ("inF",),
}
"""A line without the first, or with none of the others, needs no regular expression."""
TEXTS = r'"([^"\\]|\\.)*"'
WHOLE = "-?[0-9]+"
PLAIN = "-?[0-9]{1,18}|-?[0-9]{1,11}[.]([1-9]|[0-9]{2,4})"
"""Numbers that are exact and look the same whether they were a text or a number: a double has 15 digits."""
UNSURE = r"(?s)[{\[].*|-?[0-9]+([.][0-9]+)?([eE][+-]?[0-9]+)?"
DOUBLE_DIGITS = 15
WHOLE_BELOW = "9007199254740992"
"""2^53: from here on not every whole number is a double."""
STEP = re.compile(r"\.(?:([^.\"\[\]]+)|\"([^\"]+)\")")


def pointer_of(key: str) -> str:
    """The JSON pointer of a key, or of a path such as `$.merchant.\"shop id\"`."""
    steps = [plain or quoted_ for plain, quoted_ in STEP.findall(key[1:])] if _is_path(key) else [key]
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)


def values_of(lines: str, keys: Mapping[int, str]) -> str:
    """The lines with the values of the keys, by position, as texts; `valid` tells whether a line is JSON."""
    paths = ", ".join(quoted(pointer_of(key)) for key in keys.values())
    values = ", ".join(f"found[{number}] AS {raw(position)}" for number, position in enumerate(keys, start=1))
    return (
        f"(SELECT line, valid, {values} FROM "
        f"(SELECT line, valid, CASE WHEN valid THEN json_extract_string(line, [{paths}]) END AS found "
        f"FROM (SELECT t0 AS line, json_valid(t0) AS valid FROM {lines} WHERE t0 IS NOT NULL)))"
    )


def line_guard() -> Guard:
    """The line is JSON, strictly, and an object."""
    marked = " OR ".join(
        f"(contains(line, {quoted(first)}) AND ({_has_any(marks)}))" for first, marks in LENIENT_MARKS.items()
    )
    lenient = f"regexp_matches(line, {quoted(LENIENT)})"
    surely = f"regexp_matches(regexp_replace(line, {quoted(TEXTS)}, '\"\"', 'g'), {quoted(LENIENT)})"
    return Guard(
        clean=f"valid AND starts_with(line, '{{') AND NOT (CASE WHEN {marked} THEN {lenient} ELSE false END)",
        checks=(
            (f"NOT valid OR ({lenient} AND {surely})", NOT_JSON),
            ("json_type(line) <> 'OBJECT'", NO_OBJECT),
        ),
    )


def _has_any(marks: Sequence[str]) -> str:
    return " OR ".join(f"contains(line, {quoted(mark)})" for mark in marks)


def value_guard(
    field: str, position: int, key: str, *, decimal: str, most_decimals: int | None, is_proven: bool
) -> Guard:
    """The value is no object or list, and no number that has lost digits; else its text is NULL.

    `is_proven`: the rule of the field finds no line clean whose text could be another than was written.
    """
    said = field.replace("_", " ")
    kind, text = _kind_and_text(key)
    finer = rf"regexp_full_match({text}, '-?[0-9]+[.][0-9]{{{(most_decimals or 0) + 1},}}|.*[eE]-[0-9]+')"
    too_fine = TOO_FINE.get(field, "")
    sure = _sure(raw(position), decimal)
    return Guard(
        field=field,
        clean="true" if is_proven else sure,
        exact={
            raw(position): f"CASE WHEN {sure} THEN {raw(position)} ELSE {_exact(position, key, decimal)} END"
        },
        checks=(
            (f"{kind} IN ('OBJECT', 'ARRAY')", f"The {said} is an object or a list, not a value."),
            *(
                ((f"{kind} = 'DOUBLE' AND {_lost(text)} AND {finer}", too_fine),)
                if most_decimals is not None
                else ()
            ),
            (
                f"{kind} = 'DOUBLE' AND {_lost(text)}",
                f"The {said} has more digits than a JSON number keeps: write it as a text.",
            ),
        ),
    )


def _sure(text: str, decimal: str) -> str:
    """Whether the text is the one that was written, whatever kind of value it was; cheap tests first."""
    letters = (
        f"{text} >= ':' AND NOT ({text} >= '[' AND {text} < '\\') AND NOT ({text} >= '{{' AND {text} < '|')"
    )
    # A number without any of these is a whole one, which is exact.
    marks = " OR ".join(f"contains({text}, '{mark}')" for mark in ".eE")
    plain = f"regexp_full_match({text}, {quoted(PLAIN if decimal == '.' else WHOLE)})"
    return (
        f"CASE WHEN {letters} THEN true WHEN {text} < ':' AND NOT ({marks}) THEN true "
        f"ELSE {plain} OR NOT regexp_full_match({text}, {quoted(UNSURE)}) END"
    )


def _exact(position: int, key: str, decimal: str) -> str:
    """The text by what kind of value it was; NULL where it lost digits."""
    (kind, _), text = _kind_and_text(key), raw(position)
    number = f"regexp_replace({text}, '[.]0$', '')"
    if decimal == ",":
        number = f"replace({number}, '.', ',')"
    return (
        f"CASE {kind} WHEN 'OBJECT' THEN NULL WHEN 'ARRAY' THEN NULL "
        f"WHEN 'DOUBLE' THEN CASE WHEN NOT {_lost(text)} THEN {number} END ELSE {text} END"
    )


def _kind_and_text(key: str) -> tuple[str, str]:
    pointer = quoted(pointer_of(key))
    return f"TRY(json_type(line, {pointer}))", f"TRY(json_extract_string(line, {pointer}))"


def _lost(text: str) -> str:
    """Whether the double of a text may not be the number that was written; whole ones are kept as texts."""
    digits = f"trim(regexp_replace(regexp_replace({text}, '[eE].*', ''), '[^0-9]', '', 'g'), '0')"
    return (
        f"(NOT regexp_full_match({text}, '{WHOLE}') AND (length({digits}) > {DOUBLE_DIGITS} "
        f"OR abs(TRY_CAST({text} AS DOUBLE)) >= {WHOLE_BELOW}))"
    )


def _is_path(key: str) -> bool:
    return key.startswith("$.") and "".join(match[0] for match in STEP.finditer(key[1:])) == key[1:]
