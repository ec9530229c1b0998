"""Dates as people wrote them, as a moment in UTC and a month in the format's time zone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cli.errors import CommandError
from lambdas.domain.order_format import OrderFormat

FIRST_YEAR, LAST_YEAR = 1970, 2099
DAY = r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
CLOCK = r"[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.][0-9]{1,9})?)?"
OFFSET = r"(Z|[+-][0-9]{2}(?::?[0-9]{2})?)"
ISO_DATE = re.compile(f"{DAY}(?:{CLOCK}{OFFSET}?)?")


class Dated(NamedTuple):
    """When a line was ordered: the moment as items hold it, and its month."""

    moment: str
    month: str


@dataclass(frozen=True)
class DateRule:
    """How a format's dates are written, and the zone of those that name none."""

    pattern: str
    zone: tzinfo

    @classmethod
    def of(cls, order_format: OrderFormat) -> DateRule:
        """The rule of a format; raises CommandError where this machine doesn't know the time zone."""
        if order_format.timezone == "UTC":
            return cls(order_format.dates, UTC)
        try:
            return cls(order_format.dates, ZoneInfo(order_format.timezone))
        except (ZoneInfoNotFoundError, ValueError) as e:
            raise CommandError(
                f"This machine doesn't know the time zone {order_format.timezone!r} of the order format "
                f"{order_format.name}: install the package tzdata."
            ) from e

    def read(self, text: str) -> Dated | None:
        """The date in the text, None where there is none or it isn't in 1970 to 2099."""
        written = text.strip()
        try:
            return self._dated(
                _iso(written) if self.pattern == "auto" else _by_pattern(written, self.pattern)
            )
        except ValueError:
            return None

    def read_typed(self, value: date) -> Dated | None:
        """The date of a typed value, an instant if it has a zone; None where it isn't in 1970 to 2099."""
        return self._dated(value if isinstance(value, datetime) else datetime.combine(value, time()))

    def _dated(self, found: datetime) -> Dated | None:
        try:
            local = found.astimezone(self.zone).replace(tzinfo=None) if found.tzinfo else found
            moment = found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else self._in_utc(found)
        except OverflowError:
            return None
        if not FIRST_YEAR <= local.year <= LAST_YEAR:
            return None
        moment = moment.replace(microsecond=0)
        return Dated(f"{moment.isoformat()}Z", local.isoformat()[:7])

    def _in_utc(self, local: datetime) -> datetime:
        """A local time in UTC: where the clock is set, as if it had been on standard time."""
        both = (local.replace(tzinfo=self.zone, fold=fold).utcoffset() for fold in (0, 1))
        return local - min(offset or timedelta(0) for offset in both)


def _iso(text: str) -> datetime:
    """A date of ISO 8601, parts of a second dropped; raises ValueError."""
    written = ISO_DATE.fullmatch(text)
    if not written:
        raise ValueError(f"{text!r} is not a date in ISO 8601")
    *numbers, offset = written.groups()
    year, month, day, hour, minute, second = (int(number or 0) for number in numbers)
    hours_alone = offset is not None and len(offset) == len("+02")
    zone = datetime.strptime(f"{offset}00" if hours_alone else offset, "%z").tzinfo if offset else None
    return datetime(year, month, day, hour, minute, second, tzinfo=zone)


def _by_pattern(text: str, pattern: str) -> datetime:
    if any(character.isdigit() and not character.isascii() for character in text):
        raise ValueError(f"{text!r} has digits of another script")
    return datetime.strptime(text, pattern)
