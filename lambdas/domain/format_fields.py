"""Reading the keys of an order format's YAML: each check answers with the value or says what it expected."""

from __future__ import annotations

import codecs
import re
import zoneinfo
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import yaml

from lambdas.domain.errors import OrderFormatError

MISSING = object()
LOCAL_CODES = {"c", "x", "X"}
OF_DOMAIN_NAMES = {"idna", "punycode"}
"""Encodings of the names of hosts; nothing else is written in them."""


class UnexpectedValueError(Exception):
    """A value isn't of the kind a key takes; the message says what is expected."""


class Fields:
    """The keys of one mapping, taken one by one; what is left at the end is an error."""

    def __init__(self, values: Any, file_name: str, path: str = "") -> None:
        """Take a mapping; `path` is where it stands in the file, with a trailing dot."""
        self.file_name, self.path = file_name, path
        if not isinstance(values, dict):
            where = f"{path.rstrip('.')}: " if path else ""
            raise OrderFormatError(
                f"{file_name}: {where}expected keys with values, such as `merchant_id: store_id`."
            )
        self.values = dict(values)
        self.known: list[str] = []

    def has(self, key: str) -> bool:
        """Whether the key is there with a value."""
        return self.values.get(key) is not None

    def take(self, key: str, check: Callable[[Any], Any], *, default: Any = MISSING) -> Any:
        """The checked value of a key, or its default; a key without a default is required."""
        self.known.append(key)
        value = self.values.pop(key, None)
        if value is None:
            if default is MISSING:
                raise self._missing(key)
            return default
        try:
            return check(value)
        except UnexpectedValueError as e:
            where = f"{self.file_name}: {self.path}{key}"
            raise OrderFormatError(f"{where}: expected {e}, found {value!r}.") from e

    def section(self, key: str, *, required: bool = False) -> Fields:
        """The keys below a key."""
        self.known.append(key)
        value = self.values.pop(key, None)
        if value is None and required:
            raise self._missing(key)
        return Fields({} if value is None else value, self.file_name, f"{self.path}{key}.")

    def finish(self) -> None:
        """Refuse what nobody took."""
        for key in self.values:
            known = ", ".join(self.known)
            raise OrderFormatError(
                f"{self.file_name}: {self.path}{key}: an unknown key; expected one of {known}."
            )

    def _missing(self, key: str) -> OrderFormatError:
        return OrderFormatError(
            f"{self.file_name}: {self.path}{key}: it is missing, and every format needs it."
        )


class _UniqueKeyLoader(yaml.SafeLoader):
    """YAML in which a key that stands twice is an error, not the last one's win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for position, key in enumerate(keys):
            if key in keys[:position]:
                problem = f"the key {key!r} stands twice"
                raise yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark)
        return super().construct_mapping(node, deep)


def load_yaml(text_: str, file_name: str) -> Any:
    """The YAML's value; raises OrderFormatError with the line where it can't be read."""
    try:
        return yaml.load(text_, _UniqueKeyLoader)
    except yaml.MarkedYAMLError as e:
        line = f", line {e.problem_mark.line + 1}" if e.problem_mark else ""
        raise OrderFormatError(f"{file_name}{line}: not YAML: {e.problem}.") from e
    except yaml.YAMLError as e:
        raise OrderFormatError(f"{file_name}: not YAML: {e}.") from e


def text(value: Any) -> str:
    """A text that isn't blank."""
    if not isinstance(value, str) or not value.strip():
        raise UnexpectedValueError("a text (in quotes if YAML takes it for something else)")
    return value


def prefix(value: Any) -> str:
    """How keys begin; may be empty."""
    if not isinstance(value, str):
        raise UnexpectedValueError('the beginning of keys, such as shop/orders/, or ""')
    return value


def texts(value: Any) -> tuple[str, ...]:
    """A list of texts."""
    if not isinstance(value, list):
        raise UnexpectedValueError("a list of texts, such as [paid, shipped]")
    return tuple(text(item).strip() for item in value)


def one_of(*choices: str) -> Callable[[Any], str]:
    """A check for one of some words."""

    def check(value: Any) -> str:
        if value not in choices:
            raise UnexpectedValueError("one of " + ", ".join(map(repr, choices)))
        return str(value)

    return check


def boolean_or_names(value: Any) -> bool | tuple[str, ...]:
    """True, False, or the names of the columns."""
    if isinstance(value, bool):
        return value
    if isinstance(value, list) and value:
        return tuple(text(item) for item in value)
    raise UnexpectedValueError("true, false, or a list with the name of each column")


def delimiter(value: Any) -> str:
    """`auto` or the one character between two columns."""
    one_character = isinstance(value, str) and len(value) == 1 and value.isascii() and not value.isalnum()
    if value == "auto" or (one_character and value not in ' "\r\n'):
        return str(value)
    raise UnexpectedValueError('auto, or one character (no letter, digit or blank) such as "," ";" "|" "\\t"')


def text_encoding(value: Any) -> str:
    """`auto`, or a text encoding by Python's normal name for it."""
    if value == "auto":
        return "auto"
    try:
        codec = codecs.lookup(text(value))
        is_text = isinstance(codecs.getincrementaldecoder(codec.name)().decode(b""), str)
    except (LookupError, ValueError, TypeError):
        is_text = False
    else:
        is_text = is_text and codec.name not in OF_DOMAIN_NAMES
    if not is_text:
        raise UnexpectedValueError("auto, or a text encoding such as utf-8, utf-16, windows-1252 or latin-1")
    return codec.name


def currency_code(value: Any) -> str:
    """An ISO 4217 code."""
    if not isinstance(value, str) or not re.fullmatch("[A-Za-z]{3}", value):
        raise UnexpectedValueError("three letters of ISO 4217, such as USD")
    return value.upper()


def date_pattern(value: Any) -> str:
    """`auto` or a strptime pattern that names year, month and day."""
    if value == "auto":
        return "auto"
    try:
        probe = datetime(2001, 2, 3, tzinfo=UTC)
        fits = datetime.strptime(probe.strftime(text(value)), value).date() == probe.date()
    except ValueError:
        fits = False
    if not fits or not LOCAL_CODES.isdisjoint(re.findall("%(.)", value)):
        raise UnexpectedValueError(
            "auto (ISO 8601) or a pattern with year, month and day, such as %d/%m/%Y (%c, %x and %X differ "
            "from place to place)"
        )
    return str(value)


def time_zone(value: Any) -> str:
    """A time zone of the IANA database (not checked where the machine has none, as on Lambda)."""
    known = zoneinfo.available_timezones()
    if not isinstance(value, str) or (known and value not in known):
        raise UnexpectedValueError("a time zone such as UTC or Europe/London")
    return value


def ratio(value: Any) -> Decimal:
    """A share from 0 to 1."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise UnexpectedValueError("a share from 0 to 1, such as 0.05")
    return Decimal(str(value))
