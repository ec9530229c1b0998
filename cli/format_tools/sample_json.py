"""A sample of JSON Lines, or of one JSON array of objects."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from cli.errors import CommandError
from cli.format_tools.sample import MOST_COLUMNS, Cell, Sample, SampleColumn
from cli.format_tools.sample_text import SampleText

PLAIN_NAME = re.compile("[A-Za-z_][A-Za-z0-9_]*")
_DECODER = json.JSONDecoder(parse_float=Decimal, parse_int=Decimal, parse_constant=str)
_SPACE = re.compile(r"[ \t\n\r,]*")


def json_sample(text: SampleText, *, key: str, whole: bool) -> Sample:
    """The sample of a JSON text; raises CommandError where no object of it can be read."""
    is_array = text.text.lstrip().startswith("[")
    lines = text.text if whole else text.text[: text.text.rfind("\n") + 1]
    content, objects = _array(text.text) if is_array else (lines, list(_lines(lines)))
    rows = [dict(_cells(value)) for value in objects if isinstance(value, dict)]
    if not rows:
        raise CommandError(f"{key} holds no JSON object that can be read: it begins {text.text[:60]!r}.")
    names = dict.fromkeys(name for row in rows for name in row)
    return Sample(
        kind="json" if is_array else "jsonl",
        key=key,
        content=text.encoded(content),
        whole=whole,
        columns=tuple(
            SampleColumn(name=name, cells=[row.get(name) for row in rows])
            for name in list(names)[:MOST_COLUMNS]
        ),
        rows=len(rows),
        odd_rows=len(objects) - len(rows),
        encoding=None if text.has_mark else text.encoding,
        wrong_bytes=text.wrong_bytes,
    )


def _lines(text: str) -> Iterator[Any]:
    """What each line holds; None where it is no JSON."""
    for line in text.split("\n"):
        if line.strip():
            try:
                yield _DECODER.decode(line)
            except (ValueError, RecursionError):
                yield None


def _array(text: str) -> tuple[str, list[Any]]:
    """The values at the beginning of an array, and the text of an array of just them."""
    at = text.index("[") + 1
    end, values = at, []
    try:
        while not text.startswith("]", at := _after_space(text, at)):
            value, at = _DECODER.raw_decode(text, at)
            values.append(value)
            end = at
    except (ValueError, RecursionError):
        pass  # the sample, or what can be read of it, ends within a value
    return text[:end] + "]", values


def _after_space(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return space.end() if space else at


def _cells(value: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Cell]]:
    """The values of an object by the names that a format has for them; what has none is passed over."""
    for key, inner in value.items():
        step = f".{key}" if PLAIN_NAME.fullmatch(key) else f'."{key}"'
        if isinstance(inner, dict):
            yield from _cells(inner, (path or "$") + step)
        elif not isinstance(inner, list) and not (path and '"' in key):
            yield (path + step if path else key), str(inner).lower() if isinstance(inner, bool) else inner
