"""JSON values as SQL texts: texts as they are, numbers by their shortest decimal text or not at all."""

from __future__ import annotations

import re

from lambdas.domain.computed_fields import raw
from lambdas.domain.database import quoted
from lambdas.domain.line_fields import TOO_FINE, Guard

NOT_JSON = "The line is not valid JSON."
NO_OBJECT = "The line is not a JSON object."
# DuckDB reads both, but they are no JSON: a comma before a closing bracket, and NaN or Infinity.
LENIENT = r",[ \t]*[}\]]|[:,\[][ \t]*[+-]?[nNiI][aAnN]"
LENIENT_MARKS = (",}", ",]", ", ", ",\t", "NaN", "nan", "NAN", "Inf", "inf", "INF")
"""Without any of these in it, a line needs no regular expression."""
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


def values_of(lines: str, pointers: list[str]) -> str:
    """The lines with their values as the texts s1, s2, …; `valid` tells whether a line is JSON."""
    paths = ", ".join(quoted(pointer) for pointer in pointers)
    values = ", ".join(f"found[{number}] AS s{number}" for number in range(1, len(pointers) + 1))
    return (
        f"(SELECT line, valid, {values} FROM "
        f"(SELECT line, valid, CASE WHEN valid THEN json_extract_string(line, [{paths}]) END AS found "
        f"FROM (SELECT t0 AS line, json_valid(t0) AS valid FROM {lines} WHERE t0 IS NOT NULL)))"
    )


def line_guard() -> Guard:
    """The line is JSON, strictly, and an object."""
    marked = " OR ".join(f"contains(line, {quoted(mark)})" for mark in LENIENT_MARKS)
    lenient = f"CASE WHEN {marked} THEN regexp_matches(line, {quoted(LENIENT)}) ELSE false END"
    surely = f"regexp_matches(regexp_replace(line, {quoted(TEXTS)}, '\"\"', 'g'), {quoted(LENIENT)})"
    return Guard(
        clean=f"valid AND starts_with(line, '{{') AND NOT ({lenient})",
        checks=(
            (f"NOT valid OR (({lenient}) AND {surely})", NOT_JSON),
            ("json_type(line) <> 'OBJECT'", NO_OBJECT),
        ),
    )


def value_guard(field: str, position: int, key: str, *, most_decimals: int | None) -> Guard:
    """The value is no object or list, and no number that has lost digits; else its text is NULL."""
    said = field.replace("_", " ")
    kind, text = _kind_and_text(key)
    finer = rf"regexp_full_match({text}, '-?[0-9]+[.][0-9]{{{(most_decimals or 0) + 1},}}|.*[eE]-[0-9]+')"
    too_fine = TOO_FINE.get(field, "")
    return Guard(
        field=field,
        clean=f"{raw(position)} IS NOT NULL",
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


def cell(number: int, position: int, key: str, decimal: str) -> str:
    """The text of the used value `number` (from 1) under its column's name; NULL where it lost digits."""
    text = f"s{number}"
    letters = (
        f"{text} >= ':' AND NOT ({text} >= '[' AND {text} < '\\') AND NOT ({text} >= '{{' AND {text} < '|')"
    )
    # A number without any of these is a whole one, which is exact.
    marks = " OR ".join(f"contains({text}, '{mark}')" for mark in ".eE")
    whole = f"{text} < ':' AND NOT ({marks})"
    plain = PLAIN if decimal == "." else WHOLE
    return (
        f"CASE WHEN {letters} THEN {text} WHEN {whole} THEN {text} "
        f"WHEN regexp_full_match({text}, {quoted(plain)}) THEN {text} "
        f"WHEN NOT regexp_full_match({text}, {quoted(UNSURE)}) THEN {text} "
        f"ELSE {_sure(text, key, decimal)} END AS {raw(position)}"
    )


def _sure(text: str, key: str, decimal: str) -> str:
    """The text by what kind of value it was."""
    kind, _ = _kind_and_text(key)
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
