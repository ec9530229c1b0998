"""One JSON object of an order file, and the cells at the paths into it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from cli.reconcile.rows import Cell, Reject
from cli.reconcile.text import is_text, is_too_long

MOST_DIGITS = 15
FIRST_INEXACT = 2**53
NAME = r'[^."\[\]*\s]+|"(?:[^"]|"")*"'
PATH = re.compile(rf"[$](?:[.](?:{NAME}))+")
ESCAPE = re.compile(r"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|(u[dD][89a-fA-F]..)|.)")
"""An escape in a text; the group holds half of a character outside the basic plane without its other half."""
JsonObject = dict[str, Any]


def path_of(name: str) -> tuple[str, ...] | None:
    """The keys that lead to a column; None where the name begins as a path but is none."""
    if not name.startswith("$."):
        return (name,)
    if not PATH.fullmatch(name):
        return None
    names = re.findall(rf"[.]({NAME})", name)
    return tuple(one[1:-1].replace('""', '"') if one.startswith('"') else one for one in names)


def has_path(value: JsonObject, path: Sequence[str]) -> bool:
    """Whether there is anything at the path, if only a null."""
    *outer, key = path
    for name in outer:
        inner = value.get(name)
        if not isinstance(inner, dict):
            return False
        value = inner
    return key in value


def cell_at(value: JsonObject, path: Sequence[str]) -> Cell:
    """The cell at the path: blank where there is nothing."""
    found: Any = value
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    if isinstance(found, bool):
        return "true" if found else "false"
    if isinstance(found, dict | list):
        return Reject(f"{'an object' if isinstance(found, dict) else 'a list'} is no value of a column")
    cell: Cell = found
    return cell


def read_object(text: str) -> JsonObject | Reject:
    """The object in the text; raises ValueError where the text isn't JSON. Of equal keys the first counts."""
    if not is_text(text):
        return Reject("invalid bytes")
    if is_too_long(text):
        return Reject("longer than 2 MB")
    if "\\" in text and any(half for half in ESCAPE.findall(text)):
        return Reject("it holds half of a character")
    try:
        value = DECODER.decode(text)
    except RecursionError:
        return Reject("it is nested too deeply")
    return value if isinstance(value, dict) else Reject("it is no object")


def _fraction(text: str) -> Decimal | Reject:
    """A number with a fraction or an exponent, by the shortest decimal text of its double."""
    number = Decimal(repr(float(text)))
    if not number.is_finite():
        return Reject(f"{text} is too large")
    number = number.normalize()
    if len(number.as_tuple().digits) > MOST_DIGITS or _is_large_integer(number):
        return Reject(f"{text} has more than {MOST_DIGITS} digits, which JSON readers don't keep")
    return number


def _is_large_integer(number: Decimal) -> bool:
    return abs(number) >= FIRST_INEXACT and number == number.to_integral_value()


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


DECODER = json.JSONDecoder(
    object_pairs_hook=lambda pairs: dict(reversed(pairs)),
    parse_int=Decimal,
    parse_float=_fraction,
    parse_constant=_refuse,
)
