"""DynamoDB's expressions, as far as the adapters write them; anything else is refused loudly."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tests.fault.services.refusals import UnsupportedError

Attribute = Mapping[str, Any]
"""A typed value, such as {"N": "1"}."""
Stored = Mapping[str, Attribute]
Test = Callable[[Stored, Mapping[str, str], Stored], bool]
"""Takes the item, the attribute names and the values of the expression."""

TOKEN = re.compile(r"\s*([#:]?\w+|<=|>=|[=<>(),])")
COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": lambda left, right: left == right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


@functools.cache
def condition(text: str) -> Test:
    """The test of a condition: attribute_(not_)exists, begins_with, comparisons, BETWEEN, AND, OR, ()."""
    return _Condition(text).whole()


@dataclass(frozen=True)
class Update:
    """What an update sets and adds, value by attribute, and what it removes; all of them placeholders."""

    sets: Mapping[str, str]
    adds: Mapping[str, str]
    removes: tuple[str, ...]


UPDATE = re.compile(
    r"SET (#\w+ = :\w+(?:, #\w+ = :\w+)*)(?: ADD (#\w+ :\w+(?:, #\w+ :\w+)*))?(?: REMOVE (#\w+(?:, #\w+)*))?"
)


@functools.cache
def update(text: str) -> Update:
    """The update of `SET #a = :x, … ADD #b :y, … REMOVE #c, …`."""
    found = UPDATE.fullmatch(text)
    if not found:
        raise UnsupportedError(f"update expression {text!r}")
    sets = dict(part.split(" = ") for part in found[1].split(", "))
    adds = dict(part.split(" ") for part in found[2].split(", ")) if found[2] else {}
    return Update(sets, adds, tuple(found[3].split(", ")) if found[3] else ())


def placeholders(*texts: str | None) -> set[str]:
    """The names (#a) and values (:a) that expressions use."""
    return {name for text in texts if text for name in re.findall(r"[#:]\w+", text)}


def value_of(attribute: Attribute) -> Any:
    """A typed scalar as something that compares; two of different types are never equal."""
    ((kind, value),) = attribute.items()
    if kind == "N":
        return Decimal(value)
    if kind == "S":
        return value
    raise UnsupportedError(f"a comparison of a value of type {kind}")


class _Condition:
    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.tokens = TOKEN.findall(text)
        if "".join(self.tokens) != re.sub(r"\s", "", text):
            raise UnsupportedError(f"condition {text!r}")

    def whole(self) -> Test:
        test = self._any()
        if self.at != len(self.tokens):
            raise UnsupportedError(f"condition {self.text!r} from {self.tokens[self.at]!r} on")
        return test

    def _any(self) -> Test:
        tests = [self._all()]
        while self._skipped("OR"):
            tests.append(self._all())
        return lambda item, names, values: any(test(item, names, values) for test in tests)

    def _all(self) -> Test:
        tests = [self._one()]
        while self._skipped("AND"):
            tests.append(self._one())
        return lambda item, names, values: all(test(item, names, values) for test in tests)

    def _one(self) -> Test:
        if self._skipped("("):
            test = self._any()
            self._expect(")")
            return test
        first = self._next()
        if first in ("attribute_exists", "attribute_not_exists"):
            self._expect("(")
            name = self._next()
            self._expect(")")
            wanted = first == "attribute_exists"
            return lambda item, names, values: (names.get(name, name) in item) == wanted  # noqa: ARG005
        if first == "begins_with":
            self._expect("(")
            name = self._next()
            self._expect(",")
            prefix = self._next()
            self._expect(")")
            return lambda item, names, values: (
                item.get(names.get(name, name), {}).get("S", "").startswith(values[prefix]["S"])
            )
        if self._skipped("BETWEEN"):
            low = self._next()
            self._expect("AND")
            high = self._next()
            at_least, at_most = self._compared(first, ">=", low), self._compared(first, "<=", high)
            return lambda item, names, values: at_least(item, names, values) and at_most(item, names, values)
        return self._compared(first, self._next(), self._next())

    def _compared(self, name: str, operator: str, value: str) -> Test:
        if operator not in COMPARISONS or not value.startswith(":"):
            raise UnsupportedError(f"condition {self.text!r}: {name} {operator} {value}")
        compare = COMPARISONS[operator]

        def test(item: Stored, names: Mapping[str, str], values: Stored) -> bool:
            attribute = item.get(names.get(name, name))
            if attribute is None or attribute.keys() != values[value].keys():
                return False
            return compare(value_of(attribute), value_of(values[value]))

        return test

    def _next(self) -> str:
        if self.at == len(self.tokens):
            raise UnsupportedError(f"condition {self.text!r} ends too early")
        self.at += 1
        return str(self.tokens[self.at - 1])

    def _skipped(self, token: str) -> bool:
        found = self.at < len(self.tokens) and self.tokens[self.at] == token
        self.at += found
        return found

    def _expect(self, token: str) -> None:
        if not self._skipped(token):
            raise UnsupportedError(f"condition {self.text!r}: expected {token!r}")
