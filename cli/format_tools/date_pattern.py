"""How the dates of a file are written, judged by the parser's own rule for dates."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import duckdb

from cli.format_tools.number_notation import shape
from lambdas.domain.date_rule import CLOCK, DAY, OFFSET, date_rule
from lambdas.domain.format_fields import UnexpectedValueError, date_pattern
from lambdas.domain.line_fields import FieldRule

ISO = re.compile(f"{DAY}({CLOCK}({OFFSET})?)?")
_DAYS = [
    *(
        order.replace("-", separator)
        for separator in "/.- "
        for order in ("%d-%m-%Y", "%m-%d-%Y", "%Y-%m-%d", "%d-%m-%y", "%m-%d-%y", "%y-%m-%d")
    ),
    "%Y%m%d",
    *(
        order.replace("-", separator)
        for separator in "/.- "
        for order in ("%d-%b-%Y", "%d-%b-%y", "%b-%d-%Y", "%Y-%b-%d", "%d-%B-%Y")
    ),
    "%b %d, %Y", "%B %d, %Y", "%B %d %Y", "%d. %B %Y", "%d. %b %Y",
    "%a, %d %b %Y", "%a %d %b %Y", "%A, %B %d, %Y", "%a, %b %d, %Y", "%A, %d %B %Y",
]  # fmt: skip
_TIMES = [
    "", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", "T%H:%M:%S", "T%H:%M:%S.%f", "T%H:%M", ", %H:%M", ", %H:%M:%S",
    " %I:%M %p", " %I:%M:%S %p", " %I:%M%p", ", %I:%M %p", ", %I:%M:%S %p", " %H.%M", " %H.%M.%S",
    ":%H:%M:%S", "%H%M%S", " %H%M%S", "-%H:%M:%S", " - %H:%M",
]  # fmt: skip
_ZONES = ["", " %z", "%z", " %Z"]
_CODES = {
    "%d": "[0-9]{1,2}", "%m": "[0-9]{1,2}", "%Y": "[0-9]{4}", "%y": "[0-9]{2}", "%b": "[A-Za-z]{3}",
    "%B": "[A-Za-z]{3,9}", "%a": "[A-Za-z]{3}", "%A": "[A-Za-z]{6,9}", "%H": "[0-9]{1,2}", "%I": "[0-9]{1,2}",
    "%M": "[0-9]{2}", "%S": "[0-9]{2}", "%f": "[0-9]{1,9}", "%p": "[AaPp][Mm]", "%Z": "[A-Z]{3,4}",
    "%z": "(?:Z|[+-][0-9]{2}:?[0-9]{2})",
}  # fmt: skip
COMMON_SHAPES = 8
SHARE_THAT_FITS = 0.9


@dataclass(frozen=True, kw_only=True)
class DatePatterns:
    """The patterns that fit a column's dates: those that fit the most of them and differ in what they read.

    `fitting` is how many of the texts they fit, and `misfit` one of the others. `example` is one that the
    first reads otherwise than the second or, where only one is left, one that doesn't fit it with day and
    month exchanged.
    """

    patterns: tuple[str, ...]
    fitting: int
    example: str | None = None
    misfit: str | None = None


def candidates(text: str) -> list[str]:
    """The patterns that a text looks like, ISO 8601 (`auto`) first, then the plainest."""
    found = ["auto"] if ISO.fullmatch(text) else []
    for day in _DAYS:
        if begin := _regex(day).match(text):
            rest = text[begin.end() :]
            suffixes = (time + zone for time, zone in itertools.product(_TIMES, _ZONES) if time or not zone)
            found += [day + suffix for suffix in suffixes if _regex(suffix).fullmatch(rest)]
    return [pattern for pattern in found if _is_valid(pattern)]


def find_patterns(texts: Sequence[str], connection: duckdb.DuckDBPyConnection) -> DatePatterns | None:
    """The patterns of the distinct texts of a column, or None where it doesn't hold dates."""
    shapes = Counter(map(shape, texts))
    by_shape = {shape(text): text.strip() for text in texts}
    common = [by_shape[form] for form, _ in shapes.most_common(COMMON_SHAPES)]
    likely = list(dict.fromkeys(itertools.chain.from_iterable(map(candidates, common))))
    if not likely:
        return None
    counts = _counts(likely, texts, connection)
    most = max(counts.values())
    if most < SHARE_THAT_FITS * len(texts):
        return None
    best = [pattern for pattern in likely if counts[pattern] == most]
    different = [best[0]]
    examples: list[str] = []
    for pattern in best[1:]:
        found = [_example(known, pattern, texts, connection) for known in different]
        if all(found):
            different.append(pattern)
            examples.append(str(found[0]))
    example = examples[0] if examples else _telling(best[0], texts, connection)
    return DatePatterns(
        patterns=tuple(different),
        fitting=most,
        example=example,
        misfit=_first(_wrong(best[0]), texts, connection) if most < len(texts) else None,
    )


@cache
def _regex(pattern: str) -> re.Pattern[str]:
    parts = re.split("(%[A-Za-z])", pattern)
    return re.compile("".join(_CODES.get(part, re.escape(part)) for part in parts))


@cache
def _is_valid(pattern: str) -> bool:
    """Whether an order format may declare the pattern."""
    try:
        return date_pattern(pattern) == pattern
    except UnexpectedValueError:
        return False


def _rule(pattern: str) -> FieldRule:
    names_zone = "%z" in pattern or "%Z" in pattern
    return date_rule("t", pattern=pattern, timezone="UTC", pattern_names_zone=names_zone)


def _wrong(pattern: str) -> str:
    return " OR ".join(f"coalesce({condition}, true)" for condition, _ in _rule(pattern).checks)


def _counts(
    patterns: Sequence[str], texts: Sequence[str], connection: duckdb.DuckDBPyConnection
) -> dict[str, int]:
    """How many of the texts each pattern fits."""
    counted = ", ".join(f"count(*) FILTER (NOT ({_wrong(pattern)}))" for pattern in patterns)
    row = connection.execute(
        f"SELECT {counted} FROM (SELECT unnest($texts::VARCHAR[]) AS t)", {"texts": list(texts)}
    ).fetchone()
    return dict(zip(patterns, row or (), strict=True))


def _telling(pattern: str, texts: Sequence[str], connection: duckdb.DuckDBPyConnection) -> str | None:
    """A text that the pattern with day and month exchanged doesn't fit."""
    exchanged = pattern.replace("%d", "\0").replace("%m", "%d").replace("\0", "%m")
    if exchanged == pattern or pattern == "auto":
        return None
    return _first(f"({_wrong(exchanged)}) AND NOT ({_wrong(pattern)})", texts, connection)


def _example(one: str, other: str, texts: Sequence[str], connection: duckdb.DuckDBPyConnection) -> str | None:
    """A text that two patterns read as different moments."""
    apart = f"({_rule(one).value}).moment <> ({_rule(other).value}).moment"
    return _first(f"NOT ({_wrong(one)}) AND {apart}", texts, connection)


def _first(condition: str, texts: Sequence[str], connection: duckdb.DuckDBPyConnection) -> str | None:
    """The first of the texts `t` for which a condition holds."""
    row = connection.execute(
        f"SELECT t FROM (SELECT unnest($texts::VARCHAR[]) AS t) WHERE {condition} LIMIT 1",
        {"texts": list(texts)},
    ).fetchone()
    return row[0] if row else None
