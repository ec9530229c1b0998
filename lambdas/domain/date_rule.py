"""The rule of an order's date as SQL: from text to a moment in UTC and a month in the format's time zone."""

from __future__ import annotations

from lambdas.domain.database import quoted
from lambdas.domain.line_fields import FieldRule, blank, trimmed

FIRST_YEAR, LAST_YEAR = 1970, 2099
EARLIEST, LATEST = "TIMESTAMPTZ '1969-12-30 00:00:00Z'", "TIMESTAMPTZ '2100-01-03 00:00:00Z'"
"""Instants that lie in these years in some time zone; far from them there is no local time to compute."""
DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
CLOCK = "[T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,9})?)?"
OFFSET = "(Z|[+-]([01][0-9]|2[0-3])(:?[0-5][0-9])?)"


def date_rule(text: str, *, pattern: str, timezone: str, pattern_names_zone: bool) -> FieldRule:
    """A date by ISO 8601 (`auto`) or a strptime pattern; its value is {moment: UTC, month: 202401}."""
    zone = quoted(timezone)
    date = trimmed(text)
    if pattern == "auto":
        has_offset = f"regexp_full_match({date}, '{DAY}{CLOCK}{OFFSET}')"
        local = (
            f"CASE WHEN {has_offset} THEN TRY_CAST({date} AS TIMESTAMPTZ) AT TIME ZONE {zone} "
            f"WHEN regexp_full_match({date}, '{DAY}({CLOCK})?') THEN TRY_CAST({date} AS TIMESTAMP) END"
        )
        moment = (
            f"CASE WHEN {has_offset} THEN TRY_CAST({date} AS TIMESTAMPTZ) AT TIME ZONE 'UTC' "
            f"ELSE {_utc(f'TRY_CAST({date} AS TIMESTAMP)', zone)} END"
        )
    elif pattern_names_zone:
        parsed = f"try_strptime({date}, {quoted(pattern)})"
        local, moment = f"({parsed} AT TIME ZONE {zone})", f"({parsed} AT TIME ZONE 'UTC')"
    else:
        local = f"try_strptime({date}, {quoted(pattern)})"
        moment = _utc(local, zone)
    in_range = f"year(fast_ordered_at) BETWEEN {FIRST_YEAR} AND {LAST_YEAR}"
    in_words = "in ISO 8601, such as 2024-01-31" if pattern == "auto" else f"written as {pattern}"
    return FieldRule(
        field="ordered_at",
        prepared=_plain(text, pattern, pattern_names_zone),
        clean=f"{in_range} AND {_is_plain(text, pattern, timezone)}",
        fast=_dated(_utc("fast_ordered_at", zone), "fast_ordered_at"),
        checks=(
            (blank(text), "The date is blank."),
            (f"({local}) IS NULL OR NOT isfinite({local})", f"The date is not a date {in_words}."),
            (f"year({local}) NOT BETWEEN {FIRST_YEAR} AND {LAST_YEAR}", "The date is not in 1970 to 2099."),
        ),
        value=_dated(moment, local),
    )


def typed_date_rule(value: str, *, sql_type: str, timezone: str) -> FieldRule:
    """A date that is a date or timestamp of its own: an instant, or a local time of the format's zone."""
    zone = quoted(timezone)
    is_instant = sql_type.endswith("ZONE")
    if is_instant:
        local = f"CASE WHEN {value} BETWEEN {EARLIEST} AND {LATEST} THEN {value} AT TIME ZONE {zone} END"
    elif sql_type == "TIMESTAMP_NS":  # a cast to TIMESTAMP would round it up, into the next month even
        local = f"CASE WHEN epoch_ns({value}) >= 0 THEN make_timestamp(epoch_ns({value}) // 1000) END"
    else:
        local = f"TRY_CAST({value} AS TIMESTAMP)"
    moment = f"({value} AT TIME ZONE 'UTC')" if is_instant else _utc("fast_ordered_at", zone)
    dated = _dated(moment, "fast_ordered_at")
    in_range = f"year(fast_ordered_at) BETWEEN {FIRST_YEAR} AND {LAST_YEAR}"
    return FieldRule(
        field="ordered_at",
        prepared=local,
        clean=in_range,
        fast=dated,
        checks=(
            (f"{value} IS NULL", "The date is blank."),
            (f"NOT coalesce({in_range}, false)", "The date is not in 1970 to 2099."),
        ),
        value=dated,
    )


def _plain(text: str, pattern: str, pattern_names_zone: bool) -> str:
    """The local time of a date written without a zone, if it is such a date, else NULL."""
    if pattern_names_zone:
        return "NULL::TIMESTAMP"
    if pattern != "auto":
        return f"try_strptime({text}, {quoted(pattern)})"
    return f"TRY_CAST({text} AS TIMESTAMP)"


def _is_plain(text: str, pattern: str, timezone: str) -> str:
    """Whether the date is written without a zone (or with Z where local time is UTC)."""
    if pattern != "auto":
        return "true"
    mark = "Z?" if timezone == "UTC" else ""
    # DuckDB writes such a text for its own times alone, and compares sooner than it matches.
    as_written = (
        f"strlen({text}) = {len('2024-01-31 00:00:00')} AND CAST(fast_ordered_at AS VARCHAR) = {text}"
    )
    return f"CASE WHEN {as_written} THEN true ELSE regexp_full_match({text}, '{DAY}({CLOCK}{mark})?') END"


def _utc(local: str, zone: str) -> str:
    return f"({local})" if zone == "'UTC'" else f"(({local}) AT TIME ZONE {zone}) AT TIME ZONE 'UTC'"


def _dated(moment: str, local: str) -> str:
    return f"{{'moment': {moment}, 'month': (year({local}) * 100 + month({local}))::INTEGER}}"
