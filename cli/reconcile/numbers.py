"""Numbers as people wrote them, read exactly or not at all."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from lambdas.domain.order_format import Numbers

PLAIN_NUMBER = re.compile(r"[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)")
LARGEST_AMOUNT = Decimal("99999999999999.9999")
LARGEST_QUANTITY = 2**63 - 1


def exact_number(text: str, numbers: Numbers, *, most_decimals: int) -> Decimal | None:
    """The number in the text, None where it isn't a plain one or has more decimals that aren't 0."""
    plain = text.strip()
    if numbers.currency_sign == "strip":
        plain = _without_currency_sign(plain)
    if numbers.thousands != "none":
        plain = _without_thousands(plain, numbers)
    if numbers.decimal == ",":
        plain = "" if "." in plain else plain.replace(",", ".")
    if not PLAIN_NUMBER.fullmatch(plain):
        return None
    if len(plain.partition(".")[2].rstrip("0")) > most_decimals:
        return None
    return Decimal(plain)


def amount_in(number: Decimal | None) -> Decimal | None:
    """The number as an amount of money: at most 14 digits before the point, 4 after it."""
    fits = number is not None and abs(number) <= LARGEST_AMOUNT
    return number if fits else None


def quantity_in(number: Decimal | None) -> int | None:
    """The number as a quantity: whole, 64 bits."""
    if number is None or not -LARGEST_QUANTITY - 1 <= number <= LARGEST_QUANTITY or number != int(number):
        return None
    return int(number)


def _without_currency_sign(text: str) -> str:
    """The text without one currency sign before the number (after its + or -) and one at the end."""
    sign, rest = (text[0], text[1:]) if text[:1] in ("+", "-") else ("", text)
    inner = _stripped(rest)
    if inner and unicodedata.category(inner[0]) == "Sc":
        text = sign + _stripped(inner[1:])
    if text and unicodedata.category(text[-1]) == "Sc":
        text = _stripped(text[:-1], left=False)
    return text


def _stripped(text: str, *, left: bool = True) -> str:
    """The text without white space at its left or right end."""
    while text and _is_space(text[0 if left else -1]):
        text = text[1:] if left else text[:-1]
    return text


def _is_space(character: str) -> bool:
    return character in "\t\n\f\r" or unicodedata.category(character).startswith("Z")


def _without_thousands(text: str, numbers: Numbers) -> str:
    """The text without thousands marks, where they stand as they should; else as it is."""
    mark, point = re.escape(numbers.thousands), re.escape(numbers.decimal)
    grouped = re.fullmatch(f"[+-]?[0-9]{{1,3}}({mark}[0-9]{{3}})+({point}[0-9]*)?", text)
    return text.replace(numbers.thousands, "") if grouped else text
