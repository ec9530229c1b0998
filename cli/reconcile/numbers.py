"""Numbers as people wrote them, read exactly or not at all."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from functools import lru_cache

from lambdas.domain.order_format import Numbers

PLAIN = Numbers()
LARGEST_AMOUNT = Decimal("99999999999999.9999")
LARGEST_QUANTITY = 2**63 - 1
SIGN = "\u00a4"
"""Stands for every currency sign."""
SPACES = r"[\t\n\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*"
THOUSANDS = {",": ",", ".": "[.]", "'": "'", " ": "[ \u00a0\u202f]"}
DECIMAL = {".": "[.]", ",": ","}


def exact_number(text: str, numbers: Numbers, *, most_decimals: int) -> Decimal | None:
    """The number in the text, None where it isn't a plain one or has more decimals that aren't 0."""
    written = text.strip()
    if numbers.currency_sign == "strip":
        written = "".join(SIGN if unicodedata.category(one) == "Sc" else one for one in written)
        if written.count(SIGN) > 1:
            return None
    signed, negative = _forms(numbers)
    found = signed.fullmatch(written) or (negative and negative.fullmatch(written))
    if not found:
        return None
    whole, decimals = found["whole"] or "0", (found["decimals"] or "").rstrip("0")
    if len(decimals) > most_decimals:
        return None
    if numbers.thousands != "none":
        whole = re.sub("[^0-9]", "", whole)
    minus = "-" if found.re is negative or "-" in written else ""
    return Decimal(f"{minus}{whole}.{decimals}")


def amount_in(number: Decimal | None) -> Decimal | None:
    """The number as an amount of money: at most 14 digits before the point, 4 after it."""
    fits = number is not None and abs(number) <= LARGEST_AMOUNT
    return number if fits else None


def quantity_in(number: Decimal | None) -> int | None:
    """The number as a quantity: whole, 64 bits."""
    if number is None or not -LARGEST_QUANTITY - 1 <= number <= LARGEST_QUANTITY or number != int(number):
        return None
    return int(number)


@lru_cache(64)
def _forms(numbers: Numbers) -> tuple[re.Pattern[str], re.Pattern[str] | None]:
    """How a number is written with or without a sign before it, and how a negative one is without."""
    digits, before, after = _digits(numbers), "", ""
    if numbers.currency_sign == "strip":
        before, after = f"(?:{SIGN}{SPACES})", f"(?:{SPACES}{SIGN})"
    signs = f"[+-]?(?:{SPACES}{before})?|{before}[+-]" if before else "[+-]?"
    one_before, one_after = f"{before}?" if before else "", f"{after}?" if after else ""
    negative = {
        "minus": None,
        "parentheses": rf"(?:{one_before}\(|\({before}){digits}(?:\){one_after}|{after}\))",
        "trailing_minus": f"{one_before}{digits}(?:-{one_after}|{after}-)",
    }[numbers.negative]
    return re.compile(f"(?:{signs}){digits}{one_after}"), re.compile(negative) if negative else None


def _digits(numbers: Numbers) -> str:
    """The digits of a number: of the whole one, which may have thousands marks, and the decimals."""
    whole, point = "[0-9]+", DECIMAL[numbers.decimal]
    if numbers.thousands != "none":
        whole = f"[0-9]{{1,3}}(?:{THOUSANDS[numbers.thousands]}[0-9]{{3}})+|{whole}"
    return f"(?=[0-9]|{point}[0-9])(?P<whole>{whole})?(?:{point}(?P<decimals>[0-9]*))?"
