"""The draft's dates: the column, their pattern and their time zone."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cli.format_tools.column_look import ColumnLook
from cli.format_tools.column_names import listed
from cli.format_tools.date_pattern import DatePatterns
from cli.format_tools.roles import Roles
from cli.format_tools.yaml_text import Entry, scalar

FIRST = {"%d": "day first", "%m": "month first"}
NAMES_ZONE = re.compile(r"(Z|[+-][0-9]{2}:?[0-9]{2})\s*")


def draft_dates(roles: Roles) -> tuple[list[Entry], list[Entry]]:
    """The entry `columns.ordered_at`, and the keys `dates` and `timezone`."""
    choice = roles.choices.get("ordered_at")
    if choice is None:
        return _refused(roles), []
    look, patterns = choice.look, choice.look.patterns
    doubts = [*choice.doubts, *([f"It could also be: {listed(choice.others)}."] if choice.others else [])]
    if is_undecided(patterns):
        doubts.append("Decide below what `dates` is, and then take the # away here too.")
    column = Entry(
        key="ordered_at", value=scalar(look.name), doubts=doubts, active=not is_undecided(patterns)
    )
    return [column], [*(_dates(patterns) if patterns else []), *_time_zone(look)]


def is_undecided(patterns: DatePatterns | None) -> bool:
    """Whether several patterns fit the dates, so that a person has to decide."""
    return patterns is not None and len(patterns.patterns) > 1


def _dates(found: DatePatterns) -> Sequence[Entry]:
    first, *others = found.patterns
    if others:
        all_of = f"{'Both' if len(others) == 1 else 'All'} fit the {found.fitting:,} dates of the sample"
        doubt = f"To be decided: which of these? {all_of}, such as {found.example}."
        return [
            Entry(
                key="dates",
                value=f'"{pattern}"',
                note=_order(pattern),
                doubts=() if pattern != first else (doubt,),
                active=False,
            )
            for pattern in found.patterns
        ]
    doubts = []
    if found.misfit:
        doubts.append(f"Not all dates of the sample are written like this: {found.misfit!r} is rejected.")
    if first == "auto":
        return [Entry(key="dates", value="auto", doubts=doubts)] if doubts else []
    note = f"{_order(first)}: {found.example} fits no other order" if found.example else ""
    return [Entry(key="dates", value=f'"{first}"', doubts=doubts, note=note)]


def _order(pattern: str) -> str:
    codes = re.findall("%[dmyY]", pattern)
    return FIRST.get(codes[0], "year first") if len(codes) == len("dmy") else ""


def _time_zone(look: ColumnLook) -> list[Entry]:
    """A remark on times that name no zone: it decides the month of what is sold around midnight."""
    times = [value for value in look.texts if ":" in value]
    if not times or all(NAMES_ZONE.search(time, time.index(":")) for time in times):
        return []
    doubt = "Where the times are of; it decides the month of a sale. UTC unless it is said, such as:"
    return [Entry(key="timezone", value="Europe/London", doubts=[doubt], active=False)]


def _refused(roles: Roles) -> list[Entry]:
    return [
        Entry(key="ordered_at", value=scalar(look.name), doubts=[f"Not used: {why}."], active=False)
        for look, why in roles.refused.get("ordered_at", ())
        if look.filled
    ]
